use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Instant,
};

use petit_domain::{ChatId, Head, UserId, Weight};
use petit_ports::{Announcement, Subject};
use slab::Slab;
use smallvec::SmallVec;

use super::{heard::Heard, pace::Pace};
use crate::connection::Connection;

/// Who is connected here, and who of them is in which chat. A chat lists people by a small number,
/// so that a person with many chats or tabs costs a few bytes for each.
#[derive(Default)]
pub(super) struct Index {
    people: Slab<Seat>,
    by_user: HashMap<UserId, u32>,
    audiences: HashMap<ChatId, Audience>,
    watchers: HashMap<UserId, SmallVec<[Arc<Connection>; 1]>>,
    /// Some event did not follow the one before it.
    saw_a_hole: bool,
}

/// A person with at least one connection.
struct Seat {
    user: UserId,
    connections: SmallVec<[Arc<Connection>; 1]>,
    chats: Vec<ChatId>,
    /// How often events changed `chats`: a list read before such a change must not replace it.
    version: u32,
}

#[derive(Default)]
struct Audience {
    people: SmallVec<[u32; 4]>,
    pace: Pace,
    heard: Heard,
}

/// What enrolling somebody changed.
#[derive(Default)]
pub(super) struct Enrolled {
    pub(super) added: Vec<ChatId>,
    pub(super) kept: Vec<ChatId>,
    pub(super) removed: Vec<ChatId>,
}

/// Connections that have something to write.
pub(super) type Touched = Vec<Arc<Connection>>;

impl Index {
    /// Gives a connection its person's seat. Events for the person reach it from now on.
    pub(super) fn seat(&mut self, connection: &Arc<Connection>, user: UserId) {
        let people = &mut self.people;
        let slot = *self.by_user.entry(user).or_insert_with(|| {
            let seat = Seat { user, connections: SmallVec::new(), chats: Vec::new(), version: 0 };
            u32::try_from(people.insert(seat)).expect("fewer people than sockets fit a machine")
        });
        self.people[slot as usize].connections.push(connection.clone());
    }

    /// Takes a connection out. When it was the person's last, answers the chats nobody else holds for them.
    pub(super) fn unseat(&mut self, connection: &Arc<Connection>, user: UserId) -> Vec<ChatId> {
        let Some(&slot) = self.by_user.get(&user) else { return Vec::new() };
        let seat = &mut self.people[slot as usize];
        seat.connections.retain(|other| !Arc::ptr_eq(other, connection));
        if !seat.connections.is_empty() {
            return Vec::new();
        }
        let chats = std::mem::take(&mut seat.chats);
        chats.iter().for_each(|chat| self.leave_chat(*chat, slot));
        self.people.remove(slot as usize);
        self.by_user.remove(&user);
        chats
    }

    /// A number that changes whenever an event changes the person's chats.
    pub(super) fn version(&self, user: UserId) -> u32 {
        self.seat_of(user).map_or(0, |seat| seat.version)
    }

    /// Makes `chats`, read while `version` was current, the person's chats; `None` if it no longer is.
    /// Nothing changes for who has no connection any more.
    pub(super) fn enroll(
        &mut self,
        user: UserId,
        version: u32,
        chats: &[(ChatId, Head)],
    ) -> Option<Enrolled> {
        let Some(&slot) = self.by_user.get(&user) else { return Some(Enrolled::default()) };
        let seat = &mut self.people[slot as usize];
        if seat.version != version {
            return None;
        }
        let before: HashSet<_> = seat.chats.iter().copied().collect();
        seat.chats = chats.iter().map(|(chat, _)| *chat).collect();
        let after: HashSet<_> = seat.chats.iter().copied().collect();
        let (kept, added) = seat.chats.iter().partition(|chat| before.contains(*chat));
        let removed: Vec<_> = before.difference(&after).copied().collect();
        let enrolled = Enrolled { added, kept, removed };
        let new = chats.iter().filter(|(chat, _)| !before.contains(chat));
        new.for_each(|(chat, head)| self.enter_chat(*chat, *head, slot));
        enrolled.removed.iter().for_each(|chat| self.leave_chat(*chat, slot));
        Some(enrolled)
    }

    /// The person is now in this chat, whose numbers are these. Answers whether they were not before.
    pub(super) fn join(&mut self, user: UserId, chat: ChatId, head: Head) -> bool {
        let Some(&slot) = self.by_user.get(&user) else { return false };
        let seat = &mut self.people[slot as usize];
        seat.version += 1;
        if seat.chats.contains(&chat) {
            return false;
        }
        seat.chats.push(chat);
        self.enter_chat(chat, head, slot);
        true
    }

    /// What came to a new chat before this is not for anybody here to hear.
    fn enter_chat(&mut self, chat: ChatId, head: Head, slot: u32) {
        let new = || Audience { heard: Heard::up_to(head), ..Audience::default() };
        self.audiences.entry(chat).or_insert_with(new).people.push(slot);
    }

    /// The person is no longer in this chat. Answers whether they were before.
    pub(super) fn leave(&mut self, user: UserId, chat: ChatId) -> bool {
        let Some(&slot) = self.by_user.get(&user) else { return false };
        let seat = &mut self.people[slot as usize];
        seat.version += 1;
        let Some(place) = seat.chats.iter().position(|other| *other == chat) else { return false };
        seat.chats.swap_remove(place);
        self.leave_chat(chat, slot);
        true
    }

    fn leave_chat(&mut self, chat: ChatId, slot: u32) {
        let Some(audience) = self.audiences.get_mut(&chat) else { return };
        if let Some(place) = audience.people.iter().position(|other| *other == slot) {
            audience.people.swap_remove(place);
        }
        if audience.people.is_empty() {
            self.audiences.remove(&chat);
        }
    }

