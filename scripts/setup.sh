#!/usr/bin/env bash
# Installs what building and testing take from the system, where it is missing and may be installed. Says what is
# missing in one sentence where not. The Rust toolchain itself comes from rustup.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

# Package, and how to tell that it is there without asking the package manager.
needed=()
command -v cc >/dev/null || needed+=(gcc libc6-dev)
command -v pkg-config >/dev/null || needed+=(pkg-config)
pkg-config --exists alsa 2>/dev/null || needed+=(libasound2-dev)
# For tests alone, which say so and go on where it is missing: a broker that is not ours, the decoder of videos, and
# what makes virtual network interfaces.
useful=()
command -v mosquitto >/dev/null || [ -x /usr/sbin/mosquitto ] || useful+=(mosquitto)
command -v ffmpeg >/dev/null || useful+=(ffmpeg)
command -v ip >/dev/null || [ -x /usr/sbin/ip ] || useful+=(iproute2)
# `setup.sh boards`, for the programs of boards: an emulator, what reads their frames, and what runs a browser's program
# without a browser. Some hundred megabytes that nothing else takes.
if [ "${1:-}" = boards ]; then
    command -v qemu-system-arm >/dev/null || needed+=(qemu-system-arm)
    command -v llvm-objdump >/dev/null || needed+=(llvm)
    command -v size >/dev/null || needed+=(binutils)
    command -v python3 >/dev/null || needed+=(python3)
    command -v node >/dev/null || needed+=(nodejs)
fi

cargo --version >/dev/null 2>&1 || complain \
    "thiếu Rust hoặc chưa chọn phiên bản; hãy cài rustup (https://rustup.rs) rồi chạy lại." \
    "Rust is missing or has no toolchain chosen; install rustup (https://rustup.rs) and run this again."

[ $((${#needed[@]} + ${#useful[@]})) -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null && as_root=(sudo)
fi
may_install() { command -v apt-get >/dev/null && { [ "$(id -u)" -eq 0 ] || [ ${#as_root[@]} -gt 0 ]; }; }

install() {
    # A broker that is only a test's must not begin to serve the machine.
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 sh -c '
        { apt-get install -y --no-install-recommends "$@" ||
            { apt-get update && apt-get install -y --no-install-recommends "$@"; }; } >/dev/null' sh "$@"
    if [[ " $* " == *" mosquitto "* ]] && command -v systemctl >/dev/null; then
        "${as_root[@]}" systemctl disable --now mosquitto >/dev/null 2>&1 || true
    fi
}

all=("${needed[@]}" "${useful[@]}")
if may_install && step "Cài gói · Packages: ${all[*]}" install "${all[@]}" </dev/null; then
    exit 0
fi
if [ ${#needed[@]} -gt 0 ]; then
    complain "thiếu gói hệ thống; hãy chạy: sudo apt-get install ${all[*]}" \
        "system packages are missing; run: sudo apt-get install ${all[*]}"
fi
say "Thiếu ${useful[*]}, một số kiểm tra sẽ bỏ qua · ${useful[*]} is missing, some tests are skipped"
