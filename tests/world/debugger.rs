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
/// So far below the stack's end nothing lies, and no handler reaches, in bytes.
const BELOW: u32 = 4096;

struct Debugger(UnixStream);

impl Debugger {
    /// Asks something; gives the answer.
    fn ask(&mut self, words: &str) -> String {
        let sum = words.bytes().fold(0_u8, u8::wrapping_add);
        write!(self.0, "${words}#{sum:02x}").expect("the debugger listens");
        loop {
            let heard = self.hear();
            // That the processor stopped is said unasked.
            if !heard.starts_with('T') {
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
    // Single registers can be named only once their list was read.
    let list = debugger.ask("qXfer:features:read:target.xml:0,ff");
    assert!(list.contains("<target>"), "no list of registers: {list}");
    let stack = word(&debugger.ask("pd"));
    let place = stack - BELOW;
    assert_eq!(debugger.ask(&format!("M{place:x},2:{FOR_EVER}")), "OK", "the instruction is in memory");
    // Register 15 is where it goes on.
    assert_eq!(debugger.ask(&format!("Pf={:08x}", place.swap_bytes())), "OK", "the processor is sent there");
    assert_eq!(word(&debugger.ask("pf")), place, "the processor is there");
    assert_eq!(debugger.ask("D"), "OK", "it goes on, without the debugger");
}

/// A register's value: the protocol has it as it lies in memory.
fn word(hex: &str) -> u32 {
    u32::from_str_radix(hex, 16).expect("eight digits").swap_bytes()
}
