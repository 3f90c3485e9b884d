//! What crates may depend on, and in how many files of a crate an outside library is named.
//!
//! A library that one file names can be replaced by changing one file. Next: `words.rs`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use super::facts::{Facts, Name};
use super::finding::Finding;
use super::tree::{self, House, Package};

/// Which crates of ours each crate may use. The shells never import one another.
const MAY_USE: [(&str, &[&str]); 15] = [
    ("domain", &["loa-derive"]),
    ("domain/derive", &[]),
    ("board", &["loa-domain"]),
    ("preview", &["loa-board", "loa-domain"]),
    ("host", &["loa-domain"]),
    // Shares nothing with the writer of the log but the rules.
    ("verify", &["loa-domain"]),
    ("server", &["loa-board", "loa-domain", "loa-host", "loa-verify"]),
    ("agent", &["loa-board", "loa-domain", "loa-host"]),
    ("firmware", &["loa-board", "loa-domain"]),
    ("firmware/boards/common", &["loa-board", "loa-domain", "loa-firmware"]),
    ("firmware/boards/esp32c6", &["loa-board-common", "loa-domain", "loa-firmware"]),
    ("firmware/boards/rp2350-w5500", &["loa-board-common", "loa-domain", "loa-firmware"]),
    ("firmware/boards/lm3s6965evb", &["loa-board-common", "loa-domain", "loa-firmware"]),
    ("tests/fuzz", &["loa-board", "loa-domain", "loa-firmware"]),
    ("tests", &["loa-board", "loa-domain", "loa-host", "loa-server", "loa-agent", "loa-firmware", "loa-verify"]),
];

/// Libraries that many files of a crate may name.
const EVERYWHERE: [(&str, &str); 7] = [
    ("axum", "a route stands in the file of its resource; connections are made in one file"),
    ("serde", "derives on whatever is kept or sent; the format is named in one file"),
    ("clap", "derives on the words of each command, and a command stands in a file of its own"),
    ("serde_json", "two calls, to a text and from one; what is written stands in the types"),
    ("thiserror", "derives on every error type"),
    ("tracing", "a log line stands where the thing happens"),
    ("tokio", "the runtime itself: time, channels and tasks are its types"),
];

/// Crates of ours that a crate must not depend on.
pub fn direction(house: &House) -> Vec<Finding> {
    let ours: BTreeSet<&str> = house.packages.iter().filter_map(name_of).collect();
    let mut findings = Vec::new();
    for package in &house.packages {
        let place = format!("{}/Cargo.toml", package.folder);
        let Some((_, may_use)) = MAY_USE.iter().find(|(folder, _)| *folder == package.folder) else {
            findings.push(Finding::at(&place, 1, "tests/tidy/crates.rs does not say what this crate may use"));
            continue;
        };
        for used in
            dependencies(package, true).into_iter().filter(|used| ours.contains(used) && !may_use.contains(used))
        {
            findings.push(Finding::at(&place, 1, format!("may not depend on {used}")));
        }
    }
    findings
}

fn name_of(package: &Package) -> Option<&str> {
    package.manifest.get("package")?.get("name")?.as_str()
}

/// Names in the dependency tables, those of tests too where `with_tests`.
fn dependencies(package: &Package, with_tests: bool) -> BTreeSet<&str> {
    let targets = package.manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table);
    let kinds = ["dependencies", "build-dependencies", "dev-dependencies"];
    let kinds = kinds.into_iter().take(if with_tests { 3 } else { 2 });
    [&package.manifest]
        .into_iter()
        .chain(targets)
        .flat_map(|table| kinds.clone().filter_map(|kind| table.get(kind)?.as_table()))
        .flat_map(toml::Table::keys)
        .map(String::as_str)
        .collect()
}

/// Programs of microcontrollers: what a chip's libraries are is what the program is made of, and another chip is another
/// program.
const CHIPS: &str = "firmware/boards/";

