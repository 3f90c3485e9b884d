//! Slides from files to the lamps of boards: the same dots at the end as at the beginning.

use std::collections::HashSet;
use std::path::Path;

use loa_board::canvas::bytes_of;
use loa_board::{Canvas, Moment, When, draw_slide, lay_out};
use loa_domain::class::{BoardClass, Depth};
use loa_domain::delivery::placing::Placing;
use loa_domain::keys::SecretKey;
use loa_domain::play::slide::{RENDITIONS, Shows, Slide};
use loa_domain::time::UtcMs;

use super::audience::{Audiences, Seen, grouped};
use super::check::Fit;
use super::face::{self, Looked};
use super::made::{self, SlideError};
use super::{dither, picture};
use crate::delivery::roster;
use crate::store::SealedPlacing;
use crate::timetable::compile::{self, Board};
use crate::timetable::model::{self, Timetable};
use crate::timetable::read::{Checks, Source, read_texts};

fn timetable(text: &str) -> Timetable {
    let fine = |_: &str| Ok(());
    let checks = Checks { cron: &fine, zone: &fine, letter: &super::check::has_picture };
    let base = std::fs::read_to_string("testdata/timetable/base.toml").unwrap();
    let sources = [Source::new("base", Path::new(""), base), Source::new("new", Path::new(""), text.to_owned())];
    read_texts(&sources, &checks, &|_| true).unwrap_or_else(|found| panic!("{found:?}"))
}

fn seen(width_px: u16, height_px: u16, depth: Depth) -> Seen {
    Seen { players: 1, ..Seen::of(&Board::plain(width_px, height_px, depth).unwrap()) }
}

fn slide(shows: Option<model::Shows>, title: &str) -> model::Slide {
    let mut slide = timetable("").slides.remove(0);
    (slide.shows, slide.title, slide.body) = (shows, title.to_owned(), String::new());
    slide
}

/// A ramp from dark to light with a coloured bar below, in a file.
fn photograph(folder: &Path) -> std::path::PathBuf {
    photograph_of(folder, (300, 200))
}

fn photograph_of(folder: &Path, (width, height): (u32, u32)) -> std::path::PathBuf {
    let dots = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let rgb: Vec<u8> = dots
        .flat_map(|(x, y)| {
            let value = (x * 255 / width) as u8;
            if y < height * 3 / 4 { [value; 3] } else { [value, 255 - value, 40] }
        })
        .collect();
    let file = folder.join("anh.png");
    std::fs::write(&file, picture::png(width, height, &rgb).unwrap()).unwrap();
    file
}

fn drawn(slide: &Slide, data: &[u8], class: &BoardClass) -> Canvas<Vec<u8>> {
    let (width, height) = (u32::from(class.width_px), u32::from(class.height_px));
    let mut face = Canvas::over(width, height, class.depth, vec![0; bytes_of(width, height, class.depth)]).unwrap();
    let layout = lay_out(slide, class);
    let when = When { position_ms: 0, length_ms: 10_000, utc: UtcMs(0), offset_s: None };
    let Ok(()) = draw_slide(slide, &layout, &data, Moment::at(slide, &layout, &data, when), &mut face);
    face
}

#[test]
fn boards_show_the_dithered_dots_lamp_by_lamp() {
    let folder = tempfile::tempdir().unwrap();
    let file = photograph(folder.path());
    let boards = [
        seen(64, 32, Depth::Mono),
        seen(96, 48, Depth::RedGreen),
        seen(128, 64, Depth::Grey16),
        seen(192, 96, Depth::Rgb565),
    ];
    let made =
        made::make(&Timetable::default(), &slide(Some(model::Shows::Picture(file.clone())), ""), &boards).unwrap();
    let (read, data_at) = Slide::read(&made.bytes).unwrap();
    assert_eq!((&read, data_at), (&made.slide, made.data_at));
    assert!(read.fits(made.data().len() as u32));
    let picture = picture::read(&file, [0; 3]).unwrap();
    for board in &boards {
        let (width, height) = (u32::from(board.class.width_px), u32::from(board.class.height_px));
        let size = picture::fitted(picture.size(), (width, height));
        assert_eq!(size.1, height);
        let levels = dither::levels(&picture.frames(size).next().unwrap().rgb, size.0, board.class.depth);
        let face = drawn(&read, made.data(), &board.class);
        let left = (width - size.0) / 2;
        for (dot, level) in (0..).zip(&levels) {
            let (x, y) = ((left + dot % size.0) as i32, (dot / size.0) as i32);
            assert_eq!(face.level(x, y), *level, "{} at {x} {y}", board.name);
        }
        let beside = (0..left as i32).all(|x| (0..height as i32).all(|y| !face.is_lit(x, y)));
        assert!(beside, "{}", board.name);
    }
}

