# Lỗi trong tệp lịch phát, bằng tiếng Việt. Mỗi thông báo một dòng; biến là các trường của lỗi.
# What is wrong in a timetable file, in Vietnamese. One line per message; the variables are the problem's fields.

problem-error = lỗi
problem-help = gợi ý
problem-also = đã viết lần đầu ở đây
problem-did-you-mean = Có phải bạn muốn viết “{ $suggestion }”?

# Tệp
problem-no-files = Không tìm thấy tệp lịch phát nào.
problem-no-files-hint = Hãy chỉ ra một tệp .toml, hoặc một thư mục có tệp .toml.
problem-too-many-files = Có { $count } tệp trong một lần đọc; chỉ đọc tối đa { $limit } tệp.
problem-too-many-files-hint = Hãy đọc lần lượt từng thư mục.
problem-file-missing = Không có tệp hay thư mục này.
problem-file-missing-hint = Hãy xem lại tên và đang đứng ở thư mục nào.
problem-file-not-allowed = Không có quyền đọc tệp này.
problem-file-not-allowed-hint = Hãy sửa quyền, hoặc chạy bằng người dùng của bàn điều phối.
problem-file-unreadable = Không đọc được tệp này: { $detail }
problem-file-too-large = Tệp này có { $bytes } byte; chỉ đọc tối đa { $limit } byte.
problem-file-too-large-hint = Hãy tách tệp. Một thư mục có thể chứa nhiều tệp, thứ tự các tệp không quan trọng.
problem-file-not-utf8 = Tệp này không phải văn bản UTF-8.
problem-file-not-utf8-expected = ký tự đầu tiên không phải UTF-8
problem-file-not-utf8-hint = Có thể tệp được lưu bằng bảng mã cũ (TCVN3, VNI, Windows-1258). Hãy mở bằng trình soạn thảo và lưu lại với bảng mã UTF-8.
problem-toml-syntax = Sai cú pháp TOML: { $detail }.
problem-toml-syntax-hint = Văn bản đặt trong dấu ngoặc kép, danh sách đặt trong [ ], mỗi bảng bắt đầu bằng [[tên]]. Các lỗi khác sẽ hiện khi tệp đọc được.
problem-problems-left-out = Còn { $count } lỗi nữa chưa hiện.
problem-problems-left-out-hint = Hãy sửa các lỗi ở trên rồi đọc lại.

# Bảng và khóa
problem-unknown-table = Lịch phát không có bảng “{ $key }”.
problem-unknown-table-expected = place, board, player, campaign, clip, template, slide, programme hoặc order
problem-not-a-list-of-tables = “{ $table }” chưa được viết thành danh sách bảng.
problem-not-a-list-of-tables-expected = [[{ $table }]] với hai dấu ngoặc vuông
problem-too-many-entries = Có hơn { $limit } mục [[{ $table }]] trong một lần đọc.
problem-too-many-entries-hint = Hãy đọc lần lượt từng tỉnh.
problem-unknown-key = “{ $table }” không có khóa “{ $name }”.
problem-missing-key = Thiếu “{ $key }” trong [[{ $table }]].
problem-missing-key-hint = Thêm một dòng bắt đầu bằng { $key } =
problem-defined-twice = [[{ $table }]] “{ $name }” bị khai báo hai lần, lần đầu ở { $first }.
problem-defined-twice-hint = Hãy đặt mã khác cho một trong hai mục, hoặc xóa bớt một mục.

# Loại giá trị
problem-expect-text = “{ $key }” không phải văn bản.
problem-expect-text-expected = văn bản trong dấu ngoặc kép
problem-expect-text-or-list = “{ $key }” không phải văn bản, cũng không phải danh sách văn bản.
problem-expect-text-or-list-expected = một văn bản trong dấu ngoặc kép, hoặc nhiều văn bản trong [ ]
problem-expect-list = “{ $key }” không phải danh sách.
problem-expect-list-expected = danh sách trong [ ], kể cả khi chỉ có một giá trị
problem-expect-number = “{ $key }” không phải số nguyên.
problem-expect-number-expected = số nguyên, không có dấu ngoặc kép
problem-expect-boolean = “{ $key }” không phải true hoặc false.
problem-expect-boolean-expected = true (có) hoặc false (không), không có dấu ngoặc kép
problem-expect-table = “{ $key }” không phải một bảng.
problem-expect-table-expected = các khóa và giá trị trong dấu ngoặc nhọn
problem-list-too-long = “{ $key }” liệt kê { $count } giá trị; tối đa { $limit }.
problem-listed-twice = “{ $value }” có hai lần trong “{ $key }”.
problem-number-out-of-range = “{ $key }” là { $value }.
problem-number-out-of-range-expected = từ { $least } đến { $most }
problem-text-empty = “{ $key }” để trống.
problem-text-too-long = “{ $key }” có { $length } ký tự; tối đa { $limit }.
problem-text-control = “{ $key }” có ký tự điều khiển: “{ $value }”.
problem-text-control-hint = Ký tự này thường lẫn vào khi chép từ chương trình khác. Hãy gõ lại dòng này.
problem-bad-id = “{ $value }” không dùng làm mã cho “{ $key }” được.
problem-bad-id-expected = a–z, 0–9 và -, tối đa { $limit } ký tự
problem-bad-id-hint = Mã nằm trong địa chỉ và tên tệp nên viết không dấu, không khoảng trắng. Tiêu đề thì viết có dấu bình thường.
problem-bad-choice = “{ $key }” không thể là “{ $value }”.
problem-bad-choice-expected = một trong: { $choices }

