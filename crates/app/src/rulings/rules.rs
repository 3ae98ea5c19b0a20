//! Who may do what to a chat's members, name and settings. Nothing here asks anybody: what is decided holds for one state of the
//! chat, and is written only if that is still its state.

use std::cmp::Reverse;

use petit_domain::{
    ChatId, ChatKind, ChatName, MemberRecord, MemberRole, SettingsChange, SettingsRecord, Timestamp, UserId,
};
use petit_ports::Ruling;

/// What somebody wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// To put somebody in.
    Add(UserId),
    /// To take somebody out.
    Remove(UserId),
    /// To give somebody another role.
    Role(UserId, MemberRole),
    /// To call the chat something else.
    Rename(ChatName),
    /// To set the chat to something else.
    Set(SettingsChange),
}

impl Wanted {
    /// Whom it is about.
    pub(crate) fn person(&self) -> Option<UserId> {
        match self {
            Self::Add(user) | Self::Remove(user) | Self::Role(user, _) => Some(*user),
            Self::Rename(_) | Self::Set(_) => None,
        }
    }
}

/// A chat at one moment, as far as a decision rests on it.
pub(crate) struct Facts<'a> {
    pub(crate) chat: ChatId,
    pub(crate) kind: ChatKind,
    pub(crate) name: Option<&'a ChatName>,
    pub(crate) settings: &'a SettingsRecord,
    /// Who wants something.
    pub(crate) by: UserId,
    /// Their membership.
    pub(crate) own: Option<&'a MemberRecord>,
    /// The membership of whom it is about.
    pub(crate) target: Option<&'a MemberRecord>,
    /// The others, once they were looked at.
    pub(crate) others: Option<&'a Others>,
    /// Number of the newest message.
    pub(crate) seq: i64,
    pub(crate) now: Timestamp,
}

/// The members of a chat but for whom something is wanted of.
#[derive(Debug, Default)]
pub(crate) struct Others {
    has_owner: bool,
    heir: Option<MemberRecord>,
}

impl Others {
    /// Takes one of them in. The heir is the longest-standing admin, else member.
    pub(crate) fn see(&mut self, member: MemberRecord) {
        let rank = |member: &MemberRecord| (Reverse(member.role), member.joined_at, member.user);
        self.has_owner |= member.role == MemberRole::Owner;
        if self.heir.as_ref().is_none_or(|so_far| rank(&member) < rank(so_far)) {
            self.heir = Some(member);
        }
    }
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing: it is so.
    Nothing,
    /// Look at the others first.
    Look,
    /// This, without a word in the timeline, and decide again.
    First(Ruling),
    /// This, without a word, and it is done.
    Note(Ruling),
    /// This, said in the timeline, and it is done.
    Say(Ruling),
}

/// Why it is not done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// For who asks there is no such chat or member.
    NotFound,
    /// Their role does not allow it.
    Forbidden,
    /// The chat would have no owner.
    LastOwner,
}

/// The next step towards what is wanted. A chat that has members keeps an owner after every step: the last one who goes
/// makes an heir first, and who comes into an empty chat owns it.
pub(crate) fn next(wanted: &Wanted, facts: &Facts<'_>) -> Result<Next, Refusal> {
    match wanted {
        Wanted::Add(user) => add(*user, facts),
        Wanted::Remove(user) => remove(*user, facts),
        Wanted::Role(_, role) => set_role(*role, facts),
        Wanted::Rename(name) => {
            facts.at_least(MemberRole::Admin)?;
            let is_so = facts.name == Some(name);
            Ok(if is_so { Next::Nothing } else { Next::Say(Ruling::Named(name.clone(), facts.now)) })
        }
        Wanted::Set(change) => {
            facts.at_least(MemberRole::Admin)?;
            let now = facts.settings.with(change);
            Ok(if now == *facts.settings { Next::Nothing } else { Next::Note(Ruling::Set(now)) })
        }
    }
}

impl Facts<'_> {
    fn at_least(&self, role: MemberRole) -> Result<(), Refusal> {
        let own = self.own.ok_or(Refusal::NotFound)?;
        if own.role >= role { Ok(()) } else { Err(Refusal::Forbidden) }
    }
}

fn add(user: UserId, facts: &Facts<'_>) -> Result<Next, Refusal> {
    let comes_alone = user == facts.by && facts.kind == ChatKind::Open;
    if !comes_alone && facts.own.is_none() {
        return Err(Refusal::NotFound);
    }
    if facts.target.is_some() {
        return Ok(Next::Nothing);
    }
    let role = match facts.others {
        None if comes_alone => return Ok(Next::Look),
        Some(Others { heir: None, .. }) => MemberRole::Owner,
        _ => MemberRole::Member,
    };
    let (joined_seq, joined_at) = (facts.seq, facts.now);
    Ok(Next::Say(Ruling::In(MemberRecord { chat: facts.chat, user, role, joined_seq, joined_at })))
}

fn remove(user: UserId, facts: &Facts<'_>) -> Result<Next, Refusal> {
    let leaves = user == facts.by;
    facts.at_least(if leaves { MemberRole::Member } else { MemberRole::Admin })?;
    let Some(gone) = facts.target else { return Ok(Next::Nothing) };
    if gone.role != MemberRole::Owner {
        return Ok(Next::Say(Ruling::Out(user)));
    }
    if !leaves {
        facts.at_least(MemberRole::Owner)?;
    }
    Ok(match facts.others {
        None => Next::Look,
        Some(Others { has_owner: false, heir: Some(heir) }) => {
            Next::First(Ruling::In(MemberRecord { role: MemberRole::Owner, ..heir.clone() }))
        }
        Some(_) => Next::Say(Ruling::Out(user)),
    })
}

fn set_role(role: MemberRole, facts: &Facts<'_>) -> Result<Next, Refusal> {
    facts.at_least(MemberRole::Owner)?;
    let target = facts.target.ok_or(Refusal::NotFound)?;
    if target.role == role {
        return Ok(Next::Nothing);
    }
    if target.role == MemberRole::Owner {
        match facts.others {
            None => return Ok(Next::Look),
            Some(others) if !others.has_owner => return Err(Refusal::LastOwner),
            Some(_) => {}
        }
    }
    Ok(Next::Note(Ruling::In(MemberRecord { role, ..target.clone() })))
}
