# Những câu của các lệnh gõ ở bàn điều phối.

no-desk = Trong “{ $dir }” chưa có bàn điều phối. Hãy chạy loa serve hoặc loa apply trước, hay chỉ đúng thư mục bằng --data.
show-help-format = table: bảng để đọc (mặc định); csv; json: cho chương trình khác, giờ UTC tính bằng mili giây
expected-moment = ngày như 2026-12-10, hoặc ngày giờ như 2026-12-10T19:00 (giờ nơi phát)

weekday-0 = chủ nhật
weekday-1 = thứ hai
weekday-2 = thứ ba
weekday-3 = thứ tư
weekday-4 = thứ năm
weekday-5 = thứ sáu
weekday-6 = thứ bảy

# Cột của các bảng
column-planned = Giờ theo lịch
column-player = Máy phát
column-order = Lệnh phát
column-outcome = Kết quả
column-reason = Lý do
column-heard = Đã phát / cả bài
column-start = Lệch giờ (ms)
column-clock = Đồng hồ
column-evidence = Bằng chứng
column-begins = Bắt đầu
column-ends = Kết thúc
column-class = Loại
column-fate = Sẽ ra sao
column-id = Mã
column-title = Tiêu đề
column-length = Độ dài
column-loudness = Độ to (LUFS)
column-size = Cỡ
column-hash = Mã băm
column-added = Nhận lúc
column-place = Địa bàn
column-online = Liên lạc
column-release = Bản lịch
column-outbox = Bản ghi chờ
column-hello = Lần cuối liên lạc
column-refused = Từ chối vì
column-number = Số
column-time = Lúc
column-who = Ai
column-what = Việc
column-subject = Về
column-detail = Chi tiết

# Kết quả và lý do
outcome-played = đã phát trọn
outcome-partial = phát không trọn
outcome-interrupted = bị cắt ngang
outcome-missed = không phát
reason-overlap = trùng giờ lệnh khác
reason-quiet-hours = giờ yên lặng
reason-late = quá muộn
reason-power-off = mất điện
reason-clock-step = đồng hồ nhảy
reason-clock-unknown = không biết giờ
reason-superseded = lịch đã thay
reason-revoked = lệnh đã huỷ
reason-content-missing = chưa nhận được nội dung
reason-content-corrupt = nội dung hỏng
reason-output-lost = mất đường ra loa hoặc bảng
plan-drill = DIỄN TẬP · DRILL: { $told }
reason-stopped = đã có lệnh dừng
reason-decoder-missing = máy phát thiếu bộ giải mã cho video này
clock-unknown = không rõ giờ
clock-free = tự chạy
clock-network = mạng, ±{ $error_ms } ms
record-cue = lượt phát
record-started = máy phát khởi động
record-rebuilt = máy phát khởi động, kho dữ liệu làm lại từ đầu
record-in-force = bản lịch { $detail } có hiệu lực
record-stepped = đồng hồ nhảy { $detail } ms
record-log-split = trung tâm đưa ra một nhật ký ({ $detail } mục) trái với nhật ký đã thấy trước đó

class-normal = thường
class-priority = ưu tiên
class-emergency = khẩn cấp

proofs-about = Xem bằng chứng: từng lượt đã phát hay không, và vì sao
proofs-help-player = Chỉ của máy phát này
proofs-help-from = Từ ngày, hoặc ngày giờ (giờ nơi phát)
proofs-help-until = Đến hết ngày, hoặc đến trước ngày giờ
proofs-help-outcome = Chỉ những lượt có kết quả này: played, partial, interrupted, missed
proofs-help-campaign = Chỉ của đợt tuyên truyền này
proofs-help-order = Chỉ của lệnh phát này
proofs-help-limit = Nhiều nhất bao nhiêu dòng (mặc định: tất cả)
proofs-help-records = Cả những bản ghi không phải lượt phát: khởi động, bản lịch có hiệu lực, đồng hồ nhảy
proofs-examples =
    Ví dụ:
      loa proofs --player loa-cho --from 2026-12-10
      loa proofs --campaign nhan-quyen-1079 --format csv > bao-cao.csv
proofs-cut = Chỉ in { $limit } dòng theo --limit; còn nữa.
proofs-count = { $count } bản ghi.

explain-about = Đọc một dòng cron thành lời và cho biết những lượt phát tới
explain-help-cron = Dòng cron trong dấu ngoặc kép: phút giờ ngày tháng thứ
explain-help-zone = Múi giờ nơi phát
explain-help-count = Bao nhiêu lượt tới
explain-examples =
    Ví dụ:
      loa explain "30 5 * * 1-5"
explain-next = Những lượt tới (giờ { $zone }):

