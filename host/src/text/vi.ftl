# Những câu dùng chung cho bàn điều phối, máy phát và bảng điều khiển.
# Mỗi tệp .ftl có một tệp tiếng Anh đi kèm với đúng các mã ấy.

help-usage = Cách dùng
help-commands = Các lệnh
help-arguments = Cho biết
help-options = Tuỳ chọn
help-help = In trang này
help-version = In phiên bản
help-lang = Ngôn ngữ: vi hoặc en (mặc định vi, hoặc theo LOA_LANG)
help-data = Thư mục của bàn điều phối: kho dữ liệu, nội dung, khoá
bad-value = { $option }: không dùng được “{ $value }”; cần { $expected }

loa-about = Loa: lên lịch và phát thanh cơ sở, có bằng chứng từng lượt phát
loa-examples =
    Ví dụ:
      loa serve                        chạy bàn điều phối trên máy này
      loa apply schedules/demo         xem thay đổi, nhận âm thanh, ký và ban hành lịch
      loa plan --player loa-cho        lượt phát của một loa hôm nay
      loa proofs                       bằng chứng đã về

serve-about = Chạy bàn điều phối: máy chủ MQTT, gửi lệnh và nội dung, nhận bằng chứng
serve-help-listen = Địa chỉ mà máy chủ MQTT đi kèm lắng nghe không qua TLS (chỉ trong máy này)
serve-help-broker = Dùng máy chủ MQTT bên ngoài thay cho máy chủ đi kèm, ví dụ mqtt://127.0.0.1:1884
serve-help-rate-mbit = Đường truyền dành cho nội dung, megabit mỗi giây
serve-help-release-days = Một bản lịch có hiệu lực bao nhiêu ngày khi mất liên lạc
serve-help-max-players = Số máy phát kết nối cùng lúc nhiều nhất
serve-help-log-origin = Tên của nhật ký kiểm toán, đặt khi chạy lần đầu (tên máy kèm đường dẫn)
serve-help-log-listen = Cho người khác đọc nhật ký kiểm toán qua HTTP tại địa chỉ này (mặc định: tắt)
serve-examples =
    Ví dụ:
      loa serve --data /var/lib/loa
      loa serve --broker mqtt://loa:matkhau@127.0.0.1:1884
serve-ready = Bàn điều phối đã chạy tại { $address }. Đưa tệp { $root } cho mỗi máy phát khi lắp đặt. Dừng bằng Ctrl-C.
serve-stops = Đang dừng bàn điều phối…
serve-cannot-start = Bàn điều phối không chạy được: { $why }

apply-about = Đọc lịch từ tệp TOML, cho xem thay đổi, rồi ký và ban hành
apply-help-paths = Tệp .toml hoặc thư mục chứa chúng; những gì trỏ đến nhau phải đọc cùng nhau
apply-help-dry-run = Chỉ cho xem sẽ thay đổi gì, không đổi gì cả
apply-help-officer = Khoá của cán bộ ký lệnh (mặc định là khoá làm lúc chạy lần đầu)
apply-examples =
    Ví dụ:
      loa apply schedules/places schedules/commune-week --dry-run
      loa apply schedules/places schedules/commune-week
apply-refused = { $count } chỗ cần sửa; chưa có gì thay đổi.
apply-summary = { $changes } mục thay đổi, { $unchanged } mục giữ nguyên.
apply-dry-run-done = Mới chỉ xem thử: chưa có gì thay đổi.
apply-done = Đã ban hành: ký { $signed } lệnh, huỷ { $revoked } lệnh.

kind-place = địa bàn
kind-board = kiểu bảng
kind-player = máy phát
kind-campaign = đợt tuyên truyền
kind-clip = âm thanh
kind-template = mẫu trang
kind-slide = trang chữ
kind-programme = chương trình
kind-order = lệnh phát

