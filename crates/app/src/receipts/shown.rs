//! What of receipts is shown to whom.

use std::collections::HashSet;

use petit_domain::{ChatId, MemberRecord, Receipt, ReceiptState, Settings, UserId};
use petit_ports::{Reached, Store, StoreError};

use super::MOST_NAMED;

/// The members of a chat in which people are named, by id.
pub(super) struct People {
    pub(super) members: Vec<MemberRecord>,
    /// Who is not shown as having seen anything, and is not shown what others saw.
    pub(super) veiled: HashSet<UserId>,
}

/// Those of these people who do not want to be seen.
pub(super) async fn veiled(store: &Store, users: &[UserId]) -> Result<HashSet<UserId>, StoreError> {
    if users.is_empty() {
        return Ok(HashSet::new());
    }
    let set = store.settings.named(users, Settings::RECEIPTS).await?;
    Ok(set.into_iter().filter(|(_, value)| *value == false).map(|(user, _)| user).collect())
}

impl People {
    /// `None` where they are too many.
    pub(super) async fn of(store: &Store, chat: ChatId) -> Result<Option<Self>, StoreError> {
        let most = usize::try_from(MOST_NAMED).unwrap_or(usize::MAX);
        let members = store.members.list(chat, None, most + 1).await?;
        if members.len() > most {
            return Ok(None);
        }
        let users: Vec<UserId> = members.iter().map(|member| member.user).collect();
        Ok(Some(Self { veiled: veiled(store, &users).await?, members }))
    }

    pub(super) fn ids(&self) -> Vec<UserId> {
        self.members.iter().map(|member| member.user).collect()
    }

    /// A member's receipt as those get it who may see what others saw.
    pub(super) fn receipt(&self, member: &MemberRecord, reached: Reached) -> Receipt {
        let Reached { delivered, seen, .. } = reached.whole();
        let MemberRecord { user, joined_seq, .. } = *member;
        let seen = (!self.veiled.contains(&user)).then_some(seen);
        Receipt { user, joined_seq, delivered, seen }
    }

    /// A member's receipt as somebody gets it.
    pub(super) fn receipt_for(&self, viewer: UserId, member: &MemberRecord, reached: Reached) -> Receipt {
        let receipt = self.receipt(member, reached);
        if self.veiled.contains(&viewer) { receipt.veiled() } else { receipt }
    }

    /// The furthest state of a message with a member that somebody may see, if it has any.
    pub(super) fn state(
        &self,
        viewer: UserId,
        member: UserId,
        reached: Reached,
        seq: i64,
    ) -> Option<ReceiptState> {
        let is_veiled = self.veiled.contains(&viewer) || self.veiled.contains(&member);
        let most = if is_veiled { ReceiptState::Delivered } else { ReceiptState::Read };
        let reached = reached.whole();
        ReceiptState::ALL.into_iter().rfind(|state| *state <= most && reached.of(*state) >= seq)
    }
}
