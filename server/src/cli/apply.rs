//! `loa apply PATH…`: reads timetables, shows what would change, checks slides, takes clips in, signs and applies.
//!
//! Where one officer's signature is enough and the key is at hand it signs; else it writes a request for officers to sign
//! (`--request`) and takes their signatures back (`--signed`): `apply/officers.rs`.

mod officers;

use std::collections::BTreeSet;
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::delivery::blob::BlobRef;
use loa_domain::id::Hash;
use loa_domain::keys::request::{self, RequestFile, Signer, SigningRequest};
use loa_domain::keys::{self, Role, SecretKey};
use loa_domain::time::UtcMs;
use loa_host::text::Words;

use super::bar::Bar;
use super::checked::{self, Checked, Shown};
use super::key::{self, Files};
use super::moment::Clocks;
use super::told::{Tell as _, told};
use super::{Context, Failure, explain, wait_for};
use crate::delivery::blobs::Blobs;
use crate::delivery::media::shelf::{Shelf, scratch};
use crate::delivery::media::{self, Rendition, Verdict};
use crate::officer::short;
use crate::play::check;
use crate::play::made::{self, Sent};
use crate::serve::now;
use crate::store::{Act, Change, Clip, DefinitionKind, Store};
use crate::timetable::apply::{self, Differences, Sign};
use crate::timetable::compile::{self, Content, Contents, PlayerEntry};
use crate::timetable::model::{Item, Timetable};
use crate::timetable::problem::Problem;
use crate::timetable::{cron, kept, model, read, zone};
use crate::trust;
use officers::Under;

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    Command::new("apply")
        .about(words.say("apply-about"))
        .arg(Arg::new("paths").value_name("PATH").num_args(1..).required(true).help(words.say("apply-help-paths")))
        .arg(Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help(words.say("apply-help-dry-run")))
        .arg(
            Arg::new("no-preview")
                .long("no-preview")
                .action(ArgAction::SetTrue)
                .help(words.say("apply-help-no-preview")),
        )
        .arg(Arg::new("officer").long("officer").value_name("FILE").help(words.say("apply-help-officer")))
        .arg(key::passphrase_argument(words))
        .arg(
            Arg::new("request")
                .long("request")
                .value_name("FILE")
                .conflicts_with_all(["dry-run", "officer", "signed"])
                .help(words.say("apply-help-request")),
        )
        .arg(
            Arg::new("signed")
                .long("signed")
                .value_name("FILE")
                .num_args(1..)
                .conflicts_with_all(["dry-run", "officer"])
                .help(words.say("apply-help-signed")),
        )
}

/// How the orders get their signatures.
enum Way {
    /// By one key: that of a file, or the one in the desk's folder.
    Own(Option<PathBuf>),
    /// They are written down for officers to sign; nothing is applied.
    Ask(PathBuf),
    /// Officers gave them in these files.
    Signed(Vec<PathBuf>),
}

fn way(found: &ArgMatches) -> Way {
    let one = |name: &str| found.get_one::<String>(name).map(PathBuf::from);
    let signed = found.get_many::<String>("signed").map(|files| files.map(PathBuf::from).collect());
    match (one("request"), signed) {
        (Some(file), _) => Way::Ask(file),
        (None, Some(files)) => Way::Signed(files),
        (None, None) => Way::Own(one("officer")),
    }
}

/// Runs it.
///
/// # Errors
/// When the files are refused, or the desk's folder cannot be used.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let paths: Vec<PathBuf> = found.get_many::<String>("paths").into_iter().flatten().map(PathBuf::from).collect();
    let timetable = read_timetable(&paths, &context.words)?;
    let with_faces = !found.get_flag("no-preview");
    if found.get_flag("dry-run") {
        return wait_for(look(context, &timetable, &paths, with_faces))?;
    }
    wait_for(work(context, &timetable, &paths, found))?
}

/// Reads timetables; what is wrong with them is one text for people.
///
/// # Errors
/// All problems found.
pub(crate) fn read_timetable(paths: &[PathBuf], words: &Words) -> Result<Timetable, Failure> {
    let check_cron = |text: &str| {
        cron::parse(text).map(drop).map_err(|error| {
            let (what, hint) = explain::cron_told(&error, words);
            (error.span.clone(), what, hint)
        })
    };
    let check_zone = |name: &str| {
        zone::check(name).map_err(|error| {
            let (what, hint) = explain::zone_told(&error, words);
            (0..name.len(), what, hint)
        })
    };
    let checks = read::Checks { cron: &check_cron, zone: &check_zone, letter: &check::has_picture };
    read::read(paths, &checks).map_err(|problems| problems_told(&problems, words))
}

