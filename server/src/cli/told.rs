//! Errors of the desk as sentences of the catalogue: what happened to which file, and what to do about it.
//!
//! It decides which sentence belongs to which error; what an error means is decided where it is made, and those keep an
//! English line for logs. What is wrong in a timetable file or an upload has words of its own (`apply.rs`), so has a
//! cron line (`explain.rs`), so have the arguments (`arguments.rs`).

use std::io::{self, ErrorKind};

use loa_domain::audit::policy::NoQuorum;
use loa_domain::limits;
use loa_host::keyfile::KeyError;
use loa_host::link::BrokerUrlError;
use loa_host::text::Words;

use super::Failure;
use crate::audit::export::ExportError;
use crate::audit::log::LogError;
use crate::audit::witness::WitnessError;
use crate::authority::AuthorityError;
use crate::delivery::broker::BrokerError;
use crate::plan::PlanError;
use crate::serve::ServeError;
use crate::store::StoreError;
use crate::timetable::apply::ApplyError;
use crate::timetable::compile::CompileError;

/// An error that has a sentence in the catalogue.
pub(crate) trait Tell {
    /// The sentence in the language of `words`.
    fn tell(&self, words: &Words) -> Failure;
}

/// For `map_err`: the sentence of an error.
pub(crate) fn told<E: Tell>(words: &Words) -> impl Fn(E) -> Failure {
    |error| error.tell(words)
}

/// What the system said, in words where it is a thing that happens to people.
pub(crate) fn system(error: &io::Error, words: &Words) -> String {
    let id = match error.kind() {
        ErrorKind::NotFound => "system-not-found",
        ErrorKind::PermissionDenied => "system-not-allowed",
        ErrorKind::AlreadyExists => "system-exists",
        ErrorKind::NotADirectory => "system-not-a-folder",
        ErrorKind::IsADirectory => "system-a-folder",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "system-full",
        ErrorKind::ReadOnlyFilesystem => "system-read-only",
        ErrorKind::AddrInUse => "system-address-taken",
        _ => return error.to_string(),
    };
    words.say(id)
}

impl Tell for io::Error {
    fn tell(&self, words: &Words) -> Failure {
        system(self, words)
    }
}

impl Tell for StoreError {
    fn tell(&self, words: &Words) -> Failure {
        let with = |id: &str, name: &str, value: &str| words.with(id, &[(name, value)]);
        match self {
            Self::Busy => words.say("store-busy"),
            Self::Full => words.say("store-full"),
            Self::Damaged { detail } => with("store-damaged", "detail", detail),
            Self::NotADatabase { path } => with("store-not-a-database", "path", path),
            Self::Foreign { path } => with("store-foreign", "path", path),
            Self::TooNew { found, known } => {
                words.with("store-too-new", &[("found", &found.to_string()), ("known", &known.to_string())])
            }
            Self::CannotOpen { path, detail } => words.with("store-cannot-open", &[("path", path), ("detail", detail)]),
            Self::ReadOnly => words.say("store-read-only"),
            Self::Disk { detail } => with("store-disk", "detail", detail),
            Self::Malformed { column, expected } => {
                words.with("store-malformed", &[("column", &column.to_string()), ("expected", expected)])
            }
            Self::NoSuchOrder { hash } => with("store-no-such-order", "hash", &hash.to_string()),
            Self::EntryTooLong { bytes, most } => {
                words.with("store-too-long", &[("bytes", &bytes.to_string()), ("most", &most.to_string())])
            }
            Self::Replay { position, detail } => {
                words.with("store-unreplayable", &[("position", &position.to_string()), ("detail", detail)])
            }
            Self::Exists { path } => with("store-exists", "path", &path.display().to_string()),
            Self::CopiedInUse { path } => with("store-copied-in-use", "path", &path.display().to_string()),
            Self::Unsupported { .. } => words.say("store-unsupported"),
            Self::Closed => words.say("store-closed"),
            Self::Refused { detail } => with("store-refused", "detail", detail),
        }
    }
}