# Dòng cron sai ở đâu
cron-in-field = ở ô { $field }: { $what }
cron-field-second = giây
cron-field-minute = phút
cron-field-hour = giờ
cron-field-day = ngày trong tháng
cron-field-month = tháng
cron-field-weekday = thứ
cron-empty = chưa có dòng cron nào
cron-too-long = dài quá { $most_bytes } byte
cron-field-count = cần năm ô (hoặc sáu, nếu có ô giây ở đầu), ở đây có { $found }
cron-years = có bảy ô; dòng cron không có ô năm
cron-unknown-nickname = chỉ dùng được @hourly, @daily, @weekly, @monthly, @yearly
cron-reboot = lúc máy khởi động không phải là một giờ phát
cron-empty-element = giữa hai dấu phẩy không có gì
cron-missing-value = khoảng thiếu một đầu
cron-not-a-value = không phải số, cũng không phải tên dùng được ở ô này
cron-out-of-range = { $value } không nằm trong khoảng từ { $first } đến { $last }
cron-not-a-step = sau dấu / phải là một số
cron-step-zero = bước nhảy không thể là 0
cron-step-too-long = bước nhảy { $step } dài hơn cả ô (tối đa { $last })
cron-step-without-range = trước bước nhảy phải là một khoảng hoặc dấu *
cron-runs-backwards = khoảng chạy ngược, từ { $from } về { $to }
cron-no-specific-value = dấu ? không dùng trong crontab
cron-last-day = L (ngày cuối) không dùng trong crontab
cron-nearest-workday = W (ngày làm việc gần nhất) không dùng trong crontab
cron-nth-weekday = dấu # (thứ mấy lần thứ mấy trong tháng) không dùng trong crontab
cron-random = dấu ~ (ngẫu nhiên) sẽ khác nhau ở mỗi máy phát
cron-never-fires = không năm nào có ngày ấy nên sẽ không bao giờ phát
cron-library = không hiểu được: { $words }
cron-hint-write = Hãy viết { $text }
cron-hint-dates-beside-cron = Ngày tháng cụ thể thì ghi bên cạnh dòng cron: from, until, once, except.
cron-hint-steps-start-again = Bước nhảy bắt đầu lại theo mỗi giờ, mỗi ngày, mỗi tháng; hãy liệt kê từng thời điểm.
cron-hint-five-fields = Viết theo thứ tự: phút giờ ngày tháng thứ, ví dụ 30 5 * * 1-5
zone-unknown = không có múi giờ nào tên “{ $name }”
zone-hint = Có phải: { $names }?
zone-window = khoảng thời gian quá dài hoặc nằm ngoài lịch
zone-changes = múi giờ này đổi giờ quá nhiều lần ({ $why })

plan-about = Xem trước lượt phát: lúc nào, lệnh nào, và vì sao có lượt không phát
plan-help-paths = Lấy từ tệp chưa ban hành thay vì lịch đang có hiệu lực
plan-help-player = Máy phát nào (mặc định: tất cả)
plan-help-from = Từ ngày, hoặc ngày giờ (mặc định: đầu ngày hôm nay; có --hours thì từ bây giờ)
plan-help-hours = Trong bao nhiêu giờ
plan-help-days = Trong bao nhiêu ngày (mặc định 1)
plan-help-by-day = In gọn theo từng ngày, những lượt lặp lại đúng giờ gộp thành một dòng
plan-examples =
    Ví dụ:
      loa plan --player loa-cho --days 7
      loa plan schedules/places schedules/commune-week --from 2026-12-07 --days 7 --by-day
plan-empty = Không có lượt phát nào trong khoảng này.
no-such-player = Không có máy phát nào mã “{ $player }”. Hiện có: { $known }
no-such-order = Không có lệnh phát nào mã “{ $order }”, nay cũng như trước. Xem các lệnh: loa plan
plan-player = { $player }: { $name } (giờ yên lặng: { $quiet })
plan-no-quiet = không có
plan-folded = { $told }, { $count } lượt cho đến { $until }
plan-begins = { $told }, bắt đầu { $time }
plan-ends = { $told }, kết thúc { $time }
plan-reason-order = { $reason } ({ $order })
plan-reason = { $reason } ({ $order } lúc { $time })
fate-plays = đúng giờ
fate-waits = chờ rồi phát trọn
fate-resumes = bị cắt, sau đó phát tiếp đến hết
fate-interrupted = bị cắt ngang
fate-missed = không phát
fate-open = còn dở khi hết khoảng xem

players-about = Xem các máy phát: có liên lạc không, đang giữ bản lịch nào, còn bao nhiêu bản ghi chưa về
players-up = có
players-down = mất
players-never = chưa lần nào
players-behind = đang giữ { $held }, cần { $wanted }
players-not-planned = (không có trong lịch)
players-empty = Chưa có máy phát nào.

acts-about = Xem ai đã làm gì ở bàn điều phối, mới nhất trước
acts-help-limit = Nhiều nhất bao nhiêu dòng (mặc định 50)
acts-cut = Chỉ in { $limit } dòng mới nhất; còn nữa (--limit).

backup-about = Sao lưu bàn điều phối ra một thư mục, cả khi đang chạy
backup-help-dir = Thư mục sao lưu; chưa được có bản sao nào trong đó
backup-help-with-keys = Sao cả khoá: ai giữ bản sao thì ra lệnh được, hãy cất kỹ
backup-examples =
    Ví dụ:
      loa backup /media/usb/loa-2026-12-10
