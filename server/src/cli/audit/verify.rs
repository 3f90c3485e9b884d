//! `loa audit verify`, `verify-log`, `verify-proof`: checks from files and public keys alone, on any machine.
//!
//! They need no desk, no network and no clock; what is wrong is decided in the crate `loa-verify`. The exit code is that
//! of the first class with a finding (`docs/log.md`), 0 for a log in which nothing is wrong, 2 for a wrong argument, 1
//! when what was handed in cannot be read. Sentences are in `findings.rs`.

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::audit::policy::Policy;
use loa_domain::keys::Root;
use loa_host::text::Words;
use loa_verify::{Class, Export, Given, Report, check_proof, read_root, verify, verify_log, verify_log_under};
use serde_json::json;

use super::findings;
use crate::cli::bar::Bar;
use crate::cli::told::system;
use crate::cli::{Context, Failure, dressed, said};

/// Findings of one class that people are shown; `--json` has up to [`loa_verify::LISTED`].
const SHOWN: usize = 20;

/// The commands.
pub(super) fn commands(words: &Words) -> [Command; 3] {
    let file = |name: &'static str, id: &str| Arg::new(name).long(name).value_name("FILE").help(words.say(id));
    let many = |name: &'static str, id: &str| file(name, id).action(ArgAction::Append);
    let dir = || Arg::new("dir").value_name("DIR").required(true).help(words.say("audit-help-copy"));
    let json = || Arg::new("json").long("json").action(ArgAction::SetTrue).help(words.say("audit-help-json"));
    let verify = Command::new("verify")
        .about(words.say("audit-verify-about"))
        .arg(dir())
        .arg(file("policy", "audit-help-policy").required(true))
        .arg(many("checkpoint", "audit-help-checkpoint"))
        .arg(many("held", "audit-help-held"))
        .arg(many("root", "audit-help-root"))
        .arg(json());
    let log = Command::new("verify-log")
        .about(words.say("audit-verify-log-about"))
        .arg(dir())
        .arg(file("policy", "audit-help-policy"))
        .arg(file("checkpoint", "audit-help-under"))
        .arg(json());
    let proof = Command::new("verify-proof")
        .about(words.say("audit-verify-proof-about"))
        .arg(Arg::new("file").value_name("FILE").required(true).help(words.say("audit-help-proof-file")))
        .arg(file("policy", "audit-help-policy").required(true))
        .arg(file("entry", "audit-help-entry"));
    [dressed(verify, words), dressed(log, words), dressed(proof, words)]
}

/// Checks a copy of a desk's log.
pub(super) fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let mut export = Export::new(Path::new(text(found, "dir")), policy(text(found, "policy"), words)?);
    export.checkpoints = given(found, "checkpoint", words)?;
    export.held = given(found, "held", words)?;
    for root in given(found, "root", words)? {
        let bad = || words.with("audit-verify-no-root", &[("path", &root.name)]);
        export.roots.push(read_root(&root.bytes).ok_or_else(bad)?);
    }
    if export.roots.is_empty() {
        export.roots.extend(enclosed(&export.folder));
    }
    let bar = Bar::new(&words.say("audit-verify-bar"));
    let report = verify(&export, &mut |done: u64, all: u64| bar.of(done as usize, all as usize));
    drop(bar);
    print(&report, found, words)
}

/// Checks any tlog-tiles log.
pub(super) fn run_log(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let folder = Path::new(text(found, "dir"));
    let policy = found.get_one::<String>("policy").map(|path| policy(path, words)).transpose()?;
    let bar = Bar::new(&words.say("audit-verify-bar"));
    let progress = &mut |done: u64, all: u64| bar.of(done as usize, all as usize);
    let report = match found.get_one::<String>("checkpoint") {
        Some(path) => verify_log_under(folder, &read(path, words)?, policy.as_ref(), progress),
        None => verify_log(folder, policy.as_ref(), progress),
    };
    drop(bar);
    print(&report, found, words)
}

/// Checks the proof of one record.
pub(super) fn run_proof(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let policy = policy(text(found, "policy"), words)?;
    let entry = found.get_one::<String>("entry").map(|path| read(path, words)).transpose()?;
    match check_proof(&read(text(found, "file"), words)?, &policy, entry.as_deref(), None) {
        Ok(proven) => {
            let (position, size) = (proven.position.to_string(), proven.head.size.to_string());
            let witnesses = proven.witnesses.to_string();
            let fields =
                [("origin", &*proven.origin), ("position", &position), ("size", &size), ("witnesses", &witnesses)];
            println!("{}", words.with("audit-verify-proof-good", &fields));
            if let Some(place) = &proven.record {
                let (epoch, seq) = (place.epoch.to_string(), place.seq.to_string());
                let fields = [("player", place.player.as_str()), ("epoch", &epoch), ("seq", &seq)];
                println!("{}", words.with("at-place", &fields));
            }
            for key in &proven.signers {
                println!("{}", words.with("audit-verify-proof-key", &[("key", &key.to_string())]));
            }
            Ok(ExitCode::SUCCESS)
        }
        Err(why) => {
            println!("{}", words.with("audit-verify-proof-bad", &[("why", &findings::unproven(&why, words))]));
            Ok(ExitCode::from(Class::Tree.exit_code()))
        }
    }
}

