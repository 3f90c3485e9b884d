//! Who imports whom inside a crate: no cycle between siblings at any depth, and in `domain` no stage that looks ahead.
//!
//! A parent sees all of its children and a child may use what its parent defines, so what counts is whether two
//! siblings, each with everything below it, need one another. Test code may use anything. Next: `crates.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Name;
use super::finding::Finding;
use super::tree::{House, Source};

/// The stages of a broadcast, in their order.
const STAGES: [&str; 6] = ["timetable", "plan", "delivery", "play", "proof", "audit"];
/// What sees every stage and is seen by none of them.
const OVERLOOKS: [&str; 1] = ["message"];

/// One file's use of another module of its crate.
#[derive(Clone, Debug)]
struct Edge<'h> {
    from: &'h [String],
    to: &'h [String],
    path: &'h str,
    line: usize,
}

/// All the uses in one tree of modules, tests left out.
fn edges<'h>(house: &'h House, root: &str) -> Vec<Edge<'h>> {
    let files: Vec<&Source> =
        house.sources.iter().filter(|source| source.root.as_deref() == Some(root) && !source.is_test).collect();
    let mut edges = Vec::new();
    for source in &files {
        for name in source.facts.names.iter().filter(|name| !name.in_test) {
            let Some(full) = resolved(name, source) else { continue };
            let holds = |file: &&&Source| full.starts_with(&file.module);
            let target = files.iter().filter(holds).max_by_key(|file| file.module.len());
            if let Some(to) = target.filter(|to| to.path != source.path) {
                edges.push(Edge { from: &source.module, to: &to.module, path: &source.path, line: name.line });
            }
        }
    }
    edges
}

/// A name from the crate's root on, if it stays in the crate.
fn resolved(name: &Name, source: &Source) -> Option<Vec<String>> {
    let mut here: Vec<String> = source.module.iter().chain(&name.inline).cloned().collect();
    let mut rest = &name.parts[..];
    match rest.first()?.as_str() {
        _ if name.rooted => return None,
        "crate" => {
            here.clear();
            rest = &rest[1..];
        }
        "self" => rest = &rest[1..],
        "super" => {
            while rest.first().is_some_and(|part| part == "super") {
                here.pop()?;
                rest = &rest[1..];
            }
        }
        first => {
            let declared =
                |declared: &super::facts::Declared| declared.name == *first && declared.inline == name.inline;
            if !source.facts.modules.iter().any(declared) {
                return None;
            }
        }
    }
    here.extend_from_slice(rest);
    Some(here)
}

fn roots(house: &House) -> BTreeSet<&str> {
    house.sources.iter().filter_map(|source| source.root.as_deref()).collect()
}

/// Siblings that need one another, at any depth.
pub fn cycles(house: &House) -> Vec<Finding> {
    roots(house).into_iter().flat_map(|root| cycles_of(root, &edges(house, root))).collect()
}

fn cycles_of(root: &str, edges: &[Edge<'_>]) -> Vec<Finding> {
    // For each parent: which child uses which, and one place where it does.
    type Uses<'a> = BTreeMap<(&'a str, &'a str), (&'a str, usize)>;
    let mut levels: BTreeMap<&[String], Uses<'_>> = BTreeMap::new();
    for edge in edges {
        let depth = edge.from.iter().zip(edge.to).take_while(|(a, b)| a == b).count();
        if let (Some(from), Some(to)) = (edge.from.get(depth), edge.to.get(depth)) {
            let level = levels.entry(&edge.from[..depth]).or_default();
            level.entry((from, to)).or_insert((edge.path, edge.line));
        }
    }
    let mut findings = Vec::new();
    for (parent, uses) in &levels {
        for ring in rings(&uses.keys().copied().collect()) {
            let place = format!(
                "{root}#{}",
                parent.iter().map(String::as_str).chain([ring.join("+").as_str()]).collect::<Vec<_>>().join("::")
            );
            let inside = uses.iter().filter(|((a, b), _)| ring.contains(a) && ring.contains(b));
            let shown = inside.map(|((a, b), (path, line))| format!("{a} uses {b} at {path}:{line}"));
            let says = format!("{place}: these need one another: {}", shown.collect::<Vec<_>>().join(", "));
            findings.push(Finding { place, over: ring.len(), says });
        }
    }
    findings
}

