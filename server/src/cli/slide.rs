//! `loa slide show` and `loa slide list`: what boards show of a slide, to be looked at before it is signed or after.
//!
//! It chooses slides and boards and where faces go. Which faces there are is `play/face.rs`; a slide is made as
//! `loa apply` makes it (`play/made.rs`), so what is seen here is what boards show, lamp by lamp.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Arg, ArgAction, ArgMatches, Command};
use loa_domain::class::Depth;
use loa_host::text::Words;
use serde_json::json;

use super::apply::read_timetable;
use super::checked;
use super::moment::Clocks;
use super::show::{self, Row, Sheet};
use super::told::{Tell as _, told};
use super::video;
use super::{Context, Failure, dressed, said, wait_for};
use crate::play::audience::{Audiences, Seen, grouped};
use crate::play::check::Fit;
use crate::play::face::{self, Face, Looked};
use crate::play::made::{self, Made, Sent};
use crate::play::picture;
use crate::play::video::program::Programs;
use crate::play::video::{Video, seconds_of};
use crate::serve::now;
use crate::timetable::compile::{self, Board, PlayerEntry};
use crate::timetable::kept;
use crate::timetable::model::{Shows, Slide, Timetable};

const KEYS: &[&str] = &["id", "title", "language", "shows", "seconds", "boards", "aired", "enough"];

/// Its arguments.
#[must_use]
pub fn command(words: &Words) -> Command {
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(words.say(&format!("slide-help-{name}")))
    };
    let paths = || Arg::new("paths").value_name("PATH").num_args(0..).help(words.say("slide-help-paths"));
    let show = Command::new("show")
        .about(words.say("slide-show-about"))
        .arg(Arg::new("id").value_name("ID").required(true).help(words.say("slide-help-id")))
        .arg(paths())
        .arg(option("board", "BOARD").action(ArgAction::Append))
        .arg(option("png", "FILE|DIR"))
        .arg(option("zoom", "N").value_parser(clap::value_parser!(u32).range(1..=16)).default_value("1"));
    let list = Command::new("list").about(words.say("slide-list-about")).arg(paths()).arg(show::format_argument(words));
    Command::new("slide")
        .about(words.say("slide-about"))
        .subcommand_required(true)
        .subcommand(dressed(show, words))
        .subcommand(dressed(list, words))
}

/// Runs it.
///
/// # Errors
/// When there is no such slide or board, its picture is refused, or a file cannot be written.
pub fn run(context: &Context, found: &ArgMatches) -> Result<ExitCode, Failure> {
    let coloured = checked::is_coloured();
    wait_for(write(context, found, &mut std::io::stdout().lock(), coloured))??;
    Ok(ExitCode::SUCCESS)
}

pub(super) async fn write(
    context: &Context,
    found: &ArgMatches,
    out: &mut dyn Write,
    coloured: bool,
) -> Result<(), Failure> {
    let Some((name, found)) = found.subcommand() else { return Ok(()) };
    let room = room(context, found).await?;
    if name == "list" { list(&room, found, out, &context.words) } else { show(&room, found, out, coloured, context) }
}

/// Slides and who has boards.
struct Room {
    timetable: Timetable,
    players: Vec<PlayerEntry>,
    audiences: Audiences,
}

/// From files, or what is applied.
async fn room(context: &Context, found: &ArgMatches) -> Result<Room, Failure> {
    let words = &context.words;
    let paths: Vec<PathBuf> = found.get_many::<String>("paths").into_iter().flatten().map(PathBuf::from).collect();
    let (timetable, players) = if paths.is_empty() {
        let store = context.open_store().await?;
        let timetable = kept::timetable(&store).await.map_err(told(words))?.0;
        let players = kept::players(&store).await.map_err(told(words))?.0;
        store.close().await;
        (timetable, players)
    } else {
        let timetable = read_timetable(&paths, words)?;
        let players = compile::players(&timetable).map_err(told(words))?;
        (timetable, players)
    };
    let audiences = Audiences::of(&timetable, &players).map_err(told(words))?;
    Ok(Room { timetable, players, audiences })
}

impl Room {
    fn slide(&self, id: &str, words: &Words) -> Result<&Slide, Failure> {
        let slide = self.timetable.slides.iter().find(|slide| slide.id == id);
        slide.ok_or_else(|| {
            let known: Vec<&str> = self.timetable.slides.iter().map(|slide| slide.id.as_str()).collect();
            let known = if known.is_empty() { words.say("slide-none") } else { known.join(", ") };
            words.with("no-such-slide", &[("slide", id), ("known", &known)])
        })
    }

