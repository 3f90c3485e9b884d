#!/bin/sh
# Builds the virtual sound card and an ALSA configuration that offers it.
#
#   build.sh DIR NAME [FIELD VALUE]...
#
# leaves DIR/loavirtual.so and DIR/asound.conf, with a card called NAME whose frames go to DIR/NAME.1,
# NAME.2 … and whose log is DIR/NAME.log. FIELD VALUE pairs (ppm 80, fail_after_ms 2000 …) are explained
# in virtual_card.c. Called again it adds a card. To use it:  ALSA_CONFIG_PATH=DIR/asound.conf
# Exit 77: a C compiler or ALSA's headers (Debian: libasound2-dev) are missing.
set -eu

dir=$(cd "$1" && pwd)
name=$2
shift 2
here=$(cd "$(dirname "$0")" && pwd)

if [ ! -e "$dir/loavirtual.so" ]; then
    command -v cc >/dev/null || exit 77
    echo '#include <alsa/pcm_external.h>' | cc -E - >/dev/null 2>&1 || exit 77
    cc -std=gnu11 -O2 -Wall -Wextra -fPIC -DPIC -shared -o "$dir/loavirtual.so.new" "$here/virtual_card.c" -lasound
    mv "$dir/loavirtual.so.new" "$dir/loavirtual.so"
    cat >"$dir/asound.conf" <<END
</usr/share/alsa/alsa.conf>
pcm_type.loavirtual { lib "$dir/loavirtual.so" }
END
fi

{
    echo "pcm.$name {"
    echo "    type loavirtual"
    echo "    hint { show on description \"virtual card\" }"
    echo "    file \"$dir/$name\""
    echo "    log \"$dir/$name.log\""
    while [ $# -ge 2 ]; do
        echo "    $1 $2"
        shift 2
    done
    echo "}"
} >>"$dir/asound.conf"