#[test]
fn a_picture_beside_text_is_made_as_large_as_it_stands_there() {
    let folder = tempfile::tempdir().unwrap();
    let file = photograph(folder.path());
    let boards = [seen(192, 96, Depth::Grey16), seen(128, 64, Depth::Mono), seen(64, 32, Depth::Mono)];
    let slide = slide(Some(model::Shows::Picture(file)), "Chợ phiên");
    let made = made::make(&Timetable::default(), &slide, &boards).unwrap();
    let Some(Shows::Picture { renditions }) = &made.slide.shows else { panic!("a picture") };
    assert_eq!(renditions.len(), 3);
    for (board, rendition) in boards.iter().zip(renditions.iter()) {
        let piece = lay_out(&made.slide, &board.class).piece_px();
        assert_eq!(piece, Some((u32::from(rendition.width_px), u32::from(rendition.height_px))), "{}", board.name);
        assert_eq!(loa_board::picture::best(renditions, &board.class), Some(rendition));
    }
}

#[test]
fn a_picture_is_made_for_the_four_kinds_used_most_and_the_others_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = photograph(folder.path());
    let sizes = [(64, 1), (80, 7), (96, 2), (112, 3), (128, 1), (144, 5)];
    let boards: Vec<Board> = sizes
        .iter()
        .flat_map(|(width, count)| (0..*count).map(|_| Board::plain(*width, 32, Depth::Mono).unwrap()))
        .collect();
    let kinds = grouped(boards.iter());
    let order: Vec<_> = kinds.iter().map(|seen| (seen.class.width_px, seen.players)).collect();
    assert_eq!(order, [(80, 7), (144, 5), (112, 3), (96, 2), (128, 1), (64, 1)]);
    let tall = |seen: &Seen| Seen {
        class: BoardClass { height_px: seen.class.width_px / 2, ..seen.class.clone() },
        ..seen.clone()
    };
    let kinds: Vec<Seen> = kinds.iter().map(tall).collect();
    let made = made::make(&Timetable::default(), &slide(Some(model::Shows::Picture(file)), ""), &kinds).unwrap();
    let Some(Shows::Picture { renditions }) = &made.slide.shows else { panic!("a picture") };
    assert_eq!(
        (renditions.len(), made.left_out.as_slice()),
        (RENDITIONS, &["128x32 mono".to_owned(), "64x32 mono".to_owned()][..])
    );
}

#[test]
fn pictures_that_take_too_much_are_refused_but_a_screen_may_have_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let file = photograph_of(folder.path(), (1_500, 1_000));
    let slide = slide(Some(model::Shows::Picture(file)), "");
    let (small, screen) = (seen(128, 64, Depth::Grey16), seen(1_280, 720, Depth::Rgb888));
    let with = |boards: &[Seen]| made::make(&Timetable::default(), &slide, boards);
    assert!(with(std::slice::from_ref(&screen)).is_ok());
    let refused = with(&[small, screen]).unwrap_err();
    assert!(matches!(&refused, SlideError::TooManyBytes { most: made::BYTES, .. }), "{refused}");
}

