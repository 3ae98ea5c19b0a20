//! The owner of the chats: renames them, lets a guest in and out, and gives roles. Each of these takes
//! several steps, which a kill may leave half done and the next server finishes.

use std::{io, net::SocketAddr};

use petit_domain::{ChatId, UserId};
use serde_json::{Value, json};

use crate::{dice::Dice, fetch::parsed, support::Api};

pub struct Steward {
    pub token: String,
    pub guest: UserId,
    pub dice: Dice,
    pub counter: u64,
}

impl Steward {
    /// Makes chats with these people in them.
    pub fn open(&mut self, api: &mut Api, count: usize, members: &[UserId]) -> Vec<ChatId> {
        let mut make = || {
            self.counter += 1;
            let body = json!({"kind": "group", "name": format!("Deck {}", self.counter), "members": members});
            let made = api.call("POST", "/v1/chats", Some(&body)).expect("a calm server answers").expect(201);
            parsed(made["id"].clone())
        };
        (0..count).map(|_| make()).collect()
    }

    /// Keeps house until the connection breaks.
    pub fn keep_house(&mut self, address: SocketAddr, chats: &[ChatId]) {
        let Ok(mut api) = Api::connect(address, &self.token) else { return };
        while self.deed(&mut api, *self.dice.clone().pick(chats)).is_ok() {
            self.dice.roll();
        }
    }

    fn deed(&mut self, api: &mut Api, chat: ChatId) -> io::Result<()> {
        self.counter += 1;
        let (path, guest) = (format!("/v1/chats/{chat}"), self.guest);
        let mut ask = |method, path: &str, body: Option<Value>| api.call(method, path, body.as_ref());
        let answer = match self.dice.below(4) {
            0 => ask("PATCH", &path, Some(json!({"name": format!("Deck {}", self.counter)}))),
            1 => ask("POST", &format!("{path}/members"), Some(json!({"user": guest}))),
            2 => ask("DELETE", &format!("{path}/members/{guest}"), None),
            _ => {
                let role = ["member", "admin"][self.counter as usize % 2];
                ask("PATCH", &format!("{path}/members/{guest}"), Some(json!({"role": role})))
            }
        }?;
        // The guest may not be in it.
        assert!(matches!(answer.status, 200 | 201 | 204 | 404), "{answer:?}");
        Ok(())
    }
}
