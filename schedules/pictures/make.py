#!/usr/bin/env python3
# Vẽ lại mọi ảnh mẫu trong thư mục này; chỉ cần Python. · Draws every sample picture of this folder; needs Python alone.
# Hình do dự án tự vẽ. Xã dùng thật thì thay bằng ảnh của mình. · Our own drawings; a station replaces them by its own.
import math
import os
import struct
import zlib

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def png(name, width, height, dot):
    rows = b"".join(b"\0" + bytes(v for x in range(width) for v in dot(x, y)) for y in range(height))
    chunk = lambda kind, data: (struct.pack(">I", len(data)) + kind + data
                                + struct.pack(">I", zlib.crc32(kind + data)))
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    with open(name, "wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows, 9))
                   + chunk(b"IEND", b""))


def mix(one, other, part):
    return tuple(round(a + (b - a) * min(1, max(0, part))) for a, b in zip(one, other))


def countryside(x, y):
    """Mặt trời lên trên đồi, ruộng bậc thang phía dưới. · The sun over hills, terraced fields below."""
    width, height = 320, 200
    sky = mix((60, 120, 200), (255, 210, 150), y / 120)
    far = 95 + 18 * math.sin(x / 37) + 9 * math.sin(x / 13)
    near = 122 + 10 * math.sin(x / 29 + 2) + 4 * math.sin(x / 9)
    if y > near:
        step = (y - near + 6 * math.sin(x / 45)) / 11
        field = mix((170, 190, 60), (40, 110, 40), step / 8)
        return mix(field, (20, 60, 30), 1 if step % 1 < 0.16 else 0)
    if y > far:
        return mix((60, 100, 110), (30, 70, 60), (y - far) / 40)
    sun = math.hypot(x - 225, y - 70)
    return mix((255, 245, 200), sky, (sun - 26) / 6 if sun < 34 else 0.75 + (sun - 34) / 90)


def arrow(frame, x, y):
    """Mũi tên chạy sang phải. · An arrow that runs to the right."""
    x = (x - frame * 8) % 32
    return abs(y - 15.5) < 4 and x < 16 or 16 <= x < 30 and abs(y - 15.5) < 30 - x


def gif(name, frames, side, colour, ms):
    def packed(dots):
        # Không nén: mã xóa bảng sau mỗi hai điểm. · Not compressed: the table is cleared every other dot.
        bits, codes = "", []
        for at in range(0, len(dots), 2):
            codes += [4] + dots[at:at + 2]
        for code in codes + [5]:
            bits = format(code, "03b") + bits
        data = int(bits, 2).to_bytes((len(bits) + 7) // 8, "little")
        blocks = [data[at:at + 255] for at in range(0, len(data), 255)]
        return b"\x02" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"

    file = b"GIF89a" + struct.pack("<HHBBB", side, side, 0x91, 0, 0) + bytes((0, 0, 0, *colour)) + bytes(6)
    file += b"\x21\xff\x0bNETSCAPE2.0\x03\x01\0\0\0"
    for frame in range(frames):
        dots = [int(arrow(frame, x, y)) for y in range(side) for x in range(side)]
        file += b"\x21\xf9\x04\x04" + struct.pack("<H", ms // 10) + b"\0\0"
        file += b"\x2c" + struct.pack("<HHHHB", 0, 0, side, side, 0) + packed(dots)
    with open(name, "wb") as out:
        out.write(file + b"\x3b")


png("que-huong.png", 320, 200, countryside)
gif("mui-ten.gif", 4, 32, (255, 208, 64), 200)
