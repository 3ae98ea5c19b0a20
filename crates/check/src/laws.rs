//! What must hold of what happened. Each law answers with what broke it.

use std::collections::{BTreeMap, HashMap};

use crate::{
    evidence::Evidence,
    held,
    history::{Deed, Operation, Outcome},
    local::Chat,
    pins, receipts,
};

/// A law: its number, what it says, and how to find what breaks it.
pub(crate) struct Law {
    pub(crate) name: &'static str,
    pub(crate) says: &'static str,
    pub(crate) judge: fn(&Evidence) -> Vec<String>,
}

pub(crate) const LAWS: &[Law] = &[
    Law { name: "C1", says: "every acknowledged message is in the log once", judge: acknowledged_is_there },
    Law { name: "C2", says: "what is unknown happened at most once", judge: unknown_at_most_once },
    Law { name: "C3", says: "everybody sees the same order", judge: same_order },
    Law { name: "C4", says: "numbers have no gap", judge: no_gap },
    Law { name: "C5", says: "what was acknowledged is read from any node", judge: reads_own_writes },
    Law { name: "C6", says: "read markers never fall", judge: markers_rise },
    Law { name: "C7", says: "counts are the sizes of what they count", judge: counts },
    Law {
        name: "C8",
        says: "unread is what somebody wrote after the marker and nobody deleted",
        judge: unread,
    },
    Law { name: "C9", says: "who left sees nothing more", judge: nothing_overheard },
    Law { name: "C10", says: "events lead where a fetch does", judge: events_lead_to_now },
    Law { name: "C11", says: "reaction counts equal their sets", judge: reaction_counts },
    Law { name: "C12", says: "what was reacted and acknowledged is in the set", judge: reactions_are_kept },
    Law { name: "C13", says: "what says that it is pinned is the list of pins", judge: pins::listed },
    Law { name: "C14", says: "what was held is sent once, or never seen", judge: held::sent_once_or_never },
    Law {
        name: "C15",
        says: "receipts never fall, and never pass the head",
        judge: receipts::below_the_head_and_rising,
    },
];

type Place = (String, String);

/// Numbers under which each message is in a log, by chat and the text it was sent with. A text that was
/// edited or deleted since is found by what the sender was answered.
fn sends(evidence: &Evidence) -> impl Iterator<Item = (&Operation, &str, Option<i64>)> {
    evidence.operations.iter().filter_map(|operation| match (&operation.deed, &operation.outcome) {
        (Deed::Send { text, .. }, Outcome::Ok { seq }) => Some((operation, text.as_str(), *seq)),
        _ => None,
    })
}

/// Messages that somebody changed afterwards, or may have.
fn changed(evidence: &Evidence) -> HashMap<(String, i64), ()> {
    let seqs = evidence.operations.iter().filter_map(|operation| match &operation.deed {
        Deed::Edit { seq, .. } | Deed::Delete { seq } => Some(((operation.chat.clone(), *seq), ())),
        _ => None,
    });
    seqs.collect()
}

fn acknowledged_is_there(evidence: &Evidence) -> Vec<String> {
    let changed = changed(evidence);
    let mut broken = evidence.missing.clone();
    for (operation, text, seq) in sends(evidence) {
        let Some(seq) = seq else { continue };
        for (who, chats) in evidence.fresh.iter().enumerate() {
            let Some(chat) = chats.get(&operation.chat) else { continue };
            let was_changed = changed.contains_key(&(operation.chat.clone(), seq));
            match chat.messages.get(&seq) {
                Some((_, now, _)) if now == text || was_changed => {}
                other => {
                    broken.push(format!("{text:?} was answered {seq}; client {who} has {other:?} there"))
                }
            }
        }
    }
    broken
}

fn unknown_at_most_once(evidence: &Evidence) -> Vec<String> {
    let mut times: HashMap<Place, usize> = HashMap::new();
    let mut seen = std::collections::HashSet::new();
    for chats in &evidence.fresh {
        for (id, chat) in chats.iter().filter(|(id, _)| seen.insert((*id).clone())) {
            for (_, text, _) in chat.messages.values().filter(|(_, text, _)| text.starts_with("message ")) {
                *times.entry((id.clone(), text.clone())).or_default() += 1;
            }
        }
    }
    let doubled = times.into_iter().filter(|(_, times)| *times > 1);
    doubled.map(|((chat, text), times)| format!("{text:?} is {times} times in {chat}")).collect()
}

fn same_order(evidence: &Evidence) -> Vec<String> {
    let mut first: HashMap<&str, (usize, &Chat)> = HashMap::new();
    let mut broken = Vec::new();
    for (who, chats) in evidence.fresh.iter().enumerate() {
        for (id, chat) in chats {
            let (other, reference) = first.entry(id).or_insert((who, chat));
            if reference.messages != chat.messages {
                broken.push(format!("clients {other} and {who} do not have the same messages in {id}"));
            }
        }
    }
    broken
}

