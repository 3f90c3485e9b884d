//! Every bound in one list: what, how many, in which unit, and why that number.
//!
//! It decides nothing else. The files that use a bound name it; none of them writes a number of its own.
//! Next: `id.rs`.

/// The bound, or the smaller one of a player with 64 KiB of RAM: there the timetable, the cue on its way and a stack for
/// signatures must fit together. What is longer is refused whole, never cut.
const fn or_small(usual: usize, small: usize) -> usize {
    if cfg!(feature = "small") { small } else { usual }
}

/// Longest player id, in bytes: it is part of MQTT topics and of the client id (MQTT 3.1.1 asks servers for 23, all take more).
pub const PLAYER_ID_BYTES: usize = 32;
/// Longest name of an order, campaign, tag or place code, in bytes of UTF-8.
pub const NAME_BYTES: usize = 48;
/// Longest place code, in bytes: Viet Nam's are 2 (province) and 5 (commune) digits, other countries' reach 11, and villages add a name.
pub const PLACE_CODE_BYTES: usize = 24;
/// A place's name for people, in bytes of UTF-8: 32 Vietnamese letters with stacked marks; the rest is cut off.
pub const PLACE_NAME_BYTES: usize = 96;
/// Depth of the area tree that a player can stand in: country to hamlet is six.
pub const PLACE_DEPTH: usize = 8;
/// Tags on one player.
pub const TAGS: usize = 8;
/// Languages of one player.
pub const LANGUAGES: usize = 6;
/// Places, players or tags that one order may name; larger audiences name the place above.
pub const AUDIENCE: usize = or_small(16, 8);
/// Items of one programme: an hour of two-minute pieces.
pub const ITEMS: usize = or_small(32, 16);
/// Orders in force on one player. 50 is the largest plan seen; the table must fit a microcontroller's RAM.
pub const ORDERS: usize = or_small(64, 10);
/// Revoked orders that one release names.
pub const REVOKED: usize = or_small(64, 16);
/// Signatures on one envelope: verifiers must take 16 (C2SP signed-note), thresholds never need more.
pub const SIGNATURES: usize = 4;
/// Keys of one role in the root document.
pub const ROLE_KEYS: usize = or_small(16, 8);
/// Longest programme, in milliseconds: four hours, so that a plan's window needs a bounded run-up.
pub const PROGRAMME_MS: u32 = 4 * 60 * 60 * 1000;
/// How long a drill says that it is one, before and again after what it airs, in milliseconds: both languages, unhurried.
pub const DRILL_NOTICE_MS: u32 = 6_000;
/// Cues that wait for the air at once on one player. A seventeenth is missed(overlap) whatever it asked for.
pub const WAITING: usize = or_small(16, 8);
/// Cues that a player holds between opening and closing their proofs.
pub const LIVE: usize = or_small(24, 10);

/// Payload of one chunk, in bytes: with topic and header it stays inside one 16 KiB TLS record and a microcontroller's buffer.
pub const CHUNK_BYTES: usize = 16_128;
/// Hashes in one manifest page: one chunk full (16,128 / 32).
pub const PAGE_HASHES: usize = CHUNK_BYTES / 32;
/// Largest blob, in bytes: an hour at 128 kbit/s. Three pages of hashes per 24 MB.
pub const BLOB_BYTES: u64 = 64 * 1024 * 1024;
/// Pages of the largest manifest.
pub const PAGES: usize = (BLOB_BYTES as usize).div_ceil(CHUNK_BYTES * PAGE_HASHES);
/// Chunks that one request may ask for: the width of its bit mask.
pub const WANT_CHUNKS: u32 = 64;

/// A start this late, in milliseconds, still counts as on time (Broadsign's tolerance for a whole play is the same 500 ms).
pub const ON_TIME_MS: i64 = 500;
/// How far ahead of a cue, in milliseconds, its proof is opened and its clip prepared: several fsyncs of a slow card.
pub const PREPARE_MS: i64 = 2_500;
/// How far ahead, in milliseconds, a start is given to the sound card, whose buffer is up to 200 ms long.
pub const ADVANCE_MS: i64 = 400;
/// A jump of the clock against the monotonic one of at least this many milliseconds is a step, and goes on record.
pub const STEP_MS: i64 = 500;
/// For how long, in milliseconds, cues that a forward step jumped over stay undecided, in case the clock steps back.
pub const STEP_DOUBT_MS: u64 = 15 * 60 * 1000;
/// How often, in milliseconds of play, what was heard so far is written down: a power cut loses at most this much of the count.
pub const PROGRESS_MS: u64 = 10_000;
/// Records sent and not yet receipted, at most.
pub const OUTBOX_WINDOW: usize = or_small(32, 4);
/// Milliseconds until a record without a receipt is sent again.
pub const RESEND_MS: u64 = 20_000;
/// Receipts in one message: with proofs of some thirty hashes each it stays inside one 16 KiB TLS record.
pub const RECEIPTS: usize = 8;
/// Longest code with which a person lets a new player in, in bytes.
pub const CLAIM_BYTES: usize = 32;
/// Longest name of a key that signs the log's checkpoints, in bytes of UTF-8: names are host names with a path.
pub const KEY_NAME_BYTES: usize = 128;
/// Witnesses of the log that a root document names: C2SP tlog-policy asks for at least 32.
pub const WITNESSES: usize = or_small(32, 16);
/// Groups of those witnesses that count in a quorum, one of them for the quorum itself.
pub const WITNESS_GROUPS: usize = 16;
/// Signatures under a checkpoint that go with receipts: the log's, and one by each witness.
pub const CHECKPOINT_SIGNATURES: usize = WITNESSES + 1;
/// Orders in one signing request: a district with a timetable for each of its communes.
pub const REQUEST_ORDERS: usize = 1_024;
/// Names for people in one signing request: what a thousand orders name.
pub const REQUEST_HINTS: usize = 16_384;
/// Signers of one copy of a signing request: as many as a role has keys.
pub const REQUEST_SIGNERS: usize = 16;
/// Keys of one office: a commune has few officers. As many as a small board's roles have, which reads both with the same code.
pub const OFFICE_KEYS: usize = 8;
/// Places that one office may order for, each with all below it.
pub const OFFICE_PLACES: usize = PLACE_DEPTH;
/// Orders that one stop names; more are stopped by naming none, which is all.
pub const STOPPED: usize = 8;
/// Single orders that a player remembers as stopped: more than one release can bring back at once.
pub const STOPS: usize = or_small(64, 16);
/// Stops that a desk tells a player again when it says hello, the newest ones: as many as a player with little room remembers.
pub const STOPS_TOLD: usize = 16;
