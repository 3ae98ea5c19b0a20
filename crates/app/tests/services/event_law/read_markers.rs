//! How far somebody has read.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[Case {
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
}];
