//! The sentences of a report: title, period, what it rests on, how complete it is, what it can be checked against.
//!
//! Words come from the catalogue; here they get their numbers. Which tables there are is `tables.rs`.

use loa_domain::play::player::Outcome;
use loa_domain::time::{LocalTime, Month, UtcMs};
use loa_host::text::Language;

use super::Report;
use super::tables::Cell;

impl Report<'_> {
    /// A date as people of the language write it.
    pub(super) fn day(&self, at: LocalTime) -> String {
        let (year, month, day) = at.date().year_month_day();
        match self.words.language() {
            Language::Vietnamese => format!("{day:02}/{month:02}/{year:04}"),
            Language::English => format!("{year:04}-{month:02}-{day:02}"),
        }
    }

    /// A date and time to the minute.
    pub(super) fn moment(&self, at: UtcMs) -> String {
        let local = (self.local)(at);
        let minute = local.second_of_day() / 60;
        format!("{} {:02}:{:02}", self.day(local), minute / 60, minute % 60)
    }

    /// A month, short enough to stand under a bar.
    pub(super) fn month(&self, month: Month) -> String {
        match self.words.language() {
            Language::Vietnamese => format!("{:02}/{:04}", month.number, month.year),
            Language::English => format!("{:04}-{:02}", month.year, month.number),
        }
    }

    /// The title.
    pub(super) fn title(&self) -> String {
        self.words.say("report-title")
    }

    /// What the report is about, one line each: name and value.
    pub(super) fn about(&self) -> Vec<(String, String)> {
        let (from, until) = (self.question.from, self.question.until.plus_ms(-1));
        let [from, until] = [from, until].map(|at| self.day((self.local)(at)));
        let period = self.words.with("report-period", &[("from", &from), ("until", &until)]);
        let mut lines = vec![("period", Some(period))];
        lines.push(("campaign", self.subject.campaign.clone()));
        lines.push(("decision", self.subject.decision.clone()));
        lines.push(("place", self.subject.place.clone()));
        lines.push(("player", self.subject.player.clone()));
        lines.push(("clip", self.subject.clip.clone()));
        lines.push(("as-of", Some(format!("{} ({})", self.moment(self.question.as_of), self.question.zone))));
        let named =
            |(name, value): (&str, Option<String>)| Some((self.words.say(&format!("report-about-{name}")), value?));
        lines.into_iter().filter_map(named).collect()
    }

    /// How complete the report is, and what else has to be said of its numbers.
    pub(super) fn completeness(&self) -> Vec<String> {
        let total = &self.account.total;
        let (players, whole) = self.account.completeness();
        let never = || self.words.say("report-never");
        let newest = self.account.newest_received().map_or_else(never, |at| self.moment(at));
        let silent = self.account.players.values().filter(|player| player.silent_since.is_some()).count();
        let say = |id: &str, values: &[(&str, String)]| {
            let values: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            self.words.with(&format!("report-complete-{id}"), &values)
        };
        let open = total.unreported.sum().to_string();
        let (whole, players) = (whole.to_string(), players.to_string());
        let mut said = vec![
            say("newest", &[("newest", newest)]),
            say("players", &[("whole", whole), ("players", players), ("cues", open)]),
        ];
        if silent > 0 {
            let days = self.question.silent_days.to_string();
            said.push(say("silent", &[("silent", silent.to_string()), ("days", days)]));
        }
        let extra: u64 = total.extra.iter().map(|count| count.cues).sum();
        let counts = [("extra", extra), ("doubled", total.doubled), ("other", total.other_version)];
        said.extend(counts.iter().filter(|(_, n)| *n > 0).map(|(id, n)| say(id, &[("cues", n.to_string())])));
        let drills = &self.account.drills;
        if drills.due > 0 {
            let played = drills.sounded(Outcome::Played).to_string();
            said.push(say("drills", &[("cues", drills.due.to_string()), ("played", played)]));
        }
        said
    }

    /// Which log the report can be checked against: name and value; or one plain sentence that there is none.
    pub(super) fn log_lines(&self) -> Vec<String> {
        let Some(log) = &self.log else { return vec![self.words.say("report-log-none")] };
        let (size, root) = (log.size.to_string(), log.root.to_string());
        vec![
            self.words.say("report-log-given"),
            self.words.with("report-log-origin", &[("origin", &log.origin), ("size", &size)]),
            self.words.with("report-log-root", &[("root", &root)]),
        ]
    }

    /// What a level of evidence means.
    pub(super) fn level_words(&self, at: usize) -> String {
        self.words.say(&format!("report-level-{at}"))
    }

    /// What became of a cue that failed.
    pub(super) fn what(&self, name: &str) -> String {
        self.words.say(&format!("report-what-{name}"))
    }

    /// A reason; nothing where there is none.
    pub(super) fn reason(&self, name: &str) -> String {
        if name.is_empty() { String::new() } else { self.words.say(&format!("reason-{name}")) }
    }

    /// A campaign by its id.
    pub(super) fn campaign(&self, id: &str) -> String {
        let name = self.account.campaigns.get(id).filter(|name| !name.is_empty());
        match name {
            Some(name) => name.clone(),
            None if id.is_empty() => self.words.say("report-no-campaign"),
            None => id.to_owned(),
        }
    }

    /// A language by its tag: its name where the catalogue has one.
    pub(super) fn language(&self, tag: &str) -> String {
        let id = format!("report-language-{}", tag.to_lowercase());
        match tag {
            "" => self.words.say("report-no-language"),
            _ if self.words.has(&id) => format!("{} ({tag})", self.words.say(&id)),
            _ => tag.to_owned(),
        }
    }

    /// A cell as people read it.
    pub(super) fn shown(&self, cell: &Cell) -> String {
        match cell {
            Cell::Text(text) => text.clone(),
            Cell::Number(number) => self.grouped(*number),
            Cell::Minutes(ms) => self.minutes(*ms),
            Cell::Share(None) => "–".to_owned(),
            Cell::Share(Some(share)) => self.decimal(share / 10, share % 10) + "%",
            Cell::Moment(at) => at.map_or_else(String::new, |at| self.moment(at)),
        }
    }

    fn minutes(&self, ms: u64) -> String {
        let tenths = (ms + 3_000) / 6_000;
        self.decimal(tenths / 10, tenths % 10)
    }

    fn decimal(&self, whole: u64, tenth: u64) -> String {
        let point = if self.words.language() == Language::Vietnamese { ',' } else { '.' };
        format!("{}{point}{tenth}", self.grouped(whole))
    }

    /// Digits in threes, as the language groups them.
    fn grouped(&self, number: u64) -> String {
        let mark = if self.words.language() == Language::Vietnamese { '.' } else { ',' };
        let digits = number.to_string();
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(mark);
            }
            grouped.push(digit);
        }
        grouped
    }
}
