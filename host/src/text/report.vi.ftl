# Báo cáo kết quả phát: chữ trên giấy, trong bảng tính, trong tệp CSV, và lời của lệnh loa report.

report-about = Lập báo cáo: lệnh phát nào đến hạn, nơi nào đã nghe, bao nhiêu phút, cái gì không phát được và vì sao
report-help-campaign = Chỉ tính chiến dịch này (kỳ báo cáo được thu hẹp trong thời hạn của chiến dịch)
report-help-place = Chỉ tính nơi này và mọi nơi bên dưới: mã hành chính, hoặc mã@ngày-bắt-đầu nếu mã đã dùng cho nhiều nơi
report-help-player = Chỉ tính máy phát này
report-help-clip = Chỉ tính các lệnh phát có đoạn âm thanh này
report-help-from = Từ ngày này (theo đồng hồ tại nơi phát)
report-help-to = Đến hết ngày này
report-help-as-of = Theo những gì bàn điều phối biết tới lúc này; mặc định: bây giờ
report-help-silent-days = Coi là im lặng khi không có lệnh nào đến hạn được báo trong chừng này ngày
report-help-format = csv, xlsx, pdf hoặc json
report-help-output = Tệp sẽ ghi; với csv có thêm tệp thứ hai, tên có đuôi -failures
report-help-office = Tên cơ quan lập báo cáo, in ở góc trái
report-examples =
    Ví dụ:
      loa report --campaign nhan-quyen-1079 --from 2026-01-01 --to 2026-11-30 --format pdf -o bao-cao-1079.pdf
      loa report --place 24@2025-07-01 --from 2026-12-01 --to 2026-12-31 --format xlsx -o thang-12.xlsx
      loa report --from 2026-12-01 --to 2026-12-31 --as-of 2027-01-05 --format csv -o thang-12.csv

    Mỗi lệnh phát đến hạn nằm ở đúng một mục: đã phát, phát thiếu, bị ngắt, không phát (có lý do), chưa có báo cáo.
    Cái gì đến hạn được tính theo lệnh, máy và địa danh của đúng lúc đó: xóa hôm nay không đổi con số hôm qua.
    Cùng --as-of thì cùng con số, dù sau đó có thêm bản ghi về muộn.
report-empty-period = --to ({ $to }) đứng trước --from ({ $from }): kỳ báo cáo phải có ít nhất một ngày.
report-outside-campaign = Kỳ đã chọn nằm ngoài thời hạn của chiến dịch “{ $campaign }” ({ $from } đến { $until }).
report-no-place = Chưa từng có nơi nào mang mã “{ $asked }”. Xem các mã bằng: loa players
report-no-campaign-known = Chưa từng có chiến dịch “{ $asked }”. Các chiến dịch đang có: { $known }
report-no-player = Chưa từng có máy phát “{ $asked }”. Xem các máy bằng: loa players
report-no-clip = Chưa từng có đoạn âm thanh “{ $asked }”. Xem các đoạn bằng: loa clip list
report-unwritable = Không ghi được “{ $file }”: { $error }. Chưa có tệp nào được ghi ra dở dang.
report-written = Đã ghi { $file }
report-expected-days = một số ngày từ 1 đến 366
report-later-than-now = --as-of ở tương lai; hãy chọn một lúc đã qua.

report-title = Báo cáo kết quả phát thanh, hiển thị
report-state = CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
report-motto = Độc lập - Tự do - Hạnh phúc
report-number = Số: ………/BC-………
report-place-and-day = ……………, ngày …… tháng …… năm ………
report-page = Trang { $number }/{ $count }
report-period = từ ngày { $from } đến hết ngày { $until }
report-about-period = Kỳ báo cáo
report-about-campaign = Chiến dịch
report-about-decision = Căn cứ
report-about-place = Địa bàn
report-about-player = Máy phát
report-about-clip = Đoạn âm thanh
report-about-as-of = Số liệu tính đến
report-total = Cộng
report-never = chưa có bản ghi nào
report-no-campaign = (không thuộc chiến dịch)
report-no-language = (không ghi ngôn ngữ)
report-no-category = (không ghi thể loại)
report-other-orders = (các lệnh khác)
report-language-vi = Tiếng Việt
report-language-tyz = Tiếng Tày
report-language-nut = Tiếng Nùng
report-language-hmn = Tiếng Mông
report-language-km = Tiếng Khmer
report-language-en = Tiếng Anh
report-kind-speaker = Loa
report-kind-board = Bảng điện tử

report-table-coverage = Kết quả theo địa bàn
report-table-months = Kết quả theo tháng
report-table-languages = Thời lượng theo ngôn ngữ
report-table-categories = Thời lượng theo thể loại
report-table-reasons = Không phát và chưa có báo cáo, theo lý do
report-table-evidence = Mức bằng chứng
report-table-failures = Các lượt không trọn vẹn và lý do
report-table-players = Máy phát
report-table-silent = Máy phát im lặng
report-no-failures = Không có lượt nào thiếu, bị ngắt, không phát hoặc chưa có báo cáo.
report-failures-cut = Ở đây có { $shown } dòng nhiều lượt nhất; còn { $left } dòng nữa trong bảng tính (--format xlsx).
report-sheet-front = Tóm tắt
report-sheet-coverage = Địa bàn
report-sheet-months = Tháng
report-sheet-languages = Ngôn ngữ
report-sheet-categories = Thể loại
report-sheet-reasons = Lý do
report-sheet-evidence = Mức bằng chứng
report-sheet-failures = Không trọn vẹn
report-sheet-players = Máy phát
report-note = Ghi chú

