# Những câu về trang chữ, ảnh và bảng điện tử.

slide-about = Xem trang trên bảng điện tử: bảng hiện gì, trang nào có
slide-show-about = Xem bảng hiện gì của một trang, đúng từng điểm sáng
slide-list-about = Các trang, hiện trên kiểu bảng nào, có đọc kịp không
slide-help-id = Mã của trang
slide-help-paths = Từ tệp chưa áp dụng, thay cho lịch đang có hiệu lực
slide-help-board = Trên kiểu bảng này: mã của [[board]], hoặc kích thước và màu như 128x64:grey16 (mặc định: mọi bảng mà lệnh phát gọi đến)
slide-help-png = Ghi ra tệp ảnh PNG, mỗi mặt một tệp, thay vì in ra màn hình
slide-help-zoom = Mỗi điểm sáng thành ô vuông N điểm ảnh, cho dễ nhìn
slide-examples =
    Ví dụ:
      loa slide list
      loa slide show chao
      loa slide show chao schedules/demo --board 192x96:rgb888
      loa slide show chao --png anh --zoom 4
slide-none = chưa có trang nào
slide-list-empty = Chưa có trang nào.
no-such-slide = Không có trang nào mã “{ $slide }”. Hiện có: { $known }
expected-board-class = mã của một [[board]] ({ $classes }), hoặc rộng x cao từ 16 đến 2048 và màu: 128x64:mono, :red-green, :grey16, :rgb565, :rgb888
slide-show-board = { $board } ({ $size }): { $pages } mặt, đọc hết trong { $read } giây
slide-show-runs = { $board } ({ $size }): chữ chạy, đọc hết trong { $read } giây
slide-written = Đã ghi { $file }
column-shows = Hiện
column-seconds = Giây
column-boards = Trên kiểu bảng
column-board = Bảng
column-enough = Đọc kịp
slide-enough = kịp
slide-not-enough = không kịp
slide-shows-text = chữ
slide-shows-picture = ảnh
slide-shows-code = mã quét
slide-shows-clock = đồng hồ
slide-shows-countdown = đếm ngược
slide-shows-video = video
slide-show-video = { $board } ({ $size }): video, hình đầu tiên

apply-help-no-preview = Không in hình bảng của những trang đọc không kịp

slide-too-long = Cảnh báo: trang “{ $slide }” đọc không kịp trên { $board } ({ $players } bảng): { $pages } mặt, cần { $read } giây, chỉ hiện { $stands } giây. Hãy viết ngắn lại, hoặc ghi seconds = { $read }
slide-runs-too-long = Cảnh báo: trang “{ $slide }” đọc không kịp trên { $board } ({ $players } bảng): chữ chạy hết trong { $read } giây, chỉ hiện { $stands } giây. Hãy viết ngắn lại, hoặc ghi seconds = { $read }
slide-code-too-large = Cảnh báo: mã quét của trang “{ $slide }” không vừa { $board } ({ $players } bảng): cần { $needs } điểm sáng mỗi chiều. Hãy viết địa chỉ ngắn hơn; ở đó trang hiện mà không có mã.
slide-code-nowhere = Mã quét của trang “{ $slide }” không vừa bảng nào mà lệnh phát gọi đến: cần { $needs } điểm sáng mỗi chiều. Hãy viết địa chỉ ngắn hơn, hoặc bỏ mã.
slide-picture-mislabelled = Lưu ý: ảnh của trang “{ $slide }” thật ra là { $content }, khác với phần đuôi tên tệp; lấy theo nội dung.
slide-picture-left-out = Lưu ý: ảnh của trang “{ $slide }” chỉ làm riêng cho bốn kiểu bảng dùng nhiều nhất; { $boards } hiện bản gần nhất.
slide-video = Trang “{ $slide }” là video: dài { $seconds } giây, { $kilobytes } KB, { $width } x { $height } điểm, { $container } ({ $codec })
slide-video-mislabelled = Lưu ý: video của trang “{ $slide }” thật ra là { $content }, khác với phần đuôi tên tệp; lấy theo nội dung.
slide-video-flawed = Lưu ý: video của trang “{ $slide }” phát được nhưng có chỗ không ổn ({ $detail }). Hãy xem thử trên một bảng trước khi dùng.
slide-video-ends-early = Lưu ý: video của trang “{ $slide }” chỉ dài { $lasts } giây mà seconds = { $stands }: hết video, hình cuối đứng yên cho đủ thời gian. Bỏ seconds thì video chỉ chiếu đúng một lượt.
slide-video-no-screen = Cảnh báo: trang “{ $slide }” là video, nhưng không bảng nào nhận nó là màn hình rộng từ { $least } điểm sáng ({ $boards }): trên đó hầu như không nhìn ra gì. Hãy giao lệnh phát cho màn hình, hoặc dùng ảnh.
slide-text = Trang “{ $slide }”: chữ dài hơn chỗ chứa. Hãy viết ngắn lại.
slide-too-many-bytes = Ảnh của trang “{ $slide }” chiếm { $kilobytes } KB, chỉ gửi tối đa { $most } KB ({ $parts }). Hãy dùng ảnh động ít khung hình hơn, chọn màu rgb565 cho bảng, hoặc đặt màn hình lớn và bảng nhỏ ở hai lệnh phát với hai trang riêng.

