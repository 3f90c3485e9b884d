# Những câu khi bàn điều phối không làm được việc: chuyện gì, ở tệp nào, phải làm gì.

system-not-found = không có tệp hay thư mục này
system-not-allowed = không có quyền; hãy chạy bằng người dùng của bàn điều phối, hoặc sửa quyền
system-exists = chỗ ấy đã có một tệp cùng tên
system-not-a-folder = đây không phải thư mục
system-a-folder = đây là thư mục, không phải tệp
system-full = đĩa đã đầy; hãy dọn bớt
system-read-only = đĩa này chỉ đọc được
system-address-taken = địa chỉ đã có chương trình khác dùng
file-failed = { $path }: { $why }.

store-busy = Kho dữ liệu đang có chương trình khác dùng, thường là bàn điều phối đang chạy. Hãy dừng nó, hoặc thử lại sau.
store-full = Đĩa chứa kho dữ liệu đã đầy; chưa có gì thay đổi. Hãy dọn bớt rồi thử lại.
store-damaged = Kho dữ liệu bị hỏng ({ $detail }). Hãy dừng bàn điều phối và lấy lại bản sao: loa restore THƯ-MỤC
store-not-a-database = { $path } không phải kho dữ liệu: tệp bị hỏng hoặc bị ghi đè. Hãy lấy lại bản sao: loa restore THƯ-MỤC
store-foreign = { $path } là cơ sở dữ liệu của chương trình khác. Hãy chỉ đúng thư mục bằng --data.
store-too-new = Kho dữ liệu do chương trình mới hơn ghi (cấu trúc { $found }, chương trình này biết đến { $known }). Hãy dùng bản loa mới hơn.
store-cannot-open = Không mở được { $path } ({ $detail }). Hãy xem tệp có ở đó không và ai được ghi vào thư mục.
store-read-only = Kho dữ liệu chỉ đọc được, không ghi được. Hãy xem quyền của tệp và của thư mục.
store-disk = Đọc hoặc ghi kho dữ liệu thì đĩa báo lỗi: { $detail }. Hãy xem đĩa; việc vừa làm có thể đã được ghi.
store-malformed = Trong kho dữ liệu có một dòng sai: cột { $column } không phải { $expected }. Hãy lấy lại bản sao: loa restore THƯ-MỤC
store-no-such-order = Không có lệnh phát { $hash }; chưa có gì thay đổi.
store-exists = { $path } đã có rồi, không ghi đè. Hãy chọn một thư mục mới.
store-copied-in-use = { $path } được chép trong lúc đang dùng nên không trọn vẹn. Hãy sao lưu bằng lệnh: loa backup THƯ-MỤC
store-unsupported = Việc này làm bằng công cụ riêng của máy chủ cơ sở dữ liệu.
store-closed = Kho dữ liệu đã đóng.
store-refused = Kho dữ liệu từ chối: { $detail }. Đây là lỗi của chương trình, hãy báo lại kèm dòng này.

compile-cron = Lệnh phát { $order }: dòng cron “{ $text }” không dùng được ({ $why }). Thử: loa explain "{ $text }"
compile-too-many = { $subject }: có nhiều { $what } hơn mức máy phát giữ được (tối đa { $most }). Hãy tách thành nhiều mục.
compile-too-long = { $subject }: “{ $text }” dài quá { $most } byte, máy phát không giữ được. Hãy viết ngắn lại.
compile-zone = { $subject }: nơi phát chưa có múi giờ dùng được. Hãy ghi zone = "Asia/Ho_Chi_Minh" ở địa bàn cao nhất.
compile-no-such-board = { $subject }: không có kiểu bảng “{ $board }”. Hãy áp dụng cả tệp có [[board]] ấy.
compile-no-content = Lệnh phát { $order }: chưa nhận { $item }. Hãy ghi mục ấy trong lịch rồi loa apply lại.
compile-too-long-programme = Lệnh phát { $order }: chương trình dài { $minutes } phút, tối đa { $most } phút. Hãy chia thành nhiều chương trình.

what-quiet-hours = khoảng giờ yên lặng
what-places-above-it = cấp địa bàn
what-tags = nhãn
what-languages = ngôn ngữ
what-items = mục trong chương trình
what-places = địa bàn
what-players = thiết bị
what-kinds = loại thiết bị
what-cron-lines = dòng cron
what-single-moments = thời điểm riêng lẻ
what-exceptions = ngày không phát
what-steps-of-brightness = mức sáng

key-none = { $path } không phải tệp khoá (cần 64 chữ số thập lục phân). Hãy lấy lại tệp từ bản sao; khoá mới thì máy phát không nhận.
key-no-root = { $path } không phải tệp gốc tin cậy của hệ thống này ({ $why }). Hãy chép lại từ bàn điều phối.
key-no-random = Hệ điều hành không cho số ngẫu nhiên: { $why }.

