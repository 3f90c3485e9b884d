#!/usr/bin/env bash
# Format, clippy and documentation. No RUSTFLAGS: they would have every library compiled again.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

step "Định dạng · Format" cargo fmt --all --check
step "Clippy" cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
# What runs on its own is left out by `--all-targets`, and would break unseen.
step "Clippy: story, board, powercut, vectors" cargo clippy --quiet --locked --workspace \
    --test story --test board --test powercut --test vectors -- -D warnings
step "Clippy: loa-board-page, 64 KiB" cargo clippy --quiet --locked -p loa-firmware --features small,tool --all-targets \
    -- -D warnings
documented() { RUSTDOCFLAGS='-D warnings' cargo doc --quiet --locked --workspace --no-deps --document-private-items; }
step "Tài liệu · Documentation" documented
if command -v shellcheck >/dev/null; then
    scripts=()
    while IFS= read -r file; do scripts+=("$file"); done < <(git ls-files '*.sh' .ci/run)
    step "Shellcheck" shellcheck -x "${scripts[@]}"
fi
