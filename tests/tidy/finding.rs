//! What a rule finds, and what is let pass for now.
//!
//! `waivers.txt` holds one line for each thing that is not in order yet: the rule, where, and by how much. It may only
//! shrink: a line that is not needed any more, or allows more than is there, fails as surely as one that is missing,
//! and for every rule the sum may not be larger than it was in git. Next: the rules, `size.rs` first.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::tree;

const WAIVERS: &str = "tests/tidy/waivers.txt";

/// Something that is not in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A file, and with `#` a part of it where a file can have several.
    pub place: String,
    /// By how much, in the rule's unit (lines, or times); at least one.
    pub over: usize,
    /// What is wrong, for whoever has to mend it.
    pub says: String,
}

impl Finding {
    /// One time, at a line.
    pub fn at(path: &str, line: usize, says: impl Into<String>) -> Self {
        Self { place: path.to_owned(), over: 1, says: format!("{path}:{line}: {}", says.into()) }
    }
}

/// By how much each place may break each rule.
type Waivers = BTreeMap<(String, String), usize>;

fn waivers(text: &str) -> Result<Waivers, String> {
    let mut waivers = Waivers::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let wrong = || format!("{WAIVERS}:{}: not `rule place how-much`: {line}", index + 1);
        let [rule, place, over] = line.split_whitespace().collect::<Vec<_>>()[..] else { return Err(wrong()) };
        let over = over.parse().map_err(|_| wrong())?;
        if waivers.insert((rule.to_owned(), place.to_owned()), over).is_some() {
            return Err(format!("{WAIVERS}:{}: a second line for {rule} {place}", index + 1));
        }
    }
    Ok(waivers)
}

/// What is wrong with these findings, given the waivers; nothing if all is in order or waived.
fn verdict(rule: &str, findings: &[Finding], waivers: &Waivers) -> Result<(), String> {
    let mut found: BTreeMap<&str, (usize, Vec<&str>)> = BTreeMap::new();
    for finding in findings {
        let (over, says) = found.entry(&finding.place).or_default();
        *over += finding.over;
        says.push(&finding.says);
    }
    let mut wrong = String::new();
    for (place, (over, says)) in &found {
        let waived = waivers.get(&(rule.to_owned(), (*place).to_owned())).copied().unwrap_or(0);
        if *over > waived {
            let _infallible = write!(wrong, "\n  {}\n    as a waiver: {rule} {place} {over}", says.join("\n  "));
        }
    }
    for ((_, place), waived) in waivers.iter().filter(|((of, _), _)| of == rule) {
        let over = found.get(place.as_str()).map_or(0, |(over, _)| *over);
        if over < *waived {
            let _infallible = write!(wrong, "\n  {WAIVERS} allows {place} {waived}, it needs {over}: lower it");
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("{rule}:{wrong}")) }
}

/// An error with all that a rule found and nobody waived.
pub fn settle(rule: &str, findings: &[Finding]) -> Result<(), String> {
    verdict(rule, findings, &waivers(&text())?)
}

fn text() -> String {
    std::fs::read_to_string(tree::top().join(WAIVERS)).expect("the waivers are there")
}

/// The rules whose sum is larger now than before.
fn grown(before: &Waivers, now: &Waivers) -> Vec<String> {
    let sums = |waivers: &Waivers| {
        let mut sums: BTreeMap<String, usize> = BTreeMap::new();
        waivers.iter().for_each(|((rule, _), over)| *sums.entry(rule.clone()).or_default() += over);
        sums
    };
    let before = sums(before);
    let larger = sums(now).into_iter().map(|(rule, sum)| (before.get(&rule).copied().unwrap_or(0), rule, sum));
    larger.filter(|(was, _, is)| is > was).map(|(was, rule, is)| format!("{rule}: {was} before, {is} now")).collect()
}

/// The list as it was: at the last commit, or at the one before where nothing was changed since.
fn before(now: &str) -> Option<String> {
    let at = |commit: &str| tree::git(&["show", &format!("{commit}:{WAIVERS}")]);
    at("HEAD").filter(|text| text != now).or_else(|| at("HEAD^"))
}

/// Every line names a rule that there is, and the list has not grown.
pub fn the_list_shrinks(rules: &[&str]) {
    let text = text();
    let now = waivers(&text).unwrap_or_else(|wrong| panic!("{wrong}"));
    let unknown: Vec<_> = now.keys().filter(|(rule, _)| !rules.contains(&rule.as_str())).collect();
    assert!(unknown.is_empty(), "{WAIVERS} names rules that there are not: {unknown:?}");
    // A source archive has no history; then there is nothing to compare with.
    if let Some(before) = before(&text) {
        let before = waivers(&before).unwrap_or_default();
        let grown = grown(&before, &now);
        assert!(grown.is_empty(), "{WAIVERS} may only shrink:\n  {}", grown.join("\n  "));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(text: &str) -> Waivers {
        waivers(text).expect("it reads")
    }

    fn finding(place: &str, over: usize) -> Finding {
        Finding { place: place.to_owned(), over, says: format!("{place} is wrong") }
    }

    #[test]
    fn what_is_found_must_be_waived_and_what_is_waived_must_be_found() {
        let waivers = list("# why\nfile-lines a.rs 12\n");
        assert_eq!(verdict("file-lines", &[finding("a.rs", 12)], &waivers), Ok(()));
        assert_eq!(verdict("other", &[], &waivers), Ok(()));
        let more = verdict("file-lines", &[finding("a.rs", 13)], &waivers).expect_err("one too many");
        assert!(more.contains("a.rs is wrong") && more.contains("file-lines a.rs 13"), "{more}");
        let less = verdict("file-lines", &[finding("a.rs", 11)], &waivers).expect_err("one less");
        assert!(less.contains("lower it"), "{less}");
        assert!(verdict("file-lines", &[], &waivers).is_err(), "a line that is not needed");
        assert!(verdict("file-lines", &[finding("a.rs", 12), finding("b.rs", 1)], &waivers).is_err());
    }

    #[test]
    fn findings_of_one_place_add_up() {
        let waivers = list("unwrap a.rs 2");
        assert_eq!(verdict("unwrap", &[finding("a.rs", 1), finding("a.rs", 1)], &waivers), Ok(()));
    }

    #[test]
    fn a_list_that_grows_is_seen_rule_by_rule() {
        let before = list("one a.rs 3\ntwo b.rs 1\n");
        assert!(grown(&before, &list("one c.rs 3\n")).is_empty(), "a file that was renamed is no growth");
        assert_eq!(grown(&before, &list("one a.rs 2\nthree d.rs 1\n")), ["three: 0 before, 1 now"]);
    }

    #[test]
    fn lines_that_are_not_waivers_are_refused() {
        for wrong in ["file-lines a.rs", "file-lines a.rs many", "one a.rs 1\none a.rs 1"] {
            assert!(waivers(wrong).is_err(), "{wrong}");
        }
    }
}
