#!/usr/bin/env bash
# The demo: a desk, two loudspeakers and a board as separate processes on this machine, on the timetable schedules/demo.
# DEMO_SECONDS ends it by itself; then the exit code is 0 only if every cue that was due has exactly one proof and the log of all that is whole.
set -euo pipefail
cd "$(dirname "$0")/.."

target=${CARGO_TARGET_DIR:-target}
bin=$target/debug
demo=${DEMO_DIR:-$target/demo}
port=${DEMO_PORT:-18831}
players=(loa-cho loa-truong bang-ubnd)
pids=()

stop() {
    trap - EXIT INT TERM
    # The players first, so that they can say goodbye; then the desk.
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'stop; exit 130' INT TERM

rm -rf "$demo"
mkdir -p "$demo"
export LOA_DESK=$demo/desk

"$bin/loa" serve --listen "127.0.0.1:$port" >"$demo/desk.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do
    [ -f "$LOA_DESK/root" ] && grep -q "$port" "$demo/desk.log" 2>/dev/null && break
    kill -0 "${pids[0]}" 2>/dev/null || { cat "$demo/desk.log"; exit 1; }
    sleep 0.1
done

for player in "${players[@]}"; do
    kind=speaker
    [[ $player == bang-* ]] && kind=board
    "$bin/loa-agent" --data "$demo/$player" --id "$player" --kind "$kind" --root "$LOA_DESK/root" \
        --broker "mqtt://127.0.0.1:$port" >"$demo/$player.log" 2>&1 &
    pids+=($!)
done

"$bin/loa" apply schedules/demo

echo
if grep -lq "no sound card" "$demo"/loa-*.log 2>/dev/null || ! ls /dev/snd/pcm*p >/dev/null 2>&1; then
    echo "Không có card âm thanh: những gì nghe được ghi vào $demo/loa-*/heard/heard.wav."
    echo "No sound card: what would be heard is recorded in $demo/loa-*/heard/heard.wav."
fi
echo "Mặt bảng · The board's face: $demo/bang-ubnd/board/board.png"
echo "Nhật ký · Logs: $demo/*.log    Dừng · Stop: Ctrl-C"
echo

watch=("$bin/loa" watch)
[ -n "${DEMO_SECONDS:-}" ] && watch+=(--seconds "$DEMO_SECONDS")
status=0
"${watch[@]}" || status=$?
stop

# What an auditor does: take a copy of the log, and check it from its files and a public key alone.
echo
"$bin/loa" audit export "$demo/log-copy"
"$bin/loa" audit verify "$demo/log-copy" --policy "$demo/log-copy/policy" || status=$?
exit "$status"
