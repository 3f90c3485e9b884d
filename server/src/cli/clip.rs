//! `loa clip add` and `loa clip list`: sound files brought to one loudness and kept, and what is kept.
//!
//! It decides ids and what is told of a clip. How a file becomes a clip is `delivery/media.rs`; a timetable takes its own
//! clips in when it is applied (`apply.rs`). When one of several files is refused, the store stays as it was.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::id::Hash;
use loa_host::text::Words;
use serde_json::{Value, json};

use super::apply::refused;
use super::bar::Bar;
use super::moment::Clocks;
use super::show::{self, Row, Sheet};
use super::told::told;
use super::{Context, Failure, dressed, said, wait_for};
use crate::delivery::media::shelf::Shelf;
use crate::delivery::media::{self, Rendition};
use crate::serve::now;
use crate::store::{Act, Change, Clip, Store};
use crate::timetable::kept;

/// The longest id, as timetables have it.
const ID_BYTES: usize = 32;
const KEYS: &[&str] = &[
    "id",
    "title",
    "language",
    "category",
    "length_ms",
    "loudness_lufs",
    "size_bytes",
    "hash",
    "source_hash",
    "added_ms",
];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("clip-help-{name}")))
    };
    let add = Command::new("add")
        .about(words.say("clip-add-about"))
        .arg(Arg::new("files").value_name("FILE").num_args(1..).required(true).help(words.say("clip-help-files")))
        .arg(option("id", "ID"))
        .arg(option("title", "TEXT"))
        .arg(option("language", "TAG"))
        .arg(option("category", "TEXT"))
        .arg(Arg::new("lossless").long("lossless").action(ArgAction::SetTrue).help(words.say("clip-help-lossless")));
    let list = Command::new("list").about(words.say("clip-list-about")).arg(show::format_argument(words));
    Command::new("clip")
        .about(words.say("clip-about"))
        .subcommand_required(true)
        .subcommand(dressed(add, words))
        .subcommand(dressed(list, words))
}

/// Runs it.
///
/// # Errors
/// When a file is refused, or the desk's folder cannot be used.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    wait_for(write(context, found, &mut std::io::stdout().lock()))??;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn write(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    match found.subcommand() {
        Some(("add", found)) => add(context, found, out).await,
        Some((_, found)) => list(context, found, out).await,
        None => Ok(()),
    }
}

async fn add(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let files: Vec<PathBuf> = found.get_many::<String>("files").into_iter().flatten().map(PathBuf::from).collect();
    let ids = ids(&files, found.get_one::<String>("id"), words)?;
    context.folder.prepare(now(&context.clock)).map_err(told(words))?;
    let shelf = Shelf::open(&context.folder.content()).map_err(said)?;
    let options = media::Options { lossless: found.get_flag("lossless"), ..media::Options::default() };
    let mut taken = Vec::new();
    for (file, id) in files.iter().zip(&ids) {
        let bar = Bar::new(id);
        let made = media::ingest(file, &options, &shelf, &mut |progress| bar.at(progress.fraction));
        drop(bar);
        let nothing = |refusal| format!("{refusal}\n{}", words.say("clip-add-nothing"));
        taken.push(made.map_err(|verdict| nothing(refused(&verdict, words)))?);
    }
    let store = Store::open(&context.folder.store().display().to_string()).await.map_err(told(words))?;
    for (id, rendition) in ids.iter().zip(&taken) {
        keep(context, &store, id, rendition, found).await?;
        writeln!(out, "{}", line(id, rendition, words)).map_err(said)?;
    }
    store.close().await;
    Ok(())
}

/// The ids of the files: the one given, else made from each file's name.
fn ids(files: &[PathBuf], given: Option<&String>, words: &Words) -> Result<Vec<String>, Failure> {
    let good = |id: &str| {
        let letters = id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        letters && !id.is_empty() && id.len() <= ID_BYTES
    };
    let bad = |option: &str, value: &str| {
        let expected = words.say("expected-player-id");
        words.with("bad-value", &[("option", option), ("value", value), ("expected", &expected)])
    };
    if let Some(id) = given {
        if files.len() > 1 {
            return Err(words.say("clip-add-one-id"));
        }
        return if good(id) { Ok(vec![id.clone()]) } else { Err(bad("--id", id)) };
    }
    let mut ids: Vec<String> = Vec::new();
    for file in files {
        let id = id_of(file);
        if !good(&id) {
            return Err(bad("--id", &id));
        }
        if ids.contains(&id) {
            return Err(words.with("clip-add-same-id", &[("id", &id)]));
        }
        ids.push(id);
    }
    Ok(ids)
}

/// An id from a file's name: small letters and digits, everything else a hyphen.
fn id_of(file: &Path) -> String {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let parts = stem.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    parts.collect::<Vec<_>>().join("-")
}

async fn keep(context: &Context, store: &Store, id: &str, made: &Rendition, found: &ArgMatches) -> Result<(), Failure> {
    let (at, words) = (now(&context.clock), &context.words);
    let mut document = serde_json::to_value(made).map_err(said)?;
    for name in ["title", "language", "category"] {
        if let (Some(text), Some(fields)) = (found.get_one::<String>(name), document.as_object_mut()) {
            fields.insert(name.to_owned(), json!(text));
        }
    }
    let clip = Clip {
        id: id.to_owned(),
        rendition: Hash(made.sha256),
        source: Hash(made.source_sha256),
        size_bytes: made.size_bytes,
        duration_ms: made.duration_ms,
        added: at,
        document: document.to_string(),
    };
    store.replace(vec![Change::PutClip(clip)], at, "loa").await.map_err(told(words))?;
    let (what, subject) = ("clip".to_owned(), id.to_owned());
    let act = Act { at, who: "loa".to_owned(), what, subject, detail: Hash(made.sha256).to_string() };
    store.append_act(&act).await.map_err(told(words))?;
    Ok(())
}

