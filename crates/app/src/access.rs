//! Who may do what. Proofs have private fields, so only a check makes one.

use std::time::Duration;

use petit_domain::{ChatId, ChatKind, ChatRecord, MemberRole, Message, MessageKind, Rules, UserId};
use petit_protocol::codes;

use crate::{App, AppError, memory::Memory};

/// How long a membership is believed without asking. Changes made here are seen at once; those made
/// on another node within this time.
const BELIEVED_FOR: Duration = Duration::from_secs(5);
/// When this many are remembered, all are forgotten: a bound, not a policy.
const REMEMBERED: usize = 200_000;

/// Memberships seen lately.
pub(crate) type Memberships = Memory<(ChatId, UserId), MemberRole>;

/// What the settings of chats said of writing in them lately.
pub(crate) type ChatRules = Memory<ChatId, Rules>;

pub(crate) fn memberships() -> Memberships {
    Memory::new(BELIEVED_FOR, REMEMBERED)
}

pub(crate) fn chat_rules() -> ChatRules {
    Memory::new(BELIEVED_FOR, REMEMBERED)
}

/// Proof that a person is in a chat.
#[derive(Clone, Copy, Debug)]
pub struct Membership {
    chat: ChatId,
    user: UserId,
    role: MemberRole,
    rules: Rules,
}

impl Membership {
    /// The chat.
    pub fn chat(&self) -> ChatId {
        self.chat
    }

    /// The member.
    pub fn user(&self) -> UserId {
        self.user
    }

    /// What they may do.
    pub fn role(&self) -> MemberRole {
        self.role
    }

    /// What the chat's settings say of writing in it.
    pub(crate) fn rules(&self) -> Rules {
        self.rules
    }

    /// The same proof, which holds whatever came after its settings.
    pub(crate) fn whatever_came(self) -> Self {
        Self { rules: Rules { cseq: i64::MAX, ..self.rules }, ..self }
    }

    pub(crate) fn holds_whatever_came(&self) -> bool {
        self.rules.cseq == i64::MAX
    }

    /// Refuses to change what is said in a chat that is archived.
    pub(crate) fn writable(&self) -> Result<(), AppError> {
        if !self.rules.archived {
            return Ok(());
        }
        let detail = "The chat is archived: it can be read, and its admins can bring it back.".to_owned();
        Err(AppError::Forbidden { code: codes::ARCHIVED, detail })
    }

    /// The same proof for those who may do at least what `role` may.
    pub fn at_least(self, role: MemberRole) -> Result<Self, AppError> {
        if self.role >= role {
            return Ok(self);
        }
        Err(AppError::forbidden("Your role in this chat does not allow this."))
    }
}

/// Proof that a person may read a message's chat, with the message as it is now.
#[derive(Clone, Debug)]
pub struct Seen {
    by: Membership,
    message: Message,
}

impl Seen {
    /// Who sees it.
    pub fn by(&self) -> &Membership {
        &self.by
    }

    /// The message.
    pub fn message(&self) -> &Message {
        &self.message
    }

    /// The message itself.
    pub fn into_message(self) -> Message {
        self.message
    }
}

/// The person's membership. No such chat and not a member are the same answer, so ids cannot be probed.
pub async fn member(app: &App, chat: ChatId, user: UserId) -> Result<Membership, AppError> {
    match (app.memberships.get(&(chat, user)), app.chat_rules.get(&chat)) {
        (Some(role), Some(rules)) => Ok(Membership { chat, user, role, rules }),
        _ => member_now(app, chat, user).await,
    }
}

/// The membership as the store has it now, for decisions that must not rest on a memory.
pub async fn member_now(app: &App, chat: ChatId, user: UserId) -> Result<Membership, AppError> {
    let before = (app.memberships.before_reading(), app.chat_rules.before_reading());
    let Some((record, rules)) = app.store().members.standing(chat, user).await? else {
        app.memberships.forget(&(chat, user));
        return Err(AppError::NotFound);
    };
    app.memberships.put((chat, user), record.role, before.0);
    app.chat_rules.put(chat, rules, before.1);
    Ok(Membership { chat, user, role: record.role, rules })
}

/// A message of a chat the person is in.
pub async fn message(app: &App, chat: ChatId, seq: i64, user: UserId) -> Result<Seen, AppError> {
    let by = member(app, chat, user).await?;
    let message = app.store().log.get(chat, seq).await?.ok_or(AppError::NotFound)?;
    Ok(Seen { by, message })
}

/// Refuses what the timeline itself says: it is nobody's to change.
pub(crate) fn written_by_a_person(message: &Message) -> Result<(), AppError> {
    match message.kind {
        MessageKind::Text => Ok(()),
        MessageKind::Other(_) => Err(newer_content()),
        MessageKind::MemberJoined | MessageKind::MemberLeft | MessageKind::ChatRenamed => {
            Err(AppError::conflict(codes::NOT_A_TEXT, "The timeline's own entries cannot be changed."))
        }
    }
}

/// Refuses what this version does not know in all of its parts: what they say of a text may not be true of another.
pub(crate) fn known_in_all_parts(message: &Message) -> Result<(), AppError> {
    if message.parts.are_known() { Ok(()) } else { Err(newer_content()) }
}

fn newer_content() -> AppError {
    AppError::conflict(
        codes::NEWER_CONTENT,
        "A newer version of the server made this, and the one that answers now cannot change it.",
    )
}

/// The chat, if its people and name may change: not a direct one, and not one of a kind that is not known.
pub(crate) async fn changeable_chat(app: &App, chat: ChatId) -> Result<ChatRecord, AppError> {
    let record = app.store().chats.get(chat).await?.ok_or(AppError::NotFound)?;
    match record.kind {
        ChatKind::Group | ChatKind::Open => Ok(record),
        ChatKind::Other(_) => Err(newer_content()),
        ChatKind::Direct => Err(AppError::conflict(
            codes::DIRECT_CHAT_IS_FIXED,
            "A direct chat keeps its two people and has no name of its own.",
        )),
    }
}
