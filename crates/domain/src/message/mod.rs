mod wire;

use serde::{Deserialize, Serialize};

use crate::{ChatId, ClientId, MessageId, Parts, Reactions, Timestamp, UserId, named::named};

pub(crate) use wire::is_field;

named! {
    /// What a timeline entry is.
    MessageKind, "kind_" {
        /// Somebody wrote something.
        Text = 0 "text",
        /// `subject` joined; `author` let them in (the same person, when they came by themselves).
        MemberJoined = 1 "member_joined",
        /// `subject` is gone; `author` removed them (the same person, when they left).
        MemberLeft = 2 "member_left",
        /// `author` renamed the chat; `text` is the new name.
        ChatRenamed = 3 "chat_renamed",
    }
}

impl MessageKind {
    /// Whether somebody wrote it, so that it is there to be read, and not a line of the timeline's own. What is not
    /// known here counts: rather one too many than one that nobody sees.
    pub const fn counts(self) -> bool {
        !matches!(self, Self::MemberJoined | Self::MemberLeft | Self::ChatRenamed)
    }
}

/// One entry of a chat's timeline. It may have more members than these: parts of its content that a newer version
/// knows, which are passed on as they are.
#[derive(Clone, Debug, PartialEq, Eq, utoipa::ToSchema)]
pub struct Message {
    /// Unique everywhere; made of the time, so the order is that of `seq` alone.
    pub id: MessageId,
    /// The chat it is in.
    pub chat: ChatId,
    /// Its number in the chat: 0, 1, 2 … without gaps.
    pub seq: i64,
    /// Number of the chat's change that made this version: of the last edit, deletion or other change of it, else the newest change when it was written.
    pub cseq: i64,
    /// Who wrote it (or did what it tells).
    pub author: UserId,
    /// What it is.
    pub kind: MessageKind,
    /// Markdown as it was written; empty once deleted.
    pub text: String,
    /// The sender's own name for it.
    pub client_id: ClientId,
    /// When it was written. Rises with `seq`, unless a clock that was more than an hour and a half ahead was put right.
    pub created_at: Timestamp,
    /// When it was last edited; not before it was written.
    #[schema(required)]
    pub edited_at: Option<Timestamp>,
    /// Whether it was deleted. The entry stays as a stub.
    pub deleted: bool,
    /// How many of the chat's messages up to this one, itself included, somebody wrote: the timeline's own lines (who
    /// came and went, renamings) do not count, deleted messages go on counting. Left out where it is not known.
    #[schema(required = false, nullable = false)]
    pub counted: Option<i64>,
    /// Whether `text` is only the beginning: so in previews, never in messages themselves. Left out where it is whole.
    #[schema(required = false)]
    pub is_cut: bool,
    /// Whether it is among the chat's pins. Left out where it is not.
    #[schema(required = false)]
    pub pinned: bool,
    /// What people reacted with, in the order of first use.
    #[schema(value_type = Vec<crate::Reaction>)]
    pub reactions: Reactions,
    /// Number of the message it answers.
    #[schema(required)]
    pub reply_to: Option<i64>,
    /// Whom it is about, for entries about members.
    #[schema(required)]
    pub subject: Option<UserId>,
    /// What it carries beside the text; on the wire, members of the message itself: `mentions`, ids of people and
    /// `all`, where it mentions somebody; `forwarded`, the message that it forwards.
    #[schema(rename = "mentions", value_type = Vec<String>, required = false)]
    pub parts: Parts,
}

/// How many messages of a chat may be pinned at once.
pub const MOST_PINS: usize = 100;

/// How many messages a person may have saved at once.
pub const MOST_SAVED: usize = 1_000;

/// How many characters of a text a preview shows.
pub const PREVIEW: usize = 200;

impl Message {
    /// How many messages up to this one do not count: what stores keep, so that "nothing is known" means that all do.
    pub fn uncounted(&self) -> Option<i64> {
        self.counted.map(|counted| self.seq + 1 - counted)
    }

    /// The message with the beginning of its text, as it was typed, and with its reactions as everybody is told of them: for lists.
    pub fn preview(mut self) -> Self {
        self.reactions.told_to_everybody();
        if let Some((end, _)) = self.text.char_indices().nth(PREVIEW) {
            self.text.truncate(end);
            self.is_cut = true;
        }
        if let Some(forwarded) = &mut self.parts.forwarded {
            forwarded.told_to_everybody();
            self.is_cut |= forwarded.cut();
        }
        self
    }
}

/// An earlier text of an edited message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Edition {
    /// The text as it was.
    pub text: String,
    /// When this text stopped being the message's.
    pub replaced_at: Timestamp,
}
