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
];
