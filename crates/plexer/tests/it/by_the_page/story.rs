use petit_app::{access, chats, members, read_markers};
use petit_domain::{ChatId, ChatName, MemberRole};
use petit_protocol::UpdateChat;

use crate::support::{Member, Server};

/// What others do, and bob on another device.
pub struct Story {
    pub bob: Member,
    alice: Member,
    carol: Member,
    chats: [ChatId; 2],
    dice: u64,
}

impl Story {
    pub async fn begin(server: &Server) -> Self {
        let (alice, bob, carol) =
            (server.person("alice").await, server.person("bob").await, server.person("carol").await);
        let chats = [server.group(&[&alice, &bob]).await, server.group(&[&alice, &bob]).await];
        Self { bob, alice, carol, chats, dice: 0x9e37_79b9_7f4a_7c15 }
    }

    fn draw(&mut self, below: u64) -> u64 {
        self.dice ^= self.dice << 13;
        self.dice ^= self.dice >> 7;
        self.dice ^= self.dice << 17;
        self.dice % below
    }

    /// One thing happens.
    pub async fn step(&mut self, server: &Server) {
        let chat = self.chats[usize::from(self.draw(3) == 0)];
        let head = server.head(chat).await.seq;
        let some = i64::try_from(self.draw(u64::try_from(head + 2).expect("small"))).expect("small");
        match self.draw(12) {
            0..4 => drop(server.send(&self.alice, chat, &format!("said {some} of {head}")).await),
            4..6 => self.revise(server, chat, some).await,
            6 => {
                let name: ChatName = format!("Crew {some}").try_into().expect("a name");
                chats::update(
                    &server.app,
                    &self.alice.caller,
                    chat,
                    UpdateChat { name: Some(name), ..UpdateChat::default() },
                )
                .await
                .expect("renamed");
            }
            7 => self.toggle(server, chat, self.carol.clone()).await,
            8 => self.toggle(server, self.chats[1], self.bob.clone()).await,
            9 => self.reads(server, chat, some).await,
            10 => {
                let role = if some % 2 == 0 { MemberRole::Admin } else { MemberRole::Member };
                let (by, whom) = (&self.alice.caller, self.bob.user);
                // He may be gone.
                drop(members::set_role(&server.app, by, chat, whom, role).await);
            }
            _ => {
                if access::member(&server.app, chat, self.bob.user).await.is_ok() {
                    server.send(&self.bob, chat, "mine, from another device").await;
                }
            }
        }
    }

    /// Edits or deletes one of alice's messages, if that is what this number is.
    async fn revise(&mut self, server: &Server, chat: ChatId, seq: i64) {
        let caller = &self.alice.caller;
        let text = format!("edited {}", self.dice % 100).try_into().expect("a text");
        match seq % 4 {
            0 => drop(petit_app::messages::delete(&server.app, caller, chat, seq).await),
            _ => drop(petit_app::messages::edit(&server.app, caller, chat, seq, text).await),
        }
    }

    async fn toggle(&self, server: &Server, chat: ChatId, whom: Member) {
        match access::member_now(&server.app, chat, whom.user).await {
            Ok(_) => server.remove(&self.alice, chat, &whom).await,
            Err(_) => server.add(&self.alice, chat, &whom).await,
        }
    }

    async fn reads(&self, server: &Server, chat: ChatId, seq: i64) {
        if let Ok(by) = access::member_now(&server.app, chat, self.bob.user).await {
            read_markers::mark(&server.app, &by, seq).await.expect("marked");
        }
    }
}
