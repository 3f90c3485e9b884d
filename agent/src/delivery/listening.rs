//! Which shared transfer the link listens to: the one that brings what is being fetched, and no other.
//!
//! A transfer that is over, or that brings what is here already, must not go on costing a station's mobile data. It
//! speaks with no broker: it says what to ask of it. Next: `courier.rs`.

use loa_domain::message::topic;

/// What to ask of the broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Listen to this topic.
    Subscribe(String),
    /// Listen to it no more.
    Unsubscribe(String),
}

/// The transfer that is listened to.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listening {
    transfer: Option<u32>,
}

impl Listening {
    /// The next thing to ask so that just `wanted` is listened to. Call until it gives none.
    pub fn next(&mut self, wanted: Option<u32>) -> Option<Wish> {
        if self.transfer == wanted {
            return None;
        }
        if let Some(old) = self.transfer.take() {
            return Some(Wish::Unsubscribe(topic::shared(old)));
        }
        self.transfer = wanted;
        wanted.map(|transfer| Wish::Subscribe(topic::shared(transfer)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(listening: &mut Listening, wanted: Option<u32>) -> Vec<Wish> {
        std::iter::from_fn(|| listening.next(wanted)).collect()
    }

    #[test]
    fn a_transfer_is_listened_to_once_and_given_up_when_it_is_over() {
        let mut listening = Listening::default();
        assert_eq!(asked(&mut listening, None), []);
        assert_eq!(asked(&mut listening, Some(7)), [Wish::Subscribe("loa1/x/00000007/ck".into())]);
        assert_eq!(asked(&mut listening, Some(7)), []);
        assert_eq!(asked(&mut listening, None), [Wish::Unsubscribe("loa1/x/00000007/ck".into())]);
        assert_eq!(asked(&mut listening, None), []);
    }

    #[test]
    fn the_next_transfer_takes_the_place_of_the_one_before() {
        let mut listening = Listening::default();
        asked(&mut listening, Some(1));
        let wishes = asked(&mut listening, Some(2));
        assert_eq!(wishes, [Wish::Unsubscribe(topic::shared(1)), Wish::Subscribe(topic::shared(2))]);
    }
}
