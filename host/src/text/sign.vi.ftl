# Khoá của cán bộ duyệt, yêu cầu ký, tệp gốc tin cậy.

key-about = Khoá của cán bộ duyệt: tạo, xem, đổi mật khẩu, ký (trên máy của chính cán bộ)
key-examples =
    Ví dụ:
      loa key new mai.key --name "Nguyễn Thị Mai"      tạo khoá; mai.key.pub là phần gửi cho bàn điều phối
      loa key show mai.key                             dấu nhận dạng, để đọc cho nhau nghe
      loa key sign yeu-cau --key mai.key               xem sẽ phát gì, ở đâu, lúc nào, rồi ký
key-new-about = Tạo khoá, cất sau mật khẩu
key-show-about = Xem tên, khoá công khai và dấu nhận dạng; không cần mật khẩu
key-passphrase-about = Đổi mật khẩu của khoá
key-sign-about = Xem một yêu cầu ký bằng lời thường, rồi ký
key-help-file = Tệp khoá
key-help-name = Tên người giữ khoá (không ghi thì lấy tên tệp)
key-help-passphrase-file = Đọc mật khẩu từ dòng đầu của tệp này, thay vì hỏi
key-help-new-passphrase-file = Đọc mật khẩu mới từ dòng đầu của tệp này, thay vì hỏi
key-help-request = Yêu cầu ký, do bàn điều phối viết
key-help-key = Tệp khoá dùng để ký
key-help-root = Tệp gốc tin cậy mà bạn đang giữ, để đối chiếu
key-help-out = Ghi yêu cầu đã ký vào tệp này (không ghi thì thêm vào chính tệp yêu cầu)
key-help-zone = Giờ ghi trên trang này theo múi giờ nào
key-help-yes = Không hỏi lại (dành cho chương trình; hãy đọc trang trước)
key-shown =
    Người giữ khoá:  { $name }
    Dấu nhận dạng:   { $fingerprint }
    Khoá công khai:  { $key }
key-made =
    Đã tạo { $file } (giữ kín, chép một bản cất nơi khác) và { $public } (gửi cho bàn điều phối).
    Không ai lấy lại được mật khẩu đã quên: khi đó hãy tạo khoá mới và đổi tệp gốc tin cậy.
key-passphrase-changed = Đã đổi mật khẩu của { $file }. Bản sao cũ của tệp vẫn mở bằng mật khẩu cũ: hãy huỷ chúng.

passphrase-new = Mật khẩu mới (ít nhất 12 ký tự):{ " " }
passphrase-again = Nhập lại mật khẩu:{ " " }
passphrase-ask = Mật khẩu của { $file }:{ " " }
passphrase-short = Mật khẩu quá ngắn: cần ít nhất { $least } ký tự. Bốn từ không liên quan với nhau là vừa.
passphrase-differs = Hai lần nhập khác nhau. Chưa có gì thay đổi; hãy làm lại.
passphrase-none = Không có mật khẩu ở đầu vào. Hãy nhập từ bàn phím, dùng --passphrase-file, hoặc đưa vào đầu vào chuẩn một dòng.
passphrase-unread = Không đọc được mật khẩu: { $why }.

officer-malformed = { $path } không phải tệp khoá của cán bộ: dòng { $line } phải là “{ $expected }…”. Hãy lấy lại tệp từ bản sao.
officer-kind = { $path } là khoá loại “{ $kind }”, bản loa này chưa biết dùng. Hãy cập nhật loa.
officer-bounds = { $path } đòi quá nhiều bộ nhớ hay thời gian, hoặc quá ít để giữ kín khoá (argon2id: 1 MiB đến 1 GiB, t 1–16, p 1–4). Tệp này không do loa viết ra; hãy lấy lại từ bản sao.
officer-passphrase = Sai mật khẩu, hoặc { $path } đã bị sửa. Hãy thử lại; nếu chắc chắn mật khẩu đúng, hãy lấy lại tệp từ bản sao.
officer-exists = { $path } đã có. Khoá không bao giờ bị ghi đè; hãy chọn tên khác.
officer-name = Tên người giữ khoá phải là một dòng, từ 1 đến { $most } byte. Hãy dùng --name.
officer-memory = Không đủ bộ nhớ để cất khoá sau mật khẩu (cần 128 MiB).