impl Tell for CompileError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Cron { order, text, why } => {
                words.with("compile-cron", &[("order", order), ("text", text), ("why", why)])
            }
            Self::TooMany { subject, what, most } => {
                let what = words.say(&format!("what-{}", what.replace(' ', "-")));
                let fields = [("subject", &subject_told(subject, words)), ("what", &what), ("most", &most.to_string())];
                words.with("compile-too-many", &fields.map(|(name, value)| (name, value.as_str())))
            }
            Self::TooLong { subject, text, most } => {
                let fields = [("subject", &subject_told(subject, words)), ("text", text), ("most", &most.to_string())];
                words.with("compile-too-long", &fields.map(|(name, value)| (name, value.as_str())))
            }
            Self::Zone { subject, .. } => words.with("compile-zone", &[("subject", &subject_told(subject, words))]),
            Self::NoSuchBoard { subject, board } => {
                words.with("compile-no-such-board", &[("subject", &subject_told(subject, words)), ("board", board)])
            }
            Self::NoContent { order, item } => words.with("compile-no-content", &[("order", order), ("item", item)]),
            Self::TooLongProgramme { order, length_ms, most_ms } => {
                let minutes = |ms: u64| ms.div_ceil(60_000).to_string();
                let (length, most) = (minutes(*length_ms), minutes(u64::from(*most_ms)));
                let fields = [("order", order.as_str()), ("minutes", &length), ("most", &most)];
                words.with("compile-too-long-programme", &fields)
            }
        }
    }
}

/// `order tin` or `player loa-cho` with the word of the language.
fn subject_told(subject: &str, words: &Words) -> String {
    let Some((kind, id)) = subject.split_once(' ') else { return subject.to_owned() };
    format!("{} {id}", words.say(&format!("kind-{kind}")))
}

impl Tell for KeyError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::File { path, source } => file(path, source, words),
            Self::NoKey { path } => words.with("key-none", &[("path", &path.display().to_string())]),
            Self::NoRoot { path, refusal } => {
                let fields = [("path", path.display().to_string()), ("why", refusal.to_string())];
                words.with("key-no-root", &fields.each_ref().map(|(name, value)| (*name, value.as_str())))
            }
            Self::Policy { path, source } => {
                let expected = words.say(&format!("policy-{}", source.expected.name()));
                let (path, line) = (path.display().to_string(), source.line.to_string());
                words.with("log-policy", &[("path", &path), ("line", &line), ("expected", &*expected)])
            }
            Self::Quorum { path, source } => no_quorum(&path.display().to_string(), source, words),
            Self::RootAwaited { path } => words.with("root-awaited", &[("path", &path.display().to_string())]),
            Self::Random(why) => words.with("key-no-random", &[("why", why)]),
        }
    }
}

/// A policy that says more than fits a root document.
fn no_quorum(path: &str, source: &NoQuorum, words: &Words) -> Failure {
    let counted = |id, named: usize, most: usize| {
        words.with(id, &[("path", path), ("named", &named.to_string()), ("most", &most.to_string())])
    };
    match source {
        NoQuorum::Logs { named } => counted("quorum-logs", *named, 1),
        NoQuorum::Witnesses { named } => counted("quorum-witnesses", *named, limits::WITNESSES),
        NoQuorum::Groups => {
            words.with("quorum-groups", &[("path", path), ("most", &limits::WITNESS_GROUPS.to_string())])
        }
        NoQuorum::SameId { one, other } => {
            words.with("quorum-same-id", &[("path", path), ("one", one), ("other", other)])
        }
    }
}

/// A file or folder that could not be read or written.
pub(crate) fn file(path: &std::path::Path, error: &io::Error, words: &Words) -> Failure {
    words.with("file-failed", &[("path", &path.display().to_string()), ("why", &system(error, words))])
}

impl Tell for BrokerError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::BeyondLoopback { listen } => words.with("broker-beyond-loopback", &[("listen", &listen.to_string())]),
            Self::Listen { listen, why } => {
                words.with("broker-listen", &[("listen", &listen.to_string()), ("why", why)])
            }
            Self::DeskUser { .. } | Self::DeskPassword => self.to_string(),
            Self::Threads(source) => words.with("broker-threads", &[("why", &system(source, words))]),
        }
    }
}

impl Tell for BrokerUrlError {
    fn tell(&self, words: &Words) -> Failure {
        words.say("broker-url")
    }
}

