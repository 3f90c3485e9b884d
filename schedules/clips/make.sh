#!/bin/sh
# Làm lại mọi bản ghi âm mẫu trong thư mục này. Cần: espeak-ng (giọng vi), sox, ffmpeg.
# Makes every sample recording of this folder again. Needs espeak-ng (Vietnamese voices), sox and ffmpeg.
#
# Lời đọc và giai điệu đều do dự án tự soạn, giọng đọc là giọng máy. Xã dùng thật thì thay bằng bản thu của mình.
# Words and melodies are the project's own, the voices are a machine's. A station replaces them by its recordings.
#
# Các tệp cố ý khác định dạng, tần số lấy mẫu và số kênh, để thử đúng những gì người ta thật sự gửi đến.
# Formats, sample rates and channels differ on purpose: they are what people really send.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
# Không dùng nhiễu ngẫu nhiên, để lần nào làm cũng ra đúng những tệp ấy. / No random dither: the same files each time.
export SOX_OPTS='-R -D'
trap 'rm -rf "$work"' EXIT

# ---- lời đọc / words ---------------------------------------------------------------------------------------------

# say <tên/name> <giọng/voice> <tốc độ/words a minute> <lời/text>
say() {
    espeak-ng -v "$2" -s "$3" -g 2 -w "$work/$1-raw.wav" "$4"
    sox "$work/$1-raw.wav" -r 48000 -c 1 "$work/$1.wav" gain -6 highpass 120 norm -3 pad 0.15 0.25
}

say demo-ban-tin vi 165 'Kính chào bà con. Đây là bản tin mẫu của hệ thống loa truyền thanh. Bản tin được phát mỗi phút một lần, để bà con nghe thử âm lượng và độ rõ của loa.'
say demo-uu-tien vi+f3 165 'Thông báo ưu tiên. Chương trình đang phát tạm dừng để bà con nghe thông báo này, sau đó sẽ phát tiếp.'

say ban-tin vi 160 'Đài truyền thanh xã kính chào bà con. Hôm nay, bộ phận một cửa tiếp nhận hồ sơ của bà con trong giờ hành chính. Trạm y tế xã tiêm chủng cho trẻ em vào sáng thứ năm, mời các gia đình đưa cháu đến đúng hẹn. Bản tin đến đây là hết. Cảm ơn bà con đã lắng nghe.'
say tiep-am-tinh vi+f3 165 'Sau đây, mời bà con nghe chương trình thời sự của tỉnh, do đài xã phát lại từ bản ghi. Tin trong tỉnh: các địa phương tiếp tục hỗ trợ người dân làm thủ tục hành chính trên mạng.'
say tiep-am-quoc-gia vi 165 'Sau đây, mời bà con nghe chương trình thời sự quốc gia, do đài xã phát lại từ bản ghi.'
say gioi-thieu-tieng-tay vi+f3 160 'Mời bà con nghe chương trình tiếng Tày sáng chủ nhật của đài truyền thanh xã.'
say chuc-tet vi 155 'Nhân dịp năm mới, đài truyền thanh xã kính chúc bà con sức khỏe, bình an, làm ăn phát đạt. Chúc mừng năm mới!'

say phong-su-1 vi+f3 165 'Phóng sự phát thanh. Tiếng nói của người dân là nơi quyền con người bắt đầu.'
say phong-su-2 vi 160 'Chiều nay, nhà văn hóa thôn đông hơn mọi ngày. Bà con họp bàn làm đường, ai cũng được phát biểu, ai cũng được ghi ý kiến.'
say phong-su-3 vi+f3 165 'Việt Nam là thành viên của bảy công ước quốc tế cơ bản về quyền con người. Ở thôn này, quyền ấy là được biết, được bàn, được làm và được kiểm tra.'
say tieu-pham-1 vi+f3 165 'Ông nó ơi, trên mạng người ta bảo sắp thu tiền mở lớp học cho trẻ con đấy!'
say tieu-pham-2 vi 160 'Bà chớ vội tin. Bà xem tin ấy ai đưa, đã hỏi xã chưa?'
say tieu-pham-3 vi+f3 165 'Ờ nhỉ, để tôi nghe loa xã rồi mới kể cho hàng xóm.'
say tieu-pham-4 vi 160 'Đúng rồi. Tin giả làm hại người ta, chưa rõ thì đừng chia sẻ.'
say kich-1 vi 160 'Kịch truyền thanh: Lá đơn của Mây. Mẹ ơi, con muốn đi học tiếp.'
say kich-2 vi+f3 155 'Nhà mình khó quá con ạ. Nhưng trẻ em có quyền được học tập, mẹ biết chứ.'
say kich-3 vi 160 'Cô giáo bảo xã có hỗ trợ. Mai mẹ con mình lên xã hỏi nhé.'
say ngay-nhan-quyen vi 160 'Hôm nay, mùng mười tháng mười hai, là Ngày Nhân quyền thế giới. Mọi người đều được tôn trọng, được bảo vệ và được lắng nghe. Tôn trọng quyền của người khác cũng là giữ gìn quyền của chính mình.'

