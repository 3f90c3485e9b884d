//! Which texts are topics and which are filters, by MQTT 5 section 4.7.
//!
//! Checked here because the client library tells the caller too late: a wrong one would end the connection.
//! It knows nothing of Loa's own topics. Next: `driver.rs`.

/// A topic that can be published to: 1 to 65,535 bytes, no wildcard, no NUL.
#[must_use]
pub fn is_topic(text: &str) -> bool {
    has_good_length(text) && !text.contains(['+', '#', '\0'])
}

/// A filter that can be subscribed to: wildcards stand alone in their level, `#` only in the last.
#[must_use]
pub fn is_filter(text: &str) -> bool {
    let mut levels = text.split('/').peekable();
    let mut good = has_good_length(text) && !text.contains('\0');
    while let Some(level) = levels.next() {
        let last = levels.peek().is_none();
        good &= match level {
            "+" => true,
            "#" => last,
            _ => !level.contains(['+', '#']),
        };
    }
    good
}

fn has_good_length(text: &str) -> bool {
    (1..=usize::from(u16::MAX)).contains(&text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn topics_have_no_wildcards() {
        assert!(is_topic("loa1/p/x/up") && is_topic("/") && is_topic("$SYS/x"));
        for wrong in ["", "a/+/b", "a/#", "a+", "a\0b"] {
            assert!(!is_topic(wrong), "{wrong:?}");
        }
        assert!(is_topic(&"a".repeat(65_535)) && !is_topic(&"a".repeat(65_536)));
    }

    #[test]
    fn filters_have_wildcards_only_as_whole_levels() {
        for right in ["#", "+", "a/+/b", "a/#", "+/+/#", "/", "$share/g/a/+"] {
            assert!(is_filter(right), "{right:?}");
        }
        for wrong in ["", "a/#/b", "a+", "a#", "#/", "a/b+/c", "\0"] {
            assert!(!is_filter(wrong), "{wrong:?}");
        }
    }
}
