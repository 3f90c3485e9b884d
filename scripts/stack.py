#!/usr/bin/env python3
"""How deep a board's program can get into its stack: stack.py <image>.

Adds up the frames of the longest way through the calls in the disassembly, from the entry on. Calls through pointers are
not seen, interrupts' frames are not counted; the painted stack, which the board says on its serial port, is the other
measure. Needs llvm-objdump.
"""

import re
import shutil
import subprocess
import sys

sys.setrecursionlimit(10_000)
tool = next((name for name in ("llvm-objdump", "llvm-objdump-14") if shutil.which(name)), None)
if tool is None:
    sys.exit("llvm-objdump is missing; install llvm")
listing = subprocess.run(
    [tool, "-d", "--no-show-raw-insn", "--triple=thumbv7m", sys.argv[1]], capture_output=True, text=True, check=True
).stdout
frames: dict[str, int] = {}
calls: dict[str, set[str]] = {}
here = ""
for line in listing.splitlines():
    if begin := re.match(r"[0-9a-f]+ <(?!\$)(.*)>:", line):
        here = begin[1]
        frames.setdefault(here, 0)
        calls.setdefault(here, set())
    elif room := re.search(r"\tsub(?:\.w|w)?\s+sp, (?:sp, )?#(\d+)", line):
        frames[here] += int(room[1])
    elif kept := re.search(r"\t(?:push(?:\.w)?|stmdb\s+sp!,)\s+\{(.*)\}", line):
        frames[here] += 4 * len(kept[1].split(","))
    elif call := re.search(r"\t(?:bl|b|b\.w)\s+0x[0-9a-f]+ <([^+>]*)(?:\+0x[0-9a-f]+)?>", line):
        if call[1] != here:
            calls[here].add(call[1])

deepest: dict[str, int] = {}


def depth(name: str, above: frozenset[str]) -> int:
    """Bytes below and with this function's frame."""
    if name not in deepest:
        within = above | {name}
        below = (depth(call, within) for call in calls.get(name, ()) if call not in within)
        deepest[name] = frames.get(name, 0) + max(below, default=0)
    return deepest[name]


entry = next(name for name in frames if "cortex_m_rt_main" in name)
print(depth(entry, frozenset()))
