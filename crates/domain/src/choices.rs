use serde::{Deserialize, Serialize};

use crate::{SectionName, Timestamp, named::named};

named! {
    /// What of a chat its member wants to be told of.
    NotifyLevel, "level_" {
        /// Everything.
        All = 0 "all",
        /// What mentions them.
        Mentions = 1 "mentions",
        /// Nothing.
        Nothing = 2 "none",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro writes the enum")]
impl Default for NotifyLevel {
    fn default() -> Self {
        Self::All
    }
}

/// What a member chose about a chat for themselves. What is as it is without a choice is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Choices {
    /// What they want to be told of.
    #[serde(default, skip_serializing_if = "is_usual")]
    #[schema(required = false)]
    pub level: NotifyLevel,
    /// Until when they want to be told of nothing. A time that is over means nothing any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub muted_until: Option<Timestamp>,
    /// Whether it is one of their favourites.
    #[serde(default, skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub favourite: bool,
    /// The section they keep it in. Sections exist by being used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub section: Option<SectionName>,
    /// Whether they do not want to see it in their list until its next message.
    #[serde(default, skip_serializing_if = "is_false")]
    #[schema(required = false)]
    pub hidden: bool,
    /// Where it is hidden: the newest message of which that was said. One above it ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub hidden_seq: Option<i64>,
    /// The message from which on they called it unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub unread_from: Option<i64>,
    /// Where it is called unread: where their read marker stood then. One above it ends it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub marked_seq: Option<i64>,
    /// Rises with every change of these choices. Of two copies the higher one counts.
    pub version: i64,
}

fn is_usual(level: &NotifyLevel) -> bool {
    *level == NotifyLevel::All
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_false(so: &bool) -> bool {
    !so
}

/// One of a person's choices about a chat.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// What to be told of.
    Level(NotifyLevel),
    /// Nothing is told until then.
    MutedUntil(Option<Timestamp>),
    /// One of the favourites.
    Favourite(bool),
    /// The section it is kept in.
    Section(Option<SectionName>),
    /// Hidden until there is a message above this one.
    Hidden(Option<i64>),
    /// Unread from a message on, until the read marker is above where it is now.
    Unread(Option<CalledUnread>),
}

/// That a chat is called unread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CalledUnread {
    /// From this message on.
    pub from: i64,
    /// Where the read marker stands.
    pub marker: i64,
}

impl Choices {
    /// Whether nobody ever chose anything.
    pub fn is_untouched(&self) -> bool {
        self.version == 0
    }

    /// The same with one choice more; the version stays.
    #[must_use]
    pub fn with(mut self, choice: &Choice) -> Self {
        match choice {
            Choice::Level(level) => self.level = *level,
            Choice::MutedUntil(until) => self.muted_until = *until,
            Choice::Favourite(favourite) => self.favourite = *favourite,
            Choice::Section(section) => self.section.clone_from(section),
            Choice::Hidden(seq) => (self.hidden, self.hidden_seq) = (seq.is_some(), *seq),
            Choice::Unread(unread) => {
                (self.unread_from, self.marked_seq) =
                    (unread.map(|unread| unread.from), unread.map(|unread| unread.marker));
            }
        }
        self
    }

    /// Every choice there is in it.
    pub fn all(&self) -> Vec<Choice> {
        let unread =
            self.unread_from.zip(self.marked_seq).map(|(from, marker)| CalledUnread { from, marker });
        vec![
            Choice::Level(self.level),
            Choice::MutedUntil(self.muted_until),
            Choice::Favourite(self.favourite),
            Choice::Section(self.section.clone()),
            Choice::Hidden(self.hidden_seq),
            Choice::Unread(unread),
        ]
    }

    /// What is left of them where a chat's newest message and the person's read marker are these.
    #[must_use]
    pub fn as_of(mut self, head_seq: i64, read_seq: i64) -> Self {
        if self.hidden_seq.is_some_and(|seq| seq < head_seq) {
            self = self.with(&Choice::Hidden(None));
        }
        if self.marked_seq.is_some_and(|seq| seq < read_seq) {
            self = self.with(&Choice::Unread(None));
        }
        self
    }

    /// The number above which messages are unread: that of the read marker, or a lower one.
    pub fn unread_above(&self, read_seq: i64) -> i64 {
        match (self.unread_from, self.marked_seq) {
            (Some(from), Some(marker)) if marker >= read_seq => read_seq.min(from - 1),
            _ => read_seq,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_chose_is_left_out() {
        let json = serde_json::to_string(&Choices { version: 3, ..Choices::default() }).expect("encodes");
        assert_eq!(json, r#"{"version":3}"#);
        let chosen: Choices =
            serde_json::from_str(r#"{"level":"none","favourite":true,"version":4}"#).expect("decodes");
        assert_eq!((chosen.level, chosen.favourite), (NotifyLevel::Nothing, true));
    }

    #[test]
    fn hiding_ends_with_the_next_message_and_calling_unread_with_the_next_reading() {
        let chosen = Choices::default()
            .with(&Choice::Hidden(Some(7)))
            .with(&Choice::Unread(Some(CalledUnread { from: 3, marker: 6 })));
        assert_eq!(chosen.clone().as_of(7, 6), chosen);
        assert_eq!((chosen.unread_above(6), chosen.unread_above(7)), (2, 7));
        let later = chosen.as_of(8, 7);
        assert_eq!(
            (later.hidden, later.hidden_seq, later.unread_from, later.marked_seq),
            (false, None, None, None)
        );
    }

    #[test]
    fn all_of_them_make_the_same_again() {
        let chosen = Choices {
            level: NotifyLevel::Mentions,
            muted_until: Some(Timestamp::from_micros(5)),
            favourite: true,
            section: "Work".try_into().ok(),
            hidden: true,
            hidden_seq: Some(7),
            unread_from: Some(0),
            marked_seq: Some(6),
            version: 0,
        };
        assert_eq!(chosen.all().iter().fold(Choices::default(), Choices::with), chosen);
    }
}