fn problems_told(problems: &[Problem], words: &Words) -> Failure {
    let coloured = std::io::stderr().is_terminal();
    let say = |id: &str, fields: &[(&'static str, String)]| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        words.has(id).then(|| words.with(id, &fields))
    };
    let mut text: Vec<String> = problems.iter().map(|problem| problem.rendered_in(&say, coloured)).collect();
    text.push(words.with("apply-refused", &[("count", &problems.len().to_string())]));
    text.join("\n")
}

async fn work(
    context: &Context,
    timetable: &Timetable,
    paths: &[PathBuf],
    found: &ArgMatches,
) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let at = now(&context.clock);
    context.folder.prepare(at).map_err(told(words))?;
    let way = way(found);
    let (root, hash) = trust::in_force(&context.folder).map_err(told(words))?.ok_or_else(|| words.say("root-none"))?;
    let under = Under { version: root.version, hash };
    let files = Files::read(if let Way::Signed(paths) = &way { paths } else { &[] }, words)?;
    let carried = if let Way::Signed(_) = &way { Some(key::carried(&files, words)?) } else { None };
    if let Some((asked, _)) = &carried {
        officers::is_ours(asked, under, words)?;
    }
    let own = if let Way::Own(file) = &way { own_key(context, file.as_deref(), &root.officers, found)? } else { None };
    let store = Store::open(&context.folder.store().display().to_string()).await.map_err(told(words))?;
    let differences = apply::differences(&store, timetable, paths).await.map_err(told(words))?;
    show(&differences, words);
    let slides = slides(context, timetable, &differences, &store, !found.get_flag("no-preview")).await?;
    let is_noted = own.is_some() || carried.is_some();
    let contents = take_in(context, timetable, &slides, &store, is_noted).await?;
    let made = carried.as_ref().map_or(at, |(asked, _)| asked.made);
    let prepared = apply::prepare(&store, timetable, &contents, &differences, &root.officers, (made, at)).await;
    let prepared = prepared.map_err(told(words))?;
    if let Way::Ask(file) = &way {
        let hash = officers::write(file, (&prepared, timetable, &contents), under, made, words)?;
        return requested(context, &store, file, &hash, prepared.unsigned.len()).await;
    }
    let signers = match &carried {
        Some((asked, copies)) => officers::counted(asked, copies, &prepared, &root.officers, words)?,
        None if own.is_none() && !prepared.unsigned.is_empty() => return Err(unsignable(&root.officers, words)),
        None => Vec::new(),
    };
    let who: Vec<String> = match &own {
        Some(key) => vec![short(&key.public())],
        None => signers.iter().map(|signer| short(&signer.key)).collect(),
    };
    let who = if who.is_empty() { "desk".to_owned() } else { who.join("+") };
    let given: Vec<&Signer<'_>> = signers.iter().collect();
    let seal = |index: usize, body: &[u8]| match &own {
        Some(key) => keys::seal(body, apply::purpose(body), &[key]),
        None => request::sealed(body, place_of(&carried, body).unwrap_or(index), &given, None),
    };
    let applied = apply::commit(&store, prepared, &root.officers, seal, &who, at).await.map_err(told(words))?;
    let (signed, revoked) = (applied.signed.len().to_string(), applied.revoked.len().to_string());
    let detail = format!("signed {signed}, revoked {revoked}");
    note(context, &store, who, "apply", subject(paths), detail).await?;
    store.close().await;
    println!("{}", words.with("apply-done", &[("signed", &signed), ("revoked", &revoked)]));
    Ok(ExitCode::SUCCESS)
}

/// Where in the request an order's bytes stand, as its signatures do.
fn place_of(carried: &Option<(SigningRequest<'_>, Vec<RequestFile<'_>>)>, body: &[u8]) -> Option<usize> {
    carried.as_ref()?.0.orders.iter().position(|asked| asked.body == body)
}

fn subject(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(" ")
}

/// Notes an act at this desk.
async fn note(
    context: &Context,
    store: &Store,
    who: String,
    what: &str,
    subject: String,
    detail: String,
) -> Result<(), Failure> {
    let act = Act { at: now(&context.clock), who, what: what.to_owned(), subject, detail };
    store.append_act(&act).await.map(drop).map_err(told(&context.words))
}

