use serde::{Deserialize, Serialize};

use crate::{ChatId, Event, Head, UserId};

/// Which of a chat's two counters an event moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counter {
    /// `seq`: a new message.
    Seq,
    /// `cseq`: any other change.
    Cseq,
}

/// The new number that an event brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Of a message.
    Seq(i64),
    /// Of another change.
    Cseq(i64),
}

/// How much it matters that an event arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// A hint: a busy connection may skip it, and nothing is lost.
    Hint,
    /// The chat's log has it: a chat whose numbers show that it is missing is fetched.
    Chat,
    /// No number tells that it is missing: only a whole resync replaces it.
    Own,
}

/// What an event that is sent to one person does to their place in its chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Access {
    /// From now on the chat's events are for them.
    Given,
    /// From now on they are not.
    Taken,
}

/// The part of an event that whoever carries it reads: where it belongs and how much it matters, whatever
/// its type. In JSON its fields stand beside the event's own; a numbered event has `n`, any other `weight`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Envelope {
    /// The chat it is about, if any.
    #[serde(skip)]
    pub chat: Option<ChatId>,
    /// Its `seq` and `cseq`; −1 where it has none.
    #[serde(skip)]
    pub head: Head,
    /// Which of the two is new, if any.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    #[schema(inline, nullable = false)]
    pub counter: Option<Counter>,
    /// Whom it must not reach with the others of the chat.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub except: Option<UserId>,
    /// How much it matters.
    #[serde(skip_serializing_if = "is_usual")]
    #[schema(inline, required = false)]
    pub weight: Weight,
    /// What it does to the place in the chat of whom it is sent to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline, nullable = false)]
    pub access: Option<Access>,
}

/// What has a number weighs as much as its chat.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_usual(weight: &Weight) -> bool {
    *weight == Weight::Chat
}

impl Envelope {
    /// A new message.
    pub(crate) const fn message(chat: ChatId, seq: i64, cseq: i64) -> Self {
        let numbered = Self::of(Some(chat), Weight::Chat);
        Self { head: Head { seq, cseq }, counter: Some(Counter::Seq), ..numbered }
    }

    /// Another numbered change.
    pub(crate) const fn change(chat: ChatId, seq: i64, cseq: i64) -> Self {
        Self { counter: Some(Counter::Cseq), ..Self::message(chat, seq, cseq) }
    }

    /// Something that no number stands for.
    pub(crate) const fn own(chat: Option<ChatId>) -> Self {
        Self::of(chat, Weight::Own)
    }

    /// A hint.
    pub(crate) const fn hint(chat: Option<ChatId>) -> Self {
        Self::of(chat, Weight::Hint)
    }

    const fn of(chat: Option<ChatId>, weight: Weight) -> Self {
        Self { chat, head: Head::EMPTY, counter: None, except: None, weight, access: None }
    }

    pub(crate) const fn but_for(self, user: UserId) -> Self {
        Self { except: Some(user), ..self }
    }

    pub(crate) const fn taking_access(self) -> Self {
        Self { access: Some(Access::Taken), ..self }
    }

    pub(crate) const fn giving_access(self, seq: i64, cseq: i64) -> Self {
        Self { head: Head { seq, cseq }, access: Some(Access::Given), ..self }
    }

    /// The envelope of an event that came as JSON, whether this version knows its type or not.
    ///
    /// # Errors
    /// If it is no JSON object, or a field of an envelope has another shape.
    pub fn read(json: &[u8]) -> Result<Self, serde_json::Error> {
        let wire: Wire = serde_json::from_slice(json)?;
        if wire.n.is_none() && wire.weight.is_none() {
            // A version that wrote no envelopes made it; so this one knows its type.
            return serde_json::from_slice::<Event>(json).map(|event| event.envelope());
        }
        let head = Head { seq: wire.seq.unwrap_or(-1), cseq: wire.cseq.unwrap_or(-1) };
        let counter = wire.n.and_then(Word::known).filter(|_| wire.chat.is_some());
        let usual = if counter.is_some() { Weight::Chat } else { Weight::Own };
        let weight = wire.weight.and_then(Word::known).unwrap_or(usual);
        let access = wire.access.and_then(Word::known);
        Ok(Self { chat: wire.chat, head, counter, except: wire.except, weight, access })
    }

