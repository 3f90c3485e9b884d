//! A code to scan: the log's checkpoint on paper, so that a phone can hold it against the log.
//!
//! The only file that names the QR library. Where it stands on the page is decided in `pdf.rs`.

use qrcode::{Color, EcLevel, QrCode};

/// A square of dark and light, row by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Squares {
    /// How many in a row.
    pub across: usize,
    /// Whether each is dark.
    pub dark: Vec<bool>,
}

/// The code of a text; none when the text is longer than a code holds (2,331 bytes at this correction).
pub(super) fn of(text: &str) -> Option<Squares> {
    // M: a sixth of the code may be stained or folded.
    let code = QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M).ok()?;
    let dark = code.to_colors().into_iter().map(|color| color == Color::Dark).collect();
    Some(Squares { across: code.width(), dark })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_corners_and_a_text_too_long_has_none() {
        let code = of("loa.example/log\n12\n").unwrap();
        let at = |x: usize, y: usize| code.dark[y * code.across + x];
        let last = code.across - 1;
        assert!(at(0, 0) && at(last, 0) && at(0, last) && at(3, 3));
        assert!(!at(1, 1) && !at(7, 7));
        assert_eq!(of(&"x".repeat(3_000)), None);
    }
}
