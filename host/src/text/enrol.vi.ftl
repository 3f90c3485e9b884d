# Ghi danh máy phát: ai là ai và đứng ở đâu, hai cán bộ ký.

enrol-about = Ghi danh máy phát: xem máy nào đang chờ, xin cán bộ ký, nhận lại
enrol-examples =
    Ví dụ:
      loa enrol                                  máy nào chờ, dấu nhận dạng của từng máy
      loa enrol al-cho --request ghi-danh        đã so dấu nhận dạng với máy: xin hai cán bộ ký
      loa key sign ghi-danh --key mai.key        trên máy của từng cán bộ
      loa enrol --signed ghi-danh.mai ghi-danh.binh
enrol-help-players = Các máy phát; bỏ trống: mọi máy đang chờ
enrol-help-fingerprint = Những chữ số đầu của dấu nhận dạng, khi có nhiều khoá cùng xưng tên một máy
enrol-help-request = Ghi yêu cầu ký vào FILE
enrol-help-signed = Nhận các tệp đã có chữ ký của cán bộ
column-fingerprint = Dấu nhận dạng
column-enrolled = Ghi danh
enrol-state-enrolled = đã ghi danh
enrol-state-waiting = đang chờ
enrol-state-other-key = xưng bằng khoá khác: thay máy, hay kẻ mạo danh?
enrol-state-moved = lịch đã đổi chỗ đứng, chờ ký lại
enrol-state-lapsed = cán bộ ký trước đây không còn, chờ ký lại
enrol-state-silent = chưa thấy lên tiếng
enrol-unknown = Lịch không có máy phát “{ $player }”. Hãy thêm vào tệp lịch rồi chạy loa apply.
enrol-none = Máy “{ $player }” không có khoá nào chờ ghi danh. Hãy xem loa enrol; máy đã bật và nối được bàn chưa?
enrol-several = Có nhiều khoá xưng là máy “{ $player }”. Hãy so với máy thật rồi chọn bằng --fingerprint.
enrol-nobody = Không có máy nào chờ ghi danh.
enrol-request-written = Đã ghi yêu cầu ghi danh { $count } máy vào { $path }, mã { $hash }. Mỗi cán bộ ký bằng loa key sign.
enrol-other-request = Tệp này không phải yêu cầu ghi danh.
enrol-signers-missing = Còn thiếu { $missing } cán bộ ký, nên chưa máy nào được ghi danh.
enrol-done = Đã ghi danh { $count } máy. Máy đang nối sẽ nhận lịch ngay.
sign-placings = ── Ghi danh { $count } máy phát: từ nay máy có khoá này đứng ở đây
sign-placing = { $player }, { $kind }
sign-key = Dấu nhận dạng
sign-key-before = Thay cho khoá cũ
sign-no-place = KHÔNG Ở NƠI NÀO
