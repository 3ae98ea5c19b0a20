use std::collections::{BTreeSet, HashMap};

use petit_domain::{ChatId, Event, Member, UserId};
use petit_ports::{Store, StoreError};

use super::chat::ChatNow;

/// Of the people whom changes name, those who are in the chat.
pub(super) struct MembersNow(HashMap<UserId, Member>);

impl MembersNow {
    pub(super) async fn read(
        store: &Store,
        chat: ChatId,
        users: &BTreeSet<UserId>,
    ) -> Result<Self, StoreError> {
        let mut records = Vec::with_capacity(users.len());
        for user in users {
            records.extend(store.members.get(chat, *user).await?);
        }
        let present: Vec<UserId> = records.iter().map(|record| record.user).collect();
        let people = if present.is_empty() { Vec::new() } else { store.people.get_many(&present).await? };
        let mut people: HashMap<_, _> = people.into_iter().map(|person| (person.id, person)).collect();
        let members = records.into_iter().filter_map(|record| {
            let person = people.remove(&record.user)?;
            Some((record.user, Member { person, role: record.role, joined_at: record.joined_at }))
        });
        Ok(Self(members.collect()))
    }

    pub(super) fn event(&self, now: &ChatNow, user: UserId, cseq: i64) -> Event {
        let (chat, seq, member_count) = (now.id, now.seq, now.member_count);
        match self.0.get(&user) {
            Some(member) => Event::MemberChanged { chat, seq, cseq, member: member.clone(), member_count },
            None => Event::MemberRemoved { chat, seq, cseq, user, member_count },
        }
    }
}