picture-not-readable = Ảnh của trang “{ $slide }”, { $path }: không đọc được ({ $cause }). Hãy xem tên tệp và quyền truy cập.
picture-empty = Ảnh của trang “{ $slide }”, { $path }: tệp rỗng. Có lẽ chép chưa xong; hãy chép lại.
picture-too-many-bytes = Ảnh của trang “{ $slide }”, { $path }: tệp có { $megabytes } MB, chỉ nhận tối đa { $most } MB. Hãy lưu ảnh nhỏ hơn.
picture-unsupported =
    Ảnh của trang “{ $slide }”, { $path }: đây không phải ảnh đọc được ở đây{ $looks_like ->
        [none] { "" }
       *[other] , có vẻ là { $looks_like }
    }. Cần PNG, JPEG, WebP hoặc GIF; hãy mở ảnh và lưu lại.
picture-truncated = Ảnh của trang “{ $slide }”, { $path }: tệp bị cụt. Hãy chép hoặc lưu lại.
picture-damaged = Ảnh của trang “{ $slide }”, { $path }: tệp hỏng ({ $detail }). Hãy mở ảnh và lưu lại, hoặc chép lại.
picture-too-large = Ảnh của trang “{ $slide }”, { $path }: { $width } x { $height } điểm, quá lớn (tối đa { $most } triệu điểm, tính cả các khung hình). Hãy thu nhỏ ảnh.
picture-too-many-frames = Ảnh của trang “{ $slide }”, { $path }: có hơn { $most } khung hình. Hãy cắt ngắn ảnh động.

video-no-program = Video của trang “{ $slide }”, { $path }: muốn kiểm tra video cần chương trình { $program }, máy này chưa có. Hãy cài gói ffmpeg: apt-get install ffmpeg
video-not-run = Video của trang “{ $slide }”, { $path }: muốn kiểm tra video cần chương trình { $program }, nhưng không chạy được nó ({ $cause }). Hãy cài lại gói ffmpeg: apt-get install --reinstall ffmpeg
video-not-readable = Video của trang “{ $slide }”, { $path }: không đọc được ({ $cause }). Hãy xem tên tệp và quyền truy cập.
video-empty = Video của trang “{ $slide }”, { $path }: tệp rỗng. Có lẽ chép chưa xong; hãy chép lại.
video-too-many-bytes = Video của trang “{ $slide }”, { $path }: tệp có { $megabytes } MB, chỉ gửi được cho thiết bị tối đa { $most } MB. Hãy cắt ngắn, hoặc lưu với chất lượng thấp hơn.
video-unsupported =
    Video của trang “{ $slide }”, { $path }: đây không phải video mà thiết bị phát được{ $looks_like ->
        [none] { "" }
        [GIF] , mà là ảnh GIF: hãy ghi picture = thay cho video =
        [PNG] , mà là ảnh PNG: hãy ghi picture = thay cho video =
        [JPEG] , mà là ảnh JPEG: hãy ghi picture = thay cho video =
        [WebP] , mà là ảnh WebP: hãy ghi picture = thay cho video =
        [MP3] , mà là MP3: âm thanh thì ghi trong [[clip]]
       *[other] , có vẻ là { $looks_like }
    }. Cần MP4 hoặc WebM; muốn lưu thành như vậy: ffmpeg -i CŨ -pix_fmt yuv420p MỚI.mp4
video-no-picture = Video của trang “{ $slide }”, { $path }: trong tệp không có hình động. Chỉ có tiếng thì ghi trong [[clip]].
video-truncated = Video của trang “{ $slide }”, { $path }: tệp bị cụt. Hãy chép hoặc lưu lại.
video-damaged = Video của trang “{ $slide }”, { $path }: tệp hỏng ({ $detail }). Hãy mở video và lưu lại, hoặc chép lại.
video-too-slow = Video của trang “{ $slide }”, { $path }: kiểm tra mãi không xong. Có lẽ tệp hỏng; hãy mở video và lưu lại.
video-too-long = Video của trang “{ $slide }”, { $path }: dài { $minutes } phút, chỉ chiếu tối đa 60 phút. Hãy cắt thành nhiều phần.
video-codec =
    Video của trang “{ $slide }”, { $path }: nén theo cách mà các thiết bị thường không đọc được{ $codec ->
        [unknown] { "" }
       *[other] { " " }({ $codec })
    }. Hãy lưu thành H.264: ffmpeg -i CŨ -c:v libx264 -pix_fmt yuv420p MỚI.mp4
video-changed = Video của trang “{ $slide }”, { $path }: tệp bị sửa trong lúc đang kiểm tra. Hãy chờ lưu xong rồi áp dụng lại.
