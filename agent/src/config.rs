//! What a player is told when it is started: who it is, where its desk is, through what it sounds.
//!
//! The only file that names the argument parser. Help and errors speak the language asked for. What is decided with
//! these values is `main.rs`'s; the file that says where a board shows its picture is read by [`outputs`].

pub mod outputs;

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use loa_domain::id::PlayerId;
use loa_domain::play::class::{BoardClass, Depth, Rotation};
use loa_domain::time::{MinuteRange, QuietHours};
use loa_domain::timetable::audience::Kind;
use loa_host::link::BrokerUrl;
use loa_host::text::Words;

/// Through what a loudspeaker sounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The default card, or a recording while there is none.
    Auto,
    /// A card by its ALSA name, nothing else.
    Card(Option<String>),
    /// A recording.
    File,
}

/// How a player is set up.
#[derive(Clone, Debug)]
pub struct Config {
    /// Its folder: key, store, content, recordings.
    pub data: PathBuf,
    /// Its id.
    pub player: PlayerId,
    /// What it is.
    pub kind: Kind,
    /// Where the broker is.
    pub broker: BrokerUrl,
    /// The authorities of a broker that is reached over TLS: a PEM file.
    pub authorities: Option<PathBuf>,
    /// The claim code of a player that is new.
    pub claim: Option<String>,
    /// Where to ask for a certificate.
    pub visit: BrokerUrl,
    /// The root document it trusts.
    pub root: PathBuf,
    /// Through what it sounds.
    pub output: Output,
    /// What kind of board it is: its lamps, their colours, how it hangs.
    pub board: BoardClass,
    /// Quiet hours that no desk can take away.
    pub quiet: QuietHours,
    /// Whether a board also shows its face in the terminal.
    pub terminal: bool,
    /// The file that says where a board shows its picture; without one it writes picture files.
    pub outputs: Option<PathBuf>,
}

/// The command line in the language of `words`.
#[must_use]
pub fn command(words: &Words) -> Command {
    let text = |id: &str| words.say(id);
    let template = format!(
        "{{about}}\n\n{}: {{usage}}\n\n{}:\n{{options}}\n{{after-help}}",
        text("help-usage"),
        text("help-options")
    );
    let option = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).help(text(&format!("agent-help-{name}")))
    };
    Command::new("loa-agent")
        .version(env!("CARGO_PKG_VERSION"))
        .about(text("agent-about"))
        .after_help(text("agent-examples"))
        .help_template(template)
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(option("data", "DIR").required(true).env("LOA_DATA"))
        .arg(option("id", "ID").required(true).env("LOA_ID"))
        .arg(option("root", "FILE").required(true).env("LOA_ROOT"))
        .arg(option("broker", "URL").default_value("mqtt://127.0.0.1:1883").env("LOA_BROKER"))
        .arg(option("ca", "FILE").env("LOA_CA"))
        .arg(option("claim", "CODE").env("LOA_CLAIM"))
        .arg(option("visit", "URL").env("LOA_VISIT"))
        .arg(option("kind", "KIND").value_parser(["speaker", "board"]).default_value("speaker"))
        .arg(option("output", "OUTPUT").default_value("auto"))
        .arg(option("board", "SIZE").default_value("128x32"))
        .arg(option("quiet", "HH:MM-HH:MM").action(clap::ArgAction::Append))
        .arg(option("outputs", "FILE").env("LOA_OUTPUTS"))
        .arg(Arg::new("terminal").long("terminal").action(clap::ArgAction::SetTrue).help(text("agent-help-terminal")))
        .arg(Arg::new("lang").long("lang").value_name("vi|en").help(text("help-lang")))
        .arg(Arg::new("help").short('h').long("help").action(clap::ArgAction::Help).help(text("help-help")))
        .arg(Arg::new("version").short('V').long("version").action(clap::ArgAction::Version).help(text("help-version")))
}

/// A value that cannot be used: the option, what it said, what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// The option.
    pub option: &'static str,
    /// What it said.
    pub value: String,
    /// What was expected, for people.
    pub expected: String,
}

impl BadValue {
    /// As a sentence.
    #[must_use]
    pub fn say(&self, words: &Words) -> String {
        words.with("agent-bad-value", &[("option", self.option), ("value", &self.value), ("expected", &self.expected)])
    }
}