say bao-khan vi 150 'Cảnh báo khẩn cấp. Bão đang đến gần. Bà con hãy về nhà hoặc đến nơi tránh trú an toàn, tắt điện, khóa ga, tránh xa cửa kính và cây cao. Người ở ven suối và chân đồi phải rời đi ngay theo hướng dẫn của chính quyền. Cần cứu giúp, gọi một một hai.'
say bao-nhac vi+f3 155 'Tin bão. Bão vẫn còn nguy hiểm. Bà con ở yên nơi an toàn, không qua ngầm, qua suối, không ra ngoài khi chưa có thông báo. Cần cứu giúp, gọi một một hai.'
say bao-tan vi 155 'Thông báo hết bão. Bão đã tan. Trước khi về nhà, bà con kiểm tra đường điện, mái nhà và bờ tường. Thấy dây điện đứt, không đến gần và báo ngay cho xã.'
say lu-canh-bao vi 150 'Cảnh báo lũ khẩn cấp. Nước sông đang lên rất nhanh. Bà con ở vùng thấp lên ngay chỗ cao, theo hướng dẫn của chính quyền. Không qua ngầm, qua suối. Cần cứu giúp, gọi một một hai.'
say lu-dinh-chinh vi+f3 150 'Thông báo đính chính. Cảnh báo lũ vừa phát là nhầm. Hiện không có lũ. Bà con yên tâm trở lại công việc. Đài xã xin lỗi bà con.'

# ---- giai điệu / melodies ----------------------------------------------------------------------------------------

# chime <tần số/frequency> <giây/seconds> <tệp/file>: một tiếng chuông / one stroke of a bell
chime() {
    sox -n -r 48000 -c 1 "$3" synth "$2" sine "$1" sine "$(echo "$1 * 2.76" | bc)" sine "$(echo "$1 * 5.4" | bc)" \
        remix 1v0.7,2v0.25,3v0.1 fade l 0.004 "$2" "$2"
}

# brass <tần số/frequency> <giây/seconds> <tệp/file>: một nốt giống kèn đồng / a note like a brass instrument's
brass() {
    sox -n -r 48000 -c 1 "$3" synth "$2" saw "$1" saw "$(echo "$1 * 1.004" | bc)" square "$1" \
        remix 1v0.4,2v0.4,3v0.15 lowpass -1 "$(echo "$1 * 4" | bc)" fade h 0.035 "$2" 0.07
}

# pluck <tần số/frequency> <giây/seconds> <tệp/file>: một tiếng gảy dây / a plucked string
pluck() {
    sox -R -n -r 48000 -c 1 "$3" synth "$2" pluck "$1" fade t 0.002 "$2" "$(echo "$2 * 0.4" | bc)"
}

# tune <nhạc cụ/instrument> <tên/name> <tần số:giây .../frequency:seconds ...>
tune() {
    instrument=$1 name=$2 number=0 parts=
    shift 2
    for note in "$@"; do
        number=$((number + 1))
        part="$work/$name-$(printf %03d "$number").wav"
        "$instrument" "${note%:*}" "${note#*:}" "$part"
        parts="$parts $part"
    done
    # shellcheck disable=SC2086
    sox $parts "$work/$name.wav" norm -4
}

tune chime chuong 784:0.7 659:0.7 523:0.7 784:1.9
tune chime chuong-ngan 659:0.5 784:0.9
# Khúc hiệu mở đầu: tự soạn, không phải Quốc ca. / The opening fanfare: our own, not the anthem.
tune brass khuc-hieu 392:0.3 392:0.15 523:0.6 494:0.3 523:0.3 587:0.6 392:0.6 440:0.3 494:0.3 523:0.6 587:0.3 659:0.9 \
    587:0.3 523:0.3 587:0.6 523:1.5
tune pluck nhac-chieu 294:0.8 330:0.4 392:0.8 440:0.4 392:0.8 330:0.4 294:1.2 440:0.8 494:0.4 587:0.8 494:0.4 440:0.8 \
    392:0.4 440:1.2 392:0.8 330:0.4 294:0.8 330:0.4 392:0.8 330:0.4 294:2.0
