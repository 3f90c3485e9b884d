//! The program `loa`: the desk and what people type to it. The commands are in `cli/`.

use std::process::ExitCode;

use loa_host::text::{Language, Words};
use loa_server::cli;

fn main() -> ExitCode {
    let variable = std::env::var("LOA_LANG").ok();
    let words = Words::new(Language::of_program(std::env::args(), variable.as_deref()));
    let found = cli::command(&words).get_matches();
    cli::run(&found, words)
}
