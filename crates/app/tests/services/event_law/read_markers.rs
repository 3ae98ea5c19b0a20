//! How far somebody has read.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[HALF, ALL];

/// Half of it, while others write and delete.
const HALF: Case = Case {
    name: "I read some of it on another device",
    viewer: "carol",
    act: |w| {
        Box::pin(async {
            let marker = format!("/v1/chats/{}/read-marker", w.group);
            w.as_("bob").say(w.group, "three").await;
            w.app.settle().await;
            w.as_("carol").put(&marker, json!({"seq": 0})).await.expect(200);
            w.app.settle().await;
            w.as_("bob").delete(&w.message(1)).await.expect(200);
            w.app.settle().await;
            w.as_("alice").say(w.group, "four").await;
            w.app.settle().await;
        })
    },
};

const ALL: Case = Case {
    name: "I read on another device",
    viewer: "alice",
    act: |w| {
        Box::pin(async {
            w.as_("alice")
                .put(&format!("/v1/chats/{}/read-marker", w.group), json!({"seq": 1}))
                .await
                .expect(200);
        })
    },
};
