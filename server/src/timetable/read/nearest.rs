//! Decides which known word somebody probably meant.
//!
//! The one file of the desk that names `strsim`. A suggestion that is too far off is worse than none.

/// The nearest of the known words, if it is near: a third of the letters may differ, or one is the start of the other.
pub(super) fn nearest<'a>(written: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    // The distance costs the product of the lengths; nobody mistypes an id into a page of text.
    if written.is_empty() || written.len() > 100 {
        return None;
    }
    let written = written.to_lowercase();
    let letters = written.chars().count();
    let distance = |word: &str| {
        let word = word.to_lowercase();
        let starts = letters >= 3 && (word.starts_with(&written) || written.starts_with(&word));
        if starts { 1 } else { strsim::damerau_levenshtein(&written, &word) }
    };
    let near = |(distance, word): &(usize, &str)| *distance <= (letters.max(word.chars().count()) / 3).max(1);
    let best = known.into_iter().map(|word| (distance(word), word)).filter(near).min_by_key(|(distance, _)| *distance);
    best.map(|(_, word)| word.to_owned())
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let words = ["programme", "priority", "places"];
        assert_eq!(nearest("program", words).as_deref(), Some("programme"));
        assert_eq!(nearest("Prioritty", words).as_deref(), Some("priority"));
        assert_eq!(nearest("place", words).as_deref(), Some("places"));
    }

    #[test]
    fn a_word_that_is_like_none_gets_no_suggestion() {
        assert_eq!(nearest("volume", ["programme", "priority"]), None);
        assert_eq!(nearest("", ["a"]), None);
    }
}
