//! `loa witness`: signs another desk's log, if it only goes on. For whoever watches over a desk.
//!
//! What is signed is decided in `audit/witness.rs`. It needs no desk's folder, and should stand on another machine.

use std::net::SocketAddr;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Arg, ArgMatches, Command};
use loa_domain::audit::note::NoteKey;
use loa_host::log;
use loa_host::text::Words;
use tokio::sync::watch;

use super::serve::stopped;
use super::told::told;
use super::{Context, Failure, said, wait_for};
use crate::audit::witness::{REQUEST_BYTES, Witness};
use crate::http;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str, default: &'static str| {
        let argument = Arg::new(name).long(name).value_name(value).help(words.say(&format!("witness-help-{name}")));
        if default.is_empty() { argument.required(true) } else { argument.default_value(default) }
    };
    Command::new("witness")
        .about(words.say("witness-about"))
        .arg(option("listen", "ADDRESS", "127.0.0.1:8765"))
        .arg(option("log", "KEY", ""))
        .arg(option("name", "NAME", "loa.local/witness"))
}

/// Runs it until told to stop. Its folder is the one of `--data`.
///
/// # Errors
/// When it cannot start.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    log::begin("info");
    let words = &context.words;
    let text = |name: &str| found.get_one::<String>(name).map_or("", String::as_str);
    let bad = |option: &str, expected: &str| {
        let value = text(option.trim_start_matches('-'));
        words.with("bad-value", &[("option", option), ("value", value), ("expected", expected)])
    };
    let address: SocketAddr = text("listen").parse().map_err(|_| bad("--listen", "127.0.0.1:8765"))?;
    let log: NoteKey = text("log").parse().map_err(|error| bad("--log", &format!("{error}")))?;
    let folder: &Path = context.folder.dir();
    let witness = Arc::new(Witness::open(folder, text("name"), log, context.clock.clone()).map_err(told(words))?);
    wait_for(async {
        let listener = http::listen(address).await.map_err(|error| format!("{address}: {error}"))?;
        let address = listener.local_addr().map_err(said)?.to_string();
        let key = witness.key().to_string();
        println!("{}", words.with("witness-ready", &[("address", &address), ("key", &key)]));
        let (end, ends) = watch::channel(false);
        let serving = tokio::spawn(http::serve(listener, witness.handler(), REQUEST_BYTES, ends));
        stopped().await;
        end.send_replace(true);
        serving.await.map_err(said)?;
        Ok(ExitCode::SUCCESS)
    })?
}