    /// The new number it brings, if any.
    pub fn number(&self) -> Option<Number> {
        self.counter.map(|counter| match counter {
            Counter::Seq => Number::Seq(self.head.seq),
            Counter::Cseq => Number::Cseq(self.head.cseq),
        })
    }
}

/// The fields of an envelope among those of an event.
#[derive(Deserialize)]
struct Wire {
    chat: Option<ChatId>,
    seq: Option<i64>,
    cseq: Option<i64>,
    n: Option<Word<Counter>>,
    except: Option<UserId>,
    weight: Option<Word<Weight>>,
    access: Option<Word<Access>>,
}

/// A word of this version, or one of a newer one.
#[derive(Deserialize)]
#[serde(untagged)]
enum Word<T> {
    Known(T),
    Newer(serde::de::IgnoredAny),
}

impl<T> Word<T> {
    fn known(self) -> Option<T> {
        match self {
            Self::Known(word) => Some(word),
            Self::Newer(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Presence, Timestamp};

    fn chat() -> ChatId {
        ChatId::mint(Timestamp::from_micros(1), 1)
    }

    fn user() -> UserId {
        UserId::mint(Timestamp::from_micros(1), 2)
    }

    fn json(event: &Event) -> serde_json::Value {
        serde_json::to_value(event).expect("events encode")
    }

    #[test]
    fn the_envelope_in_the_json_is_the_one_of_the_event_and_the_event_reads_back() {
        let (chat, user) = (chat(), user());
        for event in [
            Event::ChatRenamed { chat, seq: 4, cseq: 7, name: "Crew".into() },
            Event::MemberRemoved { chat, seq: 4, cseq: 8, user, member_count: 2 },
            Event::UnknownChange { chat, seq: 4, cseq: 9 },
            Event::ReadMarkerMoved { chat, seq: 4, unread: 0, mentions: 0, counted: Some(3) },
            Event::Typing { chat, user },
            Event::Receipts { chat, receipts: Vec::new() },
            Event::PresenceChanged { user, presence: Presence::Away, since: Timestamp::from_micros(3) },
        ] {
            let text = serde_json::to_vec(&event).expect("events encode");
            let (read, own) = (Envelope::read(&text).expect("an envelope"), event.envelope());
            assert_eq!((read.number(), read.chat, read.weight), (own.number(), own.chat, own.weight));
            assert_eq!((read.except, read.access), (own.except, own.access));
            assert_eq!(serde_json::from_slice::<Event>(&text).expect("it reads back"), event);
        }
    }

    #[test]
    fn a_numbered_event_says_which_number_counts_and_others_how_much_they_weigh() {
        let (chat, user) = (chat(), user());
        let removed = json(&Event::MemberRemoved { chat, seq: 4, cseq: 8, user, member_count: 2 });
        assert_eq!((&removed["n"], &removed["access"]), (&"cseq".into(), &"taken".into()));
        assert_eq!(removed["except"], removed["user"]);
        assert_eq!(removed.get("weight"), None);
        let typing = json(&Event::Typing { chat, user });
        assert_eq!((typing.get("n"), &typing["weight"]), (None, &"hint".into()));
    }

    #[test]
    fn an_event_of_an_unknown_type_has_an_envelope() {
        let text = format!(r#"{{"type":"pinned","chat":"{}","seq":3,"cseq":5,"n":"cseq","x":[1]}}"#, chat());
        let read = Envelope::read(text.as_bytes()).expect("an envelope");
        assert_eq!((read.number(), read.weight), (Some(Number::Cseq(5)), Weight::Chat));
        let text = r#"{"type":"polled","n":"pseq","pseq":9,"weight":"feather","access":"lent"}"#;
        let read = Envelope::read(text.as_bytes()).expect("an envelope");
        assert_eq!((read.number(), read.weight, read.access), (None, Weight::Own, None));
    }

    #[test]
    fn an_event_of_a_version_without_envelopes_gets_its_own() {
        let text = format!(r#"{{"type":"chat_renamed","chat":"{}","seq":3,"cseq":5,"name":"x"}}"#, chat());
        assert_eq!(Envelope::read(text.as_bytes()).expect("known").number(), Some(Number::Cseq(5)));
        for nothing in ["", "[]", "7", r#"{"type":"unheard"}"#, r#"{"n":"seq","chat":[]}"#] {
            assert!(Envelope::read(nothing.as_bytes()).is_err(), "{nothing}");
        }
    }
}
