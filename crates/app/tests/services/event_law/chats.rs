//! Chats: made and renamed.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "the chat is renamed",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("alice")
                    .patch(&format!("/v1/chats/{}", w.group), json!({"name": "Cellar"}))
                    .await
                    .expect(200);
            })
        },
    },
    Case {
        name: "a group is made with me in it",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.app.group("carol", &["alice", "bob"]).await;
            })
        },
    },
    Case {
        name: "I make a group",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.app.group("alice", &["dave"]).await;
            })
        },
    },
    Case {
        name: "something changes that nothing can be told of, and the chat is renamed",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.change_something_unknown().await;
                w.as_("alice")
                    .patch(&format!("/v1/chats/{}", w.group), json!({"name": "Cellar"}))
                    .await
                    .expect(200);
            })
        },
    },
];
