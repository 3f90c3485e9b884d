//! Names and words that stand in one place only, or nowhere: the clock, calls that may panic, work put off, sleeping in
//! tests, and what belongs to one machine.
//!
//! The words are put together from halves here, or this file would find itself. Next: `waivers.txt`.

use std::collections::BTreeSet;

use super::facts::Name;
use super::finding::Finding;
use super::tree::{self, House, Source};

/// The only file that reads the clock, and on a microcontroller the one of its program.
const CLOCK: &str = "host/src/clock.rs";
const CHIPS: [&str; 2] = ["firmware/boards/", "/src/clock.rs"];
/// Ways to read it: a type and a function, or a function.
const READINGS: [&[&str]; 6] = [
    &["SystemTime", "now"],
    &["Instant", "now"],
    &["Utc", "now"],
    &["Local", "now"],
    &["UNIX_EPOCH", "elapsed"],
    &["clock_gettime"],
];
/// Package registries and mirrors: a repository does not say where its packages come from.
const REGISTRIES: [(&str, &str); 6] = [
    ("crates", ".io/"),
    ("npmjs", ".org"),
    ("npmjs", ".com"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("deb.debian", ".org"),
];
/// Lock files record where each package was found; cargo and npm write them.
const LOCKS: [&str; 2] = ["Cargo.lock", "package-lock.json"];

/// Readings of the clock outside its file; tokio's, which tests can stop, are allowed.
pub fn clock(house: &House) -> Vec<Finding> {
    let is_clock = |path: &str| path == CLOCK || path.starts_with(CHIPS[0]) && path.ends_with(CHIPS[1]);
    let sources = house.sources.iter().filter(|source| !source.is_test && !is_clock(&source.path));
    sources
        .flat_map(|source| source.facts.names.iter().map(move |name| (source, name)))
        .filter(|(source, name)| !name.in_test && READINGS.iter().any(|way| name.ends(way)) && !is_tokio(name, source))
        .map(|(source, name)| {
            Finding::at(&source.path, name.line, format!("{} is read in {CLOCK} alone", name.parts.join("::")))
        })
        .collect()
}

fn is_tokio(name: &Name, source: &Source) -> bool {
    let first = name.parts.first().map_or("", String::as_str);
    let tokio_time = |parts: &[String]| parts.first().is_some_and(|first| first == "tokio");
    let bound = |import: &Name| import.bound.as_deref() == Some(first) && tokio_time(&import.parts);
    tokio_time(&name.parts) || source.facts.names.iter().any(bound)
}

/// Macros that stand for work not done.
pub fn unfinished(house: &House) -> Vec<Finding> {
    let macros = [concat!("to", "do!"), concat!("un", "implemented!")];
    let marks = [concat!("TO", "DO"), concat!("FIX", "ME")];
    let mut findings = Vec::new();
    for source in &house.sources {
        let called = source.facts.names.iter().filter(|name| macros.iter().any(|not_done| name.ends(&[not_done])));
        findings.extend(called.map(|name| Finding::at(&source.path, name.line, "work not done")));
        for (index, line) in source.text.lines().enumerate() {
            if words(line).any(|word| marks.contains(&word)) {
                findings.push(Finding::at(&source.path, index + 1, "work put off: do it, or say what is so"));
            }
        }
    }
    findings
}

fn words(line: &str) -> impl Iterator<Item = &str> {
    line.split(|sign: char| !sign.is_alphanumeric() && sign != '_')
}

/// `unwrap` and `expect` without a comment above that says why they cannot fail. Tests may.
pub fn gambles(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in house.sources.iter().filter(|source| !source.is_test) {
        let lines: Vec<&str> = source.text.lines().collect();
        for gamble in source.facts.gambles.iter().filter(|gamble| !gamble.in_test) {
            let (first, last) = gamble.reason_between;
            let beside = |line: &&str| comment(line).is_some();
            let above = |line: &&str| comment(line) == Some(0);
            let above = lines[..first].last().is_some_and(|line| above(&line.trim_start()));
            if !above && !lines[first..last].iter().any(beside) {
                let says = format!("{}: say above it why it cannot fail", gamble.call);
                findings.push(Finding::at(&source.path, gamble.line, says));
            }
        }
    }
    findings
}

/// Where on a line a comment begins; `///` is not about the code, and `://` is an address.
fn comment(line: &str) -> Option<usize> {
    let found = line.match_indices("//").map(|(at, _)| at).find(|at| !line[..*at].ends_with(':'));
    found.filter(|at| !line[*at..].starts_with("///"))
}

/// Tests that are told not to run, and tests that sleep. One that another test starts as a process of its own, by its
/// name, does run.
pub fn idle_tests(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &house.sources {
        let by_name = |name: &str| words(&source.text).filter(|word| *word == name).count() > 1;
        let ignored = source.facts.ignored.iter().filter(|(name, _)| !by_name(name));
        findings.extend(ignored.map(|(_, line)| Finding::at(&source.path, *line, "a test that does not run")));
        let asleep = |name: &&Name| (name.in_test || source.is_test) && name.ends(&["thread", "sleep"]);
        let names = source.facts.names.iter().filter(asleep);
        findings.extend(names.map(|name| Finding::at(&source.path, name.line, "a test that sleeps: hand in the time")));
    }
    findings
}

/// Tests that a document names as evidence, and that nobody has written.
pub fn told_tests(house: &House) -> Vec<Finding> {
    let documents = house.paths.iter().filter(|path| path.ends_with(".md"));
    let texts = documents.filter_map(|path| Some((path, std::fs::read_to_string(tree::top().join(path)).ok()?)));
    texts.flat_map(|(path, text)| told_in(path, &text, house)).collect()
}

fn told_in(path: &str, text: &str, house: &House) -> Vec<Finding> {
    let functions = house.sources.iter().flat_map(|source| &source.facts.functions);
    let functions: BTreeSet<&str> = functions.map(|function| function.name.as_str()).collect();
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        // What stands between backticks, and has the length of a sentence.
        let quoted = line.split('`').skip(1).step_by(2).filter(|name| name.matches('_').count() > 3);
        let names =
            quoted.filter(|name| name.bytes().all(|b| b == b'_' || b.is_ascii_lowercase() || b.is_ascii_digit()));
        let missing = names.filter(|name| !functions.contains(name));
        findings.extend(missing.map(|name| Finding::at(path, index + 1, format!("there is no test {name}"))));
    }
    findings
}

