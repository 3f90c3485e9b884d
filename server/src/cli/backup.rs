//! `loa backup DIR` and `loa restore DIR`: the desk as a folder that can be carried away, and back.
//!
//! A backup is a folder with the store's copy, the content under its hashes, a list of them, the log, the root
//! document and, when asked for, the keys. Content is checked against its hash in both directions. How a running store is copied, and
//! that a restored one is not in use, is `store/backup.rs`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_host::durable;
use loa_host::text::Words;

use super::bar::Bar;
use super::told::{file as failed, system, told};
use super::{Context, Failure, wait_for};
use crate::audit::{self, carry};
use crate::config::Folder;
use crate::delivery::media::shelf;
use crate::serve::now;
use crate::store::{Act, Store};

/// The list of content, one hash per line. Written last: a backup without it is unfinished.
const LIST: &str = "content.txt";

/// The arguments of `loa backup`.
#[must_use]
pub fn command(words: &Words) -> Command {
    arguments("backup", words)
}

/// The arguments of `loa restore`.
#[must_use]
pub fn restore_command(words: &Words) -> Command {
    arguments("restore", words)
}

fn arguments(name: &'static str, words: &Words) -> Command {
    let keys = Arg::new("with-keys").long("with-keys").action(ArgAction::SetTrue);
    Command::new(name)
        .about(words.say(&format!("{name}-about")))
        .arg(Arg::new("dir").value_name("DIR").required(true).help(words.say(&format!("{name}-help-dir"))))
        .arg(keys.help(words.say(&format!("{name}-help-with-keys"))))
}

/// Runs `loa backup`.
///
/// # Errors
/// When something cannot be copied, or content is damaged.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let to = Folder::at(found.get_one::<String>("dir").map_or("", String::as_str));
    let copied = wait_for(back_up(context, &to, found.get_flag("with-keys")))??;
    let (dir, files) = (to.dir().display().to_string(), copied.to_string());
    println!("{}", context.words.with("backup-done", &[("dir", &dir), ("files", &files)]));
    Ok(ExitCode::SUCCESS)
}

/// Runs `loa restore`.
///
/// # Errors
/// When the backup is not whole or a desk is running: the store stays as it was.
pub fn run_restore(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let from = Folder::at(found.get_one::<String>("dir").map_or("", String::as_str));
    let restored = wait_for(restore(context, &from, found.get_flag("with-keys")))??;
    let (dir, files) = (context.folder.dir().display().to_string(), restored.files.to_string());
    println!("{}", context.words.with("restore-done", &[("dir", &dir), ("files", &files)]));
    if let Some(aside) = restored.aside {
        println!("{}", context.words.with("restore-aside", &[("path", &aside.display().to_string())]));
    }
    Ok(ExitCode::SUCCESS)
}

/// Copies the desk to a folder; gives how many files of content.
async fn back_up(context: &Context, to: &Folder, with_keys: bool) -> Result<usize, Failure> {
    let words = &context.words;
    let store = context.open_store().await?;
    let full = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    if full(to.dir()).starts_with(full(context.folder.dir())) {
        return Err(words.with("backup-inside", &[("dir", &to.dir().display().to_string())]));
    }
    for dir in [to.dir(), &to.content()] {
        durable::create_dir(dir).map_err(|error| failed(dir, &error, words))?;
    }
    // The store first: content that comes after it is named by nothing in it.
    store.backup(&to.store()).await.map_err(told(words))?;
    let from = &context.folder;
    let names = content(&from.content(), words)?;
    copy_content(&names, from, to, &words.say("backup-bar"), words)?;
    copy_roots(from, to, words)?;
    if with_keys {
        copy_keys(from, to, words)?;
    }
    carry::back_up(from, to).map_err(told(words))?;
    let list: String = names.iter().map(|name| format!("{name}\n")).collect();
    durable::write(&to.dir().join(LIST), list.as_bytes()).map_err(|error| failed(to.dir(), &error, words))?;
    let what = "backup".to_owned();
    let (subject, detail) = (to.dir().display().to_string(), format!("{} files, keys: {with_keys}", names.len()));
    let act = Act { at: now(&context.clock), who: "loa".to_owned(), what, subject, detail };
    store.append_act(&act).await.map_err(told(words))?;
    store.close().await;
    Ok(names.len())
}

/// What came of restoring.
struct Restored {
    files: usize,
    aside: Option<PathBuf>,
}

