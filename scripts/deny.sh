#!/usr/bin/env bash
# Licences, sources and versions of all libraries with cargo-deny (deny.toml), and known advisories where their database
# can be had: it is a git repository of its own, which some networks do not reach.
#
#     deny.sh              installs cargo-deny when it is missing (some minutes, once)
#     deny.sh --if-there   says one line and does nothing when it is missing
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

version=0.20.2
tools=$(tools_folder)
PATH="$tools/bin:$PATH"

if ! cargo deny --version >/dev/null 2>&1; then
    if [ "${1:-}" = --if-there ]; then
        say "Chưa kiểm tra thư viện, chưa cài cargo-deny: make deny · Libraries not checked, cargo-deny is not installed: make deny"
        exit 0
    fi
    # Its own target folder: it shares nothing with this project, and CARGO_TARGET_DIR may be cleaned.
    install() { CARGO_TARGET_DIR="$tools/build" cargo install --quiet --locked --root "$tools" "cargo-deny@$version"; }
    step "Cài cargo-deny · Install cargo-deny $version" install
    rm -rf "$tools/build"
fi

# Diagnostics for each duplicate fill pages; errors are shown whole.
cargo deny --offline --log-level error check --hide-inclusion-graph licenses sources bans

if timeout 60 cargo deny --log-level off fetch db >/dev/null 2>&1; then
    cargo deny --log-level error check --disable-fetch --hide-inclusion-graph advisories
else
    say "Chưa kiểm tra lỗ hổng: không tải được cơ sở dữ liệu RustSec · Advisories not checked: the RustSec database cannot be fetched"
fi
