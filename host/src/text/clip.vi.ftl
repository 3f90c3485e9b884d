# Những câu về việc nhận âm thanh.

clip-not-found = { $path }: không có tệp này. Hãy xem lại tên và thư mục.
clip-not-a-file = { $path }: đây là thư mục hoặc thiết bị, không phải tệp. Hãy chọn chính tệp âm thanh.
clip-not-readable = { $path }: không đọc được ({ $cause }). Hãy xem quyền truy cập, hoặc chép lại tệp.
clip-empty = { $path }: tệp rỗng. Có lẽ chép chưa xong; hãy chép lại.
clip-not-audio =
    { $path }: không phải tệp âm thanh{ $looks_like ->
        [none] { "" }
       *[other] , trông như { $looks_like }
    }. Cần MP3, AAC (M4A), FLAC, Ogg Vorbis hoặc WAV.
clip-no-audio-track = { $path }: tệp { $container } không có đường tiếng. Hãy xuất phần tiếng thành MP3 hoặc WAV.
clip-codec-unsupported = { $path }: chưa đọc được { $codec } ({ $detail }). Hãy đổi sang MP3, FLAC hoặc WAV.
clip-truncated =
    { $path }: bản ghi bị cụt, chỉ có { $found_ms } ms{ $declared_ms ->
        [none] { "" }
       *[other] { " " }trong { $declared_ms } ms
    }. Hãy chép hoặc xuất lại tệp.
clip-joined = { $path }: có một bản ghi khác nối vào từ { $at_ms } ms. Hãy ghép bằng phần mềm âm thanh rồi xuất thành một tệp, hoặc nhận từng tệp.
clip-length-mismatch = { $path }: đầu tệp ghi { $declared_ms } ms nhưng có { $found_ms } ms âm thanh. Hãy ghép bằng phần mềm âm thanh rồi xuất lại.
clip-corrupt = { $path }: hỏng từ { $at_ms } ms, mất { $lost_ms } ms ({ $detail }). Hãy chép hoặc xuất lại tệp.
clip-silent =
    { $path }: không nghe thấy gì (đỉnh { $peak_dbfs ->
        [none] không có
       *[other] { $peak_dbfs } dBFS
    }, độ to { $loudness_lufs ->
        [none] không đo được
       *[other] { $loudness_lufs } LUFS
    }). Hãy xem mức thu và đường tiếng đã xuất.
clip-channels-cancel = { $path }: hai kênh ngược pha, trộn ra một loa thì mất { $loss_db } dB. Hãy đảo pha một kênh, hoặc xuất một kênh.
clip-too-short = { $path }: chỉ dài { $duration_ms } ms, ít nhất phải { $shortest_ms } ms. Hãy xem đã xuất hết bản ghi chưa.
clip-too-long = { $path }: dài ít nhất { $duration_ms } ms, chỉ nhận đến { $longest_ms } ms. Hãy cắt thành nhiều phần.
clip-too-many-channels = { $path }: có { $channels } kênh, chỉ trộn được đến { $most }. Hãy xuất thành hai kênh hoặc một kênh.
clip-not-numbers = { $path }: có giá trị âm thanh không hợp lệ ở { $at_ms } ms. Hãy xuất lại thành WAV 16 hoặc 24 bit.
clip-no-room = { $path }: đĩa của bàn điều phối đã đầy. Hãy dọn bớt rồi thử lại.
clip-desk-failed = { $path }: bàn điều phối gặp trục trặc, không phải lỗi của tệp ({ $step }: { $cause }). Hãy thử lại; nếu vẫn thế thì xem đĩa.

clip-note-mislabelled = Lưu ý: tên tệp có đuôi { $ending } nhưng bên trong là { $content }; vẫn nhận theo bên trong.
clip-note-mended = Lưu ý: mất { $lost_ms } ms, chỗ đầu tiên ở { $at_ms } ms; đã thay bằng im lặng.
clip-note-quieter = Lưu ý: nhỏ hơn mức chung { $by_db } dB vì có những đỉnh quá cao.

clip-about = Nhận âm thanh và xem những gì đã nhận
clip-add-about = Nhận tệp âm thanh: kiểm tra, đưa về cùng độ to, cất giữ
clip-list-about = Những âm thanh đã nhận
clip-help-files = Tệp MP3, AAC (M4A), FLAC, Ogg Vorbis hoặc WAV
clip-help-id = Mã trong lịch (mặc định lấy từ tên tệp); chỉ khi nhận một tệp
clip-help-title = Tiêu đề
clip-help-language = Ngôn ngữ, như vi, tyz, nut
clip-help-category = Thể loại, để thống kê
clip-help-lossless = Giữ nguyên chất lượng (FLAC): nặng gấp năm lần
clip-examples =
    Ví dụ:
      loa clip add tin-sang.mp3 --title "Tin sáng"
      loa clip list
clip-add-nothing = Chưa nhận tệp nào.
clip-add-one-id = --id chỉ dùng khi nhận một tệp.
clip-add-same-id = Hai tệp cùng cho ra mã “{ $id }”. Hãy nhận từng tệp, với --id.
clip-added = { $id }: dài { $length }, độ to { $before } → { $after } LUFS, { $size }, { $hash }
clip-added-present = (đã có sẵn)
clip-list-empty = Chưa nhận âm thanh nào.