# Ngày, giờ, thời lượng
problem-bad-date = “{ $value }” không phải một ngày.
problem-bad-date-expected = ngày viết như 2026-12-10
problem-bad-date-hint = Viết theo thứ tự năm, tháng, ngày. Hãy xem tháng đó có ngày ấy không.
problem-bad-moment = “{ $value }” không phải ngày và giờ.
problem-bad-moment-expected = viết như 2026-12-10T19:00
problem-bad-moment-hint = Giờ là giờ địa phương nơi phát; không ghi múi giờ.
problem-bad-day-of-year = “{ $value }” không phải một ngày hằng năm.
problem-bad-day-of-year-expected = tháng và ngày, viết như 11-30
problem-bad-quiet-hours = “{ $value }” không phải giờ yên lặng.
problem-bad-quiet-hours-expected = viết như 21:30-04:45
problem-bad-quiet-hours-hint = Giờ và phút đều viết hai chữ số. Có thể kéo dài qua nửa đêm.
problem-quiet-hours-empty = Giờ yên lặng “{ $value }” bắt đầu và kết thúc cùng một lúc.
problem-quiet-hours-empty-hint = Nơi không có giờ yên lặng thì viết quiet = []. Yên lặng cả ngày thì viết 00:00-24:00.
problem-bad-duration = “{ $value }” không phải thời lượng.
problem-bad-duration-expected = viết như 90s (giây), 10m (phút) hoặc 1h30m
problem-duration-zero = “{ $key }” bằng không.
problem-duration-zero-hint = Nếu không cần chờ thì bỏ dòng này.
problem-duration-too-long = “{ $value }” quá dài đối với “{ $key }”.
problem-duration-too-long-expected = tối đa { $limit } giờ
problem-from-after-until = Ngày cuối { $until } đứng trước ngày đầu { $from }.
problem-except-outside = Ngày nghỉ { $value } nằm ngoài thời gian của lệnh phát.
problem-except-outside-hint = Ngày nghỉ không có tác dụng thường là do ghi nhầm năm.
problem-once-outside = { $value } nằm ngoài thời gian của lệnh phát, hoặc rơi vào ngày nghỉ.
problem-once-outside-hint = Lần phát này sẽ không bao giờ diễn ra. Hãy sửa thời điểm, hoặc sửa các ngày trong “from”, “until” và “except”.
problem-bad-cron = “{ $value }” không phải lịch phát hợp lệ: { $detail }
problem-bad-cron-hint = { $advice }
problem-bad-zone = “{ $value }” không phải múi giờ: { $detail }
problem-bad-zone-hint = { $advice }

# Giá trị khác
problem-bad-language = “{ $value }” không phải mã ngôn ngữ.
problem-bad-language-expected = viết như vi (Việt), tyz (Tày), nut (Nùng)
problem-bad-public-key = “{ $key }” không phải khóa công khai Ed25519.
problem-bad-public-key-expected = ed25519: và 44 ký tự Base64
problem-bad-public-key-hint = Hãy chép khóa từ thiết bị: loa-agent key
problem-bad-board-size = “{ $value }” không phải kích thước bảng.
problem-bad-board-size-expected = rộng x cao tính bằng điểm sáng, viết như 128x32; với thiết bị còn có thể là mã của một [[board]]
problem-bad-board-size-hint = Mỗi chiều từ { $least } đến { $most }. Một dòng chữ Việt cần chiều cao 16 điểm sáng.
problem-bad-item = “{ $value }” không phải một mục của chương trình.
problem-bad-item-expected = clip:mã hoặc slide:mã
problem-clip-path-not-relative = “{ $value }” không tính từ thư mục của tệp này.
problem-clip-path-not-relative-expected = đường dẫn như { $example }, dùng dấu /
problem-clip-path-not-relative-hint = Nhờ vậy thư mục chép đi đâu cũng dùng được.
problem-clip-file-missing = Không có tệp âm thanh “{ $value }”.
problem-clip-file-missing-hint = Đường dẫn tính từ thư mục của tệp này. Hãy xem lại chữ hoa, dấu và phần đuôi tệp.
problem-programme-empty = Chương trình không có mục nào thì không phát được gì.
problem-board-without-size = Bảng điện tử phải ghi kích thước.
problem-board-without-size-hint = Thêm một dòng như board = "128x32", hoặc ghi mã của một [[board]]
problem-board-id-is-a-size = “{ $value }” đọc thành một kích thước nên không làm mã của [[board]] được.
problem-board-id-is-a-size-hint = Thêm một từ ở trước, ví dụ id = "p10-{ $value }"
problem-bad-rotation = Bảng không xoay { $value } độ được.
problem-bad-rotation-expected = 0, 90, 180 hoặc 270
problem-bad-brightness = “{ $value }” không phải một mức sáng.
problem-bad-brightness-expected = giờ và phần trăm, viết như "22:00 20"
problem-bad-brightness-hint = Giờ và phút đều viết hai chữ số; từ giờ đó bảng sáng ở mức ấy, cho đến mức kế tiếp.
problem-brightness-out-of-order = Mức sáng lúc { $value } không muộn hơn mức đứng trước nó.
problem-brightness-out-of-order-hint = Hãy viết theo thứ tự giờ; mức cuối giữ qua nửa đêm.

