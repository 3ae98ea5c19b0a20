//! What somebody sets for themselves.

use serde_json::json;

use super::Case;

pub(super) const CASES: &[Case] = &[Case {
    name: "I set something on another device, and set it again",
    viewer: "alice",
    act: |w| {
        Box::pin(async {
            for undo_s in [30, 10] {
                let settings = json!({"undo_s": undo_s});
                w.as_("alice").patch("/v1/me/settings", settings).await.expect(200);
            }
            w.as_("bob").patch("/v1/me/settings", json!({"undo_s": 5})).await.expect(200);
        })
    },
}];
