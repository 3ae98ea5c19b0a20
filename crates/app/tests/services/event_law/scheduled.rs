//! Messages that are sent later.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[Case {
    name: "I schedule a message on another device",
    viewer: "alice",
    act: |w| {
        Box::pin(async {
            let path = format!("/v1/chats/{}/scheduled", w.group);
            let later = json!({"text": "later", "client_id": "later", "send_at": "2026-02-01T00:00:00Z"});
            w.as_("alice").post(&path, later).await.expect(201);
        })
    },
}];
