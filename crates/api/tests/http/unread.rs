//! Unread is what somebody wrote that a person has not read, in whichever way it is asked for.

use petit_domain::ChatId;
use petit_testkit::TestApp;
use serde_json::{Value, json};

struct Crew {
    app: TestApp,
    chat: ChatId,
}

impl Crew {
    /// alice and bob, both of whom have read everything.
    async fn start() -> Self {
        let app = TestApp::builder().person("dave").start().await;
        let chat = app.group("alice", &["bob"]).await;
        Self { app, chat }
    }

    fn path(&self, rest: &str) -> String {
        format!("/v1/chats/{}{rest}", self.chat)
    }

    async fn say(&self, name: &str, count: usize) -> i64 {
        let mut seq = -1;
        for n in 0..count {
            seq = self
                .app
                .as_(name)
                .say(self.chat, &format!("{n} {}", self.app.app.random().next_u64()))
                .await
                .seq;
        }
        seq
    }

    async fn delete(&self, name: &str, seq: i64) {
        self.app.as_(name).delete(&self.path(&format!("/messages/{seq}"))).await.expect(200);
    }

    async fn read(&self, name: &str, seq: i64) -> Value {
        self.app.as_(name).put(&self.path("/read-marker"), json!({"seq": seq})).await.expect(200)
    }

    async fn add(&self, by: &str, whom: &str) {
        let body = json!({"user": self.app.id(whom)});
        self.app.as_(by).post(&self.path("/members"), body).await.expect(201);
    }

    async fn take(&self, by: &str, whom: &str) {
        let member = self.path(&format!("/members/{}", self.app.id(whom)));
        self.app.as_(by).delete(&member).await.expect(204);
    }

    async fn rename(&self, by: &str, name: &str) {
        self.app.as_(by).patch(&self.path(""), json!({"name": name})).await.expect(200);
    }

    async fn unread(&self, name: &str) -> i64 {
        let client = self.app.as_(name);
        let chat = client.get(&self.path("")).await.expect(200);
        let marker = client.get(&self.path("/read-marker")).await.expect(200);
        let listed = client.all("/v1/chats", 10).await;
        let listed = listed.iter().find(|row| row["id"] == chat["id"]).expect("is listed");
        assert_eq!((&listed["unread"], &marker["unread"]), (&chat["unread"], &chat["unread"]));
        chat["unread"].as_i64().expect("a number")
    }
}

#[tokio::test]
async fn deleted_messages_are_not_unread_until_none_is_left() {
    let crew = Crew::start().await;
    crew.say("alice", 3).await;
    assert_eq!(crew.unread("bob").await, 3);
    for (seq, left) in [(2, 2), (0, 1), (1, 0)] {
        crew.delete("alice", seq).await;
        assert_eq!(crew.unread("bob").await, left);
    }
    crew.say("alice", 1).await;
    assert_eq!(crew.unread("bob").await, 1);
}

#[tokio::test]
async fn a_marker_beyond_the_newest_reads_everything_and_the_next_one_is_new_again() {
    let crew = Crew::start().await;
    crew.say("alice", 2).await;
    assert_eq!(crew.read("bob", 1_000_000).await, json!({"seq": 1, "unread": 0, "mentions": 0}));
    crew.say("alice", 1).await;
    assert_eq!(crew.unread("bob").await, 1);
}

#[tokio::test]
async fn who_came_went_and_what_was_renamed_is_nothing_to_read() {
    let crew = Crew::start().await;
    let seq = crew.say("alice", 1).await;
    crew.read("bob", seq).await;
    crew.add("alice", "carol").await;
    crew.take("alice", "carol").await;
    crew.rename("alice", "Counted").await;
    assert_eq!(crew.unread("bob").await, 0);
    crew.say("alice", 1).await;
    crew.rename("alice", "Again").await;
    assert_eq!(crew.unread("bob").await, 1);
    assert_eq!(crew.read("bob", seq + 3).await["unread"], 1, "a marker may stand at a line");
    assert_eq!(crew.read("bob", seq + 4).await["unread"], 0);
}

#[tokio::test]
async fn who_adds_removes_or_renames_keeps_what_they_have_not_read() {
    let crew = Crew::start().await;
    crew.say("alice", 1).await;
    crew.say("bob", 5).await;
    crew.add("alice", "carol").await;
    assert_eq!(crew.unread("alice").await, 5);
    crew.rename("alice", "Kept").await;
    crew.take("alice", "carol").await;
    assert_eq!(crew.unread("alice").await, 5);
}

#[tokio::test]
async fn who_comes_back_counts_on_from_there() {
    let crew = Crew::start().await;
    crew.say("bob", 2).await;
    crew.add("alice", "carol").await;
    crew.say("bob", 1).await;
    crew.app.as_("carol").delete(&crew.path(&format!("/members/{}", crew.app.id("carol")))).await.expect(204);
    crew.say("bob", 6).await;
    crew.add("alice", "carol").await;
    let back = crew.unread("carol").await;
    assert!((0..=7).contains(&back), "{back}");
    crew.say("bob", 1).await;
    assert_eq!(crew.unread("carol").await, back + 1);
}

#[tokio::test]
async fn who_writes_has_read_what_is_above_and_an_edit_makes_nothing_unread() {
    let crew = Crew::start().await;
    let seq = crew.say("alice", 2).await;
    assert_eq!(crew.unread("bob").await, 2);
    crew.say("bob", 1).await;
    assert_eq!(crew.unread("bob").await, 0);
    let path = crew.path(&format!("/messages/{seq}"));
    crew.app.as_("alice").patch(&path, json!({"text": "edited later"})).await.expect(200);
    assert_eq!(crew.unread("bob").await, 0);
    crew.delete("alice", seq).await;
    assert_eq!(crew.unread("bob").await, 0, "nor does a deletion below the marker take anything out");
    crew.say("alice", 1).await;
    assert_eq!(crew.unread("bob").await, 1);
}

#[tokio::test]
async fn a_message_says_how_many_were_written_up_to_it() {
    let crew = Crew::start().await;
    crew.say("alice", 2).await;
    crew.add("alice", "carol").await;
    crew.delete("alice", 0).await;
    crew.say("bob", 1).await;
    let messages = crew.app.as_("bob").all(&crew.path("/messages?after=-1"), 100).await;
    let counted: Vec<_> = messages.iter().map(|message| message["counted"].as_i64()).collect();
    assert_eq!(counted, [Some(1), Some(2), Some(2), Some(3)]);
}

#[tokio::test]
async fn a_list_of_many_chats_asks_the_store_as_often_as_one_of_few() {
    let crew = Crew::start().await;
    let calls = async |limit: usize| {
        crew.app.spy.take_calls();
        crew.app.as_("bob").get(&format!("/v1/chats?limit={limit}")).await.expect(200);
        crew.app.spy.take_calls().len()
    };
    for n in 0..8 {
        let chat = crew.app.group("alice", &["bob"]).await;
        for text in ["a", "b"] {
            crew.app.as_("alice").say(chat, text).await;
        }
        if n % 2 == 0 {
            crew.app.as_("alice").delete(&format!("/v1/chats/{chat}/messages/1")).await.expect(200);
        }
    }
    calls(1).await;
    assert_eq!(calls(1).await, calls(8).await);
}
