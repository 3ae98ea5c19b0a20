use std::collections::BTreeMap;

use petit_app::{access, changes, messages};
use petit_domain::{ChatId, Event, Head, MemberRole, Message, PageLimit, UserId};
use petit_ports::PageAt;

use super::{Member, Server};

/// What a client holds of one chat, kept as `docs/PROTOCOL.md` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub head: Head,
    pub messages: BTreeMap<i64, Message>,
    pub members: BTreeMap<UserId, MemberRole>,
    pub name: Option<String>,
    chat: ChatId,
}

impl State {
    pub fn empty(chat: ChatId) -> Self {
        Self { head: Head::EMPTY, messages: BTreeMap::new(), members: BTreeMap::new(), name: None, chat }
    }

    /// Everything, from the store.
    pub async fn fresh(server: &Server, viewer: &Member, chat: ChatId) -> Self {
        let mut state = Self::empty(chat);
        state.repair(server, viewer).await;
        state
    }

    /// Applies an event. Answers whether it fits: if not, something is missing before it.
    pub fn apply(&mut self, event: &Event) -> bool {
        if event.chat() != Some(self.chat) {
            return true;
        }
        match event {
            Event::MessageCreated { seq, message, .. } => {
                if *seq <= self.head.seq {
                    return true;
                }
                if *seq != self.head.seq + 1 {
                    return false;
                }
                self.head.seq = *seq;
                self.put(message);
                true
            }
            Event::MessageEdited { cseq, message, .. } | Event::MessageDeleted { cseq, message, .. } => {
                self.change(*cseq, |state| state.put(message))
            }
            Event::MemberChanged { cseq, member, .. } => self.change(*cseq, |state| {
                state.members.insert(member.person.id, member.role);
            }),
            Event::MemberRemoved { cseq, user, .. } => self.change(*cseq, |state| {
                state.members.remove(user);
            }),
            Event::ChatRenamed { cseq, name, .. } => {
                self.change(*cseq, |state| state.name = Some(name.clone()))
            }
            Event::UnknownChange { cseq, .. } => self.change(*cseq, |_| {}),
            _ => true,
        }
    }

    fn change(&mut self, cseq: i64, apply: impl FnOnce(&mut Self)) -> bool {
        if cseq <= self.head.cseq {
            return true;
        }
        if cseq != self.head.cseq + 1 {
            return false;
        }
        self.head.cseq = cseq;
        apply(self);
        true
    }

    fn put(&mut self, message: &Message) {
        let newer = self.messages.get(&message.seq).is_none_or(|held| held.cseq <= message.cseq);
        if newer {
            self.messages.insert(message.seq, message.clone());
        }
    }

    /// Applies events, repairing what jumps.
    pub async fn apply_all(&mut self, server: &Server, viewer: &Member, events: &[Event]) {
        for event in events {
            if !self.apply(event) {
                self.repair(server, viewer).await;
            }
        }
    }

    /// Fetches what is missing by its numbers.
    pub async fn repair(&mut self, server: &Server, viewer: &Member) {
        let by = access::member(&server.app, self.chat, viewer.user).await.expect("a member");
        let all = PageLimit::clamp(Some(100)).expect("a limit");
        loop {
            let at = PageAt::After(self.head.seq);
            let page = messages::page(&server.app, &by, at, all, None).await.expect("a page");
            let Some(last) = page.items.last() else { break };
            self.head.seq = last.seq;
            page.items.iter().for_each(|message| self.put(message));
        }
        loop {
            let changes = changes::after(&server.app, &by, self.head.cseq, all).await.expect("changes");
            for event in &changes.events {
                assert!(self.apply(event), "they follow one another: {event:?}");
            }
            let moved = changes.up_to_cseq > self.head.cseq;
            self.head.cseq = self.head.cseq.max(changes.up_to_cseq);
            if !moved || self.head.cseq >= changes.head_cseq {
                break;
            }
        }
    }
}