#[test]
fn a_small_picture_grows_on_a_screen_only_as_far_as_there_is_room_for_its_bytes() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schedules/pictures/mui-ten.gif");
    let slide = slide(Some(model::Shows::Picture(file)), "");
    let boards = [seen(1_920, 1_080, Depth::Rgb888), seen(128, 64, Depth::Grey16)];
    let made = made::make(&Timetable::default(), &slide, &boards).unwrap();
    let Some(Shows::Picture { renditions }) = &made.slide.shows else { panic!("a picture") };
    let sizes: Vec<_> = renditions.iter().map(|made| (made.width_px, made.height_px, made.frames)).collect();
    assert_eq!(sizes, [(96, 96, 4), (64, 64, 4)]);
    let alone = made::make(&Timetable::default(), &slide, &boards[..1]).unwrap();
    let Some(Shows::Picture { renditions }) = &alone.slide.shows else { panic!("a picture") };
    assert_eq!(renditions[0].width_px, 576);
}

#[test]
fn a_picture_that_is_none_is_refused_with_the_slide_and_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("anh.png");
    std::fs::write(&file, b"%PDF-1.4").unwrap();
    let error = made::make(&Timetable::default(), &slide(Some(model::Shows::Picture(file)), ""), &[]).unwrap_err();
    assert!(error.to_string().contains("slide chao") && error.to_string().contains("anh.png"), "{error}");
}

#[test]
fn slides_of_text_have_the_bytes_they_always_had() {
    let timetable = timetable("");
    let made = made::make(&timetable, &timetable.slides[0], &[]).unwrap();
    assert_eq!((made.bytes[0], made.data().len()), (0x83, 0));
}

const BOARDS: &str = "[[board]]\nid = \"led\"\nsize = \"192x96\"\ncolours = \"rgb565\"\nrotation = 180\nbrightness = [\"06:00 80\", \"22:00 20\"]\n\
    [[player]]\nid = \"led-1\"\nname = \"LED\"\nkind = \"board\"\nplace = \"90001\"\nboard = \"led\"\n\
    [[slide]]\nid = \"tet\"\ntitle = \"Tết\"\ncountdown = \"2027-02-06T00:00\"\nseconds = 10\n\
    colours = { title = \"#ffd040\", ground = \"#000060\" }\nenter = \"rise\"\n\
    [[slide]]\nid = \"ma\"\ncode = \"https://an-lac.vn/mot-cua/ho-so\"\nseconds = 10\n\
    [[programme]]\nid = \"p\"\ntitle = \"P\"\nitems = [\"slide:tet\", \"slide:ma\"]\n\
    [[order]]\nid = \"o\"\nprogramme = \"p\"\nclass = \"normal\"\nto = { kinds = [\"board\"] }\nat = \"0 5 * * *\"\n";

#[test]
fn a_class_reaches_its_players_and_a_countdown_its_instant() {
    let timetable = timetable(BOARDS);
    let players = compile::players(&timetable).unwrap();
    let led = players.iter().find_map(|entry| entry.board.as_ref().filter(|board| board.name == "led")).unwrap();
    assert_eq!((led.class.width_px, led.class.depth, led.class.brightness_at(23 * 3_600)), (192, Depth::Rgb565, 20));
    let desk = SecretKey::from_seed(&[7; 32]);
    let composed = players.iter().map(|player| {
        let placing = Placing::new(desk.public(), UtcMs(0), player.placement.clone());
        let placed = SealedPlacing { placing, sealed: Vec::new() };
        roster::compose(
            (player, &placed),
            (&[], &HashSet::new()),
            roster::Before::default(),
            UtcMs(0),
            86_400_000,
            &desk,
        )
    });
    let boards: Vec<_> = composed.map(|composed| composed.unwrap().unwrap().release.board).collect();
    assert_eq!(boards, [None, BoardClass::new(128, 32, Depth::Mono), Some(led.class.clone())]);
    let audiences = Audiences::of(&timetable, &players).unwrap();
    let names: Vec<&str> = audiences.boards("tet").iter().map(|seen| seen.name.as_str()).collect();
    assert_eq!(names, ["led", "128x32 mono"]);
    assert!(!audiences.is_aired("chao"));
    let made = made::make(&timetable, &timetable.slides[1], audiences.boards("tet")).unwrap();
    // Midnight in Việt Nam is 17:00 UTC of the day before.
    assert_eq!(made.slide.shows, Some(Shows::Countdown { to: UtcMs(1_801_846_800_000) }));
}

