//! The house as a whole: its crates, and which file is which module of which crate.
//!
//! Follows `mod` declarations from every crate root, so a file is test code where its parent says so, and a file that
//! nobody declares is found. Knows nothing of budgets. Next: `finding.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use super::facts::{self, Declared, Facts};

/// A source file in its place.
#[derive(Debug)]
pub struct Source {
    /// From the top of the repository, with `/`.
    pub path: String,
    pub text: String,
    pub facts: Facts,
    /// Why it cannot be read, if it cannot: then there are no facts.
    pub unread: Option<String>,
    /// All of it is test, bench or example code.
    pub is_test: bool,
    /// The crate's folder.
    pub package: String,
    /// The file its tree of modules begins with; none for a file that no file declares.
    pub root: Option<String>,
    /// Its modules from that root on, none for the root itself.
    pub module: Vec<String>,
}

/// A crate.
#[derive(Debug)]
pub struct Package {
    pub folder: String,
    pub manifest: toml::Table,
}

/// Everything that git tracks here.
#[derive(Debug)]
pub struct House {
    pub sources: Vec<Source>,
    pub packages: Vec<Package>,
    /// All tracked files, source or not.
    pub paths: Vec<String>,
}

/// Where the repository begins.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The present state, read once.
pub static HOUSE: LazyLock<House> = LazyLock::new(House::read);

/// What git answers, if it does.
pub fn git(arguments: &[&str]) -> Option<String> {
    // The files may belong to somebody else than the one who runs the tests, as in containers.
    let mut command = Command::new("git");
    command.current_dir(top()).args(["-c", "safe.directory=*"]).args(arguments);
    let output = command.output().ok().filter(|output| output.status.success())?;
    String::from_utf8(output.stdout).ok()
}

impl House {
    fn read() -> Self {
        let listed = git(&["ls-files"]).expect("git lists the files of this repository");
        let on_disk = |path: &&str| top().join(path).is_file();
        let paths: Vec<String> = listed.lines().filter(on_disk).map(str::to_owned).collect();
        let texts = paths.iter().filter(|path| path.ends_with(".rs") || path.ends_with("Cargo.toml"));
        let texts = texts.map(|path| (path.clone(), std::fs::read_to_string(top().join(path)).expect("it is UTF-8")));
        Self { paths: paths.clone(), ..Self::of(texts.collect()) }
    }

    /// A house of these files, by path.
    pub fn of(texts: BTreeMap<String, String>) -> Self {
        let manifests = texts.iter().filter(|(path, _)| path.ends_with("/Cargo.toml"));
        let packages: Vec<Package> = manifests
            .map(|(path, text)| Package {
                folder: path.trim_end_matches("/Cargo.toml").to_owned(),
                manifest: text.parse().unwrap_or_else(|error| panic!("{path}: {error}")),
            })
            .collect();
        let mut sources = BTreeMap::new();
        for package in &packages {
            let rust = texts.keys().filter(|path| is_under(path, &package.folder) && path.ends_with(".rs"));
            let mut roots: BTreeSet<String> = rust.filter(|path| is_root(path, package)).cloned().collect();
            roots.extend(named_roots(package).filter(|path| texts.contains_key(path)));
            for root in &roots {
                follow(root, package, &roots, &texts, &mut sources);
            }
        }
        for (path, text) in texts.iter().filter(|(path, _)| path.ends_with(".rs")) {
            sources.entry(path.clone()).or_insert_with(|| undeclared(path, text, &packages));
        }
        let paths = texts.keys().cloned().collect();
        Self { sources: sources.into_values().collect(), packages, paths }
    }
}

