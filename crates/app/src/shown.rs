//! Messages as they are answered and told to one person: which of their reactions are that person's own, and where what
//! they forward was. The latter is answered and never told.

use petit_domain::{ChatId, Event, Message, UserId};
use petit_ports::{Store, StoreError};

use crate::{App, forward};

/// Messages of a chat as they are answered to this person.
pub(crate) async fn messages_to(
    app: &App,
    chat: ChatId,
    user: UserId,
    messages: &mut [Message],
) -> Result<(), StoreError> {
    reactions_to(app.store(), chat, user, messages.iter_mut()).await?;
    forward::shown_to(app, chat, user, messages.iter_mut()).await
}

/// The same for one message.
pub(crate) async fn message_to(app: &App, user: UserId, message: Message) -> Result<Message, StoreError> {
    let mut messages = [message];
    messages_to(app, messages[0].chat, user, &mut messages).await?;
    let [message] = messages;
    Ok(message)
}

/// Says of the messages in events that are told to one person which of the reactions are that person's.
pub(crate) async fn events_to(
    store: &Store,
    chat: ChatId,
    user: UserId,
    events: &mut [Event],
) -> Result<(), StoreError> {
    reactions_to(store, chat, user, events.iter_mut().filter_map(Event::message_mut)).await
}

/// Costs nothing where the samples tell, and else one read for all of them.
async fn reactions_to<'m>(
    store: &Store,
    chat: ChatId,
    user: UserId,
    messages: impl IntoIterator<Item = &'m mut Message>,
) -> Result<(), StoreError> {
    let mut messages: Vec<&mut Message> =
        messages.into_iter().filter(|message| !message.reactions.is_empty()).collect();
    let open = messages.iter().filter(|message| !message.reactions.tell_of(user));
    let mut seqs: Vec<i64> = open.map(|message| message.seq).collect();
    seqs.sort_unstable();
    seqs.dedup();
    let own = if seqs.is_empty() { Vec::new() } else { store.reactions.own(chat, user, &seqs).await? };
    for message in &mut messages {
        let seq = message.seq;
        message.reactions.shown_to(user, |emoji| own.iter().any(|(of, mine)| *of == seq && mine == emoji));
    }
    Ok(())
}
