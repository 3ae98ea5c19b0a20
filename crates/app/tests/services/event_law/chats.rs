//! Chats: made, renamed and set to something else.

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
        name: "the chat is set to something else, and to something else again",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                let chat = format!("/v1/chats/{}", w.group);
                let first = json!({"topic": "Bread", "description": "For all\nwho bake", "posting": "admins", "slow_s": 30});
                w.as_("alice").patch(&chat, first).await.expect(200);
                w.app.settle().await;
                w.as_("alice").patch(&chat, json!({"topic": null, "posting": "all"})).await.expect(200);
                w.app.settle().await;
                w.as_("alice").patch(&chat, json!({"name": "Cellar", "topic": "Tea"})).await.expect(200);
                w.app.settle().await;
            })
        },
    },
    Case {
        name: "the chat is archived",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                let chat = format!("/v1/chats/{}", w.group);
                w.as_("bob").say(w.group, "last words").await;
                w.app.settle().await;
                w.as_("alice").patch(&chat, json!({"archived": true})).await.expect(200);
                w.app.settle().await;
            })
        },
    },
    Case {
        name: "the chat is archived and brought back",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                let chat = format!("/v1/chats/{}", w.group);
                w.as_("alice").patch(&chat, json!({"archived": true})).await.expect(200);
                w.app.settle().await;
                w.as_("alice").patch(&chat, json!({"archived": false, "topic": "Bread"})).await.expect(200);
                w.app.settle().await;
                w.as_("bob").say(w.group, "again").await;
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