fn no_gap(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for (who, chats) in evidence.fresh.iter().enumerate() {
        for (id, chat) in chats {
            let numbers: Vec<i64> = chat.messages.keys().copied().collect();
            if numbers != (0..=chat.seq).collect::<Vec<_>>() {
                broken.push(format!("client {who}: {} numbers up to {} in {id}", numbers.len(), chat.seq));
            }
        }
    }
    broken
}

fn reads_own_writes(evidence: &Evidence) -> Vec<String> {
    let missed =
        evidence.operations.iter().filter_map(|operation| match (&operation.deed, &operation.outcome) {
            (Deed::LookBack { seq, text }, Outcome::Fail { code }) => {
                Some(format!("{text:?} ({seq}) was {code} in {}", operation.chat))
            }
            _ => None,
        });
    // Somebody may have edited or deleted it between the answer and the look: only their author does that,
    // and an author does one thing at a time.
    missed.collect()
}

fn markers_rise(evidence: &Evidence) -> Vec<String> {
    let mut highest: HashMap<(usize, &str), i64> = HashMap::new();
    let mut broken = Vec::new();
    for operation in &evidence.operations {
        let (Deed::Read { .. }, Outcome::Ok { seq: Some(seq) }) = (&operation.deed, &operation.outcome)
        else {
            continue;
        };
        let highest = highest.entry((operation.who, &operation.chat)).or_insert(*seq);
        if seq < highest {
            broken.push(format!("client {}: {seq} after {highest} in {}", operation.who, operation.chat));
        }
        *highest = (*highest).max(*seq);
    }
    for ((who, chat), highest) in highest {
        let now = evidence.listed.get(who).and_then(|chats| chats.get(chat)).map(|listed| listed.read);
        if now.is_some_and(|now| now < highest) {
            broken.push(format!("client {who}: {now:?} at the end, {highest} before, in {chat}"));
        }
    }
    broken
}

fn counts(evidence: &Evidence) -> Vec<String> {
    let all = evidence.fresh.iter().flatten();
    let wrong = all.filter(|(_, chat)| chat.member_count != chat.members.len() as i64);
    wrong
        .map(|(id, chat)| format!("{} members, counted {} in {id}", chat.members.len(), chat.member_count))
        .collect()
}

fn unread(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for (who, (chats, fresh)) in evidence.listed.iter().zip(&evidence.fresh).enumerate() {
        for (id, listed) in chats {
            let Some(chat) = fresh.get(id) else { continue };
            let unread = chat.unread(listed.read);
            if listed.unread != unread {
                broken.push(format!(
                    "client {who}: {listed:?} of {id}, but {unread} are unread of {}",
                    chat.seq
                ));
            }
        }
    }
    broken
}

fn nothing_overheard(evidence: &Evidence) -> Vec<String> {
    let peeked =
        evidence.operations.iter().filter_map(|operation| match (&operation.deed, &operation.outcome) {
            (Deed::Peek, Outcome::Ok { .. }) => Some(format!("a removed member read {}", operation.chat)),
            _ => None,
        });
    evidence.overheard.iter().cloned().chain(peeked).collect()
}

fn events_lead_to_now(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for (who, (known, fresh)) in evidence.known.iter().zip(&evidence.fresh).enumerate() {
        for (id, chat) in fresh {
            match known.get(id) {
                Some(known) if known == chat => {}
                Some(known) => broken.push(format!("client {who}, {id}: {}", difference(known, chat))),
                None => broken.push(format!("client {who} does not know {id}")),
            }
        }
    }
    broken
}

fn difference(known: &Chat, fresh: &Chat) -> String {
    let differs = fresh.messages.iter().find(|(seq, message)| known.messages.get(seq) != Some(message));
    format!(
        "known head {}/{}, fresh {}/{}; members {} and {}; first message that differs: {:?}, known {:?}",
        known.seq,
        known.cseq,
        fresh.seq,
        fresh.cseq,
        known.members.len(),
        fresh.members.len(),
        differs,
        differs.and_then(|(seq, _)| known.messages.get(seq)),
    )
}

pub(crate) fn reaction_counts(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for ((id, seq), set) in &evidence.sets {
        let mut sizes: BTreeMap<String, i64> = BTreeMap::new();
        set.iter().for_each(|(emoji, _)| *sizes.entry(emoji.clone()).or_default() += 1);
        for (who, chats) in evidence.fresh.iter().enumerate() {
            let Some(chat) = chats.get(id) else { continue };
            let shown = chat.reactions.get(seq).cloned().unwrap_or_default();
            if shown != sizes {
                broken.push(format!(
                    "message {seq} of {id} shows client {who} {shown:?}, the set has {sizes:?}"
                ));
            }
        }
    }
    broken
}