    /// The boards asked for; else those of the slide's audience; else every kind there is.
    fn boards(&self, slide: &Slide, asked: &[&String], words: &Words) -> Result<Vec<Seen>, Failure> {
        if !asked.is_empty() {
            return asked.iter().map(|text| self.board(text, words)).collect();
        }
        let audience = self.audiences.boards(&slide.id);
        if !audience.is_empty() {
            return Ok(audience.to_vec());
        }
        let classes = self.timetable.boards.iter().map(Board::of).collect::<Result<Vec<_>, _>>();
        let classes = classes.map_err(told(words))?;
        let there = self.players.iter().filter_map(|entry| entry.board.as_ref()).chain(&classes);
        let mut kinds = grouped(there);
        if kinds.is_empty() {
            kinds.extend(Board::plain(128, 32, Depth::Mono).as_ref().map(Seen::of));
        }
        Ok(kinds)
    }

    /// A board by the id of its class, or by its size and colours: `128x64:grey16`.
    fn board(&self, text: &str, words: &Words) -> Result<Seen, Failure> {
        if let Some(class) = self.timetable.boards.iter().find(|board| board.id == *text) {
            return Board::of(class).map(|board| Seen::of(&board)).map_err(told(words));
        }
        let (size, depth) = text.split_once(':').unwrap_or((text, Depth::Mono.name()));
        let depth = Depth::ALL.into_iter().find(|known| known.name() == depth);
        let size = size.split_once('x').and_then(|(width, height)| Some((width.parse().ok()?, height.parse().ok()?)));
        let board = size.zip(depth).and_then(|((width, height), depth)| Board::plain(width, height, depth));
        board.as_ref().map(Seen::of).ok_or_else(|| {
            let classes: Vec<&str> = self.timetable.boards.iter().map(|board| board.id.as_str()).collect();
            let classes = if classes.is_empty() { "–".to_owned() } else { classes.join(", ") };
            let expected = words.with("expected-board-class", &[("classes", &classes)]);
            words.with("bad-value", &[("option", "--board"), ("value", text), ("expected", &expected)])
        })
    }
}

fn show(
    room: &Room,
    found: &ArgMatches,
    out: &mut dyn Write,
    coloured: bool,
    context: &Context,
) -> Result<(), Failure> {
    let words = &context.words;
    let id = found.get_one::<String>("id").map_or("", String::as_str);
    let slide = room.slide(id, words)?;
    let asked: Vec<&String> = found.get_many::<String>("board").into_iter().flatten().collect();
    let boards = room.boards(slide, &asked, words)?;
    let sent = made::sent(&room.timetable, slide, &boards).map_err(|error| error.tell(words))?;
    let utc = now(&context.clock);
    let local = Clocks::of(&room.players).local(None, utc);
    let offset_s = i32::try_from(local.seconds() - utc.seconds()).ok();
    let looked = Looked { stands_ms: u64::from(sent.stands_ms(slide)), utc, offset_s };
    let mut written = Vec::new();
    for seen in &boards {
        let (lines, faces) = match &sent {
            Sent::Slide(made) => drawn(id, made, seen, looked, words),
            Sent::Video(video) => still(id, video, seen, words)?,
        };
        for line in lines {
            writeln!(out, "{line}").map_err(said)?;
        }
        match found.get_one::<String>("png") {
            Some(target) => {
                let zoom = found.get_one::<u32>("zoom").copied().unwrap_or(1);
                let several = boards.len() > 1 || faces.len() > 1;
                let name = |page| file_name(Path::new(target), (id, seen, boards.len()), several.then_some(page));
                written.extend(pngs(&faces, zoom, name, words)?);
            }
            None => {
                for face in &faces {
                    write!(out, "{}", face::blocks(face, coloured)).map_err(said)?;
                }
            }
        }
    }
    let notes = match &sent {
        Sent::Slide(made) => checked::notes(id, made, words),
        Sent::Video(video) => {
            let notes = video::notes((id, video), sent.stands_ms(slide), &boards, words);
            [vec![video::told(id, video, words)], notes].concat()
        }
    };
    for note in notes {
        writeln!(out, "{note}").map_err(said)?;
    }
    for file in written {
        writeln!(out, "{}", words.with("slide-written", &[("file", &file.display().to_string())])).map_err(said)?;
    }
    Ok(())
}

/// What is said of a slide on a kind of board, and its faces there.
fn drawn(id: &str, made: &Made, seen: &Seen, looked: Looked, words: &Words) -> (Vec<String>, Vec<Face>) {
    let fit = Fit::of(&made.slide, looked.stands_ms, seen);
    let lines = [Some(headline(seen, &fit, words)), checked::poor(id, &fit, words)];
    (lines.into_iter().flatten().collect(), face::faces(&made.slide, made.data(), &seen.class, looked))
}

/// What is said of a video on a kind of board, and its first picture there.
fn still(id: &str, video: &Video, seen: &Seen, words: &Words) -> Result<(Vec<String>, Vec<Face>), Failure> {
    let size = (u32::from(seen.class.width_px), u32::from(seen.class.height_px));
    let dots = video.still(size, &Programs::default());
    let dots = dots.map_err(|reason| made::refused(id, &video.path, reason).tell(words))?;
    let headline = words.with("slide-show-video", &[("board", &seen.name), ("size", &size_of(seen))]);
    Ok((vec![headline], face::of_dots(&dots, &seen.class).into_iter().collect()))
}

