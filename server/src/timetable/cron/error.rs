//! What can be wrong with a cron line: where, what was expected, and what to write instead.
//! Decides the kinds of mistake, so that the console and the catalogue of texts can speak of each. `Display` is
//! English for logs. Next: `cron.rs`, which raises them.

use super::field::Field;
use std::fmt;
use std::ops::Range;

/// A cron line that is not understood, or that would never fire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CronError {
    /// The field it is in; `None` if it concerns the whole line.
    pub field: Option<Field>,
    /// The bytes of the text it is about. Always on character boundaries.
    pub span: Range<usize>,
    /// What is wrong.
    pub problem: Problem,
    /// What to write instead, where that can be known.
    pub hint: Option<Hint>,
}

/// What is wrong with a cron line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// Nothing but blanks.
    Empty,
    /// Longer than `most_bytes`.
    TooLong {
        /// The most a line may have.
        most_bytes: usize,
    },
    /// Not five fields, nor six.
    FieldCount {
        /// How many were found.
        found: usize,
    },
    /// Seven fields: some schedulers put a year last.
    Years,
    /// An `@` word that is not known.
    UnknownNickname,
    /// `@reboot`: a start is not a time.
    Reboot,
    /// Nothing between two commas, or at an end of the list.
    EmptyElement,
    /// A hyphen with nothing on one side.
    MissingValue,
    /// Neither a number nor a name of this field.
    NotAValue,
    /// A number outside the field.
    OutOfRange {
        /// The number (at most `u32::MAX`).
        value: u32,
        /// Lowest allowed.
        first: u32,
        /// Highest allowed.
        last: u32,
    },
    /// What follows `/` is not a number.
    NotAStep,
    /// A step of nought.
    StepZero,
    /// A step longer than the field, such as `*/90` minutes.
    StepTooLong {
        /// The step.
        step: u32,
        /// The longest one the field takes.
        last: u32,
    },
    /// `5/15`: some read it as 5 to the end, some refuse it.
    StepWithoutRange,
    /// A range whose end comes before its beginning, such as 22-2 or FRI-MON.
    RunsBackwards {
        /// As written first.
        from: u32,
        /// As written last.
        to: u32,
    },
    /// `?`
    NoSpecificValue,
    /// `L`
    LastDay,
    /// `W`
    NearestWorkday,
    /// `#`
    NthWeekday,
    /// `~`
    Random,
    /// No day of any year matches, such as 31 February.
    NeverFires,
    /// The library refused what these checks had passed; its own words.
    Library(String),
}

/// What to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hint {
    /// This, in place of the span.
    Write(String),
    /// Dates are written beside the cron line: `from`, `until`, `once`, `except`.
    DatesBesideCron,
    /// A step starts again with each hour, day, month …: it cannot reach over its field.
    StepsStartAgain,
    /// The five fields in order.
    FiveFields,
}

impl Field {
    /// A stable name for the catalogue.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Field::Second => "second",
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::Day => "day",
            Field::Month => "month",
            Field::Weekday => "weekday",
        }
    }
}

impl Problem {
    /// A stable key for the catalogue of texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Problem::Empty => "cron-empty",
            Problem::TooLong { .. } => "cron-too-long",
            Problem::FieldCount { .. } => "cron-field-count",
            Problem::Years => "cron-years",
            Problem::UnknownNickname => "cron-unknown-nickname",
            Problem::Reboot => "cron-reboot",
            Problem::EmptyElement => "cron-empty-element",
            Problem::MissingValue => "cron-missing-value",
            Problem::NotAValue => "cron-not-a-value",
            Problem::OutOfRange { .. } => "cron-out-of-range",
            Problem::NotAStep => "cron-not-a-step",
            Problem::StepZero => "cron-step-zero",
            Problem::StepTooLong { .. } => "cron-step-too-long",
            Problem::StepWithoutRange => "cron-step-without-range",
            Problem::RunsBackwards { .. } => "cron-runs-backwards",
            Problem::NoSpecificValue => "cron-no-specific-value",
            Problem::LastDay => "cron-last-day",
            Problem::NearestWorkday => "cron-nearest-workday",
            Problem::NthWeekday => "cron-nth-weekday",
            Problem::Random => "cron-random",
            Problem::NeverFires => "cron-never-fires",
            Problem::Library(_) => "cron-library",
        }
    }

    /// The variable parts of the sentence.
    #[must_use]
    pub fn fields(&self) -> Vec<(&'static str, String)> {
        match self {
            Problem::TooLong { most_bytes } => vec![("most_bytes", most_bytes.to_string())],
            Problem::FieldCount { found } => vec![("found", found.to_string())],
            Problem::OutOfRange { value, first, last } => {
                vec![("value", value.to_string()), ("first", first.to_string()), ("last", last.to_string())]
            }
            Problem::StepTooLong { step, last } => vec![("step", step.to_string()), ("last", last.to_string())],
            Problem::RunsBackwards { from, to } => vec![("from", from.to_string()), ("to", to.to_string())],
            Problem::Library(words) => vec![("words", words.clone())],
            _ => Vec::new(),
        }
    }
}