/// What a person did last to a message with an emoji decides, if it is known what became of it.
fn reactions_are_kept(evidence: &Evidence) -> Vec<String> {
    let mut last: BTreeMap<(&str, i64, &str, usize), Option<bool>> = BTreeMap::new();
    for Operation { who, chat, deed, outcome, .. } in &evidence.operations {
        if let Deed::React { seq, emoji, is_on } = deed {
            let place = (chat.as_str(), *seq, emoji.as_str(), *who);
            match outcome {
                Outcome::Ok { .. } => drop(last.insert(place, Some(*is_on))),
                Outcome::Unknown { .. } => drop(last.insert(place, None)),
                Outcome::Fail { .. } => {}
            }
        }
    }
    let is_deleted = |chat: &str, seq: i64| {
        let mut copies = evidence.fresh.iter().filter_map(|chats| chats.get(chat)?.messages.get(&seq));
        copies.any(|(.., deleted)| *deleted)
    };
    let mut broken = Vec::new();
    for ((chat, seq, emoji, who), is_on) in last {
        let (Some(is_on), Some(person), Some(set)) =
            (is_on, evidence.people.get(who), evidence.sets.get(&(chat.to_owned(), seq)))
        else {
            continue;
        };
        if !is_deleted(chat, seq) && set.contains(&(emoji.to_owned(), person.clone())) != is_on {
            broken.push(format!("client {who} was answered {is_on} for {emoji} on message {seq} of {chat}"));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::evidence::Listed;

    fn chat(texts: &[&str]) -> Chat {
        let messages = texts.iter().enumerate();
        let messages =
            messages.map(|(seq, text)| (seq as i64, (format!("id{seq}"), (*text).to_owned(), false)));
        let members = BTreeMap::from([("a".to_owned(), "owner".to_owned())]);
        let seq = texts.len() as i64 - 1;
        Chat { seq, cseq: -1, member_count: 1, messages: messages.collect(), members, ..Chat::default() }
    }

    fn done(deed: Deed, outcome: Outcome) -> Operation {
        Operation { who: 0, chat: "c".into(), begun_ms: 0, ended_ms: 1, deed, outcome }
    }

    fn sent(text: &str, seq: i64) -> Operation {
        let deed = Deed::Send { text: text.into(), client_id: text.into() };
        done(deed, Outcome::Ok { seq: Some(seq) })
    }

    fn read(seq: i64) -> Operation {
        done(Deed::Read { seq }, Outcome::Ok { seq: Some(seq) })
    }

    fn listed(read: i64, unread: i64) -> Listed {
        Listed { head: (1, -1), read, unread }
    }

    /// Two clients who saw two messages.
    fn good() -> Evidence {
        let chats = BTreeMap::from([("c".to_owned(), chat(&["message a", "message b"]))]);
        let listed = BTreeMap::from([("c".to_owned(), listed(1, 0))]);
        Evidence {
            operations: vec![sent("message a", 0), sent("message b", 1), read(0), read(1)],
            fresh: vec![chats.clone(), chats.clone()],
            known: vec![chats.clone(), chats],
            listed: vec![listed.clone(), listed],
            ..Evidence::default()
        }
    }

    /// The names of the laws that are broken.
    fn broken(evidence: &Evidence) -> Vec<&'static str> {
        LAWS.iter().filter(|law| !(law.judge)(evidence).is_empty()).map(|law| law.name).collect()
    }

    fn everywhere(change: impl Fn(&mut Chat)) -> Evidence {
        let mut evidence = good();
        for chats in evidence.fresh.iter_mut().chain(&mut evidence.known) {
            chats.values_mut().for_each(&change);
        }
        evidence
    }

    #[test]
    fn a_good_history_breaks_nothing() {
        assert_eq!(broken(&good()), Vec::<&str>::new());
    }

    #[test]
    fn a_lost_message_is_noticed() {
        let mut evidence = good();
        evidence.operations.push(sent("message lost", 2));
        assert_eq!(broken(&evidence), ["C1"]);
    }

    #[test]
    fn a_log_that_cannot_be_fetched_is_no_pass() {
        let evidence = Evidence { missing: vec!["client 0 could not fetch c".into()], ..good() };
        assert_eq!(broken(&evidence), ["C1"]);
    }

    #[test]
    fn a_changed_message_is_not_a_lost_one() {
        let mut evidence = everywhere(|chat| {
            chat.messages.insert(0, ("id0".into(), "edited".into(), false));
        });
        assert_eq!(broken(&evidence), ["C1"], "nobody edited it");
        let edit = Deed::Edit { seq: 0, text: "edited".into() };
        evidence.operations.push(done(edit, Outcome::Unknown { why: "no answer".into() }));
        assert_eq!(broken(&evidence), Vec::<&str>::new());
    }

    #[test]
    fn a_doubled_message_is_noticed() {
        let evidence = everywhere(|chat| {
            chat.messages.insert(2, ("id2".into(), "message a".into(), false));
            chat.seq = 2;
        });
        assert!(broken(&evidence).contains(&"C2"));
    }

    #[test]
    fn another_order_is_noticed() {
        let mut evidence = good();
        for chats in [&mut evidence.fresh[1], &mut evidence.known[1]] {
            let messages = &mut chats.get_mut("c").expect("a chat").messages;
            let (one, other) = (messages[&0].clone(), messages[&1].clone());
            messages.extend([(0, other), (1, one)]);
        }
        assert!(broken(&evidence).contains(&"C3"));
    }

    #[test]
    fn a_gap_is_noticed() {
        let evidence = everywhere(|chat| {
            chat.messages.insert(3, ("id3".into(), "x".into(), false));
            chat.seq = 3;
        });
        assert!(broken(&evidence).contains(&"C4"));
    }

    #[test]
    fn a_message_that_its_author_does_not_find_is_noticed() {
        let mut evidence = good();
        let look = Deed::LookBack { seq: 1, text: "message b".into() };
        evidence.operations.push(done(look, Outcome::Fail { code: "not there".into() }));
        assert_eq!(broken(&evidence), ["C5"]);
    }

    #[test]
    fn a_falling_marker_is_noticed() {
        let mut evidence = good();
        evidence.operations.push(read(0));
        assert_eq!(broken(&evidence), ["C6"]);
        let mut evidence = good();
        for chats in &mut evidence.listed {
            chats.insert("c".into(), listed(0, 1));
        }
        assert_eq!(broken(&evidence), ["C6"], "it fell after the last answer");
    }

    #[test]
    fn a_wrong_count_is_noticed() {
        assert_eq!(broken(&everywhere(|chat| chat.member_count = 2)), ["C7"]);
    }

    #[test]
    fn a_wrong_unread_count_is_noticed() {
        let mut evidence = good();
        evidence.listed[0].insert("c".into(), listed(1, 5));
        assert_eq!(broken(&evidence), ["C8"]);
        let half_read = |change: &dyn Fn(&mut Chat)| {
            let mut evidence = everywhere(change);
            evidence.operations.truncate(2);
            for chats in &mut evidence.listed {
                chats.insert("c".into(), listed(0, 1));
            }
            broken(&evidence)
        };
        assert_eq!(half_read(&|_| {}), Vec::<&str>::new(), "the premise: one is unread");
        assert_eq!(half_read(&|chat| chat.lines.extend([1])), ["C8"], "nobody wrote it");
    }

    #[test]
    fn what_a_removed_member_sees_is_noticed() {
        let evidence = Evidence { overheard: vec!["message_created".into()], ..good() };
        assert_eq!(broken(&evidence), ["C9"]);
        let mut evidence = good();
        evidence.operations.push(done(Deed::Peek, Outcome::Ok { seq: None }));
        assert_eq!(broken(&evidence), ["C9"]);
    }

    #[test]
    fn counts_of_reactions_that_are_not_those_of_their_sets_are_noticed() {
        let shown = |count| {
            let mut evidence = everywhere(|chat| {
                chat.reactions.insert(1, BTreeMap::from([("👍".to_owned(), count)]));
            });
            let set = BTreeSet::from([("👍".to_owned(), "ann".to_owned())]);
            evidence.sets.insert(("c".into(), 1), set);
            evidence.people = vec!["ann".into()];
            evidence
        };
        assert_eq!(broken(&shown(1)), Vec::<&str>::new());
        assert_eq!(broken(&shown(2)), ["C11"]);
        let react = |is_on| Deed::React { seq: 1, emoji: "👍".into(), is_on };
        let mut evidence = shown(1);
        evidence.operations.push(done(react(false), Outcome::Ok { seq: None }));
        assert_eq!(broken(&evidence), ["C12"], "it was taken back");
        evidence.operations.push(done(react(true), Outcome::Ok { seq: None }));
        assert_eq!(broken(&evidence), Vec::<&str>::new());
    }

    #[test]
    fn events_that_lead_elsewhere_are_noticed() {
        let mut evidence = good();
        evidence.known[1].get_mut("c").expect("a chat").seq = 0;
        assert_eq!(broken(&evidence), ["C10"]);
        evidence.known[1].clear();
        assert_eq!(broken(&evidence), ["C10"]);
    }
}
