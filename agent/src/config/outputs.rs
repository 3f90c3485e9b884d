//! Where a board puts its faces and how it decodes videos, as a file: `--outputs board.toml`.
//!
//! The only file that names `toml`. A word that is not known is refused, never passed over: a board that stays dark
//! because of a misspelt line is found out by nobody. Every refusal names the table and the word, in the language of
//! whoever set the player up. What each output is, `play/board/out/mod.rs`; the file is described in
//! `docs/hardware.md`.

use std::net::SocketAddr;
use std::path::Path;

use loa_host::text::Words;
use toml::{Table, Value};

use crate::play::board::out::Wish;
use crate::play::board::out::hub75::Helper;
use crate::play::video::Setup;

/// Outputs that one board may have.
const OUTPUTS_MAX: usize = 8;
/// Where `ft-server` takes pictures on the same machine.
const HELPER_ADDRESS: &str = "127.0.0.1:1337";
/// Numbered pictures that stay, if nothing else is said, and at most.
const KEEP: i64 = 200;
const KEEP_MAX: i64 = 100_000;

/// What a board's outputs are to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outputs {
    /// Each of them.
    pub wishes: Vec<Wish>,
    /// How bright, 0 to 100.
    pub brightness_percent: u8,
    /// How videos are decoded.
    pub video: Setup,
}

impl Default for Outputs {
    fn default() -> Self {
        Self { wishes: Vec::new(), brightness_percent: 100, video: Setup::default() }
    }
}

/// A file of outputs that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadOutputs {
    /// It cannot be read: what the system says.
    Unread(String),
    /// It is no TOML from this line on: what the parser says.
    NoToml(usize, String),
    /// This table has no such word.
    Unknown(String, String),
    /// This table lacks this word.
    Missing(String, &'static str),
    /// In this table, this word says something that cannot be used; the id of what was expected.
    Bad(String, String, String, &'static str),
    /// No output at all, or too many.
    Count(usize),
}

impl BadOutputs {
    /// As a sentence about a file.
    #[must_use]
    pub fn say(&self, file: &Path, words: &Words) -> String {
        let file = file.display().to_string();
        let with = |id, more: &[(&str, &str)]| {
            let mut known = vec![("file", file.as_str())];
            known.extend_from_slice(more);
            words.with(id, &known)
        };
        match self {
            Self::Unread(why) => with("outputs-unread", &[("why", why)]),
            Self::NoToml(line, why) => with("outputs-no-toml", &[("line", &line.to_string()), ("why", why)]),
            Self::Unknown(table, word) => with("outputs-unknown", &[("table", table), ("word", word)]),
            Self::Missing(table, word) => with("outputs-missing", &[("table", table), ("word", word)]),
            Self::Bad(table, word, value, expected) => {
                let expected = words.say(expected);
                with("outputs-bad", &[("table", table), ("word", word), ("value", value), ("expected", &expected)])
            }
            Self::Count(count) => {
                with("outputs-count", &[("count", &count.to_string()), ("most", &OUTPUTS_MAX.to_string())])
            }
        }
    }
}

/// Reads the file.
///
/// # Errors
/// The first thing in it that cannot be used.
pub fn read(file: &Path) -> Result<Outputs, BadOutputs> {
    let text = std::fs::read_to_string(file).map_err(|error| BadOutputs::Unread(error.to_string()))?;
    parse(&text)
}

fn parse(text: &str) -> Result<Outputs, BadOutputs> {
    let mut top: Table = text.parse().map_err(|error: toml::de::Error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        BadOutputs::NoToml(before.matches('\n').count() + 1, error.message().to_owned())
    })?;
    let (listed, video) = (top.remove("output"), top.remove("video"));
    let mut top = Section { name: "[]".to_owned(), table: top };
    let percent = top.number("brightness", 100, 0..=100, "expected-percent")?;
    top.done()?;
    let bad = |value: &Value| BadOutputs::Bad("[]".to_owned(), "output".to_owned(), shown(value), "expected-tables");
    let listed = match listed {
        None => Vec::new(),
        Some(Value::Array(listed)) => listed,
        Some(other) => return Err(bad(&other)),
    };
    if listed.is_empty() || listed.len() > OUTPUTS_MAX {
        return Err(BadOutputs::Count(listed.len()));
    }
    let mut wishes = Vec::new();
    for (index, value) in listed.into_iter().enumerate() {
        let Value::Table(table) = value else { return Err(bad(&value)) };
        wishes.push(wish(Section { name: format!("[[output]] {}", index + 1), table })?);
    }
    let video = match video {
        None => Setup::default(),
        Some(Value::Table(table)) => setup(Section { name: "[video]".to_owned(), table })?,
        Some(other) => {
            return Err(BadOutputs::Bad("[]".to_owned(), "video".to_owned(), shown(&other), "expected-table"));
        }
    };
    // In its range, so it fits.
    Ok(Outputs { wishes, brightness_percent: percent as u8, video })
}

fn wish(mut section: Section) -> Result<Wish, BadOutputs> {
    let kind = section.needed("kind")?;
    let wish = match kind.as_str() {
        "framebuffer" => {
            let device = section.text("device")?.unwrap_or_else(|| "/dev/fb0".to_owned());
            Wish::Framebuffer { device: device.into() }
        }
        "picture" => match (section.text("file")?, section.text("folder")?) {
            (Some(file), None) => Wish::PictureFile { file: file.into() },
            (None, Some(folder)) => {
                let keep = section.number("keep", KEEP, 1..=KEEP_MAX, "expected-keep")?;
                Wish::PictureFolder { folder: folder.into(), keep: keep as usize }
            }
            (None, None) => return Err(BadOutputs::Missing(section.name, "file")),
            (Some(_), Some(folder)) => return Err(section.bad("folder", folder, "expected-one-place")),
        },
        "terminal" => Wish::Terminal,
        "hub75" => {
            let text = section.text("address")?.unwrap_or_else(|| HELPER_ADDRESS.to_owned());
            let parsed: Option<SocketAddr> = text.parse().ok();
            let Some(address) = parsed else { return Err(section.bad("address", text, "expected-helper-address")) };
            Wish::Hub75 { address, helper: section.helper()? }
        }
        "colorlight" => {
            let interface = section.needed("interface")?;
            // IFNAMSIZ of Linux, less the zero at the end.
            if interface.is_empty() || interface.len() > 15 {
                return Err(section.bad("interface", interface, "expected-interface"));
            }
            Wish::Colorlight { interface }
        }
        _ => return Err(section.bad("kind", kind, "expected-output-kind")),
    };
    section.done()?;
    Ok(wish)
}

fn setup(mut section: Section) -> Result<Setup, BadOutputs> {
    let default = Setup::default();
    let ffmpeg = section.text("ffmpeg")?.map_or(default.ffmpeg, Into::into);
    let usual = i64::from(default.frames_per_second);
    let frames = section.number("frames_per_second", usual, 1..=60, "expected-frames")?;
    section.done()?;
    Ok(Setup { ffmpeg, frames_per_second: frames as u32 })
}

/// A table whose words are taken out one by one; what is left is unknown.
struct Section {
    name: String,
    table: Table,
}

impl Section {
    fn bad(&self, word: &str, value: String, expected: &'static str) -> BadOutputs {
        BadOutputs::Bad(self.name.clone(), word.to_owned(), value, expected)
    }

    fn text(&mut self, word: &str) -> Result<Option<String>, BadOutputs> {
        match self.table.remove(word) {
            None => Ok(None),
            Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
            Some(other) => Err(self.bad(word, shown(&other), "expected-text")),
        }
    }

    fn needed(&mut self, word: &'static str) -> Result<String, BadOutputs> {
        self.text(word)?.ok_or_else(|| BadOutputs::Missing(self.name.clone(), word))
    }

    fn number(
        &mut self,
        word: &str,
        usual: i64,
        range: std::ops::RangeInclusive<i64>,
        expected: &'static str,
    ) -> Result<i64, BadOutputs> {
        match self.table.remove(word) {
            None => Ok(usual),
            Some(Value::Integer(number)) if range.contains(&number) => Ok(number),
            Some(other) => Err(self.bad(word, shown(&other), expected)),
        }
    }

    /// A program and its arguments.
    fn helper(&mut self) -> Result<Option<Helper>, BadOutputs> {
        let Some(value) = self.table.remove("helper") else { return Ok(None) };
        let texts: Option<Vec<String>> =
            value.as_array().and_then(|list| list.iter().map(|word| word.as_str().map(ToOwned::to_owned)).collect());
        match texts.as_deref() {
            Some([program, arguments @ ..]) if !program.is_empty() => {
                Ok(Some(Helper { program: program.into(), arguments: arguments.to_vec() }))
            }
            _ => Err(self.bad("helper", shown(&value), "expected-helper")),
        }
    }

    fn done(self) -> Result<(), BadOutputs> {
        match self.table.into_iter().next() {
            Some((word, _)) => Err(BadOutputs::Unknown(self.name, word)),
            None => Ok(()),
        }
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use loa_host::text::Language;

    const ALL: &str = r#"
        brightness = 60

        [[output]]
        kind = "framebuffer"

        [[output]]
        kind = "picture"
        file = "/run/loa/board.png"

        [[output]]
        kind = "picture"
        folder = "/var/lib/loa/pictures"
        keep = 50

        [[output]]
        kind = "terminal"

        [[output]]
        kind = "hub75"
        helper = ["ft-server", "-D192x96"]

        [[output]]
        kind = "colorlight"
        interface = "eth1"

        [video]
        ffmpeg = "/opt/ffmpeg"
        frames_per_second = 30
    "#;

    fn told(text: &str) -> String {
        parse(text).expect_err("refused").say(Path::new("b.toml"), &Words::new(Language::English))
    }

    #[test]
    fn each_kind_of_output_is_asked_for_with_few_words() {
        let outputs = parse(ALL).unwrap();
        let helper = Helper { program: "ft-server".into(), arguments: vec!["-D192x96".to_owned()] };
        let wishes = vec![
            Wish::Framebuffer { device: "/dev/fb0".into() },
            Wish::PictureFile { file: "/run/loa/board.png".into() },
            Wish::PictureFolder { folder: "/var/lib/loa/pictures".into(), keep: 50 },
            Wish::Terminal,
            Wish::Hub75 { address: HELPER_ADDRESS.parse().unwrap(), helper: Some(helper) },
            Wish::Colorlight { interface: "eth1".to_owned() },
        ];
        let video = Setup { ffmpeg: "/opt/ffmpeg".into(), frames_per_second: 30 };
        assert_eq!(outputs, Outputs { wishes, brightness_percent: 60, video });
        let small = parse("output = [{ kind = 'terminal' }]").unwrap();
        assert_eq!((small.brightness_percent, small.video), (100, Setup::default()));
    }

    #[test]
    fn a_file_that_cannot_be_used_is_told_with_its_table_and_its_word() {
        let output = |text: &str| told(&format!("[[output]]\nkind = 'terminal'\n[[output]]\n{text}"));
        assert!(told("a = 1\n[[output]\n").contains("b.toml, line 2"), "{}", told("a = 1\n[[output]\n"));
        for (told, parts) in [
            (told(""), ["b.toml", "0", "8"]),
            (told("output = 'terminal'"), ["[]", "output", "terminal"]),
            (told("brightness = 101\noutput = [{kind = 'terminal'}]"), ["brightness", "101", "0 to 100"]),
            (told("brigthness = 10\noutput = [{kind = 'terminal'}]"), ["[]", "brigthness", "b.toml"]),
            (output("device = '/dev/fb0'"), ["[[output]] 2", "kind", "missing"]),
            (output("kind = 'frame'"), ["[[output]] 2", "frame", "framebuffer"]),
            (output("kind = 'framebuffer'\ndevise = 'x'"), ["[[output]] 2", "devise", "b.toml"]),
            (output("kind = 'framebuffer'\ndevice = 0"), ["device", "0", "text"]),
            (output("kind = 'picture'"), ["[[output]] 2", "file", "missing"]),
            (output("kind = 'picture'\nfile = 'a'\nfolder = 'b'"), ["folder", "b", "file or folder"]),
            (output("kind = 'picture'\nfolder = 'b'\nkeep = 0"), ["keep", "0", "100000"]),
            (output("kind = 'hub75'\naddress = 'pi'"), ["address", "pi", "127.0.0.1:1337"]),
            (output("kind = 'hub75'\nhelper = []"), ["helper", "[]", "ft-server"]),
            (output("kind = 'colorlight'"), ["interface", "missing", "[[output]] 2"]),
            (output("kind = 'colorlight'\ninterface = 'a-name-of-sixteen'"), ["interface", "sixteen", "eth0"]),
            (output("kind = 'terminal'\n[video]\nframes_per_second = 0"), ["[video]", "frames_per_second", "60"]),
        ] {
            assert!(parts.iter().all(|part| told.contains(part)), "{told}");
        }
    }

    #[test]
    fn every_refusal_is_a_sentence_in_both_languages() {
        let table = || "[video]".to_owned();
        let expected =
            ["percent", "tables", "table", "keep", "one-place", "helper-address", "interface", "output-kind"]
                .into_iter()
                .chain(["frames", "text", "helper"]);
        for language in [Language::Vietnamese, Language::English] {
            let words = Words::new(language);
            let all = [
                BadOutputs::Unread("no".to_owned()),
                BadOutputs::NoToml(7, "no".to_owned()),
                BadOutputs::Unknown(table(), "a".to_owned()),
                BadOutputs::Missing(table(), "b"),
                BadOutputs::Bad(table(), "c".to_owned(), "d".to_owned(), "expected-text"),
                BadOutputs::Count(9),
            ];
            for bad in all {
                let said = bad.say(Path::new("b.toml"), &words);
                assert!(said.contains("b.toml") && said.contains(' '), "{said}");
            }
            for id in expected.clone() {
                let said = words.say(&format!("expected-{id}"));
                assert!(!said.contains("expected-"), "{said}");
            }
        }
    }
}
