//! Codes and values as rows hold them. Private to this adapter.

use petit_domain::{MemberRole, ServerRole, Timestamp};
use petit_ports::StoreError;
use scylla::value::MaybeUnset;

/// A code as its column has it.
pub(crate) const fn tiny(code: u8) -> i8 {
    code.cast_signed()
}

/// The code in a column. What is not there is 0.
pub(crate) fn code(column: Option<i8>) -> u8 {
    column.map_or(0, i8::cast_unsigned)
}

pub(crate) fn member_role_code(role: MemberRole) -> i8 {
    tiny(role.parts().0)
}

pub(crate) fn server_role_code(role: ServerRole) -> i8 {
    tiny(role.parts().0)
}

pub(crate) fn server_role(column: i8) -> ServerRole {
    ServerRole::from_parts(code(Some(column)), None)
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
