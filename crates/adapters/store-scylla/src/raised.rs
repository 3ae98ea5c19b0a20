use petit_domain::{ChatId, UserId};

use crate::{
    engine::Bound,
    memory::Read,
    row::{register, unset},
    statement::Cql,
};

/// A register whose write time is its value: the highest number stays, in whatever order they come.
static MARK: Cql = Cql::write(
    "UPDATE read_markers USING TIMESTAMP ? SET seq = ?, uncounted = ? WHERE chat_id = ? AND user_id = ?",
);

/// The write that raises a marker to a number.
pub(crate) fn raised(chat: ChatId, user: UserId, Read { seq, uncounted }: Read) -> Bound {
    Bound::new(&MARK, (register(seq), seq, unset(uncounted), chat.uuid(), user.uuid()))
}
