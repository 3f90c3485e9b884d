//! What the reader says about good, bad and random files. The bad ones are golden files: each `bad/*.toml` has a
//! `.txt` beside it with what people will read. `UPDATE_GOLDEN=1 cargo test -p loa-server timetable` writes them.

use std::collections::BTreeSet;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{Checks, Source, limits, read, read_texts};
use crate::timetable::model::{Class, Item, Kind, Late, WhenCut};
use crate::timetable::problem::{Problem, Say, words};

const BASE: &str = "testdata/timetable/base.toml";

type Checked = Result<(), (Range<usize>, String, String)>;

/// Judges hours and the number of fields alone: what cron means is tested where it is decided.
fn cron(text: &str) -> Checked {
    let fields: Vec<_> = text.split(' ').collect();
    if !matches!(fields.len(), 5 | 6) {
        return Err((0..text.len(), "five or six fields.".into(), "Write such as 0 5 * * *".into()));
    }
    let hour = fields[fields.len() - 4];
    let start = fields[..fields.len() - 4].iter().map(|field| field.len() + 1).sum();
    match hour.parse::<u8>() {
        Ok(24..) => Err((start..start + hour.len(), "a day has 24 hours.".into(), "Write 0 to 23.".into())),
        _ => Ok(()),
    }
}

fn zone(text: &str) -> Checked {
    match text {
        "Asia/Ho_Chi_Minh" | "Asia/Vientiane" => Ok(()),
        _ => Err((0..text.len(), "it is not in the IANA list.".into(), "Write Asia/Ho_Chi_Minh".into())),
    }
}

fn letter(letter: char) -> bool {
    loa_board::letters::Font::Small.has(letter) || matches!(letter, ' ' | '\n')
}

const CHECKS: Checks<'static> = Checks { cron: &cron, zone: &zone, letter: &letter };

fn problems(text: &str) -> Vec<Problem> {
    let base = fs::read_to_string(BASE).expect("the base file");
    let sources = [Source::new("base.toml", Path::new(""), base), Source::new("new.toml", Path::new(""), text.into())];
    read_texts(&sources, &CHECKS, &|_| true).err().unwrap_or_default()
}

fn codes(text: &str) -> Vec<&'static str> {
    problems(text).iter().map(|problem| problem.code).collect()
}

