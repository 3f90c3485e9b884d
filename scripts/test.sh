#!/usr/bin/env bash
# Every check that a change must pass. Goes on after a check that fails, so that one run tells all; ends with the count
# of tests as its last line. Fast checks first: what is wrong with the text of the code is known in a minute.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

log=$(mktemp)
trap 'rm -f "$log"' EXIT
begin=$SECONDS
failed_checks=()

check() {
    local name=$1
    shift
    step "$name" "$@" || failed_checks+=("$name")
}

with_log() { "$@" 2>&1 | tee -a "$log"; }

# The programs under test are started by other tests, so they are built before any test runs.
check "Dịch · Build" cargo build --quiet --locked --workspace --all-targets
check "Ngăn nắp · Tidy" cargo test --quiet --locked -p loa-tests --test tidy
check "Không cấp phát · Firmware without an allocator" cargo check --quiet --locked -p loa-firmware
if cargo nextest --version >/dev/null 2>&1; then
    check "Kiểm thử · Tests" with_log cargo nextest run --locked --workspace --no-fail-fast
    check "Ví dụ · Documentation examples" with_log cargo test --quiet --locked --workspace --doc
else
    check "Kiểm thử · Tests" with_log cargo test --quiet --locked --workspace --no-fail-fast
fi
# With the bounds of the board with the least memory, and what sets boards up.
check "Bo 64 KiB · A board of 64 KiB" with_log cargo test --quiet --locked -p loa-firmware --features small,tool
check "Định dạng, clippy, tài liệu · Format, clippy, documentation" scripts/lint.sh
check "Thư viện · Libraries" scripts/deny.sh --if-there

# `cargo test` says a line for each program, nextest one for all.
read -r passed failed < <(awk '
    { gsub(/\033\[[0-9;]*m/, "") }
    /^test result:/ { passed += $4; failed += $6 }
    /^ *Summary \[.*tests? run:/ {
        for (i = 2; i <= NF; i++) {
            if ($i ~ /^passed/) passed += $(i - 1)
            if ($i ~ /^(failed|timed)/) failed += $(i - 1)
        }
    }
    END { print passed + 0, failed + 0 }' "$log")

say "Tất cả · All checks: $((SECONDS - begin)) s"
[ ${#failed_checks[@]} -eq 0 ] || say "Hỏng · Failed: ${failed_checks[*]}"
# A check that is no test, such as a build that breaks, must not look like success.
if [ "$failed" -eq 0 ] && [ ${#failed_checks[@]} -gt 0 ]; then failed=${#failed_checks[@]}; fi
printf '%s passed, %s failed\n' "$passed" "$failed"
[ ${#failed_checks[@]} -eq 0 ]
