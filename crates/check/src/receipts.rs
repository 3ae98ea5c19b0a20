//! That what is told of who has messages never falls, and is never above what there is.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::{
    api::{Api, Reply},
    evidence::Evidence,
    history::Deed,
    local::text,
};

/// How far people have a chat's messages, as a node says.
pub(crate) async fn told(api: &Api, node: usize, chat: &str) -> Option<Vec<(String, i64, i64)>> {
    let answer = api.get(node, &format!("/v1/chats/{chat}/receipts")).await.done()?;
    let number = |one: &Value, field: &str| one[field].as_i64().unwrap_or(-1);
    let one = |one: &Value| (text(&one["user"]), number(one, "delivered"), number(one, "seen"));
    Some(answer["receipts"].as_array()?.iter().map(one).collect())
}

/// The newest numbers of these chats.
pub(crate) async fn gather(api: &Api, chats: &[String], evidence: &mut Evidence) {
    for chat in chats {
        match api.get(0, &format!("/v1/chats/{chat}")).await {
            Reply::Done(found) => {
                evidence.heads.insert(chat.clone(), found["head_seq"].as_i64().unwrap_or(-1));
            }
            _ => evidence.missing.push(format!("nobody said how far {chat} goes")),
        }
    }
}

/// One look at somebody's numbers.
struct Look {
    begun_ms: u64,
    ended_ms: u64,
    delivered: i64,
    seen: i64,
}

fn looks(evidence: &Evidence) -> BTreeMap<(&str, &str), Vec<Look>> {
    let mut looks: BTreeMap<_, Vec<Look>> = BTreeMap::new();
    for operation in &evidence.operations {
        let Deed::Receipts { told } = &operation.deed else { continue };
        for (user, delivered, seen) in told {
            let (begun_ms, ended_ms) = (operation.begun_ms, operation.ended_ms);
            let look = Look { begun_ms, ended_ms, delivered: *delivered, seen: *seen };
            looks.entry((operation.chat.as_str(), user.as_str())).or_default().push(look);
        }
    }
    looks
}

pub(crate) fn below_the_head_and_rising(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for ((chat, user), looks) in looks(evidence) {
        let head = evidence.heads.get(chat).copied().unwrap_or(i64::MAX);
        for look in &looks {
            if look.delivered.max(look.seen) > head || look.seen > look.delivered {
                broken.push(format!(
                    "{user} was told to have {} and have seen {} of {head} in {chat}",
                    look.delivered, look.seen
                ));
            }
            let before = looks.iter().filter(|other| other.ended_ms < look.begun_ms);
            if before.into_iter().any(|other| other.delivered > look.delivered || other.seen > look.seen) {
                broken.push(format!("{user} fell to {} and {} in {chat}", look.delivered, look.seen));
            }
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Operation, Outcome};

    fn looked(at_ms: u64, delivered: i64, seen: i64) -> Operation {
        let deed = Deed::Receipts { told: vec![("ann".into(), delivered, seen)] };
        let (begun_ms, ended_ms) = (at_ms, at_ms + 5);
        Operation { who: 0, chat: "c".into(), begun_ms, ended_ms, deed, outcome: Outcome::Ok { seq: None } }
    }

    #[test]
    fn what_falls_or_is_above_the_head_is_noticed() {
        for (operations, holds) in [
            (vec![looked(0, 3, 1), looked(10, 3, 3), looked(20, 9, 3)], true),
            (vec![looked(0, 3, 1), looked(10, 2, 1)], false),
            (vec![looked(0, 3, 2), looked(10, 3, 1)], false),
            // At the same time either may come first.
            (vec![looked(0, 3, 1), looked(3, 2, 1)], true),
            (vec![looked(0, 10, 1)], false),
            (vec![looked(0, 3, 4)], false),
        ] {
            let heads = BTreeMap::from([("c".to_owned(), 9)]);
            let evidence = Evidence { operations, heads, ..Evidence::default() };
            assert_eq!(below_the_head_and_rising(&evidence).is_empty(), holds, "{:?}", evidence.operations);
        }
    }
}