/// Outside libraries that more than one file of a crate names, tests left out.
pub fn libraries(house: &House) -> Vec<Finding> {
    let ours: BTreeSet<&str> = house.packages.iter().filter_map(name_of).collect();
    let mut findings = Vec::new();
    for package in
        house.packages.iter().filter(|package| package.folder != "tests" && !package.folder.starts_with(CHIPS))
    {
        let outside = dependencies(package, false).into_iter().filter(|name| !ours.contains(name));
        for library in outside.filter(|name| !EVERYWHERE.iter().any(|(exempt, _)| exempt == name)) {
            let files = files_naming(&library.replace('-', "_"), package, house);
            if files.len() > 1 {
                let place = format!("{}/Cargo.toml#{library}", package.folder);
                let named: Vec<String> = files.iter().map(|(path, line)| format!("{path}:{line}")).collect();
                let says = format!("{place}: named in {} files, not one: {}", files.len(), named.join(", "));
                findings.push(Finding { place, over: files.len() - 1, says });
            }
        }
    }
    findings
}

/// The files of a crate that name a library, and the first line of each where they do.
fn files_naming<'h>(library: &str, package: &Package, house: &'h House) -> BTreeMap<&'h str, usize> {
    let sources = house.sources.iter().filter(|source| source.package == package.folder && !source.is_test);
    sources.filter_map(|source| Some((source.path.as_str(), first_mention(library, &source.facts)?))).collect()
}

fn first_mention(library: &str, facts: &Facts) -> Option<usize> {
    let is_it = |name: &Name| name.parts.first().is_some_and(|first| first == library);
    // A module or an import of the same name hides the library, but for `::name`.
    let hidden = facts.modules.iter().any(|module| module.name == library)
        || facts.names.iter().any(|name| name.bound.as_deref() == Some(library) && !is_it(name));
    let seen = facts.names.iter().filter(|name| !name.in_test && is_it(name) && (name.rooted || !hidden));
    seen.filter(|name| name.parts.len() > 1 || name.rooted || name.bound.is_some()).map(|name| name.line).min()
}

/// Features that bring an allocator or the standard library into the firmware, as cargo resolves them for it alone:
/// in a build of the whole workspace the other crates switch them on.
pub fn features_of_std() -> Vec<Finding> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(tree::top()).args(["tree", "--locked", "--offline", "--package", "loa-firmware"]);
    let output = cargo.args(["--edges", "features,normal", "--prefix", "none"]).output().expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(lines.contains("loa-domain"), "the firmware's tree of libraries:\n{lines}");
    let switched_on = lines.lines().filter(|line| ["\"alloc\"", "\"std\""].iter().any(|name| line.contains(name)));
    switched_on.map(|line| Finding::at("firmware/Cargo.toml", 1, line)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::house;
    use super::*;

    const DOMAIN: (&str, &str) = ("domain/Cargo.toml", "[package]\nname = \"loa-domain\"");
    const SERVER: &str = "[package]\nname = \"loa-server\"\n";

    #[test]
    fn a_crate_that_uses_one_it_may_not_is_found() {
        let agent = "[package]\nname = \"loa-agent\"\n[dependencies]\nloa-domain.workspace = true\nserde = \"1\"\n\
                     [target.'cfg(unix)'.dev-dependencies]\nloa-server.workspace = true";
        let server = "[package]\nname = \"loa-server\"";
        let found = direction(&house(&[DOMAIN, ("server/Cargo.toml", server), ("agent/Cargo.toml", agent)]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].says.contains("may not depend on loa-server"), "{found:?}");
    }

    #[test]
    fn a_library_named_in_two_files_is_found_and_plumbing_is_not() {
        let manifest = format!("{SERVER}[dependencies]\nserde = \"1\"\ncron = \"1\"\nblue-paint = \"1\"\n");
        let house = house(&[
            ("server/Cargo.toml", &manifest),
            ("server/src/lib.rs", "use serde::A; mod cron; mod b; mod c; use cron::Own;"),
            ("server/src/cron.rs", "use serde::A; use ::cron::Schedule; use blue_paint as paint;"),
            ("server/src/b.rs", "#[derive(blue_paint::Coat)] struct B; use crate::cron; type S = cron::Own;"),
            ("server/src/c.rs", "#[cfg(test)] mod tests { use blue_paint::Pot; } fn blue_paint() {}"),
        ]);
        let found = libraries(&house);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].place.as_str(), found[0].over), ("server/Cargo.toml#blue-paint", 1));
        assert!(found[0].says.contains("server/src/b.rs:1, server/src/cron.rs:1"), "{found:?}");
    }
}
