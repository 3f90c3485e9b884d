#!/bin/sh
# Makes the sound files that the tests of the clip ingest read. The sound is our own: a formula, which the tests
# compute again to compare with. Needs ffmpeg (5.1 with libmp3lame, libopus was used). The results are committed,
# because tests run without ffmpeg; making them again with another version changes bytes, not meaning.
set -eu
cd "$(dirname "$0")"

# The same as `tests::sound` in server/src/delivery/media/tests.rs. t is seconds.
sound='(0.6+0.4*sin(2*PI*3*t))*(0.3*sin(2*PI*220*t)+0.2*sin(2*PI*550*t)+0.15*sin(2*PI*1300*t))'

make() { # name rate channels options...
    name=$1 rate=$2 channels=$3
    shift 3
    ffmpeg -v error -y -f lavfi -i "aevalsrc=exprs='$sound':s=$rate:d=0.6" -ac "$channels" -ar "$rate" \
        -map_metadata -1 -fflags +bitexact -flags:a +bitexact "$@" "$name"
}

make mp3-8000-1.mp3 8000 1 -b:a 16k
make mp3-16000-1.mp3 16000 1 -b:a 32k
make mp3-22050-2.mp3 22050 2 -b:a 32k
make mp3-32000-1.mp3 32000 1 -b:a 48k
make mp3-44100-2.mp3 44100 2 -b:a 64k
make mp3-48000-1.mp3 48000 1 -q:a 6
make mp3-bare-44100-1.mp3 44100 1 -b:a 48k -write_xing 0 -id3v2_version 0
make m4a-8000-1.m4a 8000 1 -b:a 40k
make m4a-44100-2.m4a 44100 2 -b:a 96k
make m4a-48000-1.m4a 48000 1 -b:a 64k -movflags +faststart
make adts-16000-1.aac 16000 1 -b:a 32k
make adts-44100-2.aac 44100 2 -b:a 96k
make opus-48000-1.opus 48000 1 -c:a libopus -b:a 16k -t 0.2
make alac-8000-1.m4a 8000 1 -c:a alac -t 0.1
make mp2-32000-1.mp2 32000 1 -c:a mp2 -b:a 32k -t 0.3
ffmpeg -v error -y -f lavfi -i color=black:s=16x16:d=0.2 -c:v mpeg4 -fflags +bitexact film-without-sound.mp4
