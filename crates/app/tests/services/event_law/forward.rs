//! Forwarded messages: what is told of them says nothing of where they were.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[Case {
    name: "a message is forwarded, with words and without, and edited; its source is deleted",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            let path = format!("/v1/chats/{}/messages", w.group);
            let place = json!({"chat": w.direct, "seq": 0});
            let bare = json!({"client_id": "bare", "forward": place});
            w.as_("bob").post(&path, bare).await.expect(201);
            let words = json!({"client_id": "words", "text": "@carol look", "forward": place});
            w.as_("bob").post(&path, words).await.expect(201);
            w.as_("bob").patch(&format!("{path}/3"), json!({"text": "look"})).await.expect(200);
            w.as_("alice").delete(&format!("/v1/chats/{}/messages/0", w.direct)).await.expect(200);
        })
    },
}];
