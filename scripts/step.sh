#!/usr/bin/env bash
# step.sh "name" command…: runs one command with its beginning, its end and its length said.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh
step "$@"