    fn seat_of(&self, user: UserId) -> Option<&Seat> {
        self.by_user.get(&user).map(|slot| &self.people[*slot as usize])
    }

    /// The person's connections.
    pub(super) fn connections_of(&self, user: UserId) -> &[Arc<Connection>] {
        self.seat_of(user).map_or(&[], |seat| &seat.connections)
    }

    /// Gives an event to everybody in a chat, but for whom it must not reach. Appends who has to be
    /// flushed and answers whether the chat is busy.
    pub(super) fn reach_chat(
        &mut self,
        chat: ChatId,
        event: &Arc<Announcement>,
        now: Instant,
        touched: &mut Touched,
    ) -> bool {
        let Some(audience) = self.audiences.get_mut(&chat) else { return false };
        let envelope = event.envelope();
        self.saw_a_hole |= envelope.number().is_some_and(|number| !audience.heard.hear(number));
        for slot in &audience.people {
            let seat = &self.people[*slot as usize];
            if Some(seat.user) != envelope.except {
                push_all(&seat.connections, event, envelope.weight, now, touched);
            }
        }
        audience.pace.is_busy(now, audience.people.len())
    }

    /// Gives an event to all connections of a person.
    pub(super) fn reach_user(
        &self,
        user: UserId,
        event: &Arc<Announcement>,
        now: Instant,
        touched: &mut Touched,
    ) {
        push_all(self.connections_of(user), event, to_one(event), now, touched);
    }

    /// Gives an event to those who watch a person.
    pub(super) fn reach_watchers(
        &self,
        user: UserId,
        event: &Arc<Announcement>,
        now: Instant,
        touched: &mut Touched,
    ) {
        let watchers = self.watchers.get(&user).map_or(&[][..], |watchers| watchers);
        push_all(watchers, event, to_one(event), now, touched);
    }

    /// A connection watches a person.
    pub(super) fn watch(&mut self, connection: &Arc<Connection>, user: UserId) {
        self.watchers.entry(user).or_default().push(connection.clone());
    }

    /// A connection no longer watches a person.
    pub(super) fn unwatch(&mut self, connection: &Arc<Connection>, user: UserId) {
        if let Some(watchers) = self.watchers.get_mut(&user) {
            watchers.retain(|other| !Arc::ptr_eq(other, connection));
            if watchers.is_empty() {
                self.watchers.remove(&user);
            }
        }
    }

    /// The connections that watch a person.
    pub(super) fn watchers_of(&self, user: UserId) -> Vec<Arc<Connection>> {
        self.watchers.get(&user).map(|watchers| watchers.to_vec()).unwrap_or_default()
    }

    /// Everybody who has a connection here.
    pub(super) fn users(&self) -> Vec<UserId> {
        self.by_user.keys().copied().collect()
    }

    /// The chats that somebody here is in.
    pub(super) fn chats(&self) -> Vec<ChatId> {
        self.audiences.keys().copied().collect()
    }

    /// Whether any event did not follow the one before it, since this was asked the last time.
    pub(super) fn take_hole(&mut self) -> bool {
        std::mem::take(&mut self.saw_a_hole)
    }

    /// Those of these chats of which something was not heard.
    pub(super) fn behind(&self, heads: Vec<(ChatId, Head)>) -> Vec<(ChatId, Head)> {
        let is_behind = |(chat, head): &(ChatId, Head)| {
            self.audiences.get(chat).is_some_and(|audience| audience.heard.is_behind(*head))
        };
        heads.into_iter().filter(is_behind).collect()
    }

    /// Remembers for everybody in a chat that something of it is missing, up to these numbers.
    pub(super) fn chat_is_dirty(&mut self, chat: ChatId, head: Head, now: Instant, touched: &mut Touched) {
        let Some(audience) = self.audiences.get_mut(&chat) else { return };
        audience.heard.skip_to(head);
        for slot in &audience.people {
            for connection in &self.people[*slot as usize].connections {
                connection.with(|state| state.send_queue.mark_dirty(chat, now));
                touched.push(connection.clone());
            }
        }
    }

    /// Remembers for a person that they have to look at these chats again.
    pub(super) fn person_is_dirty(
        &self,
        user: UserId,
        chats: &[ChatId],
        now: Instant,
        touched: &mut Touched,
    ) {
        for connection in self.connections_of(user) {
            connection.with(|state| chats.iter().for_each(|chat| state.send_queue.mark_dirty(*chat, now)));
            touched.push(connection.clone());
        }
    }

    /// Remembers for everybody that something of any of their chats may be missing.
    pub(super) fn everything_is_dirty(&self, now: Instant, touched: &mut Touched) {
        for (_, seat) in &self.people {
            for connection in &seat.connections {
                connection.with(|state| {
                    seat.chats.iter().for_each(|chat| state.send_queue.mark_dirty(*chat, now));
                });
                touched.push(connection.clone());
            }
        }
    }
}

fn push_all(
    connections: &[Arc<Connection>],
    event: &Arc<Announcement>,
    weight: Weight,
    now: Instant,
    touched: &mut Touched,
) {
    touched.extend(connections.iter().filter(|each| each.push_event(event, weight, now)).cloned());
}

/// How much an event weighs that does not come with others of its chat: it may be the last one that its
/// receiver gets of it, so that no number tells that it is missing.
fn to_one(event: &Announcement) -> Weight {
    match event.envelope().weight {
        Weight::Hint => Weight::Hint,
        Weight::Chat | Weight::Own => Weight::Own,
    }
}

/// The subjects of somebody's chats.
pub(super) fn subjects(chats: &[ChatId]) -> impl Iterator<Item = Subject> + '_ {
    chats.iter().map(|chat| Subject::Chat(*chat))
}