#[test]
fn a_code_that_has_no_room_is_seen_and_so_is_text_that_takes_too_long() {
    let timetable = timetable(BOARDS);
    let code = made::make(&timetable, &timetable.slides[2], &[]).unwrap();
    let fit = |slide: &Slide, seen: &Seen| Fit::of(slide, 10_000, seen);
    assert_eq!(fit(&code.slide, &seen(64, 48, Depth::Mono)).code_needs_px, None);
    assert_eq!(fit(&code.slide, &seen(64, 32, Depth::Mono)).code_needs_px, Some(33));
    assert!(fit(&code.slide, &seen(128, 16, Depth::Mono)).code_needs_px.is_some_and(|needs| needs > 16));
    let mut long = slide(None, "Thông báo");
    long.body = "Đề nghị bà con chằng chống nhà cửa, không ra đường, nghe loa của xã. ".repeat(4).trim().to_owned();
    let long = made::make(&timetable, &long, &[]).unwrap().slide;
    let ticker = fit(&long, &seen(128, 16, Depth::Mono));
    assert!(ticker.runs && ticker.is_too_short() && ticker.read_ms > 30_000, "{ticker:?}");
    let pages = fit(&long, &seen(128, 32, Depth::Mono));
    assert!(pages.pages > 5 && pages.is_too_short(), "{pages:?}");
    assert!(!fit(&long, &seen(1_920, 1_080, Depth::Rgb888)).is_poor());
}

#[test]
fn faces_are_all_pages_of_a_slide_and_what_a_ticker_runs_through() {
    let mut long = slide(None, "Thông báo");
    long.body = "Đề nghị bà con chằng chống nhà cửa, không ra đường, nghe loa của xã.".to_owned();
    let made = made::make(&Timetable::default(), &long, &[]).unwrap();
    let looked = Looked { stands_ms: 10_000, utc: UtcMs(0), offset_s: None };
    let faces = |seen: Seen| face::faces(&made.slide, made.data(), &seen.class, looked);
    let pages = faces(seen(128, 32, Depth::Mono));
    assert_eq!(pages.len() as u32, lay_out(&made.slide, &seen(128, 32, Depth::Mono).class).pages());
    assert!(pages.windows(2).all(|pair| pair[0] != pair[1]));
    let running = faces(seen(64, 16, Depth::Mono));
    assert!(running.len() > 5 && running.iter().all(|face| face.bytes().iter().any(|byte| *byte != 0)));
}

#[test]
fn the_operators_page_has_the_table_of_how_legible_letters_are() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let table = std::fs::read_to_string(root.join("board/golden/legibility.md")).unwrap();
    assert!(std::fs::read_to_string(root.join("docs/boards.md")).unwrap().contains(&table));
}

#[test]
fn half_blocks_are_the_lamps_and_a_wide_board_is_narrowed() {
    let mut face = Canvas::over(16, 16, Depth::Mono, vec![0; 32]).unwrap();
    for (x, y) in [(0, 0), (1, 1), (2, 0), (2, 1)] {
        face.set(x, y, 1);
    }
    let text = face::blocks(&face, true);
    let rows: Vec<&str> = text.lines().collect();
    assert_eq!((rows.len(), rows[0], rows[1]), (10, "┌────────────────┐", "│▀▄█             │"));
    let red = Canvas::over(16, 16, Depth::RedGreen, vec![0b1010_1010; 64]).unwrap();
    assert!(face::blocks(&red, false).lines().nth(1).unwrap().contains("████"));
    assert!(face::blocks(&red, true).contains("\x1b[38;2;255;0;0;48;2;255;0;0m▀"));
    let screen = drawn(
        &made::make(&Timetable::default(), &slide(None, "Xin chào"), &[]).unwrap().slide,
        &[],
        &seen(1_920, 1_080, Depth::Rgb888).class,
    );
    assert!(face::blocks(&screen, false).lines().all(|line| line.chars().count() <= 162));
    assert_eq!(face::dots(&face, 2).0, 32);
}
