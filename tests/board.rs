//! The story of an LED board: the built desk, and the firmware's image in an emulator, over a real line.
//!
//! It runs apart from the other stories (`make e2e-board`), for it needs an emulator and a toolchain of its own. It
//! decides nothing: the day is `story/board.rs`, and within it `story/alike.rs`.

mod story {
    pub mod alike;
    pub mod board;
}

use std::process::ExitCode;

use loa_tests::world::{board, programs};

fn main() -> ExitCode {
    if let Some(why) = board::missing().or_else(|| programs::folder().err()) {
        eprintln!("{why}");
        return ExitCode::FAILURE;
    }
    let folder = tempfile::Builder::new().prefix("loa-board-").tempdir().expect("a folder");
    // One of them, where it is named: the other takes as long again.
    let only = std::env::var("E2E_ONLY").ok();
    let is_meant = |name: &str| only.as_deref().is_none_or(|only| only == name);
    let told = std::panic::catch_unwind(|| {
        if is_meant("night") {
            println!("{}", story::board::a_night_of_a_board(folder.path()));
        }
        if is_meant("day") {
            println!("{}", story::board::a_day_of_a_board(folder.path()));
        }
    });
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => {
            println!("board: FAILED (logs in {})", folder.keep().display());
            ExitCode::FAILURE
        }
    }
}
