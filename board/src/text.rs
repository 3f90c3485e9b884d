//! Text as boards read it: what counts as a blank, and lines of letters with their blanks drawn together.
//!
//! Nothing is copied: all of it works on parts of the text itself. Where lines break is decided in `wrap.rs`.

/// Blanks, and the line ends of other systems: all are one blank, and none at the end of a line.
#[must_use]
pub fn is_blank(letter: char) -> bool {
    matches!(letter, ' ' | '\t' | '\r')
}

/// Whether there is nothing to read.
#[must_use]
pub fn is_empty(text: &str) -> bool {
    text.chars().all(|letter| is_blank(letter) || letter == '\n')
}

/// The text without what is blank at its ends.
#[must_use]
pub fn trimmed(text: &str) -> &str {
    text.trim_matches(|letter| is_blank(letter) || letter == '\n')
}

/// The letters of a line: blanks that follow one another are one.
pub fn letters(line: &str) -> impl Iterator<Item = char> + Clone + '_ {
    let mut after_blank = false;
    line.chars().filter_map(move |letter| {
        let blank = is_blank(letter);
        let again = blank && after_blank;
        after_blank = blank;
        (!again).then_some(if blank { ' ' } else { letter })
    })
}

/// The words of a text in one line, line ends as blanks.
pub fn in_one_line(text: &str) -> impl Iterator<Item = char> + Clone + '_ {
    let mut after_blank = true;
    trimmed(text).chars().filter_map(move |letter| {
        let blank = is_blank(letter) || letter == '\n';
        let again = blank && after_blank;
        after_blank = blank;
        (!again).then_some(if blank { ' ' } else { letter })
    })
}

/// The words of a text.
pub fn words(text: &str) -> impl Iterator<Item = &str> + Clone {
    text.split(|letter| is_blank(letter) || letter == '\n').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    #[test]
    fn blanks_that_follow_one_another_are_one() {
        assert_eq!(letters("hai  \t ba\r").collect::<String>(), "hai ba ");
        assert_eq!(in_one_line(" một\r\n\nhai \t ba ").collect::<String>(), "một hai ba");
        assert!(is_empty(" \r\n\t") && !is_empty(" ă"));
    }
}
