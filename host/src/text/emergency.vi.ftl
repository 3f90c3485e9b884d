# Kích hoạt lệnh mẫu, diễn tập, dừng.

activate-about = Phát ngay một lệnh mẫu đã duyệt sẵn, bằng chữ ký của một cán bộ; --drill để phát như diễn tập
activate-examples =
    Ví dụ:
      loa activate canh-bao-lu                         phát cảnh báo lũ ở mọi nơi ghi trong mẫu
      loa activate canh-bao-lu --place 07654           chỉ ở một nơi
      loa activate canh-bao-lu --drill                 diễn tập: máy nói "Đây là diễn tập" trước và sau
      loa activate canh-bao-lu --request kich-hoat     viết ra để cán bộ ký trên máy của mình
      loa activate --signed kich-hoat                  phát, với chữ ký trong tệp
activate-help-id = Mẫu nào
activate-help-drill = Phát như diễn tập: máy nói và hiện "diễn tập" trước và sau, không ai bỏ được
activate-help-at = Phát lúc nào (không ghi là phát ngay)
activate-help-yes = Không hỏi lại (dành cho chương trình)
emergency-help-place = Chỉ ở nơi này và mọi nơi trực thuộc; có thể ghi nhiều lần
emergency-help-player = Chỉ trên máy phát này; có thể ghi nhiều lần
emergency-help-key = Tệp khoá của cán bộ ký (không ghi thì dùng khoá ở bàn đang thử)
emergency-help-request = Viết điều cần ký vào tệp này để một cán bộ ký trên máy của mình; chưa phát, chưa dừng gì
emergency-help-signed = Làm theo tệp này, một cán bộ đã ký (loa key sign)
activate-head-live = !!! PHÁT THẬT – CẢNH BÁO THẬT !!!
activate-head-drill = ~~~ DIỄN TẬP · DRILL – không phải cảnh báo thật ~~~
activate-page =
    {"  "}Mẫu: { $template }, thành lệnh: { $order }
    {"  "}Ở đâu: { $place }
    {"  "}Máy phát nhận: { $players }, đang kết nối: { $online }
    {"  "}Dài nhất: { $length } ({ $clips } bản ghi âm, { $slides } trang chữ)
    {"  "}Lúc: { $at }
activate-all-of-template = mọi nơi ghi trong mẫu
activate-ask-players = Hãy gõ số máy phát sẽ nhận:
activate-ask-live = Phát cảnh báo THẬT trên { $players } máy, dài { $length }. Gõ “thật” để phát:
activate-word-live = thật
activate-ask-drill = Gõ “diễn tập” để bắt đầu diễn tập:
activate-word-drill = diễn tập
activate-not-confirmed = Không khớp, nên không phát gì.
activate-done-live = Đã phát THẬT: { $order }, { $players } máy phát. Báo động nhầm: loa stop { $order }, rồi kích hoạt mẫu đính chính.
activate-done-drill = Đã bắt đầu DIỄN TẬP: { $order }, { $players } máy phát. Dừng: loa stop { $order }
activate-no-template = Không có lệnh mẫu “{ $template }” đang hiệu lực. Các mẫu: { $known }. Mẫu được soạn với template = true và duyệt bằng loa apply.
emergency-no-place = Không có nơi nào mang mã { $place }.
emergency-needs-officer = Cần chữ ký của một cán bộ, ở đây không có khoá nào dùng được. Hãy dùng --key FILE, hoặc --request FILE cho cán bộ ký trên máy của mình.
emergency-unsigned = Chưa có cán bộ nào trong tệp gốc tin cậy ký điều này. Chưa có gì được phát hay dừng.
emergency-foreign = Tệp này không phải yêu cầu kích hoạt hay dừng. Hãy viết lại bằng --request.
emergency-template-unsigned = Mẫu này không đủ chữ ký của cán bộ. Hãy duyệt lại mẫu bằng loa apply.
emergency-template-gone = Mẫu này không còn hiệu lực. Hãy kích hoạt mẫu đang hiệu lực.
emergency-asked = Đã viết { $path }, mã { $hash }. Cho một cán bộ ký: loa key sign { $path } --key FILE, rồi làm với --signed { $path }.

stop-about = Dừng ngay những gì đang phát hay sắp phát, bằng chữ ký của bất kỳ cán bộ nào
stop-examples =
    Ví dụ:
      loa stop canh-bao-lu-1124-073000    dừng một lệnh, ở mọi nơi
      loa stop --place 07654              dừng mọi lệnh ở một nơi
      loa stop --everywhere               dừng mọi lệnh ở mọi nơi
stop-help-orders = Lệnh nào (không ghi là mọi lệnh đã ký cho đến lúc này)
stop-help-everywhere = Mọi nơi
stop-what = Dừng gì? Hãy ghi tên lệnh, --place, --player hoặc --everywhere.
stop-no-order = Không có lệnh “{ $order }” đang hiệu lực. Xem: loa plan
stop-too-many = Một lần chỉ dừng được { $most } lệnh. Hãy dừng từng nhóm, hoặc dừng tất cả với --everywhere.
stop-done = Đã dừng: { $orders }. Máy đang kết nối im trong vài giây; máy khác im khi kết nối lại. Lệnh ký lại sau lúc này mới phát.
sign-form-drill = ~~~ DIỄN TẬP · DRILL: máy nói và hiện như vậy trước và sau ~~~
sign-form-template = Lệnh mẫu: không tự phát; về sau MỘT cán bộ ký là phát
sign-form-activation-live = !!! KÍCH HOẠT – PHÁT THẬT !!! một lệnh mẫu đã duyệt; chỉ cần chữ ký này
sign-form-activation-drill = ~~~ KÍCH HOẠT DIỄN TẬP · DRILL ~~~ một lệnh mẫu đã duyệt; chỉ cần chữ ký này
sign-form-label = Hình thức
sign-stop = ── DỪNG phát, ngay khi chữ ký đến máy
sign-stop-orders = Lệnh
sign-stop-all = mọi lệnh đã ký cho đến lúc viết yêu cầu này
sign-when-activated = khi được kích hoạt
