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
all=(slide release message receipts kept receiver link page flash device)
if [ $# -gt 0 ]; then all=("$@"); fi

host=$(rustc -vV | sed -n 's/^host: //p')
build() {
    RUSTC_WRAPPER=$PWD/scripts/counted.sh cargo build --quiet --locked --release --target "$host" \
        --manifest-path tests/fuzz/Cargo.toml --target-dir "$folder"
}
step "Dịch · Build" build

fuzz() {
    mkdir -p "$corpus/$1" "$folder/found"
    # Bytes of the largest message that is read as a whole.
    "$folder/$host/release/$1" "$corpus/$1" -runs="$runs" -max_len=4096 -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="$folder/found/$1-" >"$folder/$1.log" 2>&1 || {
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
