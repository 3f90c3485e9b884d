//! A program on the emulated board that hangs: its processor is sent to an instruction that jumps to itself.
//!
//! It speaks just enough of the emulator's debugger (GDB's remote protocol) for that. Interrupts go on, so the clock ticks
//! while nothing else happens: what a loop that never ends looks like. Next: `time_server.rs`.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

/// `b .`, as it lies in memory.
const FOR_EVER: &str = "fee7";
/// Where the board's RAM lies, and how many bytes there are.
const RAM: (u32, u32) = (0x2000_0000, 64 * 1024);
/// Four words of the stack that nothing has used (`firmware/boards/lm3s6965evb/src/main.rs`).
const FREE: &str = "6e6961706e6961706e6961706e696170";

struct Debugger(UnixStream);

impl Debugger {
    /// Asks something; gives the answer.
    fn ask(&mut self, words: &str) -> String {
        let sum = words.bytes().fold(0_u8, u8::wrapping_add);
        write!(self.0, "${words}#{sum:02x}").expect("the debugger listens");
        loop {
            let heard = self.hear();
            // That the processor stopped is also said unasked.
            if !heard.starts_with('T') || words == "?" {
                return heard;
            }
        }
    }

    /// The next answer, acknowledged.
    fn hear(&mut self) -> String {
        let mut heard = String::new();
        let mut byte = [0];
        while !heard.ends_with('#') {
            self.0.read_exact(&mut byte).expect("the debugger answers");
            heard.push(char::from(byte[0]));
        }
        self.0.read_exact(&mut [0; 2]).expect("a sum");
        self.0.write_all(b"+").expect("the debugger listens");
        let begin = heard.rfind('$').map_or(0, |at| at + 1);
        heard[begin..heard.len() - 1].to_owned()
    }
}

/// Lets the program hang of the board whose emulator opened its debugger at `socket`.
///
/// # Panics
/// When the debugger does not do it.
pub fn hang(socket: &Path) {
    let stream = UnixStream::connect(socket).expect("the debugger answers");
    stream.set_read_timeout(Some(Duration::from_secs(20))).expect("a time-out can be set");
    let mut debugger = Debugger(stream);
    debugger.ask("?");
    // Free words of the stack: the program paints them when it starts.
    let place = (0..RAM.1).step_by(512).find_map(|at| {
        let words = debugger.ask(&format!("m{:x},200", RAM.0 + at));
        Some(RAM.0 + at + words.find(FREE)? as u32 / 2)
    });
    let place = place.expect("a word of the stack that was never used");
    assert_eq!(debugger.ask(&format!("M{place:x},2:{FOR_EVER}")), "OK");
    // Register 15 is where it goes on.
    assert_eq!(debugger.ask(&format!("Pf={}", hex(place))), "OK");
    assert_eq!(debugger.ask("D"), "OK", "it goes on, without the debugger");
}

/// A number as the protocol has it: as it lies in memory.
fn hex(number: u32) -> String {
    number.to_le_bytes().iter().map(|byte| format!("{byte:02x}")).collect()
}
