//! Plays a programme's pieces one after the other on a stage: a loudspeaker or a board.
//!
//! Each piece begins at the wall-clock time that the pieces before it leave; a piece that cannot be opened is skipped
//! and the rest still begin on time. It knows no card and no clock; when a cue is played is decided in
//! `domain/src/play/player.rs`. Next: `stage.rs`.

use loa_domain::id::{CueId, Hash};
use loa_domain::limits::ON_TIME_MS;
use loa_domain::plan::Reason;
use loa_domain::play::player::Sound;
use loa_domain::time::UtcMs;

use crate::piece::{self, Part, Piece};
use crate::play::standing::Standing;

/// How far ahead of its beginning a piece is opened, in milliseconds: a slow card reads the first second in this time.
const OPEN_AHEAD_MS: i64 = 2_000;
/// Faces that wait for a proof at most: a cue that is cut and goes on has one from each of its parts.
const FACES_MAX: usize = 64;
/// How often what is heard is reported while a piece sounds, in milliseconds.
const REPORT_MS: i64 = 1_000;

/// A play of one piece, by number.
pub type Voice = u64;

/// What happened to a voice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// It began.
    Began {
        /// Which.
        voice: Voice,
        /// When.
        at: UtcMs,
    },
    /// It is over, at its end or stopped.
    Over {
        /// Which.
        voice: Voice,
        /// How much of it was heard, in milliseconds.
        heard_ms: u32,
    },
}

/// A loudspeaker, or a board.
pub trait Stage {
    /// Begins a piece at `at`, `offset_ms` into it, at a volume in percent. An error says why it cannot be played.
    fn begin(&mut self, voice: Voice, piece: &Piece, at: UtcMs, offset_ms: u32, volume: u8) -> Result<(), Reason>;
    /// Ends a piece, fading; [`Heard::Over`] follows.
    fn end(&mut self, voice: Voice);
    /// A piece is over: what was wrong with it, if something was.
    fn over(&mut self, _voice: Voice) -> Option<Reason> {
        None
    }
    /// A piece is over: what it looked like last, where it was seen.
    fn face(&mut self, _voice: Voice) -> Option<Hash> {
        None
    }
    /// What is known while nothing is due has changed.
    fn stand(&mut self, _standing: &Standing) {}
    /// The program ends.
    fn close(self)
    where
        Self: Sized,
    {
    }
}

#[derive(Debug)]
struct Sounding {
    voice: Voice,
    began: Option<UtcMs>,
    length_ms: u32,
    part: Part,
}

#[derive(Debug)]
struct Play {
    cue: CueId,
    /// Each with how much of it is over before it begins, in milliseconds.
    pieces: Vec<(Piece, u32)>,
    /// When the next piece begins, and which it is.
    next_at: UtcMs,
    next: usize,
    volume: u8,
    sounding: Vec<Sounding>,
    heard_ms: u32,
    reported_at: Option<UtcMs>,
    began: bool,
    flaw: Option<Reason>,
}

impl Play {
    /// What sounds fades, what has not begun never does.
    fn stop(&mut self, stage: &mut impl Stage) {
        self.next = self.pieces.len();
        for piece in &self.sounding {
            stage.end(piece.voice);
        }
    }

    fn is_over(&self) -> bool {
        self.next >= self.pieces.len() && self.sounding.is_empty()
    }

    /// What was heard, counting what sounds now as far as the clock has come.
    fn so_far_ms(&self, now: UtcMs) -> u32 {
        let sounding = self.sounding.iter().map(|piece| {
            let since = piece.began.map_or(0, |began| now.since_ms(began).max(0));
            u32::try_from(since).unwrap_or(u32::MAX).min(piece.length_ms)
        });
        sounding.fold(self.heard_ms, u32::saturating_add)
    }
}

/// All plays of one stage.
#[derive(Debug)]
pub struct Sequence<S> {
    stage: S,
    plays: Vec<Play>,
    /// What plays that are over looked like last, until their proofs are made: the newest at the end.
    faces: Vec<(CueId, Hash)>,
    next_voice: Voice,
    /// The stage is out of order: nothing is heard, so nothing is reported.
    silent: bool,
}

impl<S: Stage> Sequence<S> {
    /// A sequence on a stage.
    pub fn new(stage: S) -> Self {
        Self { stage, plays: Vec::new(), faces: Vec::new(), next_voice: 1, silent: false }
    }

