//! Reactions: one emoji that somebody puts on a message.

use std::ops::Deref;

use emojis::SkinTone;
use serde::{Deserialize, Serialize};

use crate::{Invalid, UserId};

/// How many kinds a message may have.
pub const MOST_KINDS: usize = 20;
/// How many people a summary names of each kind.
pub const SAMPLE: usize = 3;
/// Asks for a picture where a character has a plain form too. Keyboards put it or leave it out.
const VARIATION: char = '\u{fe0f}';

/// What people react with, in the one form that is counted. As it is stored: a newer version may know more of them
/// than this one, so only what somebody sends is looked at ([`Chosen::parse`]).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, example = "👍")]
pub struct Emoji(String);

impl Emoji {
    /// As a store has it.
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What somebody sent: what it counts as, and how they want to see it if that is something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// Without variation selectors and skin tone.
    pub emoji: Emoji,
    /// With the skin tone they chose.
    pub shown: Option<Emoji>,
}

impl Chosen {
    /// Reads one emoji of Unicode, with or without variation selectors.
    ///
    /// # Errors
    /// If it is anything else, or newer than this version.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let found = emojis::get(text)
            .ok_or_else(|| Invalid::new("invalid_emoji", "A reaction is one emoji of Unicode."))?;
        let plain = found.with_skin_tone(SkinTone::Default).unwrap_or(found);
        let emoji = Emoji::stored(plain.as_str().replace(VARIATION, ""));
        let shown = (plain != found).then(|| Emoji::stored(found.as_str()));
        Ok(Self { emoji, shown })
    }
}

/// How often people reacted to a message with one emoji.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Reaction {
    /// The emoji, without variation selectors and skin tone.
    pub emoji: Emoji,
    /// How many people.
    pub count: i64,
    /// Some of them: three, or all where they are fewer.
    pub sample: Vec<UserId>,
    /// Whether whoever asked is one of them. Left out where the same goes to everybody, as in live events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(required = false, nullable = false)]
    pub mine: Option<bool>,
}

impl Reaction {
    /// Whether this person is one of them, where the sample tells.
    pub fn is_by(&self, user: UserId) -> Option<bool> {
        match self.sample.contains(&user) {
            true => Some(true),
            false => (self.count <= self.sample.len() as i64).then_some(false),
        }
    }
}

/// The kinds of reactions on a message, in the order in which they were first used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Reactions(Vec<Reaction>);

impl Deref for Reactions {
    type Target = [Reaction];

    fn deref(&self) -> &[Reaction] {
        &self.0
    }
}

impl Reactions {
    /// These.
    pub fn of(reactions: Vec<Reaction>) -> Self {
        Self(reactions)
    }

    /// Those of one kind.
    pub fn find(&self, emoji: &Emoji) -> Option<&Reaction> {
        self.0.iter().find(|one| one.emoji == *emoji)
    }

    /// Counts one more, who is not counted yet. `false`: it would be one kind too many.
    pub fn add(&mut self, emoji: &Emoji, user: UserId) -> bool {
        if let Some(one) = self.0.iter_mut().find(|one| one.emoji == *emoji) {
            if one.sample.len() < SAMPLE && one.sample.len() as i64 == one.count {
                one.sample.push(user);
            }
            one.count += 1;
            return true;
        }
        if self.0.len() >= MOST_KINDS {
            return false;
        }
        self.0.push(Reaction { emoji: emoji.clone(), count: 1, sample: vec![user], mine: None });
        true
    }

    /// Counts one less, who is counted. Of `others`, who are counted too, one may take the place in the sample: it is
    /// enough to name [`SAMPLE`] of them.
    pub fn remove(&mut self, emoji: &Emoji, user: UserId, others: &[UserId]) {
        let Some(place) = self.0.iter().position(|one| one.emoji == *emoji) else { return };
        let one = &mut self.0[place];
        one.count -= 1;
        if one.count <= 0 {
            self.0.remove(place);
            return;
        }
        one.sample.retain(|named| *named != user);
        for other in others.iter().filter(|other| **other != user) {
            if one.sample.len() < SAMPLE && !one.sample.contains(other) {
                one.sample.push(*other);
            }
        }
    }

    /// Whether taking this person out leaves a place in the sample that another one could have.
    pub fn wants_others(&self, emoji: &Emoji, user: UserId) -> bool {
        self.find(emoji).is_some_and(|one| one.sample.contains(&user) && one.count > one.sample.len() as i64)
    }

    /// Whether the samples tell all that this person did.
    pub fn tell_of(&self, user: UserId) -> bool {
        self.0.iter().all(|one| one.is_by(user).is_some())
    }

    /// As they are shown to a person, who did `own` at least where the samples do not tell.
    pub fn shown_to(&mut self, user: UserId, own: impl Fn(&Emoji) -> bool) {
        for one in &mut self.0 {
            one.mine = Some(one.is_by(user).unwrap_or_else(|| own(&one.emoji)));
        }
    }

    /// What a client that holds newer counts takes from what was answered to its own person: which are theirs.
    pub fn own_as_in(&mut self, answer: &Self) {
        for one in &mut self.0 {
            one.mine = Some(answer.find(&one.emoji).is_some_and(|answered| answered.mine == Some(true)));
        }
    }

