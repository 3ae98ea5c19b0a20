//! Codes and values as rows hold them. Private to this adapter.

use petit_domain::{ChatKind, MemberRole, MessageKind, ServerRole, SessionKind, Timestamp};
use petit_ports::StoreError;
use scylla::value::MaybeUnset;

macro_rules! codes {
    ($($to:ident, $from:ident: $kind:ty { $($variant:ident = $code:literal),* $(,)? })*) => {$(
        pub(crate) const fn $to(value: $kind) -> i8 {
            match value { $(<$kind>::$variant => $code),* }
        }
        pub(crate) fn $from(code: i8) -> Result<$kind, StoreError> {
            match code {
                $($code => Ok(<$kind>::$variant),)*
                other => Err(StoreError::Inconsistent(format!("{} {other}", stringify!($kind)))),
            }
        }
    )*};
}

codes! {
    chat_kind_code, chat_kind: ChatKind { Direct = 0, Group = 1, Open = 2 }
    member_role_code, member_role: MemberRole { Member = 0, Admin = 1, Owner = 2 }
    message_kind_code, message_kind: MessageKind { Text = 0, MemberJoined = 1, MemberLeft = 2, ChatRenamed = 3 }
    server_role_code, server_role: ServerRole { Member = 0, Admin = 1, Owner = 2 }
    session_kind_code, session_kind: SessionKind { Browser = 0, Token = 1 }
}

/// A text that was checked when it entered; anything else means damage.
pub(crate) fn value<T: TryFrom<String>>(text: String) -> Result<T, StoreError>
where
    T::Error: std::fmt::Display,
{
    T::try_from(text).map_err(|error| StoreError::Inconsistent(error.to_string()))
}

/// Nothing is left unset: a bound null would be written as a tombstone.
pub(crate) fn unset<T>(value: Option<T>) -> MaybeUnset<T>
where
    T: scylla::serialize::value::SerializeValue,
{
    value.map_or(MaybeUnset::Unset, MaybeUnset::Set)
}

pub(crate) fn times(micros: Option<i64>) -> Option<Timestamp> {
    micros.map(Timestamp::from_micros)
}

/// 2020-01-01 in microseconds: what numbers are added to, where the highest number has to win whatever
/// the order of arrival.
const ORIGIN: i64 = 1_577_836_800_000_000;

/// The write time of a register whose value is `number`.
pub(crate) const fn register(number: i64) -> i64 {
    ORIGIN + number
}