    /// The stage.
    pub fn stage(&mut self) -> &mut S {
        &mut self.stage
    }

    /// Plays a cue: its pieces from `position_ms` of the programme on, beginning at `at`.
    pub fn play(&mut self, cue: CueId, pieces: &[Piece], at: UtcMs, position_ms: u32, volume: u8) {
        self.plays.push(Play {
            cue,
            pieces: piece::from(pieces, position_ms),
            next_at: at,
            next: 0,
            volume,
            sounding: Vec::new(),
            heard_ms: 0,
            reported_at: None,
            began: false,
            flaw: None,
        });
    }

    /// Stops a cue: what sounds fades, what has not begun never does.
    pub fn stop(&mut self, cue: CueId) {
        for play in self.plays.iter_mut().filter(|play| play.cue == cue) {
            play.stop(&mut self.stage);
        }
    }

    /// The wall clock stepped: what is to begin later begins after as much time as before.
    pub fn shift(&mut self, by_ms: i64) {
        for play in &mut self.plays {
            play.next_at = play.next_at.plus_ms(by_ms);
            play.reported_at = None;
            for piece in &mut play.sounding {
                piece.began = piece.began.map(|at| at.plus_ms(by_ms));
            }
        }
    }

    /// What is known while nothing is due has changed.
    pub fn stand(&mut self, standing: &Standing) {
        self.stage.stand(standing);
    }

    /// What a cue looked like last, for its proof; it is asked for once.
    pub fn take_face(&mut self, cue: CueId) -> Option<Hash> {
        let at = self.faces.iter().position(|(of, _)| *of == cue)?;
        Some(self.faces.remove(at).1)
    }

    /// The program ends: what sounds is cut.
    pub fn close(self) {
        self.stage.close();
    }

    /// The stage went out of order, or works again.
    pub fn silent(&mut self, silent: bool) {
        self.silent = silent;
    }

    /// Opens what begins soon, reports what is heard.
    pub fn poll(&mut self, now: UtcMs, out: &mut impl FnMut(Sound)) {
        let soon = now.plus_ms(OPEN_AHEAD_MS);
        for play in &mut self.plays {
            while play.next < play.pieces.len() && play.next_at <= soon {
                open_next(play, &mut self.stage, &mut self.next_voice);
            }
            let due = play.reported_at.is_none_or(|at| now.since_ms(at) >= REPORT_MS);
            if due && play.began && !self.silent && !play.sounding.is_empty() {
                play.reported_at = Some(now);
                out(Sound::Heard { cue: play.cue, heard_ms: play.so_far_ms(now) });
            }
        }
        self.sweep(out);
    }

    /// When to poll again at the latest.
    #[must_use]
    pub fn next(&self, now: UtcMs) -> Option<UtcMs> {
        let opens = self.plays.iter().filter(|play| play.next < play.pieces.len());
        let opens = opens.map(|play| play.next_at.plus_ms(-OPEN_AHEAD_MS));
        let reports = self.plays.iter().filter(|play| !play.sounding.is_empty());
        opens.chain(reports.map(|_| now.plus_ms(REPORT_MS))).min()
    }

    /// The stage says something.
    pub fn heard(&mut self, heard: Heard, out: &mut impl FnMut(Sound)) {
        let voice = match heard {
            Heard::Began { voice, .. } | Heard::Over { voice, .. } => voice,
        };
        let found = self.plays.iter_mut().find(|play| play.sounding.iter().any(|piece| piece.voice == voice));
        let Some(play) = found else { return };
        match heard {
            Heard::Began { at, .. } => {
                for piece in play.sounding.iter_mut().filter(|piece| piece.voice == voice) {
                    piece.began = Some(at);
                }
                if !play.began {
                    play.began = true;
                    out(Sound::Began { cue: play.cue, at });
                }
            }
            Heard::Over { heard_ms, .. } => {
                play.flaw = play.flaw.or(self.stage.over(voice));
                if let Some(face) = self.stage.face(voice) {
                    self.faces.retain(|(cue, _)| *cue != play.cue);
                    self.faces.push((play.cue, face));
                    let first = self.faces.len().saturating_sub(FACES_MAX);
                    self.faces.drain(..first);
                }
                play.heard_ms = play.heard_ms.saturating_add(heard_ms);
                let over = play.sounding.extract_if(.., |piece| piece.voice == voice);
                let is_announced = over.fold(true, |so_far, piece| {
                    let whole = i64::from(heard_ms) + ON_TIME_MS >= i64::from(piece.length_ms);
                    so_far && (whole || piece.part != Part::Notice)
                });
                if !is_announced {
                    // Nobody heard that it is a drill.
                    play.stop(&mut self.stage);
                }
            }
        }
        self.sweep(out);
    }

