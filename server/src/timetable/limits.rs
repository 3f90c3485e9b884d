//! Decides how large a timetable may be: every bound in one list, each with its unit and its reason.
//!
//! The bounds keep a hostile or mistyped file from filling memory, and every text short enough for the screen,
//! the message and the board it ends on. It checks nothing itself; `read/` does. Next: `date.rs`.

use std::ops::RangeInclusive;

/// Bytes in one file. The 99 communes of a province take 20 KB; all 3,321 of the country 600 KB.
pub const FILE_BYTES: u64 = 2 << 20;
/// Files in one reading. A province with a folder for each of its communes stays below it.
pub const FILES: usize = 1_000;
/// Folders below a named folder that are still searched, so that a link in a circle ends.
pub const FOLDER_DEPTH: usize = 8;
/// Entries of one table kind: four times the country's communes, twice the loudspeakers of a province.
pub const ENTRIES: usize = 12_000;
/// Problems reported at once; beyond it nobody reads on, and a file of random bytes must not fill memory.
pub const PROBLEMS: usize = 200;

/// Characters in an id: it becomes a part of an MQTT topic and of file names.
pub const ID: usize = 32;
/// Characters in a title, a name or a category: one line of a report.
pub const TITLE: usize = 120;
/// Characters in a slide's body: what a 128×32 board can turn over in half a minute.
pub const BODY: usize = 400;
/// Characters in an order's reason: one paragraph in the log.
pub const REASON: usize = 500;
/// Characters in a path to a clip.
pub const PATH: usize = 255;
/// Characters in a cron expression; the longest sensible one (every field a list) has about 150.
pub const CRON: usize = 200;

/// Cron expressions in one order: a player evaluates all of them for every cue, and firmware has room for four.
pub const CRONS: usize = 4;
/// Single dates in `once`.
pub const ONCE: usize = 64;
/// Dates in `except`: ten years of a week of Tết fit.
pub const EXCEPT: usize = 80;
/// Items in a programme.
pub const ITEMS: usize = 32;
/// Places, tags, players or languages in one field of an order's `to`.
pub const AUDIENCE: usize = 256;
/// Tags, languages, quiet hours, predecessors or categories of one entry.
pub const LIST: usize = 32;
/// Predecessors of one place: the largest merger of 2025 joined fewer than twenty communes.
pub const PREDECESSORS: usize = 32;

/// Years a date may name.
pub const YEARS: RangeInclusive<u16> = 1900..=2199;
/// Per cent of a loudspeaker's or board's full drive.
pub const VOLUME: RangeInclusive<i64> = 0..=100;
/// Seconds one slide stays. Below one it cannot be read; an hour is a poster, not a slide.
pub const SLIDE_SECONDS: RangeInclusive<i64> = 1..=3_600;
/// Seconds a cue may wait for the air, or start late: a day, after which the next day's cue is due.
pub const WAIT_SECONDS: u64 = 24 * 3_600;
/// Lamps of a board either way: one line of Vietnamese needs 16, an information screen has 1920 by 1080.
pub const BOARD_SIDE: RangeInclusive<u16> = loa_domain::class::SIDE_PX;
