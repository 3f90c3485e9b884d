#!/usr/bin/env bash
# Builds the board's renderer for browsers:
#
#   scripts/preview.sh FILE      writes the program (WebAssembly without bindings) to FILE
#
# The toolchain is made from Debian's packages (scripts/baremetal.sh).
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

target=wasm32-unknown-unknown
to=$(realpath -m "${1:?where to write the program}")
RUSTC=$(scripts/baremetal.sh "$target")
export RUSTC
# Small, and without the names that only a debugger reads.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=s CARGO_PROFILE_RELEASE_LTO=fat CARGO_PROFILE_RELEASE_CODEGEN_UNITS=1
export CARGO_PROFILE_RELEASE_DEBUG=false CARGO_PROFILE_RELEASE_STRIP=symbols CARGO_PROFILE_RELEASE_PANIC=abort
folder=${CARGO_TARGET_DIR:-target}/preview
cargo build --quiet --locked --release --target "$target" --target-dir "$folder" --package loa-preview
mkdir -p "$(dirname "$to")"
cp "$folder/$target/release/loa_preview.wasm" "$to"
printf '%s: %s KiB\n' "$1" "$(($(stat --format %s "$to") / 1024))"
