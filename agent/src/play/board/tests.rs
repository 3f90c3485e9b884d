//! The board as a stage: its thread, its shelf, what it tells.

use super::*;
use crate::play::board::output::Output;
use crate::play::video::Setup;
use loa_domain::play::class::Depth;
use loa_domain::play::slide::Slide;
use loa_domain::timetable::audience::Kind;
use loa_domain::wire;
use loa_domain::wire::Text;
use loa_host::text::Language;

struct Wall(Sender<(Option<Voice>, Hash)>, Arc<Mutex<bool>>);

impl Output for Wall {
    fn put(&mut self, frame: &Frame<'_>) -> io::Result<()> {
        if *self.1.lock().unwrap() {
            return Err(io::Error::other("no lamps"));
        }
        let _nobody_looks = self.0.send((frame.voice, pattern(frame.pixels)));
        Ok(())
    }
}

/// The hash of the face that a picture of lamps is of.
fn pattern(pixels: &dyn Pixels) -> Hash {
    let (width, height) = (pixels.width_px() as u16, pixels.height_px() as u16);
    let mut face = dark(&BoardClass::new(width, height, Depth::Mono).unwrap());
    for (x, y) in (0..pixels.height_px()).flat_map(|y| (0..pixels.width_px()).map(move |x| (x, y))) {
        face.set(x as i32, y as i32, u32::from(pixels.rgb(x, y) != [0; 3]));
    }
    face.hash()
}

struct Bench {
    clock: Clock,
    board: Board,
    heard: Receiver<Heard>,
    faces: Receiver<(Option<Voice>, Hash)>,
    dark: Arc<Mutex<bool>>,
}

fn slide(body: &str) -> Vec<u8> {
    let text = |text: &str| Text::new(text).unwrap();
    wire::encode(&Slide::of_text(Text::new("Tin").unwrap(), Text::new(body).unwrap(), text("vi")))
}

fn item(bytes: &[u8], length_ms: u32) -> Piece {
    Item { kind: Kind::Board, content: Hash::of(bytes), size: bytes.len() as u32, length_ms }.into()
}

/// Slides, no videos.
fn content(shelf: Shelf) -> Content {
    Content { shelf, videos: Videos::new(Setup::default(), Box::new(|_| None)) }
}

fn bench(slides: Vec<Vec<u8>>) -> Bench {
    let (clock, class) = (Clock::manual(), BoardClass::new(64, 32, Depth::Mono).unwrap());
    let (tell, heard) = mpsc::channel();
    let (put, faces) = mpsc::channel();
    let dark = Arc::new(Mutex::new(false));
    let shelf: Shelf = Box::new(move |hash| {
        let found = slides.iter().find(|bytes| Hash::of(bytes) == *hash).cloned();
        // A shelf whose disk lost its bytes.
        found.or_else(|| (*hash == Hash([7; 32])).then(|| b"other bytes".to_vec()))
    });
    let told: Told = Box::new(move |heard| tell.send(heard).unwrap());
    let outputs = Outputs::new(vec![Box::new(Wall(put, dark.clone()))], 100);
    let board =
        Board::open(class, clock.clone(), outputs, content(shelf), told, Words::new(Language::Vietnamese)).unwrap();
    Bench { clock, board, heard, faces, dark }
}

impl Bench {
    fn now(&self) -> UtcMs {
        UtcMs(self.clock.now().utc_ns / 1_000_000)
    }

    fn next(&self) -> Heard {
        self.heard.recv_timeout(Duration::from_secs(30)).expect("the board says something")
    }

    fn face_of(&self, voice: Option<Voice>) -> Hash {
        let mut faces = std::iter::from_fn(|| self.faces.recv_timeout(Duration::from_secs(30)).ok());
        faces.find(|face| face.0 == voice).expect("such a face").1
    }

    fn pass_ms(&self, ms: u64) {
        self.clock.advance_ns(ms * 1_000_000);
        self.board.look();
    }
}

#[test]
fn the_board_shows_a_slide_and_tells_when_it_began_and_how_long_it_was() {
    let bytes = slide("Họp tổ dân phố lúc bảy giờ tối");
    let mut bench = bench(vec![bytes.clone()]);
    let quiet = bench.face_of(None);
    let at = bench.now().plus_ms(2_000);
    bench.board.begin(5, &item(&bytes, 3_000), at, 1_000, 100).unwrap();
    bench.pass_ms(2_000);
    assert_eq!(bench.next(), Heard::Began { voice: 5, at });
    let shown = bench.face_of(Some(5));
    assert_ne!(shown, quiet);
    bench.pass_ms(2_000);
    assert_eq!(bench.next(), Heard::Over { voice: 5, heard_ms: 2_000 });
    bench.face_of(None);
}

