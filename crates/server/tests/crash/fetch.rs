//! What the server says now.

use std::io;

use petit_domain::{Chat, ChatId, Member, Message};
use petit_testkit::ChatScreen;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::support::Api;

/// One chat as it is now: its heads first, so that what comes after them is applied again and not missed.
pub fn chat(api: &mut Api, id: ChatId) -> io::Result<ChatScreen> {
    let chat: Chat = parsed(api.get(&format!("/v1/chats/{id}"))?.expect(200));
    let messages: Vec<Message> = all(api, &format!("/v1/chats/{id}/messages?after=-1&limit=100"))?;
    let members: Vec<Member> = all(api, &format!("/v1/chats/{id}/members?limit=100"))?;
    Ok(ChatScreen {
        chat,
        messages: Some(messages.into_iter().map(|message| (message.seq, message)).collect()),
        members: Some(members.into_iter().map(|member| (member.person.id, member)).collect()),
    })
}

/// The person's list of chats.
pub fn chats(api: &mut Api) -> io::Result<Vec<Chat>> {
    all(api, "/v1/chats?limit=100")
}

/// Every page of a list.
fn all<T: DeserializeOwned>(api: &mut Api, path: &str) -> io::Result<Vec<T>> {
    let (mut items, mut next) = (Vec::new(), path.to_owned());
    loop {
        let page = api.get(&next)?.expect(200);
        items.extend(page["items"].as_array().expect("a list").iter().cloned().map(parsed::<T>));
        match page["next"].as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}").replace("after=-1&", ""),
            None => return Ok(items),
        }
    }
}

pub fn parsed<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).expect("the shape that is described")
}