/// The groups in which each can reach each other.
fn rings<'a>(uses: &BTreeSet<(&'a str, &'a str)>) -> Vec<Vec<&'a str>> {
    let reach = |from: &'a str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
        while let Some(at) = open.pop() {
            open.extend(uses.iter().filter(|(a, b)| *a == at && seen.insert(*b)).map(|(_, b)| *b));
        }
        seen
    };
    let names: BTreeSet<&str> = uses.iter().map(|(from, _)| *from).collect();
    let reached: BTreeMap<&str, BTreeSet<&str>> = names.iter().map(|name| (*name, reach(name))).collect();
    let mut rings: Vec<Vec<&str>> = Vec::new();
    for (name, sees) in reached.iter().filter(|(name, sees)| sees.contains(*name)) {
        if !rings.iter().any(|ring| ring.contains(name)) {
            let back = |other: &&&str| reached.get(**other).is_some_and(|sees| sees.contains(name));
            rings.push(sees.iter().filter(back).copied().collect());
        }
    }
    rings
}

/// Where in the order of the stages a module stands: the ground files before all of them.
fn rank(module: &[String]) -> usize {
    let Some(first) = module.first() else { return usize::MAX };
    if OVERLOOKS.contains(&first.as_str()) {
        return usize::MAX;
    }
    STAGES.iter().position(|stage| stage == first).map_or(0, |at| at + 1)
}

/// Modules of `domain` that use a stage after their own.
pub fn stages(house: &House) -> Vec<Finding> {
    let ahead = edges(house, "domain/src/lib.rs").into_iter().filter(|edge| !edge.to.is_empty());
    ahead
        .filter(|edge| rank(edge.from) < rank(edge.to))
        .map(|edge| {
            let (from, to) = (edge.from.join("::"), edge.to.join("::"));
            Finding::at(edge.path, edge.line, format!("{from} uses {to}, which comes after it"))
        })
        .collect()
}

/// Files that no file declares, or that are no Rust: nothing compiles them, and no rule sees into them.
pub fn unread(house: &House) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in &house.sources {
        if source.root.is_none() {
            findings.push(Finding::at(&source.path, 1, "no file declares it as a module, so nobody compiles it"));
        }
        findings.extend(source.unread.iter().map(|why| Finding::at(&source.path, 1, format!("not Rust: {why}"))));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::house;
    use super::*;

    fn domain(files: &[(&str, &str)]) -> House {
        let mut all = vec![("domain/Cargo.toml", "")];
        all.extend_from_slice(files);
        house(&all)
    }

    #[test]
    fn siblings_that_need_one_another_are_a_cycle() {
        let house = domain(&[
            ("domain/src/lib.rs", "mod a; mod b; mod c;"),
            ("domain/src/a.rs", "use crate::{b::B, c};"),
            ("domain/src/b.rs", "mod inner;"),
            ("domain/src/b/inner.rs", "fn f() { assert!(super::super::a::is()); }"),
            ("domain/src/c.rs", "pub fn g() {}"),
        ]);
        let found = cycles(&house);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].place, "domain/src/lib.rs#a+b");
        assert!(found[0].says.contains("b uses a at domain/src/b/inner.rs:1"), "{found:?}");
    }

    #[test]
    fn a_parent_and_its_children_are_no_cycle_nor_is_what_only_tests_use() {
        let house = domain(&[
            ("domain/src/lib.rs", "mod a; mod b; pub use a::x::X;"),
            ("domain/src/a.rs", "mod x; mod y; use y::Y; pub struct Own;"),
            ("domain/src/a/x.rs", "use super::Own; use crate::a::y;"),
            ("domain/src/a/y.rs", "#[cfg(test)] mod tests { use super::super::x::X; }"),
            ("domain/src/b.rs", "use crate::X;"),
        ]);
        assert_eq!(cycles(&house), []);
    }

    #[test]
    fn a_stage_that_looks_ahead_is_found_and_looking_back_is_allowed() {
        let house = domain(&[
            ("domain/src/lib.rs", "mod time; mod plan; mod play; mod message;"),
            ("domain/src/time.rs", "use crate::plan::P;"),
            ("domain/src/plan.rs", "fn f(p: &crate::play::Player) {}"),
            ("domain/src/play.rs", "use crate::{plan::P, time::T};"),
            ("domain/src/message.rs", "use crate::{plan, play};"),
        ]);
        let found: Vec<String> = stages(&house).into_iter().map(|finding| finding.place).collect();
        assert_eq!(found, ["domain/src/plan.rs", "domain/src/time.rs"]);
    }

    #[test]
    fn a_file_that_nobody_declares_or_can_read_is_found() {
        let house = domain(&[("domain/src/lib.rs", "fn f( {"), ("domain/src/lost.rs", "")]);
        let found: Vec<String> = unread(&house).into_iter().map(|finding| finding.place).collect();
        assert_eq!(found, ["domain/src/lib.rs", "domain/src/lost.rs"]);
    }
}