impl Tell for AuthorityError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::File { path, source } => {
                let path = path.display().to_string();
                words.with("authority-file", &[("path", &path), ("why", &system(source, words))])
            }
            Self::Bad { path, why } => {
                words.with("authority-bad", &[("path", &path.display().to_string()), ("why", why)])
            }
            Self::Name { name } => words.with("authority-name", &[("name", name)]),
            Self::Last { number } => words.with("authority-last", &[("number", &number.to_string())]),
        }
    }
}
impl Tell for ServeError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Key(error) => error.tell(words),
            Self::Provider(error) => error.tell(words),
            Self::Store(error) => error.tell(words),
            Self::Broker(error) => error.tell(words),
            Self::Log(error) => error.tell(words),
            Self::Authority(error) => error.tell(words),
            Self::Mirror { address, source } => {
                words.with("broker-listen", &[("listen", &address.to_string()), ("why", &system(source, words))])
            }
            Self::WebBeyondLoopback { listen } => words.with("web-beyond-loopback", &[("listen", &listen.to_string())]),
            Self::Content(error) => error.tell(words),
        }
    }
}

impl Tell for LogError {
    fn tell(&self, words: &Words) -> Failure {
        let path = |id: &str, path: &std::path::Path| words.with(id, &[("path", &path.display().to_string())]);
        let number = |id: &str, name: &str, value: u64| words.with(id, &[(name, &value.to_string())]);
        match self {
            Self::File(error) => words.with("log-file", &[("why", &system(error, words))]),
            Self::Store(error) => error.tell(words),
            Self::Key(error) => error.tell(words),
            Self::InUse { path: lock } => path("log-in-use", lock),
            Self::BadOrigin { origin } => words.with("log-bad-origin", &[("origin", origin)]),
            Self::NothingKept { path: kept } => path("log-nothing-kept", kept),
            Self::ForeignCheckpoint { path: kept } => path("log-foreign-checkpoint", kept),
            Self::Short { signed, path } => {
                let fields = [("signed", &*signed.to_string()), ("path", &*path.display().to_string())];
                words.with("log-short", &fields)
            }
            Self::Torn { path: torn } => path("log-torn", torn),
            Self::StoreBehind { store, log } => {
                words.with("log-store-behind", &[("store", &store.to_string()), ("log", &log.to_string())])
            }
            Self::StoreDiffers { position } => number("log-store-differs", "position", *position),
            Self::Gap { log } => number("log-gap", "log", *log),
            Self::Contested { path: kept } => path("log-contested", kept),
            Self::Forked { old, new } => {
                words.with("log-forked", &[("old", &old.to_string()), ("new", &new.to_string())])
            }
            Self::NotYet => words.say("log-not-yet"),
            Self::NoQuorum { signed, why } => {
                words.with("log-no-quorum", &[("signed", &signed.to_string()), ("why", why)])
            }
        }
    }
}

impl Tell for ExportError {
    fn tell(&self, words: &Words) -> Failure {
        let path = |id: &str, path: &std::path::Path| words.with(id, &[("path", &path.display().to_string())]);
        match self {
            Self::Log(error) => error.tell(words),
            Self::File(error) => words.with("export-file", &[("why", &system(error, words))]),
            Self::Exists { path: taken } => path("export-exists", taken),
            Self::BadCheckpoint { path: file } => path("export-bad-checkpoint", file),
        }
    }
}

impl Tell for WitnessError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Key(error) => error.tell(words),
            Self::File(error) => words.with("witness-file", &[("why", &system(error, words))]),
            Self::BadName(name) => words.with("witness-bad-name", &[("name", name)]),
            Self::Unreadable(file) => words.with("witness-unreadable", &[("path", &file.display().to_string())]),
        }
    }
}

impl Tell for ApplyError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Store(error) => error.tell(words),
            Self::Compile(error) => error.tell(words),
            Self::Officers(refusal) => words.with("apply-unsigned", &[("why", &refusal.to_string())]),
        }
    }
}

impl Tell for PlanError {
    fn tell(&self, words: &Words) -> Failure {
        match self {
            Self::Store(error) => error.tell(words),
            Self::NoPlayer { name, known } => {
                words.with("no-such-player", &[("player", name), ("known", &known.join(", "))])
            }
            Self::Zone(why) => words.with("plan-zone", &[("why", why)]),
        }
    }
}

#[cfg(test)]
mod tests;
