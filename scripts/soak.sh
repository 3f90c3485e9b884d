#!/usr/bin/env bash
# Gives every decoder that runs on a player bytes that nobody meant, millions of times (RUNS, 10,000,000 each by default):
#
#   scripts/soak.sh [TARGET…]
#
# libFuzzer looks for inputs that reach new branches. What it found of interest stays in the cache and is where the next
# run begins; an input that makes a decoder fall over is kept beside it and named.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

runs=${RUNS:-10000000}
folder=${CARGO_TARGET_DIR:-$PWD/target}/fuzz
corpus=$(tools_folder)/fuzz
decoders=(slide release message receipts kept receiver link page)
# Whole boards: what they compare is mostly in their flash, which takes a quarter of the time and is no hint at any input.
boards=(flash device)
all=("${decoders[@]}" "${boards[@]}")
if [ $# -gt 0 ]; then all=("$@"); fi

kind_of() {
    case " ${decoders[*]} | ${boards[*]} " in
    *" $1 "*"|"*) echo decoders ;;
    *"|"*" $1 "*) echo boards ;;
    *)
        complain "không có bộ giải mã \"$1\"; có: ${decoders[*]} ${boards[*]}." \
            "there is no decoder \"$1\"; there are: ${decoders[*]} ${boards[*]}."
        ;;
    esac
}
kinds=()
for target in "${all[@]}"; do
    kind=$(kind_of "$target")
    [[ " ${kinds[*]} " == *" $kind "* ]] || kinds+=("$kind")
done

host=$(rustc -vV | sed -n 's/^host: //p')
build() {
    local kind=$1 compares=no
    local -n targets=$kind
    if [ "$kind" = decoders ]; then compares=yes; fi
    COMPARES=$compares RUSTC_WRAPPER=$PWD/scripts/counted.sh cargo build --quiet --locked --release --target "$host" \
        --manifest-path tests/fuzz/Cargo.toml --target-dir "$folder/$kind" "${targets[@]/#/--bin=}"
}
for kind in "${kinds[@]}"; do
    step "Dịch · Build: $kind" build "$kind"
done

fuzz() {
    mkdir -p "$corpus/$1" "$folder/found"
    # Bytes of the largest message that is read as a whole; of a board, 120 steps with a few bytes each.
    local longest=4096
    if [ "$1" = device ]; then longest=1024; fi
    "$folder/$(kind_of "$1")/$host/release/$1" "$corpus/$1" -runs="$runs" -max_len="$longest" -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 -artifact_prefix="$folder/found/$1-" >"$folder/$1.log" 2>&1 || {
        tail -n 30 "$folder/$1.log" >&2
        complain "bộ giải mã \"$1\" hỏng; dữ liệu gây lỗi ở $folder/found." \
            "the decoder \"$1\" fell over; what made it do so is in $folder/found."
    }
    sed -n 's/^stat::number_of_executed_units: */  lần chạy · runs: /p; s/^stat::average_exec_per_sec: */  mỗi giây · a second: /p' \
        "$folder/$1.log"
}
for target in "${all[@]}"; do
    step "$target" fuzz "$target"
done
