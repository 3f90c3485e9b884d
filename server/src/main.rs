//! The program `loa`: the desk and what people type to it. The commands are in `cli/`.

use std::process::ExitCode;

use loa_host::text::{Language, Words};
use loa_server::cli;

fn main() -> ExitCode {
    let variable = std::env::var("LOA_LANG").ok();
    // Names of files may be of any bytes; what is told about the line is text.
    let typed: Vec<String> = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    let words = Words::new(Language::of_program(typed.iter().cloned(), variable.as_deref()));
    match cli::command(&words).try_get_matches() {
        Ok(found) => cli::run(&found, words),
        Err(error) => match cli::arguments::told(&error, &typed, &words) {
            Some(told) => {
                eprintln!("{told}");
                ExitCode::from(2)
            }
            None => error.exit(),
        },
    }
}
