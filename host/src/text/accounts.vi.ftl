# Tài khoản của người và của chương trình: `loa account`, `loa token`, đăng nhập.

account-about = Tài khoản của những người dùng bàn điều phối
account-new-about = Lập một tài khoản; in ra mật khẩu dùng một lần
account-list-about = Các tài khoản và vai trò
account-give-about = Giao một vai trò
account-take-about = Thôi một vai trò
account-disable-about = Khóa một tài khoản: ai đang dùng cũng bị thoát ra
account-enable-about = Mở lại một tài khoản
account-rename-about = Đổi tên hiển thị
account-reset-about = Cấp mật khẩu dùng một lần thay cho mật khẩu đang có
account-second-about = Mã lần hai từ ứng dụng xác thực: bắt đầu, xác nhận, bỏ
account-link-about = Nối với người của nhà cung cấp danh tính (oidc.toml): ai được nơi ấy xác nhận thì vào bằng tài khoản này
account-help-name = tên đăng nhập: 2–40 chữ a-z, số, dấu chấm, gạch nối
account-help-display = tên để mọi người đọc
account-help-role = vai trò: viewer, operator, approver, auditor, admin
account-help-place = chỉ ở địa bàn này và bên dưới; không ghi thì ở mọi nơi
account-help-code = mã 6 số đầu tiên của ứng dụng, để xác nhận
account-help-off = bỏ mã lần hai
account-help-subject = mã mà nhà cung cấp gọi người ấy (sub); hiện ra khi người chưa được nối đăng nhập ở đó
account-help-unlink = thôi mọi mối nối
account-examples =
    Ví dụ:
      loa account new hoa --display "Trần Thị Hoa" --role admin
      loa account give hoa operator --place 25999
    Tài khoản chỉ cho dùng bàn điều phối; loa chỉ phát điều cán bộ đã ký.
account-made = Đã lập tài khoản { $name }.
account-reset = Đã cấp lại mật khẩu cho { $name }; mọi phiên đang mở đã đóng.
account-once =
    Mật khẩu dùng một lần, chỉ hiện lần này, trong 3 ngày:
        { $password }
    Lần đăng nhập đầu phải đổi ngay.
account-done = Đã xong: { $name }.
account-nothing = { $name } vốn đã như vậy; không có gì thay đổi.
account-no-admin = Chưa có quản trị viên nào. Lập người đầu tiên: loa account new TÊN --role admin
account-second-begun =
    Nhập vào ứng dụng xác thực (chỉ hiện lần này):
        { $address }
    Rồi xác nhận bằng mã đầu tiên: loa account second { $name } --code 123456
account-second-exists = { $name } đã có mã lần hai. Bỏ nó trước: loa account second { $name } --off
account-second-wrong = Mã không đúng. Kiểm tra giờ của điện thoại và của máy này, rồi nhập mã mới.
account-bad-subject = Cần mã mà nhà cung cấp gọi người ấy, từ 1 đến 255 ký tự, không phải “{ $subject }”.
provider-file = Không đọc được { $file } của nhà cung cấp danh tính: { $what }
provider-settings =
    Cấu hình nhà cung cấp danh tính { $file } chưa đúng: { $what }
    Cần: issuer, client_id, redirect (địa chỉ bàn, tận cùng là /api/oidc/back), title; có thể có client_secret_file.
provider-away = Nhà cung cấp danh tính không trả lời đúng: { $what }
account-bad-name = Tên đăng nhập cần 2–40 chữ a-z, số, dấu chấm hoặc gạch nối, không phải “{ $name }”.
account-exists = Đã có tài khoản “{ $name }”. Xem: loa account list
account-unknown = Không có tài khoản “{ $name }”. Xem: loa account list
account-no-place = Không có địa bàn “{ $place }” trong lịch. Ghi mã như trong tệp lịch, hoặc mã@ngày.
account-places = “{ $place }” có nhiều nghĩa: { $known }. Ghi cả ngày.
column-account = Tài khoản
column-display = Tên
column-roles = Vai trò
column-state = Tình trạng
column-second = Mã lần hai
column-last-login = Đăng nhập lần cuối
column-actions = Được làm
column-used = Dùng lần cuối
account-state-open = mở
account-state-disabled = khóa
account-state-once = chờ đổi mật khẩu
account-yes = có
account-no = không
account-everywhere = mọi nơi

token-about = Mã truy cập của các chương trình
token-new-about = Lập một mã truy cập; chỉ in ra lần này
token-list-about = Các mã truy cập
token-revoke-about = Thu hồi một mã truy cập
token-help-account = tài khoản mà mã này thuộc về
token-help-title = dùng để làm gì
token-help-action = việc được làm, ví dụ read-evidence; có thể ghi nhiều lần
token-help-place = chỉ ở địa bàn này và bên dưới
token-help-days = dùng được bao nhiêu ngày, nhiều nhất 366
token-help-id = mã số của mã truy cập, xem: loa token list
token-made =
    Mã truy cập { $id }, chỉ hiện lần này:
        { $token }