# Trang chữ và mẫu trang
problem-picture-file-missing = Không có tệp ảnh “{ $value }”.
problem-picture-file-missing-hint = Đường dẫn tính từ thư mục của tệp này. Hãy xem lại chữ hoa, dấu và phần đuôi tệp.
problem-video-file-missing = Không có tệp video “{ $value }”.
problem-video-file-missing-hint = Đường dẫn tính từ thư mục của tệp này. Hãy xem lại chữ hoa, dấu và phần đuôi tệp.
problem-video-not-alone = Video chiếm cả bảng; không thể có thêm { $names }.
problem-video-not-alone-hint = Hãy bỏ đi, hoặc đưa sang một trang riêng. Trang có video chỉ có thêm id, seconds và language.
problem-slide-text-too-long = “{ $key }” dài { $bytes } byte; một trang chỉ chứa { $limit }.
problem-slide-text-too-long-hint = Một chữ Việt có dấu chiếm hai, ba byte. Hãy viết ngắn lại, hoặc chia thành hai trang.
problem-letter-without-picture = Bảng không có hình của { $letters } trong “{ $key }”.
problem-letter-without-picture-expected = chữ Việt và chữ La-tinh khác, chữ số, dấu câu thông thường
problem-letter-without-picture-hint = Hãy gõ lại, hoặc viết cách khác: trên bảng chỗ ấy chỉ hiện một ô trống. Văn bản chép từ điện thoại hay lẫn ký hiệu không nhìn thấy.
problem-shows-too-much = Trang này hiện nhiều thứ cùng lúc: { $names }.
problem-shows-too-much-hint = Một trang chỉ hiện một trong picture, code, clock, countdown. Hãy làm mỗi thứ một trang.
problem-bad-countdown = “{ $value }” không phải thời điểm để đếm ngược.
problem-bad-countdown-expected = viết như 2027-02-06T00:00, hoặc kèm độ lệch: 2027-02-06T00:00+07:00
problem-countdown-zone-unclear = Các địa bàn có nhiều múi giờ ({ $zones }), nên { $value } có thể là nhiều thời điểm.
problem-countdown-zone-unclear-hint = Hãy ghi độ lệch ở sau, ví dụ +07:00
problem-bad-colour = “{ $value }” không phải một màu.
problem-bad-colour-expected = dấu # và sáu chữ số 0–9, a–f: đỏ, lục, lam, viết như #ffd040
problem-template-empty = Mẫu trang này không có chữ nào.
problem-template-empty-hint = Hãy viết title, body hoặc code, các ô cần điền đặt trong dấu ngoặc nhọn
problem-bad-placeholder = Trong “{ $key }” có một ô viết chưa đúng.
problem-bad-placeholder-expected = tên gồm a–z, 0–9, _ và - trong dấu ngoặc nhọn
problem-bad-placeholder-hint = Muốn viết chính dấu ngoặc thì viết hai lần.
problem-text-of-template = “{ $key }” lấy từ mẫu trang “{ $template }”.
problem-text-of-template-hint = Hãy bỏ dòng này, hoặc bỏ mẫu trang.
problem-fields-without-template = Có “fields” nhưng không có mẫu trang.
problem-fields-without-template-hint = Hãy ghi tên mẫu: template = "…"
problem-unknown-field = Mẫu trang “{ $template }” không có ô “{ $name }”.
problem-unknown-field-expected = một trong: { $choices }
problem-missing-field = Mẫu trang “{ $template }” còn thiếu ô: { $names }.
problem-missing-field-hint = Hãy thêm { $example } = "…" vào fields
problem-filled-too-long = Điền xong, “{ $what }” của mẫu trang “{ $template }” dài { $bytes } byte; một trang chỉ chứa { $limit }.
problem-filled-too-long-hint = Một chữ Việt có dấu chiếm hai, ba byte. Hãy viết ngắn phần điền vào.
problem-not-for-this-kind = “{ $key }” không dùng cho thiết bị loại { $kind }.

