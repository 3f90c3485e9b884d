//! One day's plan for 1,000 players with 50 orders each, beside the bare firings of the same orders.
//!
//! The floor is what any scheduler must do: ask every order when it fires, all day. What lies between the two is the
//! price of knowing beforehand who has the air: overlaps, quiet hours, and the eight hours before the day, which are
//! run so that what began in the evening is still on the air at midnight.

use std::hint::black_box;
use std::time::Instant;

use loa_domain::id::{Hash, Name, PlaceKey};
use loa_domain::plan::air::Hours;
use loa_domain::plan::build::{Cue, Fate, InForce, cues};
use loa_domain::time::{LocalDate, MinuteRange, Offsets, QuietHours, UtcMs};
use loa_domain::timetable::audience::{Audience, Kind, Placement};
use loa_domain::timetable::order::{Class, Form, Item, Late, Manner, Order, WhenCut};
use loa_domain::timetable::{Recurrence, Timing};
use loa_domain::wire::{List, Text};

use crate::table::{Failed, Table, median};

const PLAYERS: usize = 1_000;
const ORDERS: u32 = 50;
/// Communes of ten players each have their own orders.
const COMMUNES: u32 = 100;
const ROUNDS: usize = 5;
/// 2026-09-01T17:00:00Z, midnight in Hà Nội.
const DAY: UtcMs = UtcMs(1_788_282_000_000);
const DAY_MS: i64 = 86_400_000;

/// Measures it.
pub fn measure(table: &mut Table) -> Result<(), Failed> {
    let communes: Vec<Vec<InForce>> = (0..COMMUNES)
        .map(|commune| (0..ORDERS).map(|number| order(commune, number)).collect())
        .collect::<Result<_, _>>()?;
    let players: Vec<Placement> = (0..PLAYERS).map(player).collect::<Result<_, _>>()?;
    let offsets = Offsets::fixed(7 * 3600);
    let quiet = QuietHours::new([MinuteRange { from_minute: 21 * 60 + 30, to_minute: 4 * 60 + 45 }])?;
    let hours = Hours { quiet: &quiet, offsets: &offsets };
    let until = DAY.plus_ms(DAY_MS);
    let orders_of = |number: usize| &communes[number % COMMUNES as usize];
    let mut plans_ms = Vec::new();
    let mut floors_ms = Vec::new();
    let mut counts = (0, 0, 0);
    for _ in 0..ROUNDS {
        let began = Instant::now();
        counts = (0, 0, 0);
        for (number, player) in players.iter().enumerate() {
            let plan = cues(black_box(orders_of(number)), player, hours, DAY, until);
            let other = plan.iter().filter(|cue: &&Cue| cue.fate != Fate::Plays).count();
            counts = (counts.0 + plan.len(), counts.1 + other, counts.2);
        }
        plans_ms.push(began.elapsed().as_secs_f64() * 1e3);
        let began = Instant::now();
        for (number, player) in players.iter().enumerate() {
            counts.2 += bare(black_box(orders_of(number)), player, &offsets, until);
        }
        floors_ms.push(began.elapsed().as_secs_f64() * 1e3);
    }
    if counts.0 != counts.2 {
        return Err(format!("the plan has {} cues, the orders fire {} times", counts.0, counts.2).into());
    }
    let (plan_ms, floor_ms) = (median(plans_ms), median(floors_ms));
    table.beside(
        format!(
            "one day's plan, 1,000 players × 50 orders ({} cues, {} of them cut, moved or missed)",
            counts.0, counts.1
        ),
        plan_ms,
        "the bare firings of the day",
        floor_ms,
        "ms",
    );
    table.alone("the same, for one cue", plan_ms * 1e6 / counts.0 as f64, "ns");
    Ok(())
}

/// How often the orders meant for a player fire, and nothing else.
fn bare(orders: &[InForce], player: &Placement, offsets: &Offsets, until: UtcMs) -> usize {
    let mut count = 0;
    for held in orders.iter().filter(|held| held.order.audience.includes(player)) {
        let mut at = DAY.plus_ms(-1);
        while let Some(next) = held.order.timing.next_after(at, offsets).filter(|next| *next < until) {
            at = next;
            count += 1;
        }
    }
    count
}

fn place(commune: u32) -> Result<PlaceKey, Failed> {
    let code = Text::new(&format!("{:05}", 7_000 + commune)).ok_or("a long code")?;
    Ok(PlaceKey { code, valid_from: LocalDate::parse("2025-07-01")? })
}

fn player(number: usize) -> Result<Placement, Failed> {
    let commune = number as u32 % COMMUNES;
    Ok(Placement {
        player: format!("loa-{number}").parse()?,
        kind: Kind::Speaker,
        places: List::collect([place(commune)?])?,
        tags: List::new(),
        languages: List::collect([Text::cut("vi")])?,
    })
}

/// What a commune airs: bulletins twice a day, chimes on the hour, weekday pieces, a few priority notices that cut them.
fn order(commune: u32, number: u32) -> Result<InForce, Failed> {
    let minute = (number * 7 + commune) % 60;
    let hour = 4 + (number * 5 + commune) % 17;
    let recurrence = match number % 10 {
        0 => Recurrence { second: 1, minute: 1 << minute, ..Recurrence::ALWAYS },
        1..5 => Recurrence {
            second: 1,
            minute: 1 << minute,
            hour: 1 << hour | (1 << ((hour + 1) % 24)),
            ..Recurrence::ALWAYS
        },
        5..8 => {
            Recurrence { second: 1, minute: 1 << minute, hour: 1 << hour, weekday: 0b011_1110, ..Recurrence::ALWAYS }
        }
        _ => Recurrence { second: 1, minute: 1 << minute, hour: 1 << hour, ..Recurrence::ALWAYS },
    };
    let class = if number.is_multiple_of(12) { Class::Priority } else { Class::Normal };
    let manner = Manner {
        class,
        late: Late::Join,
        late_limit_ms: 60_000,
        wait_ms: 300_000,
        when_cut: WhenCut::Resume,
        volume: None,
    };
    let content = Hash::of(&number.to_be_bytes());
    let length_ms = 60_000 + number % 6 * 120_000;
    let order = Order {
        form: Form::Live,
        id: Name::cut(&format!("lenh-{commune}-{number}")),
        campaign: Name::cut(""),
        programme: Name::cut("chuong-trinh"),
        made: DAY,
        audience: Audience { places: List::collect([place(commune)?])?, ..Audience::default() },
        timing: Timing { recurrences: List::collect([recurrence])?, ..Timing::default() },
        manner,
        items: List::collect([Item { kind: Kind::Speaker, content, size: 1_000, length_ms }])?,
    };
    Ok(InForce { hash: Hash::of(order.id.as_bytes()), order })
}