/// One line for a clip, and one for each note.
fn line(id: &str, made: &Rendition, words: &Words) -> String {
    let present = if made.was_present { words.say("clip-added-present") } else { String::new() };
    let line = words.with(
        "clip-added",
        &[
            ("id", id),
            ("length", &show::length(made.duration_ms)),
            ("before", &format!("{:.1}", made.loudness_before_lufs)),
            ("after", &format!("{:.1}", made.loudness_after_lufs)),
            ("size", &show::size(made.size_bytes)),
            ("hash", &Hash(made.sha256).to_string()[..12]),
        ],
    );
    let notes = made.notes.iter().map(|note| {
        let fields = note.fields();
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        format!("\n  {}", words.with(note.code(), &fields))
    });
    format!("{} {present}{}", line, notes.collect::<String>()).replace(" \n", "\n").trim_end().to_owned()
}

async fn list(context: &Context, found: &ArgMatches, out: &mut dyn Write) -> Result<(), Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let mut clocks = Clocks::of(&kept::players(&store).await.map_err(told(words))?.0);
    let titles = ["id", "title", "length", "loudness", "size", "hash", "added"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(show::format(found), titles, &[2, 3, 4], KEYS, out).map_err(said)?;
    // A clip of a timetable has its title there.
    let (timetable, _) = kept::timetable(&store).await.map_err(told(words))?;
    for clip in store.clips().await.map_err(told(words))? {
        let document: Value = serde_json::from_str(&clip.document).unwrap_or_default();
        let written = timetable.clips.iter().find(|written| written.id == clip.id);
        let title = written.map_or_else(|| document["title"].clone(), |written| json!(written.title));
        let language = written.map_or_else(|| document["language"].clone(), |written| json!(written.language));
        let category = written.map_or_else(|| document["category"].clone(), |written| json!(written.category));
        let loudness = document["loudness_after_lufs"].clone();
        let hash = clip.rendition.to_string();
        let cells = vec![
            clip.id.clone(),
            title.as_str().unwrap_or_default().to_owned(),
            show::length(clip.duration_ms),
            loudness.as_f64().map_or_else(String::new, |lufs| format!("{lufs:.1}")),
            show::size(clip.size_bytes),
            hash[..12].to_owned(),
            show::date_time(clocks.local(None, clip.added), words),
        ];
        let values = vec![
            json!(clip.id),
            title,
            language,
            category,
            json!(clip.duration_ms),
            loudness,
            json!(clip.size_bytes),
            json!(hash),
            json!(clip.source.to_string()),
            json!(clip.added.0),
        ];
        sheet.row(Row { cells, values }).map_err(said)?;
    }
    if sheet.end().map_err(said)? == 0 {
        eprintln!("{}", words.say("clip-list-empty"));
    }
    store.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use loa_host::text::Language;

    use super::*;

    #[test]
    fn every_refusal_and_note_has_its_words() {
        let source = concat!(include_str!("../delivery/media/verdict.rs"), include_str!("../delivery/media.rs"));
        let codes: Vec<&str> = source.split('"').filter(|text| text.starts_with("clip-")).collect();
        assert!(codes.len() >= 21, "{codes:?}");
        for language in [Language::Vietnamese, Language::English] {
            let words = Words::new(language);
            let bare: Vec<&&str> = codes.iter().filter(|code| !words.has(code)).collect();
            assert!(bare.is_empty(), "{bare:?}");
        }
    }

    #[test]
    fn what_is_not_known_of_a_refused_file_leaves_no_hole_in_the_sentence() {
        let told = |language, reason| {
            let verdict = media::Verdict { path: "tin.mp3".into(), reason };
            refused(&verdict, &Words::new(language))
        };
        let truncated = |declared_ms| media::Reason::Truncated { declared_ms, found_ms: 41_000 };
        let (vi, en) = (Language::Vietnamese, Language::English);
        assert!(told(vi, truncated(Some(60_000))).contains("chỉ có 41000 ms trong 60000 ms. Hãy"));
        assert!(told(vi, truncated(None)).contains("chỉ có 41000 ms. Hãy"));
        let not_audio = |looks_like| media::Reason::NotAudio { looks_like };
        assert!(
            told(en, not_audio(Some("a picture"))).starts_with("tin.mp3: this is not audio, it looks like a picture. ")
        );
        assert!(told(en, not_audio(None)).starts_with("tin.mp3: this is not audio. "));
        let silent = media::Reason::Silent { loudness_lufs: None, peak_dbfs: f64::NEG_INFINITY };
        assert!(told(vi, silent).contains("(đỉnh không có, độ to không đo được)"));
    }

    #[test]
    fn an_id_is_made_from_the_name_of_the_file() {
        assert_eq!(id_of(Path::new("/tmp/Tin_Sáng 01.mp3")), "tin-s-ng-01");
        let words = Words::new(Language::Vietnamese);
        assert!(ids(&["a.mp3".into(), "b/a.wav".into()], None, &words).is_err(), "two files with one id");
        assert!(ids(&["ớ.mp3".into()], None, &words).is_err(), "no letter is left");
        assert!(ids(&["a.mp3".into(), "b.mp3".into()], Some(&"tin".to_owned()), &words).is_err(), "one id for two");
        assert_eq!(ids(&["a.mp3".into()], Some(&"tin-1".to_owned()), &words).unwrap(), ["tin-1"]);
    }
}