/// Everything a person can be shown about these problems.
fn page(problems: &[Problem]) -> String {
    let lines = problems.iter().map(|problem| format!("{problem}\n")).collect::<String>();
    let pages = [&words::english as Say<'_>, &words::vietnamese];
    let pages = pages.map(|say| {
        problems.iter().map(|problem| format!("\n{}\n", problem.rendered_in(say, false))).collect::<String>()
    });
    lines + &pages.concat()
}

/// All its sentences in both languages, without the excerpt.
fn sentences(problem: &Problem) -> String {
    let languages = [&words::english as Say<'_>, &words::vietnamese];
    let parts = languages.map(|say| [Some(problem.what(say)), problem.expected(say), problem.hint(say)]);
    parts.into_iter().flatten().flatten().collect::<Vec<_>>().join("\n")
}

#[test]
fn every_bad_file_says_what_its_golden_page_says() {
    let mut cases: Vec<_> =
        fs::read_dir("testdata/timetable/bad").unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    cases.sort();
    assert!(cases.len() >= 25, "only {} cases", cases.len());
    let mut said = BTreeSet::from([
        "no-files",
        "file-missing",
        "file-not-allowed",
        "file-unreadable",
        "file-too-large",
        "too-many-files",
        "too-many-entries",
        "problems-left-out",
    ]);
    let mut wrong = Vec::new();
    for case in cases {
        let found = read(&[PathBuf::from(BASE), case.clone()], &CHECKS).expect_err("a bad file was taken for good");
        said.extend(found.iter().map(|problem| problem.code));
        let page = page(&found);
        for problem in &found {
            // A variable without its field keeps its braces.
            assert!(!sentences(problem).contains('{'), "{}", sentences(problem));
        }
        let golden = case.with_extension("txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &page).unwrap();
        }
        if fs::read_to_string(&golden).unwrap_or_default() != page {
            wrong.push(format!("{}:\n{page}", golden.display()));
        }
    }
    assert!(wrong.is_empty(), "these pages changed (UPDATE_GOLDEN=1 writes them):\n{}", wrong.join("\n"));
    let unseen: Vec<_> = words::codes().into_iter().filter(|code| !said.contains(code)).collect();
    assert!(unseen.is_empty(), "no case shows {unseen:?}");
    let wordless: Vec<_> = said.into_iter().filter(|code| !words::codes().contains(code)).collect();
    assert!(wordless.is_empty(), "no words for {wordless:?}");
}

#[test]
fn a_good_file_becomes_what_it_says() {
    let timetable = read(&[PathBuf::from(BASE)], &CHECKS).unwrap_or_else(|found| panic!("{}", page(&found)));
    let village = &timetable.places[1];
    assert_eq!(village.parent.as_ref(), Some(&timetable.places[0].key));
    assert_eq!((village.quiet.as_ref(), timetable.places[0].quiet.as_ref().map(Vec::len)), (None, Some(1)));
    assert_eq!((timetable.players[0].kind, timetable.players[0].volume), (Kind::Speaker, Some(70)));
    assert_eq!(timetable.programmes[0].items, [Item::Clip("chuong".into())]);
    assert!(timetable.clips[0].file.ends_with("testdata/timetable/clips/chuong.wav"));
    let order = &timetable.orders[0];
    assert_eq!(
        (order.class, order.late, order.when_cut, order.wait_seconds),
        (Class::Normal, Late::Join, WhenCut::Drop, 0)
    );
    assert_eq!((order.origin.line, order.at[0].origin.column), (61, 6));
}

#[test]
fn files_may_name_what_a_later_file_defines_and_one_file_named_twice_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("z/places.toml");
    fs::create_dir(folder.path().join("z")).unwrap();
    fs::write(&place, "[[place]]\ncode = \"1\"\nvalid_from = 2025-07-01\nname = \"Một\"\n").unwrap();
    let village = "[[place]]\ncode = \"1-a\"\nvalid_from = 2025-07-01\nname = \"A\"\nparent = \"1\"\n";
    fs::write(folder.path().join("a.toml"), village).unwrap();
    fs::write(folder.path().join("ghi-chu.txt"), "not a timetable").unwrap();
    fs::write(folder.path().join(".a.toml.swp"), "not a timetable").unwrap();
    let timetable = read(&[folder.path().to_owned(), place], &CHECKS).unwrap();
    let names: Vec<_> = timetable.places.iter().map(|place| place.name.as_str()).collect();
    assert_eq!(names, ["A", "Một"]);
}

#[test]
fn paths_without_a_timetable_are_problems_too() {
    let folder = tempfile::tempdir().unwrap();
    let found =
        |path: PathBuf| read(&[path], &CHECKS).unwrap_err().into_iter().map(|problem| problem.code).collect::<Vec<_>>();
    assert_eq!(found(folder.path().to_owned()), ["no-files"]);
    assert_eq!(found(folder.path().join("gone.toml")), ["file-missing"]);
    let large = folder.path().join("large.toml");
    fs::write(&large, "#".repeat(usize::try_from(limits::FILE_BYTES).unwrap() + 1)).unwrap();
    assert_eq!(found(large), ["file-too-large"]);
}

#[test]
fn a_file_that_cannot_be_parsed_does_not_make_references_to_it_look_wrong() {
    let text = "[[order]]\nid = \"x\"\nprogramme = \"gone\"\n";
    let broken = Source::new("broken.toml", Path::new(""), "[[programme]]\nid = ".into());
    let sources = [Source::new("order.toml", Path::new(""), text.into()), broken];
    let found = read_texts(&sources, &CHECKS, &|_| true).unwrap_err();
    assert!(found.iter().all(|problem| problem.code == "toml-syntax"), "{}", page(&found));
}

#[test]
fn an_entry_with_a_fault_makes_one_problem_not_one_for_each_that_names_it() {
    let text = "[[slide]]\nid = \"t\"\ntitle = \"T\"\nbody = \"T\"\nseconds = 0\n\n\
                [[programme]]\nid = \"p\"\ntitle = \"P\"\nitems = [\"slide:t\"]\n\n\
                [[order]]\nid = \"o\"\nprogramme = \"p\"\nclass = \"normal\"\nto = { kinds = [\"board\"] }\nat = \"0 5 * * *\"\n";
    assert_eq!(codes(text), ["number-out-of-range"]);
}

#[test]
fn an_order_to_a_whole_place_may_leave_out_the_players_that_cannot_air_it() {
    let order = |to: &str| {
        format!("[[order]]\nid = \"o\"\nprogramme = \"ban-tin\"\nclass = \"normal\"\nto = {to}\nat = \"0 5 * * *\"\n")
    };
    assert_eq!(codes(&order("{ places = [\"90001\"] }")), [""; 0]);
    assert_eq!(codes(&order("{ players = [\"bang-ubnd\"] }")), ["order-without-slide"]);
}

#[test]
fn a_folder_of_too_many_faults_shows_the_first_and_counts_the_rest() {
    let text = "[[nothing]]\n".to_owned() + &(0..500).map(|n| format!("k{n} = 1\n")).collect::<String>();
    assert_eq!(codes(&text), ["unknown-table"]);
    let text = (0..500).map(|n| format!("k{n} = 1\n")).collect::<String>();
    let found = problems(&text);
    assert_eq!(found.len(), limits::PROBLEMS + 1);
    assert_eq!(found.last().unwrap().to_string(), "300 more problems are not shown.");
}

#[test]
fn too_many_entries_are_one_problem() {
    let text = "campaign = [".to_owned()
        + &(0..limits::ENTRIES).map(|n| format!("{{id=\"d{n}\",name=\"D\"}},")).collect::<String>()
        + "]";
    assert_eq!(codes(&text), ["too-many-entries"]);
}

#[test]
fn the_checkers_range_is_shown_inside_the_quotes() {
    let text = "[[order]]\nid = \"o\"\nprogramme = \"ban-tin\"\nclass = \"normal\"\nto = { kinds = [\"speaker\"] }\nat = \"0 25 * * *\"\n";
    let found = problems(text);
    let spot = found[0].spot.as_ref().unwrap();
    assert_eq!((spot.line, spot.column, &spot.excerpt[spot.marked.clone()]), (6, 9, "25"));
}

/// Swaps, drops and doubles pieces of a good file.
fn mutated() -> impl Strategy<Value = String> {
    let good = fs::read_to_string(BASE).expect("the base file");
    let change = (any::<prop::sample::Index>(), any::<prop::sample::Index>(), "[\\[\\]{}\"=,@:x0\n*-]{0,3}|\\PC{0,2}");
    prop::collection::vec(change, 1..6).prop_map(move |changes| {
        let mut letters: Vec<char> = good.chars().collect();
        for (start, length, new) in changes {
            let start = start.index(letters.len().max(1));
            let end = (start + length.index(12)).min(letters.len());
            letters.splice(start.min(end)..end, new.chars());
        }
        letters.into_iter().collect()
    })
}

/// Reads, and renders all that was found: neither may panic, whatever the text.
fn read_and_render(text: &str) {
    let sources = [Source::new("x.toml", Path::new(""), text.into())];
    if let Err(found) = read_texts(&sources, &CHECKS, &|_| true) {
        assert!(!found.is_empty());
        page(&found);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_never_panics(text in mutated()) {
        read_and_render(&text);
    }

    #[test]
    fn random_text_never_panics(text in "(\\PC|[\\[\\]\"'=\n.{}\r\t]){0,200}") {
        read_and_render(&text);
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_and_render(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn a_spot_is_always_inside_its_line(text in "\\PC{0,40}(\r?\n\\PC{0,40}){0,3}", start in 0_usize..200, length in 0_usize..50) {
        let source = Source::new("x.toml", Path::new(""), text);
        let spot = source.spot(start..start + length);
        prop_assert!(spot.excerpt.get(spot.marked).is_some());
    }
}

/// The timetables that come with the project, as the manual says to read them.
#[test]
fn every_set_of_schedules_that_comes_with_the_project_is_good() {
    let sets: [(&[&str], usize, usize); 7] = [
        (&["demo"], 3, 4),
        (&["places", "commune-week"], 5, 9),
        (&["places", "commune-week", "campaign-1079"], 5, 15),
        (&["places", "commune-week", "storm-warning"], 5, 15),
        (&["places", "boards"], 4, 2),
        (&["places", "commune-week", "flood-warning"], 5, 12),
        (&[""], 12, 30),
    ];
    for (set, players, orders) in sets {
        let paths: Vec<_> = set.iter().map(|folder| Path::new("../schedules").join(folder)).collect();
        let timetable = read(&paths, &CHECKS).unwrap_or_else(|found| panic!("{set:?}:\n{}", page(&found)));
        assert_eq!((timetable.players.len(), timetable.orders.len()), (players, orders), "{set:?}");
    }
}

#[test]
fn the_province_has_its_ninety_nine_communes_and_two_predecessors() {
    let timetable = read(&[PathBuf::from("../schedules/places")], &CHECKS).unwrap();
    let province = timetable.places.iter().find(|place| place.name == "Tỉnh Bắc Ninh").unwrap();
    assert_eq!(province.predecessors.len(), 2);
    let communes = timetable.places.iter().filter(|place| place.parent.as_ref() == Some(&province.key));
    assert_eq!(communes.count(), 99);
}