#[test]
fn a_slide_that_is_ended_is_down_before_its_time() {
    let bytes = slide("Cúp điện");
    let mut bench = bench(vec![bytes.clone()]);
    bench.board.begin(1, &item(&bytes, 60_000), bench.now(), 0, 100).unwrap();
    assert!(matches!(bench.next(), Heard::Began { voice: 1, .. }));
    let shown = bench.face_of(Some(1));
    bench.clock.advance_ns(1_500_000_000);
    bench.board.end(1);
    assert_eq!(bench.next(), Heard::Over { voice: 1, heard_ms: 1_500 });
    assert_ne!(bench.face_of(None), shown);
}

#[test]
fn missing_and_corrupt_content_are_told_apart() {
    let junk = b"no slide".to_vec();
    let mut bench = bench(vec![junk.clone()]);
    let at = bench.now();
    let absent = item(b"absent", 1_000);
    let swapped: Piece = Item { content: Hash([7; 32]), ..absent.item }.into();
    assert_eq!(bench.board.begin(1, &absent, at, 0, 100), Err(Reason::ContentMissing));
    assert_eq!(bench.board.begin(2, &swapped, at, 0, 100), Err(Reason::ContentCorrupt));
    assert_eq!(bench.board.begin(3, &item(&junk, 1_000), at, 0, 100), Err(Reason::ContentCorrupt));
}

#[test]
fn a_board_without_lamps_claims_nothing() {
    let bytes = slide("Chào cờ");
    let told: Told = Box::new(|heard| panic!("{heard:?}"));
    let shelf: Shelf = Box::new({
        let bytes = bytes.clone();
        move |_| Some(bytes.clone())
    });
    let clock = Clock::manual();
    let words = Words::new(Language::Vietnamese);
    let none = Outputs::new(Vec::new(), 100);
    let class = BoardClass::new(64, 32, Depth::Mono).unwrap();
    let mut board = Board::open(class, clock, none, content(shelf), told, words).unwrap();
    assert_eq!(board.begin(1, &item(&bytes, 1_000), UtcMs(0), 0, 100), Err(Reason::OutputLost));
    assert_eq!(board.last_face_hash(), None);
}

#[test]
fn time_in_the_dark_is_not_told_as_shown() {
    let bytes = slide("Chào cờ");
    let mut bench = bench(vec![bytes.clone()]);
    bench.face_of(None);
    *bench.dark.lock().unwrap() = true;
    bench.board.begin(1, &item(&bytes, 1_000), bench.now(), 0, 100).unwrap();
    assert!(matches!(bench.next(), Heard::Began { voice: 1, .. }));
    bench.board.end(9);
    bench.pass_ms(5_000);
    assert_eq!(bench.next(), Heard::Over { voice: 1, heard_ms: 0 });
}

#[test]
fn the_hash_of_the_face_that_is_up_can_be_asked_for() {
    let bytes = slide("Chào cờ");
    let mut bench = bench(vec![bytes.clone()]);
    let class = BoardClass::new(64, 32, Depth::Mono).unwrap();
    bench.board.begin(1, &item(&bytes, 60_000), bench.now(), 0, 100).unwrap();
    let shown = bench.face_of(Some(1));
    let laid = Laid::read(bytes, &class).unwrap();
    let mut drawn = dark(&class);
    let when = loa_board::When { position_ms: 0, length_ms: 60_000, utc: UtcMs(0), offset_s: None };
    laid.draw(laid.moment(when), &mut drawn);
    assert_eq!(shown, drawn.hash());
    // The output was told before the hash is kept: closing waits for the thread.
    let faces = bench.board.faces.clone();
    drop(bench.board);
    assert_eq!(faces.lock().unwrap().last, Some(shown));
    assert_eq!(faces.lock().unwrap().of.get(&1), Some(&shown), "for the proof of it");
}

#[test]
fn a_letter_without_a_picture_is_logged_once() {
    let bytes = slide("một 語 hai 語");
    let mut bench = bench(vec![bytes.clone()]);
    for voice in 0..2 {
        bench.board.begin(voice, &item(&bytes, 10_000), bench.now(), 0, 100).unwrap();
    }
    assert_eq!(bench.board.logged.iter().collect::<String>(), "語");
}