/// The root documents that lie in the copy, the one in force and those before: they say what officers signed only as far
/// as one trusts the copy for it.
fn enclosed(folder: &Path) -> Vec<Root> {
    let earlier = std::fs::read_dir(folder.join("roots")).into_iter().flatten().flatten().map(|file| file.path());
    let files = earlier.chain([folder.join("root")]);
    files.filter_map(|file| read_root(&std::fs::read(file).ok()?)).collect()
}

fn text<'f>(found: &'f ArgMatches, name: &str) -> &'f str {
    found.get_one::<String>(name).map_or("", String::as_str)
}

fn read(path: &str, words: &Words) -> Result<Vec<u8>, Failure> {
    std::fs::read(path)
        .map_err(|error| words.with("audit-verify-unreadable", &[("path", path), ("why", &system(&error, words))]))
}

fn given(found: &ArgMatches, name: &str, words: &Words) -> Result<Vec<Given>, Failure> {
    let paths = found.get_many::<String>(name).into_iter().flatten();
    paths.map(|path| Ok(Given { name: path.clone(), bytes: read(path, words)? })).collect()
}

fn policy(path: &str, words: &Words) -> Result<Policy, Failure> {
    let text = String::from_utf8_lossy(&read(path, words)?).into_owned();
    Policy::read(&text).map_err(|error| {
        let (line, expected) = (error.line.to_string(), words.say(&format!("policy-{}", error.expected.name())));
        words.with("log-policy", &[("path", path), ("line", &line), ("expected", &expected)])
    })
}

fn print(report: &Report, found: &ArgMatches, words: &Words) -> Result<ExitCode, Failure> {
    let mut out = Vec::new();
    if found.get_flag("json") {
        out.extend(serde_json::to_vec_pretty(&document(report, words)).map_err(said)?);
        out.push(b'\n');
    } else {
        out.extend(page(report, words).into_bytes());
    }
    // A reader that closes the pipe has read enough.
    let _all_read = std::io::stdout().lock().write_all(&out);
    Ok(ExitCode::from(report.exit_code()))
}

/// What people read.
pub(super) fn page(report: &Report, words: &Words) -> String {
    let summary = &report.summary;
    let mut lines = Vec::new();
    if let Some(head) = summary.head {
        let (size, root) = (head.size.to_string(), head.root.to_string());
        let fields = [("origin", &*summary.origin), ("size", &size), ("root", &root)];
        lines.push(words.with("audit-verify-head", &fields));
        let counts = [
            ("entries", summary.entries.to_string()),
            ("records", summary.records.to_string()),
            ("players", summary.players.to_string()),
            ("chains", summary.chains.to_string()),
            ("acts", summary.acts.to_string()),
            ("changes", summary.changes.to_string()),
            ("witnessed", summary.witnessed.to_string()),
            ("seen", summary.seen.to_string()),
        ];
        let counts = counts.each_ref().map(|(name, count)| (*name, count.as_str()));
        lines.push(words.with("audit-verify-counts", &counts));
    }
    if let Some((from, to)) = summary.received {
        let fields = [("from", &*from.to_string()), ("to", &to.to_string())];
        lines.push(words.with("audit-verify-received", &fields));
    }
    lines.extend(report.told.iter().take(SHOWN).map(|told| format!("· {}", findings::told(told, words))));
    for (class, count) in &report.counts {
        let title = words.say(&format!("class-{}", class.name()));
        lines.push(format!("\n✗ {title} ({}, {}): {count}", class.name(), class.exit_code()));
        let of_class = report.findings.iter().filter(|finding| finding.class() == *class);
        lines.extend(of_class.take(SHOWN).map(|finding| format!("  {}", findings::sentence(finding, words))));
        if *count > SHOWN as u64 {
            lines.push(format!(
                "  {}",
                words.with("audit-verify-more", &[("count", &(count - SHOWN as u64).to_string())])
            ));
        }
    }
    let end = match (report.is_clean(), report.is_complete()) {
        (true, true) => words.say("audit-verify-clean"),
        _ => words.with("audit-verify-wrong", &[("count", &report.counts.values().sum::<u64>().to_string())]),
    };
    lines.push(format!("\n{end}\n"));
    lines.join("\n")
}

/// What programs read: names are stable.
fn document(report: &Report, words: &Words) -> serde_json::Value {
    let summary = &report.summary;
    let counts: serde_json::Map<String, serde_json::Value> =
        report.counts.iter().map(|(class, count)| (class.name().to_owned(), json!(count))).collect();
    json!({
        "origin": summary.origin,
        "size": summary.head.map(|head| head.size),
        "root": summary.head.map(|head| head.root.to_string()),
        "clean": report.is_clean(),
        "exit_code": report.exit_code(),
        "entries": summary.entries,
        "records": summary.records,
        "players": summary.players,
        "chains": summary.chains,
        "acts": summary.acts,
        "changes": summary.changes,
        "witnessed_checkpoints": summary.witnessed,
        "seen_trees": summary.seen,
        "classes": counts,
        "findings": report.findings.iter().map(|finding| findings::value(finding, words)).collect::<Vec<_>>(),
        "told": report.told.iter().map(|told| findings::told(told, words)).collect::<Vec<_>>(),
    })
}
