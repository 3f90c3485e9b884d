#!/usr/bin/env bash
# Stands before rustc in scripts/soak.sh: counters in every branch of what is compiled, but for the arithmetic of signatures
# and hashes. There no input of a player's leads anywhere new, and counting there takes most of the time.
set -euo pipefail

case " $* " in
*' --crate-name curve25519_dalek '* | *' --crate-name sha2 '* | *' --crate-name build_script_'*) exec "$@" ;;
*' --crate-name '*) ;;
# Questions about the compiler.
*) exec "$@" ;;
esac
# As libFuzzer reads them; flags of the code generator alone, so the compiler of the project does.
exec "$@" -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares
