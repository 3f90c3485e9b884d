//! The words people read: one catalogue in two languages, Vietnamese first.
//!
//! The only file that names the localisation library. A message is asked for by its id; both languages have the same
//! ids (tested). Which id is shown where is the caller's. The files in `text/` are Fluent, so that the console can read
//! the very same ones. Next: `durable.rs`.

use std::str::FromStr;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

const VIETNAMESE: &[&str] = &[
    include_str!("text/vi.ftl"),
    include_str!("text/timetable.vi.ftl"),
    include_str!("text/clip.vi.ftl"),
    include_str!("text/slide.vi.ftl"),
    include_str!("text/cli.vi.ftl"),
    include_str!("text/desk.vi.ftl"),
    include_str!("text/report.vi.ftl"),
    include_str!("text/audit.vi.ftl"),
    include_str!("text/sign.vi.ftl"),
    include_str!("text/accounts.vi.ftl"),
    include_str!("text/emergency.vi.ftl"),
    include_str!("text/enrol.vi.ftl"),
    include_str!("text/transport.vi.ftl"),
];
const ENGLISH: &[&str] = &[
    include_str!("text/en.ftl"),
    include_str!("text/timetable.en.ftl"),
    include_str!("text/clip.en.ftl"),
    include_str!("text/slide.en.ftl"),
    include_str!("text/cli.en.ftl"),
    include_str!("text/desk.en.ftl"),
    include_str!("text/report.en.ftl"),
    include_str!("text/audit.en.ftl"),
    include_str!("text/sign.en.ftl"),
    include_str!("text/accounts.en.ftl"),
    include_str!("text/emergency.en.ftl"),
    include_str!("text/enrol.en.ftl"),
    include_str!("text/transport.en.ftl"),
];

/// A language of the catalogue.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vietnamese,
    /// English.
    English,
}

impl Language {
    /// The language that the program was asked for: by `--lang`, else by `LOA_LANG`, else Vietnamese.
    ///
    /// It looks at the arguments before they are parsed, because the help must speak it too.
    pub fn of_program(arguments: impl IntoIterator<Item = String>, variable: Option<&str>) -> Self {
        let mut arguments = arguments.into_iter();
        let mut asked = None;
        while let Some(argument) = arguments.next() {
            if argument == "--lang" {
                asked = arguments.next();
            } else if let Some(value) = argument.strip_prefix("--lang=") {
                asked = Some(value.to_owned());
            }
        }
        asked.as_deref().or(variable).and_then(|text| text.parse().ok()).unwrap_or_default()
    }

    /// Its code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Vietnamese => "vi",
            Self::English => "en",
        }
    }
}

/// A language that the catalogue does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected vi or en")]
pub struct NoSuchLanguage;

impl FromStr for Language {
    type Err = NoSuchLanguage;

    fn from_str(text: &str) -> Result<Self, NoSuchLanguage> {
        match text.get(..2).unwrap_or_default().to_ascii_lowercase().as_str() {
            "vi" => Ok(Self::Vietnamese),
            "en" => Ok(Self::English),
            _ => Err(NoSuchLanguage),
        }
    }
}

/// The words of one language.
pub struct Words {
    language: Language,
    bundle: FluentBundle<FluentResource>,
}

impl Words {
    /// The words of a language.
    #[must_use]
    pub fn new(language: Language) -> Self {
        let (texts, code) = match language {
            Language::Vietnamese => (VIETNAMESE, "vi"),
            Language::English => (ENGLISH, "en"),
        };
        let mut bundle = FluentBundle::new_concurrent(code.parse().into_iter().collect());
        // Directional marks around values are for mixed scripts, and would stand in the way of copying.
        bundle.set_use_isolating(false);
        for text in texts {
            let resource = match FluentResource::try_new((*text).to_owned()) {
                Ok(resource) | Err((resource, _)) => resource,
            };
            // A test holds that no id stands twice and no line is malformed.
            let _checked = bundle.add_resource(resource);
        }
        Self { language, bundle }
    }

    /// The language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// The message of an id.
    #[must_use]
    pub fn say(&self, id: &str) -> String {
        self.with(id, &[])
    }

    /// The message of an id, with its variables. Numbers given as text stay as they are written.
    #[must_use]
    pub fn with(&self, id: &str, values: &[(&str, &str)]) -> String {
        let mut arguments = FluentArgs::new();
        for (name, value) in values {
            arguments.set((*name).to_owned(), FluentValue::from((*value).to_owned()));
        }
        let Some(pattern) = self.bundle.get_message(id).and_then(|message| message.value()) else {
            return id.to_owned();
        };
        let mut errors = Vec::new();
        self.bundle.format_pattern(pattern, Some(&arguments), &mut errors).into_owned()
    }

    /// Whether there is such a message.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.bundle.has_message(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn ids(texts: &[&str]) -> Vec<String> {
        let lines = texts.iter().flat_map(|text| text.lines());
        let messages = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        messages.filter_map(|line| line.split_once(" =").map(|(id, _)| id.to_owned())).collect()
    }

    fn variables(texts: &[&str]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut id = String::new();
        for line in texts.iter().flat_map(|text| text.lines()) {
            if let Some((name, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                id = name.to_owned();
            }
            for (at, _) in line.match_indices('$') {
                let name: String =
                    line[at + 1..].chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
                found.insert(format!("{id} ${name}"));
            }
        }
        found
    }

    #[test]
    fn both_languages_have_the_same_messages_with_the_same_variables() {
        let (vietnamese, english) = (ids(VIETNAMESE), ids(ENGLISH));
        let sets = |ids: &[String]| ids.iter().cloned().collect::<BTreeSet<_>>();
        assert_eq!(sets(&vietnamese), sets(&english));
        assert_eq!(vietnamese.len(), sets(&vietnamese).len(), "an id stands twice");
        assert_eq!(variables(VIETNAMESE), variables(ENGLISH));
    }

    #[test]
    fn every_file_of_the_catalogue_is_well_formed() {
        for text in VIETNAMESE.iter().chain(ENGLISH) {
            assert!(FluentResource::try_new((*text).to_owned()).is_ok(), "{}", &text[..60]);
        }
        for language in [Language::Vietnamese, Language::English] {
            let words = Words::new(language);
            let texts = if language == Language::English { ENGLISH } else { VIETNAMESE };
            for id in ids(texts) {
                assert!(words.has(&id), "{id}");
            }
        }
    }

    #[test]
    fn the_language_comes_from_the_arguments_before_the_environment() {
        let arguments = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(Language::of_program(arguments("loa plan"), None), Language::Vietnamese);
        assert_eq!(Language::of_program(arguments("loa plan"), Some("en_GB.UTF-8")), Language::English);
        assert_eq!(Language::of_program(arguments("loa --lang vi plan"), Some("en")), Language::Vietnamese);
        assert_eq!(Language::of_program(arguments("loa plan --lang=en"), None), Language::English);
    }
}