broker-beyond-loopback = không có TLS thì máy chủ MQTT đi kèm chỉ lắng nghe trong máy này. Hãy dùng 127.0.0.1 thay cho { $listen }, và --tls-listen cho máy khác.
broker-listen = không lắng nghe được ở { $listen } ({ $why }). Có lẽ một bàn điều phối khác đang chạy; hãy dừng nó, hoặc chọn cổng khác bằng --listen.
broker-threads = máy chủ MQTT không khởi động được: { $why }.
broker-url = một địa chỉ như mqtts://host:8883 hoặc, trong máy này, mqtt://127.0.0.1:1883, không có gì sau số cổng
plan-zone = Không tính được giờ của nơi phát trong khoảng này ({ $why }). Hãy xem khoảng ngắn hơn.

# Nhật ký không ai lặng lẽ sửa được
quorum-logs = { $path } ghi { $named } nhật ký. Chỉ ghi một: nhật ký của bàn này, khoá của nó in ra khi bàn khởi động.
quorum-witnesses = { $path } ghi { $named } người làm chứng; máy phát chỉ giữ được { $most }. Hãy bớt đi.
quorum-groups = { $path }: nhóm phải đủ được ghép từ nhiều nhóm hơn mức máy phát giữ được là { $most }. Hãy gộp bớt.
quorum-same-id = { $path }: khoá { $one } và { $other } trùng mã ngắn, máy phát không phân biệt được chữ ký. Hãy tạo lại một khoá, hoặc đặt tên khác.
store-too-long = Mục này chiếm { $bytes } byte trong nhật ký, mỗi mục chỉ được { $most }. Hãy viết ngắn lại, hoặc chia ra nhiều mục.
store-unreplayable = Không chạy lại được mục { $position } của nhật ký: { $detail }
log-file = Không đọc hay ghi được tệp của nhật ký: { $why }. Những gì đã báo nhận vẫn còn.
log-in-use = Một bàn điều phối khác đang dùng nhật ký này ({ $path } đang khoá). Hãy dừng nó trước.
log-bad-origin = “{ $origin }” không dùng làm tên nhật ký được: cần tên máy kèm đường dẫn, không có khoảng trắng và dấu cộng.
log-nothing-kept = Thiếu { $path }: tệp này cho biết bàn đã ký đến đâu, thiếu nó thì bàn có thể tự nói ngược lời mình. Hãy lấy lại cùng với khoá từ bản sao mới nhất: loa restore --with-keys
log-foreign-checkpoint = { $path } không do khoá nhật ký của bàn này ký cho nhật ký này. Hãy lấy lại khoá và nhật ký từ cùng một bản sao.
log-short = Thư mục nhật ký thiếu { $path }, trong khi bàn đã ký đến { $signed } mục: đây là bản cũ hơn hoặc đã mất một phần. Hãy đưa lại bản mới nhất của thư mục, không dùng bản cũ.
log-torn = { $path } bị hỏng hoặc bị sửa. Hãy lấy lại từ một bản sao của nhật ký.
log-store-behind = Kho dữ liệu biết { $store } mục, nhật ký có { $log }: kho được khôi phục từ bản sao cũ hơn. Hãy dựng lại kho từ nhật ký: loa audit rebuild --replace
log-store-differs = Mục { $position } của nhật ký không giống trong kho: kho được khôi phục từ bản sao cũ hơn rồi ghi tiếp. Hãy dựng lại kho từ nhật ký: loa audit rebuild --replace
log-gap = Các mục từ { $log } trở đi không có trong nhật ký lẫn trong kho: thư mục nhật ký là bản cũ hơn. Hãy đưa lại bản mới nhất.
log-contested = { $path } bị chương trình khác sửa; bàn không ký gì nữa cho đến khi khởi động lại.
log-forked = Nhật ký { $new } mục không nối tiếp { $old } mục đã ký; không ký gì cả.
log-not-yet = Chưa có điểm chốt nào đã công bố bao gồm mục này. Hãy chạy loa serve, rồi thử lại sau vài giây.
log-no-quorum = Mới có { $signed } người làm chứng ký, chưa đủ ({ $why }). Nhật ký vẫn ghi tiếp, điểm chốt chưa công bố.
log-policy = { $path }, dòng { $line }: cần { $expected }.
export-file = Không ghi được bản sao: { $why }. Không để lại phần dở dang nào.
export-exists = { $path } đã có. Bản sao không bao giờ ghi đè; hãy chọn tên khác.
export-bad-checkpoint = { $path } không phải điểm chốt của nhật ký bàn này.
witness-file = Không dùng được thư mục của người làm chứng: { $why }.
witness-bad-name = “{ $name }” không dùng làm tên người làm chứng được: cần tên máy kèm đường dẫn, không có khoảng trắng và dấu cộng.
witness-unreadable = { $path } không cho biết đã ký đến đâu. Hãy lấy lại tệp này, hoặc bắt đầu với khoá khác.
