#!/usr/bin/env bash
# An LED board in an emulator: `board.sh test` is its story, `board.sh demo` runs a desk and a board for a minute and keeps
# pictures of the panel.
set -euo pipefail
cd "$(dirname "$0")/.."
# shellcheck source=scripts/say.sh
. scripts/say.sh

command -v qemu-system-arm >/dev/null || complain "thiếu qemu-system-arm." "qemu-system-arm is missing."
target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
scripts/firmware.sh lm3s6965evb
export LOA_BOARD_IMAGE=$target/boards/thumbv7m-none-eabi/release/board
step "Dịch · Build" cargo build --locked -p loa-server -p loa-agent -p loa-firmware --features loa-firmware/tool

if [ "${1:-test}" = test ]; then
    step "Phần chung của các bo · What boards share" env CARGO_TARGET_DIR="$target/boards" \
        cargo test --quiet --locked --manifest-path firmware/boards/common/Cargo.toml --features embassy
    scripts/preview.sh target/preview.wasm
    export LOA_PREVIEW=$PWD/target/preview.wasm
    step "Bảng điện tử · LED board" cargo test --locked -p loa-tests --test board
    E2E_ONLY=boards step "Xem trước · Previews" cargo test --locked -p loa-tests --test story
    exit
fi

bin=$target/debug
demo=$target/board-demo
port=${DEMO_PORT:-18833}
pids=()
stop() {
    trap - EXIT INT TERM
    for pid in "${pids[@]}"; do
        kill "$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
}
trap stop EXIT
trap 'stop; exit 130' INT TERM
rm -rf "$demo"
mkdir -p "$demo/board" "$demo/pictures"
"$bin/loa" serve --data "$demo/desk" --listen "127.0.0.1:$port" >"$demo/desk.log" 2>&1 &
pids+=($!)
for _ in $(seq 100); do
    [ -f "$demo/desk/root" ] && grep -q "$port" "$demo/desk.log" && break
    sleep 0.1
done
cat >"$demo/board.toml" <<TOML
place = [{ code = "xa", valid_from = "2025-07-01", name = "Xã Phượng Mao", zone = "Asia/Ho_Chi_Minh", quiet = [] }]
player = [{ id = "bang-cho", name = "bang-cho", kind = "board", board = "128x64", place = "xa", languages = ["vi"] }]
slide = [
    { id = "chao", title = "XIN CHÀO", body = "Kính chào quý khách", seconds = 6, language = "vi" },
    { id = "hop", title = "HỌP DÂN", body = "19 giờ, nhà văn hóa thôn Phượng Mao", enter = "rise", seconds = 6, language = "vi" },
    { id = "ma", title = "Tin bão", body = "", code = "https://xa.vn/bao", seconds = 6, language = "vi" },
    { id = "chay", title = "Điện", body = "Ngày 12 cắt điện toàn xã từ 7 giờ đến 11 giờ", ticker = true, seconds = 12, language = "vi" },
]
programme = [{ id = "bang", title = "bang", items = ["slide:chao", "slide:hop", "slide:ma", "slide:chay"] }]
order = [{ id = "bang", programme = "bang", class = "normal", to = { places = ["xa"] }, at = "0 * * * * *", late = "skip", title = "bang" }]
TOML
"$bin/loa" apply --data "$demo/desk" "$demo/board.toml"
"$bin/loa-board-page" --id bang-cho --root "$demo/desk/root" --broker "10.0.2.2:$port" --flash --out "$demo/board/flash.bin"
(cd "$demo/board" && exec qemu-system-arm -M lm3s6965evb -cpu cortex-m3 -display none -serial file:serial.log \
    -monitor unix:monitor,server,nowait -semihosting-config enable=on,target=native,arg=board \
    -nic user,model=stellaris,mac=02:00:00:eb:00:01 -kernel "$LOA_BOARD_IMAGE") >"$demo/board/emulator.log" 2>&1 &
pids+=($!)
for second in $(seq 4 4 "${DEMO_SECONDS:-60}"); do
    sleep 4
    python3 - "$demo/board/monitor" "$demo/pictures/$second.png" <<'PYTHON'
import socket, sys
monitor = socket.socket(socket.AF_UNIX)
monitor.settimeout(10)
monitor.connect(sys.argv[1])
def prompt():
    heard = b""
    while not heard.endswith(b"(qemu) "):
        heard += monitor.recv(1024)
prompt()
monitor.sendall(f"screendump {sys.argv[2]} -f png\n".encode())
prompt()
PYTHON
done
echo "Ảnh mặt bảng · Pictures of the panel: $demo/pictures"
