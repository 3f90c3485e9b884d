//! `loa broker config`: what an outside broker needs so that it lets in whom the desk's own would, and no others.
//!
//! What is written stands in `outside.rs`; this makes the files, with the broker's certificate beside them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_host::durable;
use loa_host::text::Words;

use super::told::{file, told};
use super::{Context, Failure, dressed};
use crate::authority::Authority;
use crate::outside::{self, Kind, Outside};
use crate::serve::now;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("broker-help-{name}")))
    };
    let kind = Arg::new("kind").value_name("mosquitto|emqx").value_parser(["mosquitto", "emqx"]).required(true);
    let port = option("port", "PORT").default_value("8883").value_parser(clap::value_parser!(u16).range(1..));
    let config = Command::new("config").about(words.say("broker-config-about")).args([
        kind.help(words.say("broker-help-kind")),
        option("out", "DIR").required(true),
        option("name", "NAME").action(ArgAction::Append).required(true),
        port,
    ]);
    let command = Command::new("broker").about(words.say("broker-about")).subcommand_required(true);
    command.subcommands([config].map(|one| dressed(one, words)))
}

/// Runs it.
///
/// # Errors
/// When the desk's folder or the folder asked for cannot be used.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let Some(("config", found)) = found.subcommand() else { return Ok(ExitCode::from(2)) };
    context.has_desk()?;
    let words = &context.words;
    let text = |name: &str| found.get_one::<String>(name).cloned().unwrap_or_default();
    let out = PathBuf::from(text("out"));
    durable::create_dir(&out).map_err(|error| file(&out, &error, words))?;
    let out = fs::canonicalize(&out).map_err(|error| file(&out, &error, words))?;
    let kind = if text("kind") == "emqx" { Kind::Emqx } else { Kind::Mosquitto };
    let port = found.get_one::<u16>("port").copied().unwrap_or(8883);
    let outside = Outside { dir: out.clone(), port };
    let names: Vec<String> = found.get_many::<String>("name").into_iter().flatten().cloned().collect();
    let authority = Authority::open(&context.folder.keys(), now(&context.clock)).map_err(told(words))?;
    let certificate = authority.outside_broker(&names, now(&context.clock)).map_err(told(words))?;
    let put = |name: &str, bytes: &[u8], is_private: bool| -> Result<(), Failure> {
        let path = out.join(name);
        let written = if is_private { durable::write_private(&path, bytes) } else { durable::write(&path, bytes) };
        written.map_err(|error| file(&path, &error, words))
    };
    put(outside::AUTHORITIES, authority.authorities().as_bytes(), false)?;
    put(outside::CERTIFICATE, certificate.chain.as_bytes(), false)?;
    put(outside::KEY, certificate.key.as_bytes(), true)?;
    for (name, text) in outside.files(kind) {
        put(name, text.as_bytes(), false)?;
    }
    println!("{}", words.with("broker-written", &[("dir", &path_of(&out)), ("kind", &text("kind"))]));
    Ok(ExitCode::SUCCESS)
}

fn path_of(path: &Path) -> String {
    path.display().to_string()
}
