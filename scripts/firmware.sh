#!/usr/bin/env bash
# Builds the boards' programs with the toolchain of scripts/baremetal.sh, and prints what each takes of its chip. Fails
# where a board takes more than it may.
#
#   scripts/firmware.sh [BOARD…]      all of them, if none is named
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

# Board, target, flash and RAM for its program, how much of each it may take, in bytes, and whether the depth of its stack
# can be told from its calls.
boards=(
    "lm3s6965evb thumbv7m-none-eabi 262144 65536 $((160 * 1024)) $((52 * 1024)) told"
    "rp2350-w5500 thumbv8m.main-none-eabihf 1048576 524288 $((384 * 1024)) $((256 * 1024)) untold"
    "esp32c6 riscv32imac-unknown-none-elf 2031616 452112 $((1024 * 1024)) $((400 * 1024)) untold"
)

build() {
    (cd "firmware/boards/$1" && RUSTC=$rustc CARGO_TARGET_DIR=$out cargo build --quiet --release --locked)
}

out=$(realpath -m "${CARGO_TARGET_DIR:-target}")/boards
failed=0
table=
for line in "${boards[@]}"; do
    read -r board target flash ram most_flash most_ram depth <<<"$line"
    if [ $# -gt 0 ] && [[ " $* " != *" $board "* ]]; then continue; fi
    rustc=$(scripts/baremetal.sh "$target" | tail -n 1)
    # Cargo tells compilers by their version alone: what was built on another core library is built anew.
    if [ "$(cat "$out/$target/rustc" 2>/dev/null)" != "$rustc" ]; then
        rm -rf "${out:?}/$target"
        mkdir -p "$out/$target" && printf '%s\n' "$rustc" >"$out/$target/rustc"
    fi
    step "Dịch · Build: $board" build "$board"
    image=$out/$target/release/board
    read -r text data bss _ < <(size "$image" | tail -n 1)
    deep=0
    if [ "$depth" = told ]; then deep=$(python3 scripts/stack.py "$image"); fi
    used_flash=$((text + data)) used_ram=$((data + bss + deep))
    table+=$(printf '%-14s flash %7d of %d (most %d), RAM %6d of %d (most %d): static %d, stack %d\n' "$board" \
        "$used_flash" "$flash" "$most_flash" "$used_ram" "$ram" "$most_ram" $((data + bss)) "$deep")$'\n'
    if [ "$used_flash" -gt "$most_flash" ] || [ "$used_ram" -gt "$most_ram" ]; then failed=1; fi
done
printf '\n%s' "$table"
[ "$failed" -eq 0 ] || complain "chương trình của bo lớn quá mức cho phép." "a board's program takes more than it may."
