//! Between the interface description and our own types.

use bytes::Bytes;
use petit_domain::{ChatId, Presence, UserId};
use petit_ports::Subject;
use tonic::Status;
use uuid::Uuid;

/// What the interface description says, as it was generated.
#[expect(missing_docs, clippy::allow_attributes, reason = "generated; the description has the comments")]
pub mod proto {
    tonic::include_proto!("petit.notifier.v1");
}

/// The compiled description, for reflection.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/notifier.bin"));

use proto::subject::Of;

fn uuid(bytes: &[u8]) -> Result<Uuid, Status> {
    Uuid::from_slice(bytes).map_err(|_| Status::invalid_argument("an identifier has 16 bytes"))
}

pub(crate) fn user_id(bytes: &[u8]) -> Result<UserId, Status> {
    uuid(bytes).map(UserId::from_uuid)
}

pub(crate) fn chat_id(bytes: &[u8]) -> Result<ChatId, Status> {
    uuid(bytes).map(ChatId::from_uuid)
}

pub(crate) fn id_bytes(id: Uuid) -> Bytes {
    Bytes::copy_from_slice(id.as_bytes())
}

pub(crate) fn subject_out(subject: Subject) -> proto::Subject {
    let of = match subject {
        Subject::Chat(chat) => Of::Chat(id_bytes(chat.uuid())),
        Subject::User(user) => Of::User(id_bytes(user.uuid())),
        Subject::Presence(user) => Of::Presence(id_bytes(user.uuid())),
        Subject::Sessions => Of::Sessions(proto::Sessions {}),
    };
    proto::Subject { of: Some(of) }
}

pub(crate) fn subject_in(subject: Option<proto::Subject>) -> Result<Subject, Status> {
    match subject.and_then(|subject| subject.of) {
        Some(Of::Chat(chat)) => chat_id(&chat).map(Subject::Chat),
        Some(Of::User(user)) => user_id(&user).map(Subject::User),
        Some(Of::Presence(user)) => user_id(&user).map(Subject::Presence),
        Some(Of::Sessions(_)) => Ok(Subject::Sessions),
        None => Err(Status::invalid_argument("a subject is missing")),
    }
}

pub(crate) fn presence_out(presence: Presence) -> i32 {
    match presence {
        Presence::Online => proto::Presence::Online,
        Presence::Away => proto::Presence::Away,
        Presence::Offline => proto::Presence::Offline,
    }
    .into()
}

pub(crate) fn presence_in(presence: i32) -> Option<Presence> {
    match proto::Presence::try_from(presence).unwrap_or_default() {
        proto::Presence::Unspecified => None,
        proto::Presence::Online => Some(Presence::Online),
        proto::Presence::Away => Some(Presence::Away),
        proto::Presence::Offline => Some(Presence::Offline),
    }
}
