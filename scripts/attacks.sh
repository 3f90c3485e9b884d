#!/usr/bin/env bash
# What was done to others' sirens, loudspeakers and boards, done to Loa: every test that is named after an incident, on the
# rules, the Linux player, the small board and the desk. They are part of `make test` too.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

incidents=(dallas_2017 sirenjack_2018 eas_2013 barix_2025 airports_2016 irib_2022 hawaii_2018)
log=$(mktemp)
trap 'rm -f "$log"' EXIT

run() { cargo test --locked -p loa-domain -p loa-agent -p loa-firmware --no-fail-fast -- "${incidents[@]}" 2>&1 | tee "$log" | grep -E '^error|panicked|FAILED' || true; }

step "Dịch · Build" cargo test --quiet --locked -p loa-domain -p loa-agent -p loa-firmware --no-run
run
for incident in "${incidents[@]}"; do
    held=$(grep -cE "^test .*${incident}[a-z0-9_]* \.\.\. ok$" "$log" || true)
    broken=$(grep -cE "^test .*${incident}[a-z0-9_]* \.\.\. FAILED$" "$log" || true)
    say "$(printf '%-16s %s đứng vững · held, %s không · not' "$incident" "$held" "$broken")"
    # A name that no test bears would look like an attack that was withstood.
    [ "$held" -gt 0 ] && [ "$broken" -eq 0 ] || failed=1
done
if [ -n "${failed:-}" ]; then
    grep -E '^test .*FAILED|panicked' "$log" || true
    exit 1
fi
