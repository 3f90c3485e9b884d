//! The account of a small world, counted by hand, and what may not change it.

use std::fmt::Write as _;

use super::super::world::{World, at, local, question};
use super::*;

fn line(tally: &Tally) -> String {
    let mut text = format!("due {} ({} min)", tally.due, tally.due_ms / 60_000);
    for (level, counts) in tally.heard.iter().enumerate() {
        for (outcome, count) in HEARD.iter().zip(counts).filter(|(_, count)| count.cues > 0) {
            let _ = write!(text, ", E{level} {} {} ({} min)", outcome.name(), count.cues, count.heard_ms / 60_000);
        }
    }
    for (reason, cues) in &tally.missed {
        let _ = write!(text, ", missed {cues} ({reason})");
    }
    let Unreported { awaited, no_timetable, unaccounted } = tally.unreported;
    for (cues, name) in [(awaited, "awaited"), (no_timetable, "no timetable"), (unaccounted, "unaccounted")] {
        if cues > 0 {
            let _ = write!(text, ", {name} {cues}");
        }
    }
    for (cues, name) in [(tally.doubled, "doubled"), (tally.other_version, "other version")] {
        if cues > 0 {
            let _ = write!(text, "; {name} {cues}");
        }
    }
    for (level, count) in tally.extra.iter().enumerate().filter(|(_, count)| count.cues > 0) {
        let _ = write!(text, "; not due E{level} {} ({} min)", count.cues, count.heard_ms / 60_000);
    }
    assert!(tally.adds_up(), "{text}");
    text
}

/// An account as text to be compared.
fn told(account: &Account) -> String {
    let mut text = format!("all: {}\n", line(&account.total));
    for (month, tally) in &account.months {
        let _ = writeln!(text, "month {}-{:02}: {}", month.year, month.number, line(tally));
    }
    for ((place, campaign), tally) in &account.rows {
        let _ = writeln!(text, "{place} {} [{campaign}]: {}", account.places[place].lineage.join(" < "), line(tally));
    }
    for ((kind, language), tally) in &account.languages {
        let _ = writeln!(text, "{kind:?} language {language:?}: {}", line(tally));
    }
    for ((kind, category), tally) in &account.categories {
        let _ = writeln!(text, "{kind:?} category {category:?}: {}", line(tally));
    }
    for (id, player) in &account.players {
        let _ = write!(text, "{id} {:?} at {}: {}", player.name, player.place, line(&player.tally));
        let day = |at: UtcMs| local(at).to_string();
        for (what, when) in [
            ("newest", player.newest.map(|newest| newest.when)),
            ("silent since", player.silent_since),
            ("removed", player.removed),
        ] {
            let _ = when.map(|when| write!(text, "; {what} {}", day(when)));
        }
        text.push('\n');
    }
    for (key, failure) in &account.failures {
        let FailureKey { place, player, order, what, reason } = key;
        let (first, last) = (local(failure.first), local(failure.last));
        let name = what.name();
        let _ = writeln!(text, "{place} {player} {order}: {} {name} {reason:?} {first} to {last}", failure.cues);
    }
    text
}

async fn ask(world: &World, question: &Question) -> Account {
    account(&world.store, question).await.unwrap_or_else(|error| panic!("{error}"))
}

#[tokio::test]
async fn two_months_of_a_small_world_add_up_to_what_was_counted_by_hand() {
    let world = World::lived().await;
    let told = told(&ask(&world, &question()).await);
    assert_eq!(told, include_str!("world.golden.txt"), "\n{told}");
}

#[tokio::test]
async fn removing_clip_player_place_and_order_changes_no_answer_about_the_past() {
    let world = World::lived().await;
    let asked = Question { as_of: at("2027-01-20", 0, 0), ..question() };
    let before = ask(&world, &asked).await;
    world.remove_everything(at("2027-01-10", 9, 0)).await;
    assert!(world.store.definitions(crate::store::DefinitionKind::Player).await.unwrap().is_empty());
    assert_eq!(ask(&world, &asked).await, before);
    for (place, campaign, clip, player) in [
        (Some("90001"), None, None, None),
        (None, Some("nhan-quyen-1079"), None, None),
        (None, None, Some("phong-su"), None),
        (None, None, None, Some("loa-3")),
    ] {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let (place, campaign, clip, player) = (own(place), own(campaign), own(clip), own(player));
        let narrow = ask(&world, &Question { place, campaign, clip, player, ..asked.clone() }).await;
        assert!(narrow.total.due > 0 && narrow.total.due < before.total.due, "{:?}", narrow.total);
    }
}

#[tokio::test]
async fn what_arrives_late_counts_from_then_on_and_not_before() {
    let world = World::lived().await;
    let early = ask(&world, &question()).await.total;
    let late = ask(&world, &Question { as_of: at("2027-01-06", 0, 0), ..question() }).await.total;
    assert_eq!(early.due, late.due);
    assert_eq!(early.unreported.sum() - late.unreported.sum(), 2);
    assert_eq!(late.at_level(3, Outcome::Played).cues - early.at_level(3, Outcome::Played).cues, 2);
}

#[tokio::test]
async fn a_merged_place_answers_for_those_it_was_made_from() {
    let world = World::lived().await;
    let of = |place: &str| Question { place: Some(place.to_owned()), ..question() };
    let whole = ask(&world, &of("24@2025-07-01")).await.total;
    let merged = ask(&world, &of("90003")).await;
    assert_eq!(merged.total, whole, "nothing else lies in the province");
    assert_eq!(merged.rows.keys().filter(|(place, _)| place.code == "90001").count(), 1);
    let before = ask(&world, &of("90001")).await;
    assert_eq!(before.total.due, 10, "loa-1 and bang-1 on the five Mondays before the merger");
}

#[tokio::test]
async fn what_is_still_to_come_is_not_due_and_what_was_never_there_is_refused() {
    let world = World::lived().await;
    let first_day = Question { as_of: at("2026-11-02", 6, 0), ..question() };
    assert_eq!(ask(&world, &first_day).await.total.due, 3, "05:00 has passed, 07:05 not");
    let asked = |text: &str| Some(text.to_owned());
    for wrong in [
        Question { place: asked("99999"), ..question() },
        Question { campaign: asked("khong-co"), ..question() },
        Question { clip: asked("khong-co"), ..question() },
        Question { player: asked("khong-co"), ..question() },
        Question { until: question().from, ..question() },
    ] {
        assert!(account(&world.store, &wrong).await.is_err(), "{wrong:?}");
    }
}
