//! What changed in a chat beside new messages, as it is now.

use std::collections::BTreeSet;

use petit_domain::{ChatId, PageLimit, UserId};
use petit_ports::{ChangeKind, ChangeRecord};
use petit_protocol::Changes;

use crate::{App, AppError, access::Membership, members};

/// What a run of changes touched, each thing once.
#[derive(Default)]
pub(crate) struct Touched {
    pub messages: BTreeSet<i64>,
    pub users: BTreeSet<UserId>,
    pub renamed: bool,
}

impl Touched {
    pub(crate) fn by(changes: &[ChangeRecord]) -> Self {
        let mut touched = Self::default();
        for change in changes {
            match change.kind {
                ChangeKind::MessageEdited(seq) | ChangeKind::MessageDeleted(seq) => {
                    touched.messages.insert(seq);
                }
                ChangeKind::MemberChanged(user) | ChangeKind::MemberRemoved(user) => {
                    touched.users.insert(user);
                }
                ChangeKind::ChatRenamed => touched.renamed = true,
                ChangeKind::Other { about, .. } => {
                    touched.messages.extend(about.message());
                    touched.users.extend(about.person());
                }
            }
        }
        touched
    }
}

/// Everything that changed after change number `after`, up to a page of changes.
pub async fn after(app: &App, by: &Membership, after: i64, limit: PageLimit) -> Result<Changes, AppError> {
    let chat = by.chat();
    let changes = app.store().log.changes_after(chat, after, limit.get()).await?;
    let record = app.store().chats.get(chat).await?.ok_or(AppError::NotFound)?;
    let touched = Touched::by(&changes);
    let (members, removed) = members_now(app, chat, &touched).await?;
    let seqs: Vec<i64> = touched.messages.iter().copied().collect();
    let messages = app.store().log.get_many(chat, &seqs).await?;
    Ok(Changes {
        up_to_cseq: changes.last().map_or(after.min(record.head.cseq).max(-1), |change| change.cseq),
        head_cseq: record.head.cseq,
        messages,
        members,
        removed,
        name: record.name.map(String::from),
        member_count: record.member_count,
    })
}

/// Of the people touched, who is in the chat now and who is not.
pub(crate) async fn members_now(
    app: &App,
    chat: ChatId,
    touched: &Touched,
) -> Result<(Vec<petit_domain::Member>, Vec<UserId>), AppError> {
    let (mut here, mut gone) = (Vec::new(), Vec::new());
    for user in &touched.users {
        match app.store().members.get(chat, *user).await? {
            Some(record) => here.push(record),
            None => gone.push(*user),
        }
    }
    Ok((members::present(app, here).await?, gone))
}