impl Hint {
    /// A stable key for the catalogue of texts.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Hint::Write(_) => "cron-hint-write",
            Hint::DatesBesideCron => "cron-hint-dates-beside-cron",
            Hint::StepsStartAgain => "cron-hint-steps-start-again",
            Hint::FiveFields => "cron-hint-five-fields",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Field::Second => "second",
            Field::Minute => "minute",
            Field::Hour => "hour",
            Field::Day => "day of the month",
            Field::Month => "month",
            Field::Weekday => "weekday",
        })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Empty => write!(f, "there is no cron line"),
            Problem::TooLong { most_bytes } => write!(f, "longer than {most_bytes} bytes"),
            Problem::FieldCount { found } => {
                write!(f, "five fields are expected (or six with seconds first), found {found}")
            }
            Problem::Years => write!(f, "seven fields: a cron line has no year"),
            Problem::UnknownNickname => {
                write!(f, "not one of @hourly, @daily, @weekly, @monthly, @yearly")
            }
            Problem::Reboot => write!(f, "a player's start is not a time"),
            Problem::EmptyElement => write!(f, "a list with nothing between its commas"),
            Problem::MissingValue => write!(f, "a range with one end missing"),
            Problem::NotAValue => write!(f, "neither a number nor a name that is known here"),
            Problem::OutOfRange { value, first, last } => {
                write!(f, "{value} is not between {first} and {last}")
            }
            Problem::NotAStep => write!(f, "a step is a number"),
            Problem::StepZero => write!(f, "a step cannot be 0"),
            Problem::StepTooLong { step, last } => {
                write!(f, "a step of {step} is longer than the field ({last})")
            }
            Problem::StepWithoutRange => write!(f, "a step needs a range or * before it"),
            Problem::RunsBackwards { from, to } => write!(f, "a range from {from} back to {to}"),
            Problem::NoSpecificValue => write!(f, "? is not crontab"),
            Problem::LastDay => write!(f, "L (last) is not crontab"),
            Problem::NearestWorkday => write!(f, "W (nearest workday) is not crontab"),
            Problem::NthWeekday => write!(f, "# (nth weekday of the month) is not crontab"),
            Problem::Random => write!(f, "~ (a random value) would differ from player to player"),
            Problem::NeverFires => write!(f, "no year has such a day: it would never fire"),
            Problem::Library(words) => write!(f, "not understood: {words}"),
        }
    }
}

impl fmt::Display for Hint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Hint::Write(text) => write!(f, "write {text}"),
            Hint::DatesBesideCron => write!(f, "give the dates beside the cron line (from, until, once, except)"),
            Hint::StepsStartAgain => {
                write!(f, "steps start again with each hour, day or month; list the times instead")
            }
            Hint::FiveFields => write!(f, "write minute hour day-of-month month weekday, e.g. 30 5 * * 1-5"),
        }
    }
}

impl fmt::Display for CronError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(field) = self.field {
            write!(f, "{field}: ")?;
        }
        write!(f, "{} (bytes {}-{})", self.problem, self.span.start, self.span.end)?;
        match &self.hint {
            Some(hint) => write!(f, "; {hint}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for CronError {}