backup-bar = Đang sao lưu
backup-done = Đã sao lưu vào { $dir }: kho dữ liệu và { $files } tệp nội dung, đã kiểm tra.
restore-about = Khôi phục bàn điều phối từ một bản sao; phải dừng bàn điều phối trước
restore-help-dir = Thư mục của bản sao
restore-help-with-keys = Lấy lại cả khoá. Không có khoá cũ thì các máy phát không nhận lệnh của bàn này.
restore-examples =
    Ví dụ:
      loa restore /media/usb/loa-2026-12-10 --with-keys
restore-bar = Đang khôi phục
restore-done = Đã khôi phục vào { $dir }: kho dữ liệu và { $files } tệp nội dung, đã kiểm tra.
restore-aside = Kho dữ liệu cũ được giữ ở { $path }
restore-not-whole = Bản sao trong { $dir } không trọn vẹn ({ $why }). Chưa có gì thay đổi.
restore-no-keys = Bản sao này không có khoá. Chưa có gì thay đổi.
content-damaged = Nội dung bị hỏng: { $path } không khớp với mã băm của nó.

# Gõ lệnh chưa đúng
arguments-unknown = Không có tuỳ chọn “{ $argument }”.
arguments-no-such-command = Không có lệnh “{ $command }”.
arguments-which-command = Chưa cho biết lệnh nào: { $commands }.
arguments-missing = Còn thiếu: { $what }.
arguments-conflict = { $one } không dùng cùng { $other } được.
arguments-no-value = Sau { $option } còn thiếu giá trị.
arguments-not-utf8 = Có chữ không phải UTF-8.
arguments-other = Không hiểu dòng lệnh: { $why }.
arguments-help = Xem cách dùng: { $command } --help
expected-range = số từ { $least } đến { $most }
expected-at-least = số từ { $least } trở lên
expected-number = một số
expected-address = địa chỉ và cổng như 127.0.0.1:1883
window-backwards = --until ({ $until }) phải sau --from ({ $from }).
backup-inside = { $dir } nằm trong chính bàn điều phối. Hãy sao lưu ra chỗ khác, tốt nhất là đĩa khác.
serve-ready-outside = Bàn điều phối đã chạy, qua máy chủ MQTT { $address }; nếu chưa nối được thì cứ thử lại và ghi vào nhật ký. Đưa tệp { $root } cho mỗi máy phát khi lắp đặt. Dừng bằng Ctrl-C.
audit-about = Nhật ký không ai lặng lẽ sửa được: sao ra, chứng minh một bản ghi, đối chiếu kho dữ liệu
audit-export-about = Sao nhật ký cho người kiểm tra, cả khi bàn điều phối đang chạy
audit-export-bar = Đang sao nhật ký
audit-export-done = Đã sao { $size } mục vào { $dir }. Gốc: { $root }
audit-proof-about = Ghi ra bằng chứng rằng một bản ghi của máy phát nằm trong nhật ký
audit-proof-none = Nhật ký không có bản ghi { $seq } của { $player }.
audit-proof-done = Đã ghi { $file }: mục { $position } của nhật ký có { $size } mục.
audit-rebuild-about = Dựng lại kho dữ liệu từ nhật ký và chỉ ra mọi chỗ khác nhau
audit-rebuild-bar = Đang chạy lại nhật ký
audit-rebuild-same = Kho dữ liệu đúng là những gì { $entries } mục của nhật ký cho lại.
audit-rebuild-differs = Kho dữ liệu khác với những gì { $entries } mục của nhật ký cho lại: { $count } dòng, kể ở trên.
audit-rebuild-older = Kho dữ liệu được khôi phục từ bản sao cũ hơn: thiếu { $behind } mục của nhật ký và trái với { $refused } mục. Để dựng lại: loa audit rebuild --replace
audit-rebuild-replaced = Đã dựng lại kho dữ liệu từ { $entries } mục của nhật ký. Kho cũ được giữ ở { $path }
audit-help-dir = Thư mục của bản sao; chưa được có
audit-help-player = Máy phát nào
audit-help-seq = Số của bản ghi
audit-help-epoch = Chuỗi của máy phát, nếu đã có nhiều chuỗi (mặc định: chuỗi mới nhất)
audit-help-output = Tệp sẽ ghi
audit-help-replace = Thay kho dữ liệu bằng kết quả; phải dừng bàn điều phối
audit-examples =
    Ví dụ:
      loa audit export /media/usb/nhat-ky-2026-12-10
      loa audit proof --player loa-017 --seq 42 -o bang-chung.txt
      loa audit verify /media/usb/nhat-ky-2026-12-10 --policy chinh-sach.txt
      loa audit verify-proof bang-chung.txt --policy chinh-sach.txt
witness-about = Làm chứng cho nhật ký của một bàn khác: chỉ ký khi nhật ký nối tiếp
witness-help-listen = Địa chỉ lắng nghe
witness-help-log = Khoá của nhật ký, như chính sách của bàn điều phối ghi
witness-help-name = Tên của người làm chứng này (tên máy kèm đường dẫn)
witness-ready = Người làm chứng lắng nghe tại { $address }. Khoá, để ghi vào chính sách của bàn điều phối:
    { $key }