request-foreign = { $path } không phải yêu cầu ký. Hãy dùng tệp do loa apply --request hoặc loa root viết ra.
request-damaged = { $path } đã hỏng trên đường. Hãy chép lại từ bàn điều phối.
request-empty = { $path } không yêu cầu ký điều gì. Hãy yêu cầu lại từ bàn điều phối.
request-nothing = Chưa có yêu cầu ký nào.
request-unknown = { $path } có điều mà bản loa này không đọc hiểu được hết, nên không ký. Hãy cập nhật loa cho bằng với bàn điều phối.
request-differs = { $path } là bản ký của một yêu cầu khác. Mọi bản phải từ cùng một yêu cầu.
request-full = Yêu cầu này đã có { $most } người ký, không thêm được nữa.
request-too-large = Quá nhiều lệnh cho một yêu cầu (nhiều nhất { $most }). Hãy chia lịch ra nhiều lần.
request-needless = Không có lệnh nào cần ký. Hãy chạy loa apply, không có --request.
request-older-root = Yêu cầu làm theo tệp gốc tin cậy bản { $asked }, bạn đang giữ bản { $known } mới hơn. Đừng ký; hãy yêu cầu lại từ bàn điều phối.
request-newer-root = Yêu cầu làm theo tệp gốc tin cậy bản { $asked }, bạn đang giữ bản { $known } cũ hơn. Hãy lấy bản mới và hỏi xem ai đã đổi, rồi mới ký.
request-forged-root = Yêu cầu nói đến một tệp gốc tin cậy khác với tệp bạn đang giữ, tuy cùng là bản { $known } (yêu cầu ghi { $asked }). Đừng ký; hãy hỏi người trực bàn và cán bộ kia.
request-other-root = Yêu cầu làm theo tệp gốc tin cậy bản { $asked }, bàn này đang dùng bản { $known } khác. Hãy yêu cầu ký lại: loa apply … --request
request-is-root = Đây là yêu cầu đổi tệp gốc tin cậy. Hãy đưa vào bằng loa root accept.
request-stale = Lệnh “{ $order }” không còn giống điều đã yêu cầu ký: lịch đã đổi, hoặc yêu cầu đã được áp dụng. Hãy yêu cầu ký lại: loa apply … --request
request-stale-more = Yêu cầu có những lệnh mà lịch này không còn: lịch đã đổi, hoặc yêu cầu đã được áp dụng. Hãy yêu cầu ký lại: loa apply … --request
request-written = Đã viết { $path }: { $count } lệnh chờ ký, mã yêu cầu { $hash }. Chưa ký gì, chưa phát gì. Hãy chép tệp cho từng cán bộ (loa key sign), rồi: loa apply … --signed FILE…
request-signed = Đã ký { $count } mục vào { $path }. Hãy đưa tệp này về bàn điều phối.

signers-counted = Đã ký: { $signer }
signers-stranger = Không tính: { $signer }, khoá không có trong tệp gốc tin cậy
signers-spoilt = Không tính: { $signer }, chữ ký hỏng hoặc thiếu
signers-missing = Mới có { $valid } cán bộ ký, cần { $needed }: còn thiếu { $missing }. Chưa có gì thay đổi.
signers-may = Còn có thể ký: { $key }

apply-help-request = Viết những lệnh cần ký vào tệp này để cán bộ ký trên máy của mình; không ký, không phát gì
apply-help-signed = Áp dụng với chữ ký của cán bộ trong những tệp này (loa key sign)
apply-needs-officers = Lệnh phát của bàn này cần chữ ký của { $needed } trong { $of } cán bộ, ở đây không có khoá nào đủ. Hãy viết yêu cầu ký: loa apply … --request FILE, cho từng cán bộ ký bằng loa key sign, rồi: loa apply … --signed FILE… Chưa có gì thay đổi.
apply-no-officer = Khoá { $path } không phải của cán bộ nào trong tệp gốc tin cậy, máy phát sẽ không nghe. Xem: loa root show
apply-unsigned = Có lệnh thiếu chữ ký của cán bộ ({ $why }). Chưa có gì thay đổi.

