//! Somebody who writes, edits and deletes as fast as they are answered, until the connection breaks.

use std::{io, net::SocketAddr};

use petit_domain::{ChatId, Message};
use serde_json::json;

use crate::{
    dice::Dice,
    fetch::parsed,
    ledger::{Ledger, Promise, State},
    support::Api,
};

/// The longest pause between two deeds, in microseconds.
const PAUSE: usize = 3_000;

pub struct Writer {
    name: String,
    token: String,
    dice: Dice,
    counter: u64,
    /// Sent, and not answered: it is sent again before anything else.
    unanswered: Option<(ChatId, String)>,
    pub ledger: Ledger,
}

impl Writer {
    pub fn new(name: &str, token: String, dice: Dice) -> Self {
        Self { name: name.to_owned(), token, dice, counter: 0, unanswered: None, ledger: Ledger::default() }
    }

    /// Writes until the connection breaks.
    pub fn write(&mut self, address: SocketAddr, chats: &[ChatId]) {
        let Ok(mut api) = Api::connect(address, &self.token) else { return };
        while self.deed(&mut api, chats).is_ok() {
            std::thread::sleep(self.dice.micros(PAUSE));
        }
    }

    /// Sends again what was not answered.
    pub fn catch_up(&mut self, api: &mut Api) {
        if self.unanswered.is_some() {
            self.send(api).expect("a calm server answers");
        }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    fn deed(&mut self, api: &mut Api, chats: &[ChatId]) -> io::Result<()> {
        let chat = *self.dice.pick(chats);
        if self.unanswered.is_none() && !self.ledger.of(chat).is_empty() {
            match self.dice.below(10) {
                0 => return self.edit(api, chat),
                1 => return self.delete(api, chat),
                _ => {}
            }
        }
        if self.unanswered.is_none() {
            self.counter += 1;
            self.unanswered = Some((chat, format!("{}-{}", self.name, self.counter)));
        }
        self.send(api)
    }

    fn send(&mut self, api: &mut Api) -> io::Result<()> {
        let Some((chat, name)) = self.unanswered.clone() else { return Ok(()) };
        let body = json!({"text": format!("words of {name}"), "client_id": name});
        let answer = api.call("POST", &format!("/v1/chats/{chat}/messages"), Some(&body))?;
        let message: Message = parsed(answer.expect(201));
        assert_eq!(message.client_id.as_str(), name);
        self.ledger.of(chat).push(Promise::of(&message));
        self.unanswered = None;
        Ok(())
    }

    fn edit(&mut self, api: &mut Api, chat: ChatId) -> io::Result<()> {
        self.counter += 1;
        let text = format!("edited {}", self.counter);
        let promise = some(&mut self.dice, self.ledger.of(chat));
        if promise.may_be.contains(&State::Deleted) {
            return Ok(());
        }
        promise.may_be.push(State::Text(text.clone()));
        let path = format!("/v1/chats/{chat}/messages/{}", promise.seq);
        api.call("PATCH", &path, Some(&json!({"text": text})))?.expect(200);
        promise.may_be = vec![State::Text(text)];
        Ok(())
    }

    fn delete(&mut self, api: &mut Api, chat: ChatId) -> io::Result<()> {
        let promise = some(&mut self.dice, self.ledger.of(chat));
        promise.may_be.push(State::Deleted);
        api.call("DELETE", &format!("/v1/chats/{chat}/messages/{}", promise.seq), None)?.expect(200);
        promise.may_be = vec![State::Deleted];
        Ok(())
    }
}

fn some<'a>(dice: &mut Dice, of: &'a mut [Promise]) -> &'a mut Promise {
    let place = dice.below(of.len());
    &mut of[place]
}