token-revoked = Đã thu hồi mã truy cập { $id }.
token-action = Không mã truy cập nào được “{ $action }”: việc đó dành cho người.
token-days = Mã truy cập dùng được từ 1 đến 366 ngày, không phải { $days }.
token-none = Không có mã truy cập “{ $id }” nào đang dùng được. Xem: loa token list
token-state-open = dùng được
token-state-ended = hết hạn
token-state-revoked = đã thu hồi
expected-role = viewer, operator, approver, auditor hoặc admin
expected-action = một trong: { $known }

serve-help-web-listen = lắng nghe HTTP (đăng nhập, API) tại đây, trong máy này; TLS do máy chủ đứng trước lo
serve-help-web-host = tên mà trình duyệt gọi bàn này, ví dụ loa.xa.vn; có thể ghi nhiều lần
serve-help-web-proxy = địa chỉ của máy chủ đứng trước, để tin X-Forwarded-For của nó
serve-help-web-idle-min = bao nhiêu phút không dùng thì phải đăng nhập lại
web-beyond-loopback = HTTP chỉ lắng nghe trong máy này. Hãy dùng 127.0.0.1 thay cho { $listen }, và đặt một máy chủ có TLS đứng trước.
expected-ip = một địa chỉ như 127.0.0.1

# Điều HTTP trả lời khi một việc không được làm.
problem-login = Hãy đăng nhập.
problem-wrong = Tên hoặc mật khẩu không đúng. Quên mật khẩu thì nhờ quản trị viên cấp lại.
problem-wrong-password = Mật khẩu không đúng.
problem-code-needed = Hãy nhập thêm mã 6 số của ứng dụng xác thực.
problem-code-wrong = Mã 6 số không đúng hoặc đã dùng rồi. Hãy chờ mã mới và kiểm tra giờ của điện thoại.
problem-wait = Đã sai nhiều lần. Hãy thử lại sau { $seconds } giây; tài khoản không bị khóa.
problem-busy = Đang có quá nhiều người đăng nhập. Hãy thử lại sau một giây.
problem-role = Vai trò của tài khoản này không cho làm việc đó ở đây ({ $action }). Hãy nhờ quản trị viên.
problem-scope = Mã truy cập này không gồm việc đó ({ $action }).
problem-must-change = Hãy đổi mật khẩu dùng một lần trước đã.
problem-confirm = Việc này cần nhập lại mật khẩu.
problem-not-for-tokens = Việc này dành cho người đăng nhập, không dành cho mã truy cập.
problem-name = Tên đăng nhập cần 2–40 chữ a-z, số, dấu chấm hoặc gạch nối.
problem-exists = Đã có “{ $name }”.
problem-unknown = Không có tài khoản “{ $name }”.
problem-short = Mật khẩu cần ít nhất { $least } ký tự. Bốn từ không liên quan với nhau thì dễ nhớ mà khó đoán.
problem-long = Mật khẩu dài nhất { $most } ký tự.
problem-guessed = Mật khẩu này sẽ sớm bị đoán ra. Hãy dùng bốn từ không liên quan với nhau.
problem-same = Mật khẩu mới phải khác mật khẩu cũ.
problem-token-action = Không mã truy cập nào được làm “{ $action }”.
problem-token-days = Mã truy cập dùng được từ 1 đến 366 ngày, không phải { $days }.
problem-place = Không có nơi “{ $place }”, hoặc mã ấy chỉ nhiều nơi: hãy ghi mã@ngày.
problem-role-name = Không có vai trò “{ $role }”: cần viewer, operator, approver, auditor hoặc admin.
problem-own-account = Không ai tự đổi vai trò, khóa hay cấp lại mật khẩu của chính mình ở đây. Hãy nhờ quản trị viên khác.
problem-action = Không có việc “{ $action }” cho mã truy cập.
problem-no-provider = Bàn này không dùng nhà cung cấp danh tính nào.
problem-provider-away = Nơi cung cấp danh tính không trả lời. Hãy thử lại, hoặc đăng nhập bằng mật khẩu của bàn.
problem-provider-unbelieved = Điều nơi cung cấp danh tính nói không tin được. Hãy đăng nhập lại; nếu vẫn vậy, báo người quản trị.
problem-provider-refused = Nơi cung cấp danh tính không cho vào. Hãy đăng nhập lại.
problem-provider-stranger = Lần đăng nhập này không bắt đầu từ trình duyệt này, hoặc đã quá lâu. Hãy đăng nhập lại.
problem-provider-unknown = Chưa có tài khoản nào nối với “{ $subject }”. Hãy gửi mã ấy cho người quản trị: loa account link TÊN --subject { $subject }
problem-subject = Cần mã mà nhà cung cấp gọi người ấy, từ 1 đến 255 ký tự.
problem-nowhere = Không có gì ở địa chỉ này.
problem-method = Địa chỉ này không nhận cách hỏi ấy.
problem-host = Bàn không biết tên máy chủ này. Người quản trị thêm nó bằng --web-host.
problem-foreign-page = Yêu cầu đến từ một trang khác nên không được nhận.
problem-slow = Yêu cầu đến quá chậm.
problem-too-long = Yêu cầu quá dài.
problem-not-understood = Không đọc được yêu cầu này: cần JSON đúng các trường.
problem-desk = Bàn điều phối đang gặp lỗi. Hãy xem nhật ký của nó.