async fn restore(context: &Context, from: &Folder, with_keys: bool) -> Result<Restored, Failure> {
    let words = &context.words;
    let not_whole =
        |why: &str| words.with("restore-not-whole", &[("dir", &from.dir().display().to_string()), ("why", why)]);
    let list = fs::read_to_string(from.dir().join(LIST))
        .map_err(|error| not_whole(&format!("{LIST}: {}", system(&error, words))))?;
    let names: Vec<String> = list.lines().map(str::to_owned).collect();
    if let Some(wrong) = names.iter().find(|name| !is_hash(name)) {
        return Err(not_whole(&format!("{LIST}: {wrong}")));
    }
    if with_keys && !from.keys().is_dir() {
        return Err(words.say("restore-no-keys"));
    }
    // All of the backup is looked at before anything is made: what is not whole leaves no trace.
    Store::check_backup(&from.store()).await.map_err(told(words))?;
    check_content(&names, from, words)?;
    let to = &context.folder;
    for dir in [to.dir(), &to.content()] {
        durable::create_dir(dir).map_err(|error| failed(dir, &error, words))?;
    }
    // Content lies under its hash, so that what is copied before the store is at worst not used.
    copy_content(&names, from, to, &words.say("restore-bar"), words)?;
    let at = now(&context.clock);
    let mark = format!("{}", at.seconds());
    let lock = audit::log::lock(to).map_err(told(words))?;
    let aside = Store::restore(&from.store(), &to.store(), &mark).await.map_err(told(words))?;
    let present = carry::present(to);
    if with_keys {
        if to.keys().is_dir() {
            let kept = to.dir().join(format!("keys.{mark}.before-restore"));
            fs::rename(to.keys(), &kept).map_err(|error| failed(&kept, &error, words))?;
        }
        copy_keys(from, to, words)?;
        copy_roots(from, to, words)?;
    }
    drop(lock);
    carry::restore(from, to, present, &mark).await.map_err(told(words))?;
    let store = Store::open(&to.store().display().to_string()).await.map_err(told(words))?;
    let (what, detail) = ("restore".to_owned(), format!("{} files, keys: {with_keys}", names.len()));
    let act = Act { at, who: "loa".to_owned(), what, subject: from.dir().display().to_string(), detail };
    store.append_act(&act).await.map_err(told(words))?;
    store.close().await;
    Ok(Restored { files: names.len(), aside })
}

fn is_hash(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// The hashes of all content in a folder, in order.
fn content(dir: &Path, words: &Words) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    let read = |dir: &Path| fs::read_dir(dir).map_err(|error| failed(dir, &error, words));
    for folder in read(dir)? {
        let folder = folder.map_err(|error| failed(dir, &error, words))?;
        // Two digits of the hash; whatever else lies there can be made anew.
        if folder.file_name().len() != 2 || !folder.path().is_dir() {
            continue;
        }
        for file in read(&folder.path())? {
            let name = file.map_err(|error| failed(dir, &error, words))?.file_name().to_string_lossy().into_owned();
            if is_hash(&name) {
                names.push(name);
            }
        }
    }
    names.sort();
    Ok(names)
}

/// Copies content that is not there yet, and checks all of it.
fn copy_content(names: &[String], from: &Folder, to: &Folder, title: &str, words: &Words) -> Result<(), Failure> {
    let bar = Bar::new(title);
    for (done, name) in names.iter().enumerate() {
        bar.of(done, names.len());
        let place = |folder: &Folder| folder.content().join(&name[..2]).join(name);
        let (source, target) = (place(from), place(to));
        if hash(&target).is_ok_and(|found| found == *name) {
            continue;
        }
        let found = hash(&source).map_err(|error| failed(&source, &error, words))?;
        if found != *name {
            return Err(words.with("content-damaged", &[("path", &source.display().to_string())]));
        }
        copy(&source, &target, words)?;
        if hash(&target).map_err(|error| failed(&target, &error, words))? != *name {
            return Err(words.with("content-damaged", &[("path", &target.display().to_string())]));
        }
    }
    Ok(())
}

/// Checks that all content is there and is what its name says.
fn check_content(names: &[String], from: &Folder, words: &Words) -> Result<(), Failure> {
    for name in names {
        let path = from.content().join(&name[..2]).join(name);
        if hash(&path).map_err(|error| failed(&path, &error, words))? != *name {
            return Err(words.with("content-damaged", &[("path", &path.display().to_string())]));
        }
    }
    Ok(())
}

fn hash(path: &Path) -> io::Result<String> {
    Ok(shelf::hex(&shelf::hash(fs::File::open(path)?, &mut |_| {})?))
}

fn copy_keys(from: &Folder, to: &Folder, words: &Words) -> Result<(), Failure> {
    let keys = from.keys();
    durable::create_dir(&to.keys()).map_err(|error| failed(&to.keys(), &error, words))?;
    for file in fs::read_dir(&keys).map_err(|error| failed(&keys, &error, words))? {
        let file = file.map_err(|error| failed(&keys, &error, words))?.path();
        if let Some(name) = file.file_name().filter(|_| file.is_file()) {
            copy(&file, &to.keys().join(name), words)?;
        }
    }
    Ok(())
}

/// The root document, and those before it.
fn copy_roots(from: &Folder, to: &Folder, words: &Words) -> Result<(), Failure> {
    for earlier in from.kept_roots().map_err(|error| failed(&from.earlier_roots(), &error, words))? {
        copy(&earlier, &to.earlier_roots().join(earlier.file_name().unwrap_or_default()), words)?;
    }
    copy(&from.root_file(), &to.root_file(), words)
}

/// Copies a file so that it is there whole or not at all. Permissions come with it: keys stay private.
fn copy(from: &Path, to: &Path, words: &Words) -> Result<(), Failure> {
    let folder = to.parent().unwrap_or(Path::new("."));
    durable::create_dir(folder).map_err(|error| failed(folder, &error, words))?;
    let part = to.with_extension("part");
    let copied = fs::copy(from, &part).and_then(|_| fs::File::open(&part)?.sync_all());
    copied.map_err(|error| failed(from, &error, words))?;
    fs::rename(&part, to).and_then(|()| fs::File::open(folder)?.sync_all()).map_err(|error| failed(to, &error, words))
}