agent-about = Máy phát không người trực: phát đúng lịch, có mạng hay không, và báo từng lượt đã phát
agent-help-data = Thư mục của máy phát: khoá, kho dữ liệu, nội dung, bản ghi
agent-help-id = Mã máy phát, như trong lịch: a-z, 0-9 và dấu gạch ngang
agent-help-root = Tệp gốc tin cậy, chép từ bàn điều phối
agent-help-broker = Máy chủ MQTT
agent-help-kind = speaker: loa; board: bảng điện tử
agent-help-output = auto: card âm thanh, không có thì ghi ra tệp; card hoặc card:TÊN: chỉ card; file: chỉ ghi tệp
agent-help-board = Bảng: điểm ngang x điểm dọc, kèm màu và góc xoay, chẳng hạn 192x96:rgb565 hoặc 64x32:mono:180
agent-help-quiet = Giờ yên tĩnh riêng, bàn điều phối không bỏ được; có thể nêu nhiều lần
agent-help-terminal = Vẽ mặt bảng trong cửa sổ lệnh
agent-help-outputs = Tệp nêu nơi bảng hiện hình: màn hình, tấm LED, tệp ảnh (docs/hardware.md)
agent-examples =
    Ví dụ:
      loa-agent --data /var/lib/loa-agent --id loa-cho --root root --quiet 21:30-04:45
agent-bad-value = --{ $option }: không dùng được “{ $value }”; cần { $expected }
agent-cannot-start = Máy phát không chạy được: { $why }
board-no-timetable = Chưa có lịch
board-not-enrolled = Chưa được ghi danh
board-timetable-ended = Lịch đã hết hạn
board-next = Phát lúc { $time }
board-next-day = Phát { $time } { $day }/{ $month }
expected-player-id = 1 đến 32 ký tự a-z, 0-9 hoặc -
expected-output = auto, card, card:TÊN hoặc file
expected-board = dạng 128x32, từ 16x16 đến 2048x2048, có thể kèm màu (mono, red-green, grey16, rgb565, rgb888) và góc xoay (0, 90, 180, 270): 192x96:rgb565, 64x32:mono:180
outputs-unread = Không đọc được { $file }: { $why }
outputs-no-toml = { $file }, dòng { $line }: không phải TOML: { $why }
outputs-unknown = { $file }, { $table }: không có khoá “{ $word }”
outputs-missing = { $file }, { $table }: thiếu “{ $word }”
outputs-bad = { $file }, { $table }, { $word }: không dùng được “{ $value }”; cần { $expected }
outputs-count = { $file } nêu { $count } đường ra; cần từ 1 đến { $most }, mỗi đường một bảng [[output]]
expected-percent = số nguyên từ 0 đến 100
expected-tables = các bảng [[output]]
expected-table = một bảng [video]
expected-text = chữ trong dấu nháy
expected-keep = số nguyên từ 1 đến 100000
expected-one-place = chỉ file hoặc chỉ folder
expected-helper-address = địa chỉ IP và cổng, như 127.0.0.1:1337
expected-helper = danh sách gồm chương trình và tham số, như ["ft-server", "-D128x64"]
expected-interface = tên cổng mạng, như eth0
expected-output-kind = framebuffer, picture, terminal, hub75 hoặc colorlight
expected-frames = số nguyên từ 1 đến 60
expected-quiet = dạng 21:30-04:45, nhiều nhất bốn khoảng

watch-about = Xem trực tiếp: lượt nào đến giờ, máy nào đang phát, bằng chứng nào vừa về
watch-help-seconds = Tự dừng sau ngần ấy giây; mã thoát 0 chỉ khi mọi lượt đến giờ đều có đúng một bằng chứng
watch-examples =
    Ví dụ:
      loa watch
      loa watch --seconds 120
watch-due = đến giờ
watch-airs = đang phát
watch-proof = bằng chứng: { $outcome } { $heard }/{ $length } giây
watch-proof-reason = bằng chứng: { $outcome } { $heard }/{ $length } giây ({ $reason })
watch-all-heard = Mọi máy đã phát và đã có bằng chứng, { $seconds } giây sau khi bắt đầu xem.
watch-missing = không có bằng chứng
watch-doubled = có hơn một bằng chứng
watch-account = { $due } lượt đến giờ, { $proven } có đúng một bằng chứng, { $missing } thiếu, { $doubled } trùng.

