#!/bin/sh
# What Loa costs beside the programs people would otherwise use: one Markdown table, in about eight minutes once built.
#
#   scripts/bench.sh [plan] [delivery] [playing] [starts] [firings] [ingest] [verify] [report]     all without a name
#
# LOA_BIN_DIR names a folder with ready-made loa, loa-agent and examples/decode; without it they are built here, with
# the release profile. LOA_BENCH_PROFILE=dev builds everything faster and measures slower programs.
# What is measured, and how, is docs/benchmarks.md.
set -eu
cd "$(dirname "$0")/.."

profile=${LOA_BENCH_PROFILE:-release}
all="plan delivery playing starts firings ingest verify report"
wanted=${*:-$all}
measured=
firings=
evidence=
for name in $wanted; do
    case " $all " in
    *" $name "*) ;;
    *) echo "there is no measurement \"$name\"; there are: $all" >&2; exit 2 ;;
    esac
    case $name in
    firings) firings=yes ;;
    ingest | verify | report) evidence="$evidence $name" ;;
    *) measured="$measured $name" ;;
    esac
done

if [ -z "${LOA_BIN_DIR:-}" ]; then
    case $measured in
    *delivery* | *playing* | *starts*)
        cargo build --quiet --profile "$profile" -p loa-server --bin loa
        cargo build --quiet --profile "$profile" -p loa-agent --bin loa-agent --example decode
        ;;
    esac
    # Cargo knows where it builds; the folder of the profile "dev" is called "debug".
    target=$(cargo metadata --format-version 1 --no-deps | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
    if [ "$profile" = dev ]; then LOA_BIN_DIR=$target/debug; else LOA_BIN_DIR=$target/$profile; fi
fi
export LOA_BIN_DIR

echo "Commit $(git describe --always --dirty), $(nproc) cores, $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), load $(cut -d ' ' -f 1-3 /proc/loadavg)."
echo
if [ -n "$measured" ]; then
    # shellcheck disable=SC2086 # names are words without blanks
    timeout 360 cargo bench --quiet --profile "$profile" -p loa-tests --bench measure -- $measured
fi
if [ -n "$firings" ]; then
    report=$(mktemp)
    trap 'rm -f "$report"' EXIT
    timeout 900 cargo bench --quiet --profile "$profile" -p loa-server --bench firings -- \
        --warm-up-time 0.5 --measurement-time 2 'next of' >"$report" 2>/dev/null || {
        echo
        echo "firings: not measured"
        exit 1
    }
    # "group/name  time:   [low unit middle unit high unit]", the name on a line of its own where it is long.
    echo
    echo "| next firing of 100,000 timetables | time |"
    echo "|---|--:|"
    awk '/^next of/ { name = $0; sub(/ +time:.*/, "", name) }
         /time: / { sub(/.*\[/, ""); print "| " name " | " $3 " " $4 " |" }' "$report"
fi
for name in $evidence; do
    echo
    case $name in
    ingest) timeout 300 cargo bench --quiet --profile "$profile" -p loa-server --bench ingest -- 20000 ;;
    verify) timeout 300 cargo bench --quiet --profile "$profile" -p loa-verify --bench rate ;;
    report) timeout 600 cargo bench --quiet --profile "$profile" -p loa-server --bench account -- 1000000 ;;
    esac
done