sign-head = Yêu cầu ký, mã { $hash }, viết lúc { $made } ({ $zone }). Hãy đọc mã cho cán bộ kia nghe: hai người phải thấy cùng một mã.
    Chữ giữa « và » chỉ là lời của bàn điều phối. Mọi điều khác là điều được ký.
sign-under = «Theo tệp gốc tin cậy bản { $version }» (dùng --root để tự đối chiếu)
sign-under-known = Theo tệp gốc tin cậy bản { $version }, đúng bản bạn đang giữ
sign-emergencies = !!!  CÓ { $count } LỆNH KHẨN CẤP: phát ngay cả trong giờ yên tĩnh, cắt ngang mọi chương trình khác  !!!
sign-order = ── Lệnh { $number }/{ $count }: { $order }
sign-class = Loại
sign-class-normal = thường
sign-class-priority = ưu tiên
sign-class-emergency = !!! KHẨN CẤP !!!
sign-programme = Chương trình
sign-clip = tiếng, { $length }, { $size }, mã { $hash }
sign-slide = trang chữ, { $length }, { $size }, mã { $hash }
sign-where = Ở đâu
sign-place = { $code } (từ { $from })
sign-everywhere = MỌI NƠI
sign-any-place = mọi địa bàn, trong những máy dưới đây
sign-players = Máy phát
sign-tags = Nhãn
sign-kinds = Loại máy
sign-kind-speaker = loa
sign-kind-board = bảng điện tử
sign-languages = Ngôn ngữ
sign-when = Khi nào
sign-local = { $sentence } (giờ của nơi phát)
sign-once = một lần, { $moment } ({ $zone })
sign-never = không bao giờ
sign-dates = Từ ngày đến hết ngày
sign-span = { $from } – { $until }
sign-except = Trừ các ngày
sign-volume = Âm lượng
sign-volume-set = { $percent } %
sign-volume-own = như từng máy đã đặt
sign-late = Nếu trễ
sign-late-join = vào giữa bài, trễ nhiều nhất { $limit }
sign-late-restart = phát lại từ đầu, trễ nhiều nhất { $limit }
sign-late-skip = bỏ qua (được trễ { $limit })
sign-cut-resume = bị cắt ngang thì phát tiếp; nhường sóng nhiều nhất { $wait }
sign-cut-drop = bị cắt ngang thì thôi; nhường sóng nhiều nhất { $wait }
sign-campaign = Đợt tuyên truyền
sign-replaces = Thay cho lệnh
sign-taken-off = Sẽ thôi phát, không cần ký:
sign-root = ── Tệp gốc tin cậy mới: ai được ra lệnh cho mọi máy phát
sign-signers = Đã có chữ ký trong tệp (chưa kiểm tra):
sign-ask-places = KHẨN CẤP “{ $order }”: hãy gõ số nơi nhận ghi ở trên (mọi nơi thì gõ “tất cả”):
sign-all-word = tất cả
sign-ask = Gõ “ký” để ký, gì khác để thôi:
sign-word = ký
sign-not-confirmed = Không khớp, nên không ký gì.

root-about = Tệp gốc tin cậy của bàn này: khoá nào được ra lệnh, cần mấy người
root-examples =
    Ví dụ:
      loa root show
      loa root new --officer mai.key.pub binh.key.pub --threshold 2 --request goc
      loa root change --officer mai.key.pub an.key.pub --request goc-moi
      loa root accept goc