/// Paths of one machine and hosts of registries, in any tracked text.
pub fn places(house: &House) -> Vec<Finding> {
    let paths = house.paths.iter().filter(|path| !LOCKS.iter().any(|lock| path.ends_with(lock)));
    // What is not UTF-8 is a picture or a sound.
    let texts = paths.filter_map(|path| Some((path, std::fs::read_to_string(tree::top().join(path)).ok()?)));
    texts.flat_map(|(path, text)| places_in(path, &text)).collect()
}

fn places_in(path: &str, text: &str) -> Vec<Finding> {
    let folders = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    let registries = REGISTRIES.map(|(name, end)| format!("{name}{end}"));
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let folder = folders.iter().find(|folder| {
            let starts_path =
                |at: usize| !line[..at].ends_with(|sign: char| sign.is_alphanumeric() || "._~-}".contains(sign));
            line.match_indices(*folder).any(|(at, _)| starts_path(at))
        });
        if let Some(folder) = folder {
            findings.push(Finding::at(path, index + 1, format!("{folder} is a path of one machine")));
        }
        if let Some(host) = registries.iter().find(|host| line.contains(host.as_str())) {
            findings.push(Finding::at(path, index + 1, format!("{host} is a package registry")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::house;
    use super::*;

    fn lines(findings: &[Finding]) -> Vec<&str> {
        findings.iter().map(|finding| finding.says.split(": ").next().unwrap_or_default()).collect()
    }

    fn host(text: &str) -> House {
        house(&[("host/Cargo.toml", ""), ("host/src/lib.rs", text), ("host/src/clock.rs", "fn f() { Utc::now(); }")])
    }

    #[test]
    fn the_clock_is_read_in_its_file_in_tests_and_through_tokio_alone() {
        let text = "mod clock;\nfn a() { std::time::Instant::now(); }\nfn b() { t.map(SystemTime::now); }\n\
                    fn c() { tokio::time::Instant::now(); }\n#[test]\nfn d() { Instant::now(); }\n";
        assert_eq!(lines(&clock(&host(text))), ["host/src/lib.rs:2", "host/src/lib.rs:3"]);
        let text = "mod clock;\nuse tokio::time::Instant;\nfn a() { Instant::now(); }\n";
        assert_eq!(clock(&host(text)), []);
    }

    #[test]
    fn work_put_off_is_found() {
        let text =
            concat!("mod clock;\nfn a() { to", "do!(\"later\") }\n// FIX", "ME soon\nfn b() { let todo = METHOD; }\n");
        assert_eq!(lines(&unfinished(&host(text))), ["host/src/lib.rs:2", "host/src/lib.rs:3"]);
    }

    #[test]
    fn an_unwrap_has_its_reason_above_it_or_beside_it() {
        let text = "mod clock;\nfn a() {\n    b.unwrap();\n    // It was just made.\n    let c = d\n        .e()\n        .unwrap();\n    \
                    f.expect(\"g\"); // A constant.\n    h(\"http://x\").unwrap();\n}\n/// Not a reason.\nstatic K: A = l.unwrap();\n\
                    #[test]\nfn t() { m.unwrap(); }\n";
        let expected = ["host/src/lib.rs:3", "host/src/lib.rs:9", "host/src/lib.rs:12"];
        assert_eq!(lines(&gambles(&host(text))), expected);
    }

    #[test]
    fn tests_that_do_not_run_or_sleep_are_found() {
        let text = "mod clock;\nfn a() { std::thread::sleep(b); }\n#[test]\n#[ignore = \"slow\"]\nfn c() { thread::sleep(d); }\n\
                    #[test]\n#[ignore]\nfn e() {}\n#[test]\nfn f() { start(\"tests::e\"); }\n";
        assert_eq!(lines(&idle_tests(&host(text))), ["host/src/lib.rs:4", "host/src/lib.rs:5"]);
    }

    #[test]
    fn a_test_that_a_document_names_is_looked_for() {
        let house = host("mod clock;\n#[test]\nfn a_bell_rings_once_at_noon() {}\n");
        let text = "see `a_bell_rings_once_at_noon`, `ring`\nand `a_bell_never_rings_at_night` and `a_b_c::d_e_f`\n";
        assert_eq!(lines(&told_in("docs/bells.md", text, &house)), ["docs/bells.md:2"]);
    }

    #[test]
    fn paths_of_a_machine_and_registries_are_found() {
        let text = concat!("see /wo", "rk/shared\n$HOME/wo", "rk/x and /rootless\nhttps://index.crates", ".io/se/rd\n");
        assert_eq!(lines(&places_in("a.md", text)), ["a.md:1", "a.md:3"]);
    }
}
