use std::fmt;

use petit_domain::Timestamp;

/// The name of an event: its connection, how many came with it, and when it was told. The first two find
/// the exact place on this node; the third, anywhere, about what came later, as far as clocks can be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct EventId {
    pub(super) connection: u64,
    pub(super) count: u64,
    pub(super) at: Timestamp,
    /// Name of the store's generation; nothing in ids of a version that knew of none.
    pub(super) history: Option<String>,
}

impl EventId {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let connection = u64::from_str_radix(parts.next()?, 16).ok()?;
        let count = parts.next()?.parse().ok()?;
        let at = Timestamp::from_micros(parts.next()?.parse().ok()?);
        let history = parts.next().map(str::to_owned);
        parts.next().is_none().then_some(Self { connection, count, at, history })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}.{}.{}", self.connection, self.count, self.at.micros())?;
        self.history.as_ref().map_or(Ok(()), |history| write!(f, ".{history}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_id_is_read_as_it_was_written_and_nothing_else_is() {
        let at = Timestamp::from_micros(5);
        for (text, history) in [("feed.7.5", None), ("feed.7.5.ab", Some("ab".to_owned()))] {
            let id = EventId { connection: 0xfeed, count: 7, at, history };
            assert_eq!((id.to_string().as_str(), EventId::parse(text)), (text, Some(id)));
        }
        for bad in ["", "feed.7", "feed.7.5.1.1", "x.7.5", "feed.-7.5", "feed.7.", "1ffffffffffffffff.1.1"] {
            assert_eq!(EventId::parse(bad), None, "{bad}");
        }
    }
}
