#!/usr/bin/env bash
# Stands before rustc in scripts/soak.sh: counters in every branch of what is compiled, but for the arithmetic of signatures,
# hashes and checksums. There no input of a player's leads anywhere new, and counting there takes most of the time.
#
# COMPARES=yes: what is compared with what is noted too, so that libFuzzer can put it into its inputs.
set -euo pipefail

case " $* " in
*' --crate-name curve25519_dalek '* | *' --crate-name ed25519_dalek '* | *' --crate-name sha2 '*) exec "$@" ;;
# Of the storage library, what its users do not compile for their own flash: its checksums, bit by bit.
*' --crate-name sequential_storage '*) exec "$@" ;;
# What is compiled for the programs that are run; what runs while compiling has nobody to count for.
*' --target '*) ;;
# That, and questions about the compiler.
*) exec "$@" ;;
esac
counted=(-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table)
if [ "${COMPARES:-}" = yes ]; then counted+=(-Cllvm-args=-sanitizer-coverage-trace-compares); fi
# As libFuzzer reads them; flags of the code generator alone, so the compiler of the project does.
exec "$@" "${counted[@]}"
