//! Where the program's own log goes: to the terminal's error stream, level by `LOA_LOG`.
//!
//! The only file that names the log's writer. Proofs are not logs: they are records (`domain/src/proof`).

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

/// Begins the log. `default` is the level when `LOA_LOG` says none, such as `info`.
pub fn begin(default: &str) {
    let filter = EnvFilter::try_from_env("LOA_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    // A second call, in one test process, changes nothing.
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let _already = lines.with_ansi(std::io::stderr().is_terminal()).try_init();
}
