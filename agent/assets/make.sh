#!/bin/sh
# Làm lại câu nói trước và sau mỗi buổi diễn tập. Cần: espeak-ng (giọng vi và en), sox, ffmpeg.
# Makes the spoken notice before and after every drill again. Needs espeak-ng (Vietnamese and English voices), sox, ffmpeg.
set -eu
cd "$(dirname "$0")"
work=$(mktemp -d)
export SOX_OPTS='-R -D'
trap 'rm -rf "$work"' EXIT

# say <tên/name> <giọng/voice> <tốc độ/words a minute> <lời/text>
say() {
    espeak-ng -v "$2" -s "$3" -g 2 -w "$work/$1-raw.wav" "$4"
    sox "$work/$1-raw.wav" -r 48000 -c 1 "$work/$1.wav" gain -6 highpass 120 norm -3 pad 0.2 0.3
}
say vi vi 140 'Đây là diễn tập. Đây là diễn tập.'
say en en-gb 135 'This is a drill.'
# Đúng sáu giây, như limits::DRILL_NOTICE_MS. / Six seconds, as limits::DRILL_NOTICE_MS says.
sox "$work/vi.wav" "$work/en.wav" "$work/both.wav" pad 0 6 trim 0 6
sox "$work/vi.wav" "$work/en.wav" -n stat 2>&1 | grep Length
ffmpeg -nostdin -v error -y -i "$work/both.wav" -map_metadata -1 -fflags +bitexact -flags:a +bitexact \
    -ar 48000 -ac 1 -c:a libvorbis -b:a 48k drill.ogg
