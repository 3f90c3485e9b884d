# Những câu về việc nhận âm thanh.
