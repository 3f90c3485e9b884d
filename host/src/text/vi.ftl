# Những câu dùng chung cho bàn điều phối, máy phát và bảng điều khiển.
# Mỗi tệp .ftl có một tệp tiếng Anh đi kèm với đúng các mã ấy.