/// Notes that a request was written, and says where it goes from here.
async fn requested(
    context: &Context,
    store: &Store,
    file: &Path,
    hash: &Hash,
    count: usize,
) -> Result<ExitCode, Failure> {
    let (path, hash) = (file.display().to_string(), key::grouped(&hash.to_string()[..16]));
    let detail = format!("{count} orders, {hash}");
    note(context, store, "desk".to_owned(), "request", path.clone(), detail).await?;
    let fields = [("path", path.as_str()), ("hash", hash.as_str()), ("count", &*count.to_string())];
    println!("{}", context.words.with("request-written", &fields));
    Ok(ExitCode::SUCCESS)
}

/// The key that signs alone, where one is at hand and its signature is enough.
pub(super) fn own_key(
    context: &Context,
    file: Option<&Path>,
    officers: &Role,
    found: &ArgMatches,
) -> Result<Option<SecretKey>, Failure> {
    let words = &context.words;
    if officers.threshold > 1 {
        // Nobody is asked for a passphrase that does not help.
        return if file.is_some() { Err(unsignable(officers, words)) } else { Ok(None) };
    }
    let Some(file) = file else {
        let own = context.folder.own_officer().map_err(told(words))?;
        return Ok(own.filter(|key| officers.is_filled_by(&key.public())));
    };
    let key = key::officer(context, file, found)?;
    if officers.is_filled_by(&key.public()) {
        return Ok(Some(key));
    }
    Err(words.with("apply-no-officer", &[("path", &file.display().to_string())]))
}

/// What to do where no key at hand is enough.
pub(super) fn unsignable(officers: &Role, words: &Words) -> Failure {
    let (needed, of) = (officers.threshold.max(1).to_string(), officers.keys.len().to_string());
    words.with("apply-needs-officers", &[("needed", &needed), ("of", &of)])
}

