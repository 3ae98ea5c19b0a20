//! That the list of pins is the messages that say so.

use serde_json::Value;

use crate::{api::Api, evidence::Evidence};

/// What is pinned in these chats, as the lists say.
pub(crate) async fn gather(api: &Api, chats: &[String], evidence: &mut Evidence) {
    for chat in chats {
        match api.all(0, &format!("/v1/chats/{chat}/pins?limit=100")).await {
            Some(items) => {
                let seq = |item: &Value| item["message"]["seq"].as_i64().unwrap_or(-1);
                evidence.pins.insert(chat.clone(), items.iter().map(seq).collect());
            }
            None => evidence.missing.push(format!("nobody said what is pinned in {chat}")),
        }
    }
}

pub(crate) fn listed(evidence: &Evidence) -> Vec<String> {
    let mut broken = Vec::new();
    for (id, listed) in &evidence.pins {
        for (who, chats) in evidence.fresh.iter().enumerate() {
            let Some(chat) = chats.get(id).filter(|chat| chat.pins != *listed) else { continue };
            broken.push(format!("of {id} client {who} sees {:?} pinned, the list has {listed:?}", chat.pins));
        }
    }
    broken
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::local::Chat;

    #[test]
    fn a_list_of_pins_that_is_not_what_messages_say_is_noticed() {
        let chat = Chat { pins: BTreeSet::from([1, 4]), ..Chat::default() };
        let mut evidence =
            Evidence { fresh: vec![BTreeMap::from([("c".to_owned(), chat)])], ..Evidence::default() };
        for (pins, broken) in [(vec![1, 4], 0), (vec![1], 1), (vec![1, 4, 5], 1)] {
            evidence.pins.insert("c".into(), pins.into_iter().collect());
            assert_eq!(listed(&evidence).len(), broken);
        }
    }
}
