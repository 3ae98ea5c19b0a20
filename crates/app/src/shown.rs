//! Messages as they are answered and told to one person: which of their reactions are that person's own.

use petit_domain::{ChatId, Event, Message, UserId};
use petit_ports::{Store, StoreError};

/// Says of the reactions on messages of a chat which are this person's. Costs nothing where the samples tell, and else one
/// read for all of them.
pub(crate) async fn messages_to<'m>(
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

/// The same for messages in events that are told to one person.
pub(crate) async fn events_to(
    store: &Store,
    chat: ChatId,
    user: UserId,
    events: &mut [Event],
) -> Result<(), StoreError> {
    messages_to(store, chat, user, events.iter_mut().filter_map(Event::message_mut)).await
}

/// The same for one message.
pub(crate) async fn message_to(
    store: &Store,
    user: UserId,
    mut message: Message,
) -> Result<Message, StoreError> {
    messages_to(store, message.chat, user, [&mut message]).await?;
    Ok(message)
}
