//! How far the ingest is, as one bar that never goes back.
//!
//! It decides how the stages share the bar; drawing it is the caller's.

/// What is being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Reading the upload to learn whether it is known already.
    Reading,
    /// Decoding and measuring it.
    Decoding,
    /// Making the rendition.
    Encoding,
    /// Decoding the rendition to see that it came out right.
    Checking,
}

/// How far a stage is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Progress {
    /// What is being done.
    pub stage: Stage,
    /// Bytes of this stage done.
    pub done_bytes: u64,
    /// Bytes of this stage in all.
    pub total_bytes: u64,
    /// How far the whole is, 0 to 1. It never falls, even when a rendition is made a second time.
    pub fraction: f64,
}

/// Tells the caller when there is something new to draw.
pub struct Reporter<'a> {
    tell: &'a mut dyn FnMut(Progress),
    source_bytes: u64,
    fraction: f64,
    told: f64,
    stage: Option<Stage>,
}

/// The finest step worth drawing.
const STEP: f64 = 0.005;

impl<'a> Reporter<'a> {
    pub fn new(tell: &'a mut dyn FnMut(Progress), source_bytes: u64) -> Self {
        Self { tell, source_bytes, fraction: 0.0, told: 0.0, stage: None }
    }

    /// Progress of the decoding in bytes of the upload.
    pub fn decoded(&mut self, done_bytes: u64) {
        self.at(Stage::Decoding, done_bytes, self.source_bytes);
    }

    pub fn at(&mut self, stage: Stage, done_bytes: u64, total_bytes: u64) {
        let (start, share) = share(stage);
        let part = (done_bytes as f64 / total_bytes.max(1) as f64).min(1.0);
        self.fraction = self.fraction.max(start + share * part);
        if self.stage != Some(stage) || self.fraction >= self.told + STEP || self.fraction >= 1.0 && self.told < 1.0 {
            self.stage = Some(stage);
            self.told = self.fraction;
            (self.tell)(Progress { stage, done_bytes, total_bytes, fraction: self.fraction });
        }
    }
}

/// (where the stage begins on the bar, how much of it it takes), about as long as each takes.
fn share(stage: Stage) -> (f64, f64) {
    match stage {
        Stage::Reading => (0.0, 0.05),
        Stage::Decoding => (0.05, 0.4),
        Stage::Encoding => (0.45, 0.45),
        Stage::Checking => (0.9, 0.1),
    }
}
