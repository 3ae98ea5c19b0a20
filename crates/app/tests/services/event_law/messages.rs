//! Messages: new, edited, deleted.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[
    Case {
        name: "somebody else writes",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").say(w.group, "three").await;
            })
        },
    },
    Case {
        name: "I write and have read everything",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("alice").say(w.group, "three").await;
            })
        },
    },
    Case {
        name: "the newest message is edited",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("bob").patch(&w.message(1), json!({"text": "zwei"})).await.expect(200);
            })
        },
    },
    Case {
        name: "an older message is edited twice",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                for text in ["eins", "uno"] {
                    w.as_("alice").patch(&w.message(0), json!({"text": text})).await.expect(200);
                    w.app.settle().await;
                }
            })
        },
    },
    Case {
        name: "the newest message is deleted",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("bob").delete(&w.message(1)).await.expect(200);
            })
        },
    },
    Case {
        name: "an older message is deleted by an admin",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                w.as_("alice").delete(&w.message(0)).await.expect(200);
            })
        },
    },
    Case {
        name: "somebody greets me",
        viewer: "dave",
        act: |w| {
            Box::pin(async {
                let direct = w.app.direct("carol", "dave").await;
                w.as_("carol").say(direct, "hi").await;
            })
        },
    },
    Case {
        name: "unread messages are deleted, one by one, until none is left",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("alice").say(w.group, "three").await;
                for (name, seq) in [("alice", 2), ("bob", 1), ("alice", 0)] {
                    w.as_(name).delete(&w.message(seq)).await.expect(200);
                    w.app.settle().await;
                }
            })
        },
    },
    Case {
        name: "a message is edited, and deleted while it is unread",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("alice").patch(&w.message(0), json!({"text": "uno"})).await.expect(200);
                w.app.settle().await;
                w.as_("alice").delete(&w.message(0)).await.expect(200);
                w.app.settle().await;
                w.as_("bob").say(w.group, "three").await;
                w.app.settle().await;
                w.as_("bob").delete(&w.message(2)).await.expect(200);
                w.app.settle().await;
            })
        },
    },
    Case {
        name: "what mentions me is deleted",
        viewer: "carol",
        act: |w| {
            Box::pin(async {
                w.as_("alice").say(w.group, "@carol, look").await;
                w.app.settle().await;
                w.as_("bob").say(w.group, "@carol did").await;
                w.app.settle().await;
                w.as_("alice").delete(&w.message(2)).await.expect(200);
                w.app.settle().await;
                w.as_("bob").delete(&w.message(3)).await.expect(200);
                w.app.settle().await;
            })
        },
    },
    Case {
        name: "somebody comes and goes between what is said",
        viewer: "alice",
        act: |w| {
            Box::pin(async {
                w.as_("bob").say(w.group, "three").await;
                w.app.settle().await;
                let body = json!({"user": w.app.id("dave")});
                w.as_("bob").post(&format!("/v1/chats/{}/members", w.group), body).await.expect(201);
                w.app.settle().await;
                w.as_("dave").say(w.group, "hi").await;
                w.app.settle().await;
                w.as_("dave").delete(&w.member("dave")).await.expect(204);
                w.app.settle().await;
                w.as_("alice")
                    .patch(&format!("/v1/chats/{}", w.group), json!({"name": "Crew"}))
                    .await
                    .expect(200);
            })
        },
    },
    Case {
        name: "somebody writes at length, and edits it",
        viewer: "bob",
        act: |w| {
            Box::pin(async {
                let body = json!({"text": "é☕ ".repeat(100), "client_id": "long"});
                w.as_("alice").post(&format!("/v1/chats/{}/messages", w.group), body).await.expect(201);
                w.app.settle().await;
                w.as_("alice").patch(&w.message(2), json!({"text": "ü".repeat(201)})).await.expect(200);
            })
        },
    },
];
