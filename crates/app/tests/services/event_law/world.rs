use http::Method;
use petit_domain::ChatId;
use petit_ports::{ChangeKind, NewChange, Wish, Written};
use petit_testkit::{Client, TestApp};

/// Where every case begins.
pub(super) struct World {
    pub(super) app: TestApp,
    /// alice (owner), bob, carol; two messages.
    pub(super) group: ChatId,
    /// alice and bob; one message.
    pub(super) direct: ChatId,
    /// carol alone.
    pub(super) open: ChatId,
}

impl World {
    pub(super) async fn start() -> Self {
        let app = TestApp::builder().person("dave").start().await;
        let group = app.group("alice", &["bob", "carol"]).await;
        let direct = app.direct("alice", "bob").await;
        let open = app.open_chat("carol", &[]).await;
        app.as_("alice").say(group, "one").await;
        app.as_("bob").say(group, "two").await;
        app.as_("alice").say(direct, "private").await;
        app.settle().await;
        Self { app, group, direct, open }
    }

    pub(super) fn as_(&self, name: &str) -> Client {
        self.app.as_(name)
    }

    /// A change is numbered of which there is nothing to tell.
    pub(super) async fn change_something_unknown(&self) {
        let (effect, actor) = (ChangeKind::MessageEdited(99).into(), self.app.id("alice"));
        let change = NewChange { effect, actor, at: self.app.app.now(), if_cseq: None };
        let noted = self.app.store().log_writer.write(self.group, Wish::Note(change)).await.expect("a store");
        assert!(matches!(noted, Written::Noted(_)), "{noted:?}");
    }

    pub(super) fn member(&self, name: &str) -> String {
        format!("/v1/chats/{}/members/{}", self.group, self.app.id(name))
    }

    /// Somebody reacts, or takes it back, and everybody hears of it before the next one does.
    pub(super) async fn react(&self, name: &str, method: Method, seq: i64, emoji: &str) {
        let path = format!("{}/reactions/{emoji}", self.message(seq));
        self.as_(name).call(method, &path, None).await.expect(200);
        self.app.settle().await;
    }

    /// Somebody pins, or takes a pin away.
    pub(super) async fn pin(&self, name: &str, method: Method, seq: i64) {
        self.as_(name).call(method, &format!("{}/pin", self.message(seq)), None).await.expect(200);
        self.app.settle().await;
    }

    pub(super) fn message(&self, seq: i64) -> String {
        format!("/v1/chats/{}/messages/{seq}", self.group)
    }
}