root-show-about = Xem vai trò, khoá, số chữ ký cần có, hạn dùng, người làm chứng của nhật ký
root-new-about = Trước lần chạy đầu: yêu cầu cán bộ ký tệp gốc tin cậy đầu tiên, để khoá của họ không bao giờ nằm ở bàn
root-change-about = Yêu cầu ký một tệp gốc tin cậy mới: đổi cán bộ, số chữ ký, hạn dùng
root-accept-about = Nhận tệp gốc tin cậy đã đủ chữ ký
root-help-officer = Khoá công khai của cán bộ (tệp .pub của loa key new); ghi đủ mọi người
root-help-threshold = Mấy cán bộ phải ký mỗi lệnh phát
root-help-root-threshold = Mấy cán bộ phải ký khi đổi tệp gốc tin cậy
root-help-days = Dùng được bao nhiêu ngày
root-help-request = Viết yêu cầu ký vào tệp này
root-help-files = Yêu cầu đã ký, một hay nhiều bản
root-head = Tệp gốc tin cậy bản { $version }, dùng đến { $ends } (UTC)
root-role-officers = Ra lệnh phát: cần { $needed } trong { $of } khoá
root-role-root = Đổi tệp này: cần { $needed } trong { $of } khoá
root-role-desk = Bàn điều phối (chỉ đưa lệnh đã ký đi): cần { $needed } trong { $of } khoá
root-mark-new = [MỚI]
root-mark-gone = [BỎ]
root-mark-threshold = [trước đây cần { $before }]
root-log = Nhật ký tin theo:
root-none = Bàn này chưa có tệp gốc tin cậy. Hãy chạy loa root new … --request FILE (nhiều cán bộ), hoặc loa serve (một khoá ngay ở bàn).
root-exists = Bàn này đã có tệp gốc tin cậy. Hãy dùng loa root change.
root-awaited = { $path } đang chờ cán bộ ký. Hãy đưa bản đã ký vào bằng loa root accept FILE…, hoặc xoá tệp này để bắt đầu lại.
root-officer-twice = Khoá của “{ $name }” được ghi hai lần. Mỗi cán bộ một khoá.
root-too-many = Một vai trò có nhiều nhất { $most } khoá.
root-unfilled = Không thể cần { $needed } chữ ký trong { $of } khoá (nhiều nhất 4, không hơn số khoá).
root-request-written = Đã viết { $path }, mã yêu cầu { $hash }. Hãy cho cán bộ ký (loa key sign { $path } --key …), rồi: loa root accept { $path }
root-is-orders = Đây là yêu cầu ký lệnh phát. Hãy đưa vào bằng loa apply … --signed.
root-other-desk = Tệp gốc tin cậy này của bàn khác. Hãy dùng yêu cầu do chính bàn này viết.
root-unreadable = Tệp gốc tin cậy trong yêu cầu không đọc được. Hãy yêu cầu lại.
root-version = Phải là bản { $expected }, yêu cầu lại là bản { $found }. Hãy yêu cầu lại từ bản đang dùng.
root-expired = Tệp gốc tin cậy này đã hết hạn. Hãy yêu cầu lại với --days dài hơn.
root-role = Không ai làm được vai trò { $role }: thiếu khoá, trùng khoá hoặc cần quá nhiều chữ ký.
root-part-root = đổi tệp gốc
root-part-officers = ra lệnh phát
root-part-desk = bàn điều phối
root-signatures-old = Theo tệp đang dùng, mới có { $valid } người được quyền ký, cần { $needed }. Chưa có gì thay đổi. (Một tệp chứa nhiều nhất 4 chữ ký; đổi nhiều người thì đổi từng bước.)
root-signatures-new = Theo tệp mới, mới có { $valid } người được quyền ký, cần { $needed }. Chưa có gì thay đổi. (Một tệp chứa nhiều nhất 4 chữ ký; đổi nhiều người thì đổi từng bước.)
root-accepted = Tệp gốc tin cậy bản { $version } đã có hiệu lực ở bàn: { $path }. Hãy khởi động lại loa serve và chép tệp này cho từng máy phát.
root-orders-left = { $count } lệnh đang phát chưa đủ chữ ký theo tệp mới. Hãy yêu cầu ký lại: loa apply … --request FILE
