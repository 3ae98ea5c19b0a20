//! That a message which was held is sent once, or was taken back and never seen.

use std::collections::BTreeMap;

use crate::{
    evidence::Evidence,
    history::{Deed, Outcome},
};

/// How often a message may be in its chat: at least and at most.
type Times = (usize, usize);

/// What has to become of what was held, by chat and text.
fn fates(evidence: &Evidence) -> BTreeMap<(&str, &str), Times> {
    let mut fates = BTreeMap::new();
    for operation in &evidence.operations {
        let times = match (&operation.deed, &operation.outcome) {
            (Deed::Hold { .. }, Outcome::Ok { .. }) => (1, 1),
            (Deed::Hold { .. } | Deed::TakeBack { .. }, Outcome::Unknown { .. }) => (0, 1),
            (Deed::Hold { .. }, Outcome::Fail { .. }) | (Deed::TakeBack { .. }, Outcome::Ok { .. }) => (0, 0),
            // Taken back by an attempt that nobody answered.
            (Deed::TakeBack { .. }, Outcome::Fail { code }) if code.starts_with("404") => (0, 0),
            // Too late: it was sent.
            (Deed::TakeBack { .. }, Outcome::Fail { .. }) => (1, 1),
            _ => continue,
        };
        if let Deed::Hold { text } | Deed::TakeBack { text } = &operation.deed {
            fates.insert((operation.chat.as_str(), text.as_str()), times);
        }
    }
    fates
}

pub(crate) fn sent_once_or_never(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for ((id, text), (least, most)) in fates(evidence) {
        for (who, chats) in evidence.fresh.iter().chain(&evidence.known).enumerate() {
            let Some(chat) = chats.get(id) else { continue };
            let times = chat.messages.values().filter(|(_, now, _)| now == text).count();
            if !(least..=most).contains(&times) {
                broken
                    .push(format!("client {who} has {text:?} {times} times in {id}, not {least} to {most}"));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{history::Operation, local::Chat};

    fn done(deed: Deed, outcome: Outcome) -> Operation {
        Operation { who: 0, chat: "c".into(), begun_ms: 0, ended_ms: 1, deed, outcome }
    }

    fn held(outcome: Outcome) -> Operation {
        done(Deed::Hold { text: "held".into() }, outcome)
    }

    fn taken_back(outcome: Outcome) -> Operation {
        done(Deed::TakeBack { text: "held".into() }, outcome)
    }

    #[test]
    fn what_is_held_is_there_once_and_what_was_taken_back_is_nowhere() {
        let ok = || Outcome::Ok { seq: None };
        let late = || Outcome::Fail { code: "409 already_sent".into() };
        let gone = || Outcome::Fail { code: "404 not_found".into() };
        let unknown = || Outcome::Unknown { why: "no answer".into() };
        let cases = [
            (vec![held(ok())], [false, true, false]),
            (vec![held(ok()), taken_back(ok())], [true, false, false]),
            (vec![held(ok()), taken_back(late())], [false, true, false]),
            (vec![held(ok()), taken_back(gone())], [true, false, false]),
            (vec![held(ok()), taken_back(unknown())], [true, true, false]),
            (vec![held(unknown())], [true, true, false]),
            (vec![held(late())], [true, false, false]),
        ];
        for (operations, holds) in cases {
            for (times, holds) in holds.into_iter().enumerate() {
                let message = |seq: usize| (seq as i64, (format!("id{seq}"), "held".to_owned(), false));
                let chat = Chat { messages: (0..times).map(message).collect(), ..Chat::default() };
                let fresh = vec![BTreeMap::from([("c".to_owned(), chat)])];
                let evidence = Evidence { operations: operations.clone(), fresh, ..Evidence::default() };
                let broken = sent_once_or_never(&evidence);
                assert_eq!(broken.is_empty(), holds, "{times} times after {operations:?}: {broken:?}");
            }
        }
    }
}