/// The configuration that the arguments make.
///
/// # Errors
/// The first value that cannot be used.
pub fn read(found: &ArgMatches, words: &Words) -> Result<Config, BadValue> {
    let value = |name: &str| found.get_one::<String>(name).cloned().unwrap_or_default();
    let bad = |option: &'static str, expected: String| BadValue { option, value: value(option), expected };
    let player = value("id").parse().map_err(|_| bad("id", words.say("expected-player-id")))?;
    let url = |option: &'static str| {
        let read: Result<BrokerUrl, _> = value(option).parse();
        read.map_err(|error: loa_host::link::BrokerUrlError| bad(option, error.to_string()))
    };
    let broker = url("broker")?;
    let visit = if found.contains_id("visit") { url("visit")? } else { broker.clone() };
    let authorities = found.get_one::<String>("ca").map(PathBuf::from);
    if broker.tls && authorities.is_none() {
        return Err(bad("ca", words.say("expected-ca")));
    }
    let kind = if value("kind") == "board" { Kind::Board } else { Kind::Speaker };
    let output = match value("output").as_str() {
        "auto" => Output::Auto,
        "file" => Output::File,
        "card" => Output::Card(None),
        other => match other.strip_prefix("card:") {
            Some(name) => Output::Card(Some(name.to_owned())),
            None => return Err(bad("output", words.say("expected-output"))),
        },
    };
    let board = class(&value("board")).ok_or_else(|| bad("board", words.say("expected-board")))?;
    let ranges: Option<Vec<MinuteRange>> =
        found.get_many::<String>("quiet").into_iter().flatten().map(|text| range(text)).collect();
    let quiet = ranges.and_then(|ranges| QuietHours::new(ranges).ok());
    let quiet = quiet.ok_or_else(|| bad("quiet", words.say("expected-quiet")))?;
    Ok(Config {
        data: value("data").into(),
        player,
        kind,
        broker,
        authorities,
        claim: found.get_one::<String>("claim").cloned(),
        visit,
        root: value("root").into(),
        output,
        board,
        quiet,
        terminal: found.get_flag("terminal"),
        outputs: found.get_one::<String>("outputs").map(PathBuf::from),
    })
}

/// A board as `128x32`, with its colours as `192x96:rgb565` and how it hangs as `64x32:mono:180`.
fn class(text: &str) -> Option<BoardClass> {
    let mut parts = text.split(':');
    let (across, down) = parts.next()?.split_once('x')?;
    let depth = match parts.next() {
        Some(name) => Depth::ALL.into_iter().find(|depth| depth.name() == name)?,
        None => Depth::Mono,
    };
    let rotation = match parts.next() {
        None | Some("0") => Rotation::None,
        Some("90") => Rotation::Quarter,
        Some("180") => Rotation::Half,
        Some("270") => Rotation::ThreeQuarters,
        Some(_) => return None,
    };
    let class = BoardClass::new(across.parse().ok()?, down.parse().ok()?, depth)?;
    parts.next().is_none().then_some(BoardClass { rotation, ..class })
}

fn range(text: &str) -> Option<MinuteRange> {
    let minute = |text: &str| {
        let (hour, minute) = text.split_once(':')?;
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (hour < 24 && minute < 60).then_some(hour * 60 + minute)
    };
    let (from, to) = text.split_once('-')?;
    Some(MinuteRange { from_minute: minute(from)?, to_minute: minute(to)? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_host::text::Language;

    fn config(arguments: &str) -> Result<Config, BadValue> {
        let words = Words::new(Language::English);
        let found = command(&words).get_matches_from(arguments.split(' '));
        read(&found, &words)
    }

    #[test]
    fn the_command_line_is_sound_in_both_languages() {
        for language in [Language::Vietnamese, Language::English] {
            command(&Words::new(language)).debug_assert();
        }
    }

    #[test]
    fn a_player_needs_its_folder_its_id_and_its_root() {
        let config = config("loa-agent --data d --id loa-cho --root r --quiet 21:30-04:45").expect("complete");
        assert_eq!(config.player.as_str(), "loa-cho");
        assert_eq!(config.quiet.ranges()[0], MinuteRange { from_minute: 1290, to_minute: 285 });
    }

    #[test]
    fn a_broker_over_tls_needs_the_authorities_that_are_believed() {
        let line = "loa-agent --data d --id a --root r --broker mqtts://desk.vn";
        assert_eq!(config(line).expect_err("refused").option, "ca");
        let found = config(&format!("{line} --ca c --claim ABCD --visit mqtts://desk.vn:8884")).expect("complete");
        assert_eq!((found.broker.port, found.visit.port, found.claim.as_deref()), (8883, 8884, Some("ABCD")));
        assert_eq!(config(&format!("{line} --ca c")).expect("complete").visit.port, 8883);
    }

    #[test]
    fn a_board_is_told_by_its_size_its_colours_and_how_it_hangs() {
        let board = |text: &str| {
            let board = config(&format!("loa-agent --data d --id a --root r --kind board --board {text}"))
                .expect("a board")
                .board;
            (board.width_px, board.height_px, board.depth, board.rotation)
        };
        assert_eq!(board("128x32"), (128, 32, Depth::Mono, Rotation::None));
        assert_eq!(board("192x96:rgb565"), (192, 96, Depth::Rgb565, Rotation::None));
        assert_eq!(board("64x32:red-green:270"), (64, 32, Depth::RedGreen, Rotation::ThreeQuarters));
    }

    #[test]
    fn a_value_that_cannot_be_used_is_told_with_its_option() {
        let told =
            |arguments: &str| config(&format!("loa-agent --data d --root r {arguments}")).expect_err("refused").option;
        assert_eq!(told("--id Loa_Chợ"), "id");
        assert_eq!(told("--id a --broker http://x"), "broker");
        assert_eq!(told("--id a --output loud"), "output");
        for board in ["7x7", "64", "64x32:pink", "64x32:mono:45", "64x32:mono:90:1"] {
            assert_eq!(told(&format!("--id a --board {board}")), "board");
        }
        assert_eq!(told("--id a --quiet 25:00-04:00"), "quiet");
    }
}
