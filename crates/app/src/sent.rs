//! What was sent already.

use petit_domain::{ChatId, ClientId, Message, UserId};
use petit_ports::{NewMessage, Why, Wish, Written};

use crate::{App, AppError};

/// The message of this author with this client id, if it was sent. The log is asked to append one that it
/// cannot take, because it answers a message that is not there; so it says whether it has the client id already.
pub(crate) async fn find_sent(
    app: &App,
    chat: ChatId,
    author: UserId,
    client_id: &ClientId,
) -> Result<Option<Message>, AppError> {
    let question =
        NewMessage::text(author, client_id.clone(), String::new(), app.now(), app.random().next_u64());
    let wish = Wish::Append(NewMessage { reply_to: Some(i64::MAX), ..question });
    match app.store().log_writer.write(chat, wish).await? {
        Written::Repeated(message) => Ok(Some(message)),
        Written::Refused(Why::NoSuchReply | Why::NoSuchChat) => Ok(None),
        other => Err(odd(&other)),
    }
}

/// What the log never answers to what it was asked.
pub(crate) fn odd(written: &Written) -> AppError {
    AppError::Internal(format!("the log answered {written:?}").into())
}
