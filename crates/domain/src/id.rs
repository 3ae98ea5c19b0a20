//! Typed identifiers: 128 bits, UUIDv7, written as hyphenated strings on every wire.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident, $format:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        #[schema(value_type = String, format = $format)]
        pub struct $name(Uuid);

        impl $name {
            /// Takes an identifier that was made before.
            pub const fn from_uuid(id: Uuid) -> Self { Self(id) }
            /// The bare identifier, for adapters.
            pub const fn uuid(self) -> Uuid { self.0 }
            /// A new identifier from a moment and 74 random bits (RFC 9562, version 7). Two ids of
            /// the same microsecond are in random order.
            pub fn mint(at: Timestamp, random: u64) -> Self { Self(uuid_v7(at, random)) }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0.hyphenated(), f) }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Display::fmt(&self.0.hyphenated(), f) }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> { Uuid::try_parse(text).map(Self) }
        }
    )*};
}

ids! {
    /// A conversation.
    ChatId, "chat-id";
    /// A step of work that must be finished even if the process dies in the middle.
    IntentId, "intent-id";
    /// An entry of a timeline. Ids of one chat sort as their `seq` does.
    MessageId, "message-id";
    /// A message that is to be sent later. Made of its author, its chat and its `client_id`.
    ScheduledId, "scheduled-id";
    /// One signed-in device or one bearer token.
    SessionId, "session-id";
    /// Something that is to happen at a time.
    TimerId, "timer-id";
    /// A person.
    UserId, "user-id";
}

/// UUIDv7 with the microsecond's fraction in `rand_a` (RFC 9562 §6.2, method 3), so that ids made at
/// strictly rising microseconds sort as they were made.
fn uuid_v7(at: Timestamp, random: u64) -> Uuid {
    let micros = at.micros().max(0) as u64;
    let (millis, fraction) = (micros / 1000, micros % 1000);
    let high = (millis << 16) | 0x7000 | (fraction << 2) | (random >> 62);
    let low = 0x8000_0000_0000_0000 | (random & 0x3fff_ffff_ffff_ffff);
    Uuid::from_u64_pair(high, low)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_rising_microseconds_sort_as_they_were_made() {
        let mut last = MessageId::mint(Timestamp::from_micros(1_700_000_000_000_000), u64::MAX);
        for step in 1..5_000 {
            let next = MessageId::mint(Timestamp::from_micros(1_700_000_000_000_000 + step), 0);
            assert!(last < next, "{last} before {next}");
            last = next;
        }
    }

    #[test]
    fn ids_are_version_7_of_the_standard_variant() {
        let id = ChatId::mint(Timestamp::from_micros(1_700_000_000_123_456), 42).uuid();
        assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
    }
}
