//! Decodes a file to nowhere, as often as it is told: `decode FILE TIMES`. For `make bench`, which times it from outside.
//!
//! It decides nothing; the decoder is `agent/src/play/decode.rs`.

use std::path::Path;
use std::process::ExitCode;

use loa_agent::play::RATE;
use loa_agent::play::decode::Decoder;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, times] = words.as_slice() else {
        eprintln!("decode FILE TIMES");
        return ExitCode::FAILURE;
    };
    let mut frames = 0_u64;
    for _ in 0..times.parse().unwrap_or(1_u32) {
        let mut block = Vec::new();
        let decoded = Decoder::open(Path::new(file), 0).and_then(|mut decoder| {
            loop {
                block.clear();
                let more = decoder.next(&mut block)?;
                frames += block.len() as u64;
                if !more {
                    return Ok(());
                }
            }
        });
        if let Err(error) = decoded {
            eprintln!("{file}: {error}");
            return ExitCode::FAILURE;
        }
    }
    println!("{:.3} s of sound", frames as f64 / f64::from(RATE));
    ExitCode::SUCCESS
}