    /// As everybody is told of them: nothing is anybody's own.
    pub fn told_to_everybody(&mut self) {
        self.0.iter_mut().for_each(|one| one.mine = None);
    }

    /// What a client that held `before` makes of reactions that were told to everybody: what is the person's own stays so
    /// where the sample does not tell.
    pub fn told_after(&mut self, user: UserId, before: &Self) {
        for one in self.0.iter_mut().filter(|one| one.mine.is_none()) {
            let was_mine = || before.find(&one.emoji).is_some_and(|known| known.mine == Some(true));
            one.mine = Some(one.is_by(user).unwrap_or_else(was_mine));
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn person(number: u128) -> UserId {
        UserId::from_uuid(Uuid::from_u128(number))
    }

    fn emoji(text: &str) -> Emoji {
        Chosen::parse(text).expect("an emoji").emoji
    }

    #[test]
    fn one_emoji_is_counted_in_one_form() {
        for (sent, counted, shown) in [
            ("👍", "👍", None),
            ("👍🏽", "👍", Some("👍🏽")),
            ("❤", "❤", None),
            ("❤️", "❤", None),
            ("👍\u{fe0f}", "👍", None),
            ("1️⃣", "1\u{20e3}", None),
            ("🇫🇷", "🇫🇷", None),
            ("👩🏿‍🚀", "👩‍🚀", Some("👩🏿‍🚀")),
            ("👨‍👩‍👧‍👦", "👨‍👩‍👧‍👦", None),
        ] {
            let chosen = Chosen::parse(sent).expect("an emoji");
            assert_eq!(chosen.emoji.as_str(), counted, "{sent}");
            assert_eq!(chosen.shown.as_ref().map(Emoji::as_str), shown, "{sent}");
        }
    }

    #[test]
    fn what_is_not_one_emoji_is_refused() {
        for sent in ["", "a", "1", "👍👍", " 👍", "👍 ", ":+1:", "🏽x", "\u{fe0f}", "\u{200d}", "<b>", "🇫"]
        {
            assert_eq!(Chosen::parse(sent).expect_err(sent).code, "invalid_emoji");
        }
    }

    #[test]
    fn kinds_stand_in_the_order_of_first_use_and_go_with_their_last_one() {
        let mut reactions = Reactions::default();
        let (thumb, heart) = (emoji("👍"), emoji("❤"));
        for (emoji, user) in [(&thumb, 1), (&heart, 1), (&thumb, 2)] {
            assert!(reactions.add(emoji, person(user)));
        }
        let kinds = |all: &Reactions| -> Vec<_> {
            all.iter().map(|one| (one.emoji.as_str().to_owned(), one.count)).collect()
        };
        assert_eq!(kinds(&reactions), [("👍".to_owned(), 2), ("❤".to_owned(), 1)]);
        reactions.remove(&thumb, person(1), &[person(2)]);
        reactions.remove(&thumb, person(2), &[]);
        assert!(reactions.add(&thumb, person(3)));
        assert_eq!(kinds(&reactions), [("❤".to_owned(), 1), ("👍".to_owned(), 1)]);
    }

    #[test]
    fn a_sample_is_refilled_and_is_never_too_large() {
        let mut reactions = Reactions::default();
        let thumb = emoji("👍");
        (1..=5).for_each(|user| assert!(reactions.add(&thumb, person(user))));
        assert_eq!(reactions[0].sample, [1, 2, 3].map(person));
        assert!(reactions.wants_others(&thumb, person(2)) && !reactions.wants_others(&thumb, person(5)));
        reactions.remove(&thumb, person(2), &[1, 3, 4, 5].map(person));
        assert_eq!((reactions[0].count, reactions[0].sample.clone()), (4, [1, 3, 4].map(person).to_vec()));
    }

    #[test]
    fn there_is_no_kind_too_many() {
        let mut reactions = Reactions::default();
        let all: Vec<Emoji> =
            emojis::iter().take(MOST_KINDS + 1).map(|one| Emoji::stored(one.as_str())).collect();
        for one in &all[..MOST_KINDS] {
            assert!(reactions.add(one, person(1)));
        }
        assert!(!reactions.add(&all[MOST_KINDS], person(1)));
        assert!(reactions.add(&all[0], person(2)), "a kind that is there takes more");
    }

    #[test]
    fn whose_they_are_follows_from_the_sample_or_from_what_was_known() {
        let mut before = Reactions::default();
        let thumb = emoji("👍");
        (1..=4).for_each(|user| assert!(before.add(&thumb, person(user))));
        let mut told = before.clone();
        before.shown_to(person(4), |_| true);
        assert_eq!(before[0].mine, Some(true));
        told.told_after(person(4), &before);
        assert_eq!(told[0].mine, Some(true), "known before");
        let mut small = Reactions::default();
        assert!(small.add(&thumb, person(1)));
        small.told_after(person(4), &before);
        assert_eq!(small[0].mine, Some(false), "the sample names everybody");
    }
}