fn is_under(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// What cargo takes for a crate root without being told.
fn is_root(path: &str, package: &Package) -> bool {
    let inner = &path[package.folder.len() + 1..];
    let parts: Vec<&str> = inner.split('/').collect();
    let program = matches!(parts[..], ["src", "lib.rs" | "main.rs"] | ["build.rs"] | ["src", "bin", _]);
    let beside = ["tests", "benches", "examples"].contains(&parts[0]);
    program || (beside && matches!(parts[1..], [_] | [_, "main.rs"]))
}

/// The roots that the manifest names.
fn named_roots(package: &Package) -> impl Iterator<Item = String> {
    let one = package.manifest.get("lib").into_iter();
    let lists = ["bin", "test", "bench", "example"].into_iter().filter_map(|kind| package.manifest.get(kind));
    let many = lists.filter_map(toml::Value::as_array).flatten();
    one.chain(many).filter_map(|target| target.get("path")?.as_str()).map(|path| format!("{}/{path}", package.folder))
}

fn is_test_path(path: &str) -> bool {
    path.split('/').any(|part| matches!(part, "tests" | "benches" | "examples"))
}

fn parsed(text: &str, is_test: bool) -> (Facts, Option<String>) {
    match facts::read(text, is_test) {
        Ok(facts) => (facts, None),
        Err(error) => (Facts::default(), Some(format!("line {}: {error}", error.span().start().line))),
    }
}

fn undeclared(path: &str, text: &str, packages: &[Package]) -> Source {
    let package = packages.iter().find(|package| is_under(path, &package.folder));
    let package = package.map_or_else(String::new, |package| package.folder.clone());
    let is_test = is_test_path(path);
    let (facts, unread) = parsed(text, is_test);
    let (path, text) = (path.to_owned(), text.to_owned());
    Source { path, text, facts, unread, is_test, package, root: None, module: Vec::new() }
}

/// Adds a crate root and all the files it leads to.
fn follow(
    root: &str,
    package: &Package,
    roots: &BTreeSet<String>,
    texts: &BTreeMap<String, String>,
    into: &mut BTreeMap<String, Source>,
) {
    let is_test = is_test_path(root);
    let mut open = vec![(root.to_owned(), Vec::new(), is_test)];
    while let Some((path, module, is_test)) = open.pop() {
        if into.contains_key(&path) {
            continue;
        }
        let Some(text) = texts.get(&path) else { continue };
        let (facts, unread) = parsed(text, is_test);
        for declared in facts.modules.iter().filter(|declared| !declared.has_body) {
            if let Some(file) = file_of(declared, &path, roots).find(|file| texts.contains_key(file)) {
                let inner = module.iter().chain(&declared.inline).chain([&declared.name]).cloned().collect();
                open.push((file, inner, is_test || declared.in_test));
            }
        }
        let (text, package, root) = (text.clone(), package.folder.clone(), Some(root.to_owned()));
        into.insert(path.clone(), Source { path, text, facts, unread, is_test, package, root, module });
    }
}

/// The files in which a declared module may lie (Rust reference, "Module source filenames").
fn file_of(declared: &Declared, parent: &str, roots: &BTreeSet<String>) -> impl Iterator<Item = String> + use<> {
    let (folder, file) = parent.rsplit_once('/').unwrap_or(("", parent));
    let stem = file.trim_end_matches(".rs");
    let mut base = folder.to_owned();
    if !roots.contains(parent) && stem != "mod" {
        base = format!("{base}/{stem}");
    }
    for inline in &declared.inline {
        base = format!("{base}/{inline}");
    }
    let found = match &declared.path {
        Some(path) => vec![format!("{folder}/{path}")],
        None => vec![format!("{base}/{}.rs", declared.name), format!("{base}/{}/mod.rs", declared.name)],
    };
    found.into_iter()
}

#[cfg(test)]
pub use tests::house;

#[cfg(test)]
mod tests {
    use super::*;

    pub fn house(files: &[(&str, &str)]) -> House {
        House::of(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect())
    }

    #[test]
    fn files_are_found_by_following_the_declarations() {
        let house = house(&[
            ("a/Cargo.toml", "[[test]]\nname = \"long\"\npath = \"far/long.rs\""),
            ("a/src/lib.rs", "mod play;"),
            ("a/src/play/mod.rs", "mod due; #[cfg(test)] mod trial;"),
            ("a/src/play/due.rs", "mod deep;"),
            ("a/src/play/due/deep.rs", ""),
            ("a/src/play/trial.rs", ""),
            ("a/src/lost.rs", ""),
            ("a/far/long.rs", "#[path = \"side/it.rs\"] mod it;"),
            ("a/far/side/it.rs", ""),
        ]);
        let found = house.sources.iter().map(|s| (s.path.as_str(), s.module.join("::"), s.is_test, s.root.is_some()));
        let expected = [
            ("a/far/long.rs", "", false, true),
            ("a/far/side/it.rs", "it", false, true),
            ("a/src/lib.rs", "", false, true),
            ("a/src/lost.rs", "", false, false),
            ("a/src/play/due.rs", "play::due", false, true),
            ("a/src/play/due/deep.rs", "play::due::deep", false, true),
            ("a/src/play/mod.rs", "play", false, true),
            ("a/src/play/trial.rs", "play::trial", true, true),
        ];
        let expected = expected.map(|(path, module, test, root)| (path, module.to_owned(), test, root));
        assert_eq!(found.collect::<Vec<_>>(), expected);
    }
}