tune pluck dan-tinh 330:0.3 392:0.3 440:0.3 523:0.6 440:0.3 392:0.3 440:0.9
# Còi: lên và xuống trong hai giây, ba lần. / The siren: up and down in two seconds, three times.
sox -n -r 48000 -c 1 "$work/up.wav" synth 1 sine 440-1100 fade t 0.01 1 0.01
sox -n -r 48000 -c 1 "$work/down.wav" synth 1 sine 1100-440 fade t 0.01 1 0.01
sox "$work/up.wav" "$work/down.wav" "$work/up.wav" "$work/down.wav" "$work/up.wav" "$work/down.wav" "$work/coi.wav" norm -3

# ---- ghép và nén / joining and packing ---------------------------------------------------------------------------

join() {
    out=$1 parts=
    shift
    for part in "$@"; do parts="$parts $work/$part.wav"; done
    # shellcheck disable=SC2086
    sox $parts "$work/$out.wav"
}

join phong-su phong-su-1 phong-su-2 phong-su-3
join tieu-pham tieu-pham-1 tieu-pham-2 tieu-pham-3 tieu-pham-4
join kich chuong-ngan kich-1 kich-2 kich-3
join mo-dau-tieng-tay dan-tinh gioi-thieu-tieng-tay dan-tinh
join nhan-quyen chuong-ngan ngay-nhan-quyen
join hieu-va-uu-tien chuong-ngan demo-uu-tien

# pack <nguồn/source> <tệp/file> <tham số ffmpeg/ffmpeg options...>
pack() {
    source=$1 file=$2
    shift 2
    ffmpeg -nostdin -v error -y -i "$work/$source.wav" -map_metadata -1 -fflags +bitexact -flags:a +bitexact "$@" "$file"
}

pack chuong           chuong.wav             -ar 22050 -ac 1 -c:a pcm_s16le
pack demo-ban-tin     ban-tin-mau.mp3        -ar 44100 -ac 2 -c:a libmp3lame -b:a 64k
pack hieu-va-uu-tien  thong-bao-uu-tien.m4a  -ar 48000 -ac 1 -c:a aac -b:a 48k
pack khuc-hieu        khuc-hieu-mo-dau.flac  -ar 44100 -ac 1 -sample_fmt s16 -c:a flac -compression_level 12
pack ban-tin          ban-tin-xa.ogg         -ar 44100 -ac 1 -c:a libvorbis -b:a 48k
pack tiep-am-tinh     tiep-am-tinh.mp3       -ar 48000 -ac 1 -c:a libmp3lame -b:a 48k
pack tiep-am-quoc-gia tiep-am-quoc-gia.m4a   -ar 44100 -ac 2 -c:a aac -b:a 64k
pack nhac-chieu       nhac-chieu.ogg         -ar 48000 -ac 2 -c:a libvorbis -b:a 64k
pack mo-dau-tieng-tay mo-dau-tieng-tay.ogg   -ar 22050 -ac 1 -c:a libvorbis -b:a 32k
pack chuc-tet         chuc-tet.mp3           -ar 22050 -ac 1 -c:a libmp3lame -b:a 32k
pack phong-su         phong-su.mp3           -ar 44100 -ac 1 -c:a libmp3lame -b:a 40k
pack tieu-pham        tieu-pham.m4a          -ar 48000 -ac 2 -c:a aac -b:a 48k
pack kich             kich-la-don-cua-may.ogg -ar 48000 -ac 1 -c:a libvorbis -b:a 48k
pack nhan-quyen       ngay-nhan-quyen.m4a    -ar 22050 -ac 1 -c:a aac -b:a 40k
pack coi              coi-bao-dong.flac      -ar 22050 -ac 1 -sample_fmt s16 -c:a flac -compression_level 12
pack bao-khan         bao-khan-cap.ogg       -ar 48000 -ac 1 -c:a libvorbis -b:a 48k
pack bao-nhac         bao-nhac-lai.mp3       -ar 48000 -ac 2 -c:a libmp3lame -b:a 64k
pack bao-tan          bao-tan.m4a            -ar 44100 -ac 1 -c:a aac -b:a 48k
pack lu-canh-bao      lu-canh-bao.ogg        -ar 48000 -ac 1 -c:a libvorbis -b:a 48k
pack lu-dinh-chinh    lu-dinh-chinh.ogg      -ar 48000 -ac 1 -c:a libvorbis -b:a 48k