/// Shows what would change; where there is no desk yet none is made.
async fn look(
    context: &Context,
    timetable: &Timetable,
    paths: &[PathBuf],
    with_faces: bool,
) -> Result<ExitCode, Failure> {
    let words = &context.words;
    let nothing = scratch().map_err(told(words))?;
    let file = context.folder.store();
    let file = if file.is_file() { file } else { nothing.as_ref().join("desk.db") };
    let store = Store::open(&file.display().to_string()).await.map_err(told(words))?;
    let differences = apply::differences(&store, timetable, paths).await.map_err(told(words))?;
    show(&differences, words);
    slides(context, timetable, &differences, &store, with_faces).await?;
    println!("{}", words.say("apply-dry-run-done"));
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

fn show(differences: &Differences, words: &Words) {
    for entry in &differences.entries {
        let sign = match entry.sign {
            Sign::Added => "+",
            Sign::Changed => "~",
            Sign::Removed => "-",
        };
        println!("{sign} {} {}", words.say(&format!("kind-{}", entry.kind.name())), entry.id);
    }
    let unchanged = differences.unchanged.to_string();
    println!(
        "{}",
        words.with("apply-summary", &[("changes", &differences.entries.len().to_string()), ("unchanged", &unchanged)])
    );
}

/// Makes every slide that an order airs, and tells what cannot be read on the boards that show it.
async fn slides(
    context: &Context,
    timetable: &Timetable,
    differences: &Differences,
    store: &Store,
    with_faces: bool,
) -> Result<Checked, Failure> {
    let words = &context.words;
    let players = players(timetable, differences, store, words).await?;
    let utc: UtcMs = now(&context.clock);
    let local = Clocks::of(&players).local(None, utc);
    let offset_s = i32::try_from(local.seconds() - utc.seconds()).ok();
    let shown = Shown { utc, offset_s, coloured: checked::is_coloured() };
    let checked = checked::slides(timetable, &players, shown, words)?;
    print!("{}", checked.page(with_faces));
    Ok(checked)
}

/// The players that there are when the timetable is applied: its own, and those of other files.
async fn players(
    timetable: &Timetable,
    differences: &Differences,
    store: &Store,
    words: &Words,
) -> Result<Vec<PlayerEntry>, Failure> {
    let mut players = compile::players(timetable).map_err(told(words))?;
    let named = differences.entries.iter().filter(|entry| entry.kind == DefinitionKind::Player);
    let mut here: BTreeSet<&str> = named.map(|entry| entry.id.as_str()).collect();
    here.extend(timetable.players.iter().map(|player| player.id.as_str()));
    let (others, _) = kept::players(store).await.map_err(told(words))?;
    players.extend(others.into_iter().filter(|entry| !here.contains(entry.placement.player.as_str())));
    Ok(players)
}

/// Takes in every clip that an order airs, and the slides that were made; gives what they are on the shelf. The store
/// is only told where `is_noted`.
async fn take_in(
    context: &Context,
    timetable: &Timetable,
    slides: &Checked,
    store: &Store,
    is_noted: bool,
) -> Result<Contents, Failure> {
    let words = &context.words;
    let blobs = Blobs::open(context.folder.content())
        .map_err(|error| super::told::file(&context.folder.content(), &error, words))?;
    let shelf = Shelf::open(&context.folder.content()).map_err(|error| error.to_string())?;
    let aired: BTreeSet<&str> = timetable.orders.iter().map(|order| order.programme.as_str()).collect();
    let items = timetable.programmes.iter().filter(|p| aired.contains(p.id.as_str())).flat_map(|p| &p.items);
    let wanted: BTreeSet<String> = items.map(name_of).collect();
    let mut contents = Contents::new();
    for clip in timetable.clips.iter().filter(|clip| wanted.contains(&format!("clip:{}", clip.id))) {
        let rendition = add_clip(context, clip, &shelf)?;
        if is_noted {
            note_clip(context, clip, &rendition, store).await?;
        }
        let size = u32::try_from(rendition.size_bytes).map_err(|error| error.to_string())?;
        let length_ms = u32::try_from(rendition.duration_ms).map_err(|error| error.to_string())?;
        let content = Content { blob: BlobRef { hash: Hash(rendition.sha256), size }, length_ms };
        contents.insert(format!("clip:{}", clip.id), content);
    }
    for slide in &slides.aired {
        let blob = match &slide.sent {
            Sent::Slide(made) => blobs.put(&made.bytes),
            Sent::Video(video) => {
                let changed = |reason| made::refused(&slide.id, &video.path, reason).tell(words);
                blobs.put(&video.bytes().map_err(changed)?)
            }
        };
        let blob = blob.map_err(told(words))?;
        contents.insert(format!("slide:{}", slide.id), Content { blob, length_ms: slide.stands_ms });
    }
    Ok(contents)
}

fn name_of(item: &Item) -> String {
    match item {
        Item::Clip(id) => format!("clip:{id}"),
        Item::Slide(id) => format!("slide:{id}"),
    }
}

/// Takes in one clip, with a bar that shows how far it is.
pub(crate) fn add_clip(context: &Context, clip: &model::Clip, shelf: &Shelf) -> Result<Rendition, Failure> {
    let options = media::Options { lossless: clip.lossless, ..media::Options::default() };
    let bar = Bar::new(&clip.id);
    let made = media::ingest(&clip.file, &options, shelf, &mut |progress| bar.at(progress.fraction));
    drop(bar);
    made.map_err(|verdict| refused(&verdict, &context.words))
}

/// A verdict as a sentence for people.
pub(crate) fn refused(verdict: &Verdict, words: &Words) -> Failure {
    // What is not known is empty, and the catalogue chooses its wording by a name.
    let unknown = ["looks_like", "declared_ms", "loudness_lufs", "peak_dbfs"];
    let fields = verdict.fields();
    let fields: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (*name, if value.is_empty() && unknown.contains(name) { "none" } else { value.as_str() }))
        .collect();
    if words.has(verdict.code()) { words.with(verdict.code(), &fields) } else { verdict.to_string() }
}

/// Notes in the store what a clip became.
pub(crate) async fn note_clip(
    context: &Context,
    clip: &model::Clip,
    rendition: &Rendition,
    store: &Store,
) -> Result<(), Failure> {
    let (at, words) = (now(&context.clock), &context.words);
    let noted = Clip {
        id: clip.id.clone(),
        rendition: Hash(rendition.sha256),
        source: Hash(rendition.source_sha256),
        size_bytes: rendition.size_bytes,
        duration_ms: rendition.duration_ms,
        added: at,
        document: serde_json::to_string(rendition).map_err(|error| error.to_string())?,
    };
    let known = store.clip(&clip.id).await.map_err(told(words))?;
    if known.is_some_and(|known| known.rendition == noted.rendition && known.source == noted.source) {
        return Ok(());
    }
    store.replace(vec![Change::PutClip(noted)], at, "loa").await.map_err(told(words))?;
    Ok(())
}
