#!/usr/bin/env bash
# Runs the published test vectors of the folder VECTORS; says so where none is given.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

if [ -z "${VECTORS:-}" ]; then
    say "Bỏ qua bộ kiểm tra công khai: chưa có thư mục (make vectors VECTORS=…)"
    say "Published test vectors skipped: no folder given (make vectors VECTORS=…)"
    exit 0
fi
[ -d "$VECTORS" ] || complain "không có thư mục $VECTORS." "there is no folder $VECTORS."
LOA_VECTORS=$(cd "$VECTORS" && pwd)
export LOA_VECTORS
step "Bộ kiểm tra công khai · Vectors" cargo test --quiet --locked -p loa-tests --test vectors