report-column-place = Nơi phát
report-column-within = Thuộc
report-column-code = Mã
report-column-campaign = Chiến dịch
report-column-due = Đến hạn
report-column-played = Phát đủ ({ $level })
report-column-played-all = Phát đủ
report-column-partial = Phát thiếu
report-column-interrupted = Bị ngắt
report-column-missed = Không phát
report-column-unreported = Chưa báo
report-column-share = Tỷ lệ phát đủ
report-column-minutes-due = Phút phải phát
report-column-minutes = Phút đã phát ({ $level })
report-column-minutes-all = Phút đã phát
report-column-month = Tháng
report-column-kind = Loại máy
report-column-language = Ngôn ngữ
report-column-category = Thể loại
report-column-what = Kết quả
report-column-reason = Lý do
report-column-cues = Lượt
report-column-level = Mức
report-column-means = Nghĩa là
report-column-extra = Lượt ngoài lịch
report-column-extra-minutes = Phút ngoài lịch
report-column-player = Máy phát
report-column-name = Tên máy
report-column-order = Lệnh phát
report-column-first = Lần đầu
report-column-last = Lần cuối
report-column-newest = Bản ghi mới nhất
report-column-silent = Im lặng từ
report-column-removed = Gỡ khỏi lịch

report-unreported = chưa có báo cáo
report-what-missed = không phát
report-what-partial = phát thiếu
report-what-interrupted = bị ngắt
report-what-commanded = chỉ mới ra lệnh (E0)
report-what-awaited = chưa báo, có thể còn về
report-what-no-timetable = máy chưa nhận lịch
report-what-unaccounted = không rõ: bản ghi sau đó đã về

report-chart = Số lượt theo tháng
report-part-played = phát đủ (từ E1)
report-part-cut = thiếu, bị ngắt, E0
report-part-missed = không phát
report-part-unreported = chưa có báo cáo
report-grid-players = Tỷ lệ phát đủ theo máy phát
report-grid-places = Tỷ lệ phát đủ theo nơi phát
report-shade-0 = từ 95%
report-shade-1 = từ 80%
report-shade-2 = từ 50%
report-shade-3 = trên 0%
report-shade-4 = không lượt nào
report-share-means = Tỷ lệ phát đủ = số lượt phát trọn vẹn có bằng chứng từ mức E1 trở lên, chia cho số lượt đến hạn. Lượt phát thiếu, bị ngắt, chưa có báo cáo đều không được tính là phát đủ.
report-level-0 = đã ra lệnh cho máy; không chứng minh có âm thanh
report-level-1 = đã giải mã và đưa tới thiết bị ra, hoặc đã vẽ lên bảng
report-level-2 = đo được tín hiệu trên đường dây tới loa
report-level-3 = có micrô nghe thấy
report-levels-mean = Các mức bằng chứng đứng riêng, không cộng vào nhau. Bản ghi do chính máy phát ký; từ E0 đến E2 không cho biết người dân có thực sự nghe thấy hay không.
report-completeness = Mức đầy đủ của số liệu
report-complete-newest = Bản ghi mới nhất về tới lúc: { $newest }.
report-complete-players = { $whole } trong { $players } máy phát đã báo đủ mọi lượt đến hạn; còn { $cues } lượt chưa có báo cáo.
report-complete-silent = { $silent } máy phát im lặng: không báo lượt đến hạn nào suốt { $days } ngày hoặc hơn.
report-complete-extra = { $cues } lượt đã phát nhưng không đến hạn (ví dụ lệnh vừa bị thay hoặc thu hồi); không tính vào kết quả.
report-complete-doubled = { $cues } bản ghi thừa về cùng một lượt; chỉ bản ghi đầu tiên được tính.
report-complete-other = { $cues } lượt được phát theo bản cũ hơn hoặc mới hơn của cùng lệnh phát; đã tính vào kết quả.
report-log = Nhật ký để đối chiếu
report-log-none = Báo cáo này không kèm nhật ký nào: không thể tự đối chiếu các con số với một nhật ký chống sửa đổi.
report-log-given = Các bản ghi làm căn cứ nằm trong nhật ký dưới đây, ở trạng thái có cỡ và gốc như sau.
report-log-origin = Nhật ký { $origin }, { $size } mục.
report-log-root = Gốc (SHA-256): { $root }
report-log-note = Điểm kiểm
report-log-scan = Mã này chứa nguyên văn điểm chốt đã ký của nhật ký. Quét và so với điểm chốt mà nhật ký công bố.
report-log-too-long = Điểm kiểm dài quá cỡ một mã quét; nguyên văn có trong bảng tính và tệp JSON.
report-sign-preparer = Người lập
report-sign-checker = Người kiểm tra
report-sign-head = Thủ trưởng đơn vị
report-sign-how-preparer = (Ký, ghi rõ họ tên)
report-sign-how-checker = (Ký, ghi rõ họ tên)
report-sign-how-head = (Ký, đóng dấu, ghi rõ họ tên)