    fn sweep(&mut self, out: &mut impl FnMut(Sound)) {
        self.plays.retain(|play| {
            if play.is_over() {
                out(Sound::Over { cue: play.cue, heard_ms: play.heard_ms, flaw: play.flaw });
            }
            !play.is_over()
        });
    }
}

fn open_next<S: Stage>(play: &mut Play, stage: &mut S, next_voice: &mut Voice) {
    let (piece, offset_ms) = play.pieces[play.next];
    let length_ms = piece.item.length_ms.saturating_sub(offset_ms);
    let voice = *next_voice;
    *next_voice += 1;
    match stage.begin(voice, &piece, play.next_at, offset_ms, play.volume) {
        Ok(()) => play.sounding.push(Sounding { voice, began: None, length_ms, part: piece.part }),
        Err(flaw) => {
            play.flaw = play.flaw.or(Some(flaw));
            if piece.part == Part::Notice {
                // A drill that cannot say that it is one is not aired.
                return play.stop(stage);
            }
        }
    }
    play.next += 1;
    play.next_at = play.next_at.plus_ms(i64::from(length_ms));
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_domain::limits::DRILL_NOTICE_MS;
    use loa_domain::timetable::audience::Kind;
    use loa_domain::timetable::order::Item;

    #[derive(Default)]
    struct Bench {
        begun: Vec<(Voice, i64, u32)>,
        parts: Vec<Part>,
        ended: Vec<Voice>,
        broken: Option<usize>,
        faces: bool,
    }

    impl Stage for Bench {
        fn begin(&mut self, voice: Voice, piece: &Piece, at: UtcMs, offset_ms: u32, _: u8) -> Result<(), Reason> {
            if self.broken.take_if(|left| *left == 0).is_some() {
                return Err(Reason::ContentCorrupt);
            }
            self.broken = self.broken.map(|left| left - 1);
            self.parts.push(piece.part);
            self.begun.push((voice, at.0, offset_ms));
            Ok(())
        }

        fn end(&mut self, voice: Voice) {
            self.ended.push(voice);
        }

        fn face(&mut self, voice: Voice) -> Option<Hash> {
            self.faces.then_some(Hash([voice as u8; 32]))
        }
    }

    #[test]
    fn what_a_cue_looked_like_last_is_told_once() {
        let mut sequence = Sequence::new(Bench { faces: true, ..Bench::default() });
        sequence.play(cue(), &items(&[1_000, 1_000]), UtcMs(10_000), 0, 100);
        sounds(&mut sequence, 10_000);
        assert_eq!(sequence.take_face(cue()), None);
        for voice in [1, 2] {
            sequence.heard(Heard::Over { voice, heard_ms: 1_000 }, &mut |_| ());
        }
        assert_eq!((sequence.take_face(cue()), sequence.take_face(cue())), (Some(Hash([2; 32])), None));
    }

    fn cue() -> CueId {
        CueId { order: Hash([1; 32]), planned: UtcMs(0) }
    }

    fn items(lengths: &[u32]) -> Vec<Piece> {
        let item =
            |length_ms: &u32| Item { kind: Kind::Speaker, content: Hash([2; 32]), size: 1, length_ms: *length_ms };
        lengths.iter().map(item).map(Piece::from).collect()
    }

    fn sounds(sequence: &mut Sequence<Bench>, now: i64) -> Vec<Sound> {
        let mut said = Vec::new();
        sequence.poll(UtcMs(now), &mut |sound| said.push(sound));
        said
    }

    #[test]
    fn each_piece_begins_where_the_one_before_ends() {
        let mut sequence = Sequence::new(Bench::default());
        sequence.play(cue(), &items(&[1_000, 5_000, 1_000]), UtcMs(10_000), 0, 100);
        sounds(&mut sequence, 9_600);
        assert_eq!(sequence.stage.begun, [(1, 10_000, 0), (2, 11_000, 0)]);
        assert_eq!(sequence.next(UtcMs(9_600)), Some(UtcMs(10_600)));
        sounds(&mut sequence, 14_000);
        assert_eq!(sequence.stage.begun[2], (3, 16_000, 0));
    }

    #[test]
    fn joining_late_begins_within_the_piece_that_would_sound_by_now() {
        let mut sequence = Sequence::new(Bench::default());
        sequence.play(cue(), &items(&[1_000, 5_000]), UtcMs(10_000), 3_000, 100);
        sounds(&mut sequence, 10_000);
        assert_eq!(sequence.stage.begun, [(1, 10_000, 2_000)]);
    }

    #[test]
    fn a_piece_that_cannot_be_played_is_skipped_and_told() {
        let mut sequence = Sequence::new(Bench { broken: Some(0), ..Bench::default() });
        sequence.play(cue(), &items(&[1_000, 1_000]), UtcMs(10_000), 0, 100);
        sounds(&mut sequence, 10_000);
        assert_eq!(sequence.stage.begun, [(2, 11_000, 0)]);
        let mut said = Vec::new();
        sequence.heard(Heard::Over { voice: 2, heard_ms: 1_000 }, &mut |sound| said.push(sound));
        assert_eq!(said, [Sound::Over { cue: cue(), heard_ms: 1_000, flaw: Some(Reason::ContentCorrupt) }]);
    }

    #[test]
    fn a_stopped_programme_is_over_when_what_sounds_has_faded() {
        let mut sequence = Sequence::new(Bench::default());
        sequence.play(cue(), &items(&[5_000, 5_000]), UtcMs(10_000), 0, 100);
        sounds(&mut sequence, 10_000);
        sequence.stop(cue());
        assert_eq!(sequence.stage.ended, [1]);
        let mut said = Vec::new();
        sequence.heard(Heard::Over { voice: 1, heard_ms: 700 }, &mut |sound| said.push(sound));
        assert_eq!(said, [Sound::Over { cue: cue(), heard_ms: 700, flaw: None }]);
    }

    fn drill() -> Vec<Piece> {
        let mut pieces = items(&[DRILL_NOTICE_MS, 5_000, DRILL_NOTICE_MS]);
        for (piece, part) in pieces.iter_mut().zip([Part::Notice, Part::OfDrill, Part::Notice]) {
            piece.part = part;
        }
        pieces
    }

    #[test]
    fn a_drill_that_cannot_say_that_it_is_one_is_not_aired() {
        let mut sequence = Sequence::new(Bench { broken: Some(0), ..Bench::default() });
        sequence.play(cue(), &drill(), UtcMs(10_000), 0, 100);
        let over = [Sound::Over { cue: cue(), heard_ms: 0, flaw: Some(Reason::ContentCorrupt) }];
        assert_eq!(sounds(&mut sequence, 10_000), over);
        assert_eq!(sequence.stage.begun, []);
    }

    #[test]
    fn a_drill_of_which_nobody_heard_that_it_is_one_ends_there() {
        let mut sequence = Sequence::new(Bench::default());
        sequence.play(cue(), &drill(), UtcMs(10_000), 0, 100);
        sounds(&mut sequence, 14_500);
        assert_eq!(sequence.stage.parts, [Part::Notice, Part::OfDrill], "the next piece waits already");
        let mut said = Vec::new();
        sequence.heard(Heard::Over { voice: 1, heard_ms: 2_000 }, &mut |sound| said.push(sound));
        assert_eq!(sequence.stage.ended, [2]);
        sequence.heard(Heard::Over { voice: 2, heard_ms: 0 }, &mut |sound| said.push(sound));
        assert_eq!(said, [Sound::Over { cue: cue(), heard_ms: 2_000, flaw: None }]);
        assert_eq!(sounds(&mut sequence, 99_000), []);
    }

    #[test]
    fn what_is_heard_is_reported_while_it_sounds() {
        let mut sequence = Sequence::new(Bench::default());
        sequence.play(cue(), &items(&[5_000]), UtcMs(10_000), 0, 100);
        sounds(&mut sequence, 10_000);
        sequence.heard(Heard::Began { voice: 1, at: UtcMs(10_000) }, &mut |_| ());
        assert_eq!(sounds(&mut sequence, 12_000), [Sound::Heard { cue: cue(), heard_ms: 2_000 }]);
        assert_eq!(sounds(&mut sequence, 12_500), []);
        sequence.silent(true);
        assert_eq!(sounds(&mut sequence, 14_000), []);
    }
}
