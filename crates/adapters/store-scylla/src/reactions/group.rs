//! What many do to one set at once, as one conditional batch.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use petit_domain::{Emoji, Reactions, SAMPLE, UserId};
use petit_ports::{Reacted, ReactionRecord, StoreError};

use super::rows::{self, Place, State};
use crate::engine::{Bound, Engine};

/// What somebody wants of a set.
#[derive(Clone, Debug)]
pub(super) struct Toggle {
    pub(super) emoji: Emoji,
    pub(super) user: UserId,
    /// The reaction to add; `None`: it is taken back.
    pub(super) new: Option<ReactionRecord>,
    /// Whether a batch with it was sent of which nobody knows what became.
    pub(super) may_be_done: bool,
}

impl Toggle {
    fn key(&self) -> (Emoji, UserId) {
        (self.emoji.clone(), self.user)
    }
}

/// What was found of a set, as far as a group touches it.
struct Found {
    is_on: BTreeSet<(Emoji, UserId)>,
    /// Of kinds that lose somebody, enough people to fill a sample again.
    others: HashMap<Emoji, Vec<UserId>>,
}

/// A group, decided.
pub(super) struct Decided {
    /// An answer for each.
    pub(super) answers: Vec<Reacted>,
    /// The summary after it.
    pub(super) summary: Reactions,
    /// What is to be written, and goes with [`rows::advance`]; empty where nothing changes.
    pub(super) writes: Vec<Bound>,
}

/// How many of those who wait go together: the first ones, but nobody twice, because two writes of one row in one batch
/// have no order.
pub(super) fn first_of<'t>(waiting: impl Iterator<Item = &'t Toggle>, most: usize) -> usize {
    let mut seen = BTreeSet::new();
    waiting.take(most).take_while(|toggle| seen.insert(toggle.key())).count()
}

/// Decides what becomes of a group on a set in this state.
pub(super) async fn decide(
    engine: &Engine,
    place: Place,
    before: &State,
    group: &[&Toggle],
) -> Result<Decided, StoreError> {
    let found = find(engine, place, before, group).await?;
    let mut summary = before.summary.clone();
    let (mut answers, mut writes) = (Vec::new(), Vec::new());
    let mut gone = BTreeSet::new();
    for toggle in group {
        let was_on = found.is_on.contains(&toggle.key());
        if was_on == toggle.new.is_some() {
            answers.push(if toggle.may_be_done {
                Reacted::Done(summary.clone())
            } else {
                Reacted::AlreadySo(summary.clone())
            });
            continue;
        }
        match &toggle.new {
            Some(_) if !summary.add(&toggle.emoji, toggle.user) => {
                answers.push(Reacted::TooManyKinds);
                continue;
            }
            Some(new) => writes.push(rows::put(place, new)),
            None => {
                gone.insert(toggle.key());
                let others = found.others.get(&toggle.emoji).into_iter().flatten();
                let left = others.filter(|other| !gone.contains(&(toggle.emoji.clone(), **other)));
                summary.remove(&toggle.emoji, toggle.user, &left.copied().collect::<Vec<_>>());
                writes.push(rows::take(place, &toggle.emoji, toggle.user));
            }
        }
        answers.push(Reacted::Done(summary.clone()));
    }
    Ok(Decided { answers, summary, writes })
}

async fn find(engine: &Engine, place: Place, before: &State, group: &[&Toggle]) -> Result<Found, StoreError> {
    let mut found = Found { is_on: BTreeSet::new(), others: HashMap::new() };
    if before.ver.is_none() {
        return Ok(found);
    }
    let mut kinds: BTreeMap<&Emoji, Vec<&Toggle>> = BTreeMap::new();
    for toggle in group {
        kinds.entry(&toggle.emoji).or_default().push(toggle);
    }
    for (emoji, toggles) in kinds {
        let people = toggles.iter().map(|toggle| toggle.user.uuid()).collect();
        let on = rows::who(engine, place, emoji, people).await?;
        found.is_on.extend(on.into_iter().map(|user| (emoji.clone(), user)));
        let leaving = toggles.iter().filter(|toggle| toggle.new.is_none()).count();
        if leaving > 0 && before.summary.find(emoji).is_some_and(|one| one.count > one.sample.len() as i64) {
            let others = rows::some(engine, place, emoji, leaving + SAMPLE).await?;
            found.others.insert(emoji.clone(), others);
        }
    }
    Ok(found)
}
