//! What a message carries that somebody forwarded: a copy, which outlives what it was made of.

use serde::{Deserialize, Serialize, Serializer, ser::SerializeStruct};

use crate::{ChatId, PREVIEW, Timestamp, UserId};

/// Where a message is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct MessagePlace {
    /// Its chat.
    pub chat: ChatId,
    /// Its number there.
    pub seq: i64,
}

/// A message that was forwarded, as it was then.
///
/// Where it was is not for everybody to know, so it is said to nobody unless [`Forwarded::shown`] was asked: as JSON it is
/// its author, time and text, in stores the place has columns of its own. So a version that knows nothing of it cannot pass
/// it on either.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "Said")]
pub struct Forwarded {
    /// Who wrote it.
    pub author: UserId,
    /// When they did.
    pub at: Timestamp,
    /// What they wrote, as it was when it was forwarded.
    pub text: String,
    place: Option<MessagePlace>,
    told: Told,
}

/// What is said of the place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Told {
    /// Nothing: what everybody is told.
    #[default]
    Nothing,
    /// That the reader may not see the message.
    Hidden,
    /// The place.
    Place,
}

impl Forwarded {
    /// A copy of a message that is in this place.
    pub fn new(author: UserId, at: Timestamp, text: String, place: MessagePlace) -> Self {
        Self { author, at, text, place: Some(place), told: Told::Nothing }
    }

    /// Where the message was; nothing where that is not known, as in what was told to somebody.
    pub const fn place(&self) -> Option<MessagePlace> {
        self.place
    }

    /// Takes in the place, which stores keep beside the rest.
    pub const fn keep_place(&mut self, place: Option<MessagePlace>) {
        self.place = place;
        self.told = Told::Nothing;
    }

    /// Says from now on where the message was, or that this is not for the reader to know.
    pub const fn shown(&mut self, may_see: bool) {
        self.told = if may_see && self.place.is_some() { Told::Place } else { Told::Hidden };
    }

    /// Says from now on what everybody is told.
    pub const fn told_to_everybody(&mut self) {
        self.told = Told::Nothing;
    }

    /// With the beginning of its text. Whether there was more.
    pub(crate) fn cut(&mut self) -> bool {
        let end = self.text.char_indices().nth(PREVIEW).map(|(end, _)| end);
        end.is_some_and(|end| {
            self.text.truncate(end);
            true
        })
    }
}

/// As it is told.
#[derive(Deserialize, utoipa::ToSchema)]
struct Said {
    /// Who wrote it.
    author: UserId,
    /// When they did.
    at: Timestamp,
    /// What they wrote, as it was when it was forwarded.
    text: String,
    /// The chat it was in. Only in answers to whoever may see it there now.
    #[schema(required = false, nullable = false)]
    chat: Option<ChatId>,
    /// Its number there, beside `chat`.
    #[schema(required = false, nullable = false)]
    seq: Option<i64>,
    /// That the reader may not see it where it was, or that it is gone. Only in answers; left out where it is not so.
    #[serde(default)]
    #[schema(required = false)]
    hidden: bool,
}

impl utoipa::PartialSchema for Forwarded {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
        Said::schema()
    }
}

impl utoipa::ToSchema for Forwarded {
    fn name() -> std::borrow::Cow<'static, str> {
        "Forwarded".into()
    }
}

impl From<Said> for Forwarded {
    fn from(Said { author, at, text, chat, seq, hidden }: Said) -> Self {
        let place = chat.zip(seq).map(|(chat, seq)| MessagePlace { chat, seq });
        let told = match (hidden, place) {
            (true, _) => Told::Hidden,
            (false, Some(_)) => Told::Place,
            (false, None) => Told::Nothing,
        };
        Self { author, at, text, place, told }
    }
}

impl Serialize for Forwarded {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = self.place.filter(|_| self.told == Told::Place);
        let mut said = serializer.serialize_struct("Forwarded", 6)?;
        said.serialize_field("author", &self.author)?;
        said.serialize_field("at", &self.at)?;
        said.serialize_field("text", &self.text)?;
        if let Some(MessagePlace { chat, seq }) = place {
            said.serialize_field("chat", &chat)?;
            said.serialize_field("seq", &seq)?;
        }
        if self.told == Told::Hidden {
            said.serialize_field("hidden", &true)?;
        }
        said.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn id(n: u8) -> String {
        format!("0195d2b0-0000-7000-8000-00000000000{n}")
    }

    fn forwarded() -> Forwarded {
        let place = MessagePlace { chat: id(2).parse().expect("an id"), seq: 7 };
        let at = serde_json::from_value(json!("2026-11-23T09:30:00.000001Z")).expect("a time");
        Forwarded::new(id(1).parse().expect("an id"), at, "the tide".to_owned(), place)
    }

    fn told(forwarded: &Forwarded) -> Value {
        serde_json::to_value(forwarded).expect("encodes")
    }

    #[test]
    fn nobody_is_told_the_place_unless_they_may_know_it() {
        let mut one = forwarded();
        let bare = json!({"author": id(1), "at": "2026-11-23T09:30:00.000001Z", "text": "the tide"});
        assert_eq!(told(&one), bare);
        one.shown(true);
        let mut whole = bare.clone();
        (whole["chat"], whole["seq"]) = (id(2).into(), 7.into());
        assert_eq!(told(&one), whole);
        one.shown(false);
        let mut hidden = bare.clone();
        hidden["hidden"] = true.into();
        assert_eq!(told(&one), hidden);
        one.told_to_everybody();
        assert_eq!(told(&one), bare);
        for json in [bare, whole, hidden] {
            let back: Forwarded = serde_json::from_value(json.clone()).expect("one");
            assert_eq!(told(&back), json);
        }
    }

    #[test]
    fn what_is_said_of_no_place_is_that_it_is_hidden() {
        let mut one: Forwarded = serde_json::from_value(told(&forwarded())).expect("one");
        one.shown(true);
        assert_eq!(told(&one)["hidden"], true);
    }
}
