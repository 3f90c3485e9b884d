// Draws the first face of a slide with the board's renderer for browsers, and writes four bytes for each lamp.
//
//     node preview.mjs PROGRAM SLIDE WIDTH HEIGHT DEPTH
import { readFileSync, writeSync } from "node:fs";

const [program, slide, width, height, depth] = process.argv.slice(2);
const bytes = readFileSync(slide);
// Nothing is imported: the program is the drawing alone.
const { instance } = await WebAssembly.instantiate(readFileSync(program), {});
const board = instance.exports;
if (bytes.length > board.input_bytes()) throw new Error("the slide is too large");
new Uint8Array(board.memory.buffer, board.input(), bytes.length).set(bytes);
const laidOut = board.lay_out(bytes.length, Number(width), Number(height), Number(depth));
if (laidOut !== 0) throw new Error(`the slide was not laid out: ${laidOut}`);
board.draw(0, 8000, 0, 7 * 3600);
const lamps = new Uint8Array(board.memory.buffer, board.pixels(), width * height * 4);
for (let at = 0; at < lamps.length; ) at += writeSync(1, lamps, at);