fn size_of(seen: &Seen) -> String {
    format!("{} x {} {}", seen.class.width_px, seen.class.height_px, seen.class.depth.name())
}

/// One line about a kind of board and how the slide does on it.
fn headline(seen: &Seen, fit: &Fit, words: &Words) -> String {
    let size = size_of(seen);
    let (pages, read) = (fit.pages.to_string(), fit.read_ms.div_ceil(1_000).to_string());
    let fields = [("board", seen.name.as_str()), ("size", &size), ("pages", &pages), ("read", &read)];
    words.with(if fit.runs { "slide-show-runs" } else { "slide-show-board" }, &fields)
}

/// Where a face goes: into the file named, with its page where there are several; into the folder, by slide and board.
fn file_name(target: &Path, (slide, seen, boards): (&str, &Seen, usize), page: Option<usize>) -> PathBuf {
    let is_file = target.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("png"));
    let (size, depth) = (format!("{}x{}", seen.class.width_px, seen.class.height_px), seen.class.depth.name());
    let board = format!("{size}-{depth}");
    let page = page.map(|page| format!("-{page}")).unwrap_or_default();
    if !is_file {
        return target.join(format!("{slide}-{board}{page}.png"));
    }
    let stem = target.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let board = if boards > 1 { format!("-{board}") } else { String::new() };
    target.with_file_name(format!("{stem}{board}{page}.png"))
}

fn pngs(faces: &[Face], zoom: u32, name: impl Fn(usize) -> PathBuf, words: &Words) -> Result<Vec<PathBuf>, Failure> {
    let mut written = Vec::new();
    for (page, face) in (1..).zip(faces) {
        // A screen's lamps are dots already.
        let zoom = if face.width_px() > 1_024 { 1 } else { zoom };
        let (width, height, dots) = face::dots(face, zoom);
        let png = picture::png(width, height, &dots)?;
        let file = name(page);
        let failed = |error: std::io::Error| super::told::file(&file, &error, words);
        if let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed)?;
        }
        std::fs::write(&file, png).map_err(failed)?;
        written.push(file);
    }
    Ok(written)
}

fn list(room: &Room, found: &ArgMatches, out: &mut dyn Write, words: &Words) -> Result<(), Failure> {
    let titles = ["id", "title", "shows", "seconds", "boards", "enough"];
    let titles = titles.map(|title| words.say(&format!("column-{title}"))).to_vec();
    let mut sheet = Sheet::begin(show::format(found), titles, &[3], KEYS, out).map_err(said)?;
    for slide in &room.timetable.slides {
        let shows = match &slide.shows {
            None => "text",
            Some(Shows::Picture(_)) => "picture",
            Some(Shows::Code(_)) => "code",
            Some(Shows::Clock) => "clock",
            Some(Shows::Countdown(_)) => "countdown",
            Some(Shows::Video(_)) => "video",
        };
        let boards = room.audiences.boards(&slide.id);
        let names: Vec<&str> = boards.iter().map(|seen| seen.name.as_str()).collect();
        let enough = enough(room, slide, boards);
        // A file that cannot be taken is refused when it is applied, with the reason.
        let seconds = seconds(slide);
        let told = match enough {
            None => String::new(),
            Some(true) => words.say("slide-enough"),
            Some(false) => words.say("slide-not-enough"),
        };
        let cells = vec![
            slide.id.clone(),
            slide.title.clone(),
            words.say(&format!("slide-shows-{shows}")),
            seconds.map(|seconds| seconds.to_string()).unwrap_or_default(),
            names.join(", "),
            told,
        ];
        let values = vec![
            json!(slide.id),
            json!(slide.title),
            json!(slide.language),
            json!(shows),
            json!(seconds),
            json!(names.join(" ")),
            json!(room.audiences.is_aired(&slide.id)),
            json!(enough),
        ];
        sheet.row(Row { cells, values }).map_err(said)?;
    }
    if sheet.end().map_err(said)? == 0 {
        eprintln!("{}", words.say("slide-list-empty"));
    }
    Ok(())
}

/// How long a slide stands; of a video that does not say it, as long as it is.
fn seconds(slide: &Slide) -> Option<u32> {
    match &slide.shows {
        Some(Shows::Video(file)) if slide.seconds.is_none() => seconds_of(file, &Programs::default()).ok(),
        _ => slide.seconds,
    }
}

/// Whether a slide can be read and seen on all of its boards; none where it is on none, is a video, or cannot be made.
fn enough(room: &Room, slide: &Slide, boards: &[Seen]) -> Option<bool> {
    if boards.is_empty() || matches!(slide.shows, Some(Shows::Video(_))) {
        return None;
    }
    let sent = made::sent(&room.timetable, slide, boards).ok()?;
    let stands_ms = u64::from(sent.stands_ms(slide));
    let Sent::Slide(made) = sent else { return None };
    Some(!boards.iter().any(|seen| Fit::of(&made.slide, stands_ms, seen).is_poor()))
}

#[cfg(test)]
mod tests;