# Tên của mục khác
problem-unknown-place = Không có địa bàn nào mang mã “{ $value }”.
problem-unknown-place-hint = Hãy đọc tệp địa bàn cùng với tệp này.
problem-place-ambiguous = Mã “{ $value }” chỉ nhiều địa bàn: { $choices }.
problem-place-ambiguous-hint = Sau khi sắp xếp đơn vị hành chính, mã cũ được dùng lại. Hãy ghi rõ mã có hiệu lực từ ngày nào, ví dụ { $newest }
problem-unknown-name = Không có [[{ $table }]] nào tên là “{ $value }”.
problem-unknown-tag = Không có thiết bị nào mang nhãn “{ $value }”.

# Toàn bộ
problem-place-circle = Các địa bàn trực thuộc nhau thành vòng tròn: { $path }.
problem-predecessor-not-older = { $predecessor } không có trước { $place }, là nơi được lập từ nó.
problem-player-without-zone = Thiết bị “{ $player }” không có múi giờ: { $place } và các cấp trên đều chưa ghi.
problem-player-without-zone-hint = Thêm zone = "Asia/Ho_Chi_Minh" vào địa bàn cao nhất.
problem-drill-and-template = Lệnh phát không thể vừa là diễn tập vừa là mẫu.
problem-drill-and-template-hint = Bỏ drill: khi kích hoạt mẫu, ghi --drill để phát nó như diễn tập
problem-template-with-times = Lệnh mẫu không có { $value }: nó chỉ phát khi được kích hoạt.
problem-template-with-times-hint = Bỏ { $value }, hoặc bỏ template
problem-template-of-normal = Lệnh mẫu phải là ưu tiên hoặc khẩn cấp.
problem-template-of-normal-hint = Ghi class = "emergency" hoặc class = "priority"
problem-order-without-time = Lệnh phát không ghi thời gian.
problem-order-without-time-hint = Thêm at = "0 5 * * *" để phát 05:00 hằng ngày, hoặc once = ["2026-12-10T19:00"]
problem-order-to-nobody-named = Lệnh phát không ghi phát cho ai, hoặc có danh sách để trống.
problem-order-to-nobody-named-hint = Hãy ghi địa bàn, nhãn, thiết bị, loại hoặc ngôn ngữ. Phát cho cả tỉnh thì ghi mã tỉnh; tiêu chí nào không dùng thì bỏ hẳn.
problem-order-reaches-nobody = Lệnh phát “{ $order }” không đến thiết bị nào.
problem-order-reaches-nobody-hint = Mỗi dòng trong “to” thu hẹp thêm phạm vi. Hãy xem thiết bị có ở địa bàn đã ghi và có mang nhãn, ngôn ngữ đã ghi không.
problem-order-without-clip = Lệnh phát “{ $order }” gọi đến loa, ví dụ “{ $player }”, nhưng chương trình “{ $programme }” không có bản ghi âm nào.
problem-order-without-clip-hint = Loa phát bản ghi âm (clip), bảng điện tử hiện trang chữ (slide). Hãy thêm bản ghi âm, hoặc chỉ gọi bảng điện tử.
problem-order-without-slide = Lệnh phát “{ $order }” gọi đến bảng điện tử, ví dụ “{ $player }”, nhưng chương trình “{ $programme }” không có trang chữ nào.
problem-order-without-slide-hint = Loa phát bản ghi âm (clip), bảng điện tử hiện trang chữ (slide). Hãy thêm trang chữ, hoặc chỉ gọi loa.
problem-late-limit-unused = “late_limit” không có tác dụng khi late = "skip".
problem-late-limit-unused-hint = Bỏ dòng này, hoặc viết late = "join" hay "restart".
problem-order-outside-campaign = Không ngày nào của lệnh phát nằm trong đợt tuyên truyền “{ $campaign }”.
problem-order-outside-campaign-hint = Lệnh này sẽ không được tính vào báo cáo nào. Hãy sửa ngày, hoặc bỏ dòng campaign.
problem-category-not-in-campaign = Chương trình “{ $programme }” được tính cho đợt tuyên truyền “{ $campaign }” (lệnh “{ $order }”), nhưng không thuộc thể loại nào của đợt.
problem-category-not-in-campaign-expected = một trong: { $choices }
