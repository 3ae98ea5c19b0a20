use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{ChatDescription, ChatTopic, SlowMode, named::named};

named! {
    /// Who may write in a chat.
    Posting, "posting_" {
        /// Everybody in it.
        All = 0 "all",
        /// Its admins and owners.
        Admins = 1 "admins",
    }
}

#[expect(clippy::derivable_impls, reason = "the macro writes the enum")]
impl Default for Posting {
    fn default() -> Self {
        Self::All
    }
}

/// What a chat is set to, beside its name. A version that knows less of it leaves that out: it is as in a new chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct ChatSettings {
    /// What it is about: at most 250 characters on one line; `null` where nothing is said.
    #[serde(default)]
    #[schema(required)]
    pub topic: Option<ChatTopic>,
    /// What it is for, in at most 2,000 characters; `null` where that is not said.
    #[serde(default)]
    #[schema(required)]
    pub description: Option<ChatDescription>,
    /// Whether it is archived: kept to be read, out of everybody's list, and nothing is written in it.
    #[serde(default)]
    #[schema(required)]
    pub archived: bool,
    /// Who may write in it.
    #[serde(default)]
    #[schema(required)]
    pub posting: Posting,
    /// Slow mode: how many seconds lie between two messages of one person, 0 to 21,600. Not for admins and owners.
    #[serde(default)]
    #[schema(required)]
    pub slow_s: SlowMode,
}

impl Posting {
    /// Whether everybody in the chat may.
    pub fn is_usual(&self) -> bool {
        *self == Self::All
    }
}

/// What of a chat's settings decides who may write in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rules {
    /// Nothing is written.
    pub archived: bool,
    /// Who may write.
    pub posting: Posting,
    /// How long one person waits between two messages.
    pub slow_s: SlowMode,
    /// The number of the change that set them, −1 when none did.
    pub cseq: i64,
}

/// What somebody wants a chat to be set to. What is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SettingsChange {
    /// What it is about, if anything.
    pub topic: Option<Option<ChatTopic>>,
    /// What it is for, if that is said.
    pub description: Option<Option<ChatDescription>>,
    /// Whether it is archived.
    pub archived: Option<bool>,
    /// Who may write.
    pub posting: Option<Posting>,
    /// Slow mode.
    pub slow_s: Option<SlowMode>,
}

/// A chat's settings as stores and changes keep them: what a newer version put there stays, whoever changes the rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsRecord {
    kept: Map<String, Value>,
    /// The number of the change that made them, −1 when none did.
    pub cseq: i64,
}

impl Default for SettingsRecord {
    fn default() -> Self {
        Self { kept: Map::new(), cseq: -1 }
    }
}

impl SettingsRecord {
    /// Settings as they are stored: JSON, and the number of their change. What cannot be read counts as nothing.
    pub fn stored(text: Option<&str>, cseq: Option<i64>) -> Self {
        let kept = text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        Self { kept, cseq: cseq.unwrap_or(-1) }
    }

    /// These settings, made by the change with this number.
    #[must_use]
    pub fn numbered(self, cseq: i64) -> Self {
        Self { cseq, ..self }
    }

    /// As they are stored.
    pub fn text(&self) -> String {
        Value::Object(self.kept.clone()).to_string()
    }

    /// As they are shown. What only a newer version can read is as in a new chat.
    pub fn shown(&self) -> ChatSettings {
        ChatSettings {
            topic: self.read("topic"),
            description: self.read("description"),
            archived: self.is_archived(),
            posting: self.read("posting").unwrap_or_default(),
            slow_s: self.read("slow_s").unwrap_or_default(),
        }
    }

    /// What of them decides who may write.
    pub fn rules(&self) -> Rules {
        Rules {
            archived: self.is_archived(),
            posting: self.read("posting").unwrap_or_default(),
            slow_s: self.read("slow_s").unwrap_or_default(),
            cseq: self.cseq,
        }
    }

    /// Whether the chat is archived.
    pub fn is_archived(&self) -> bool {
        self.read("archived").unwrap_or(false)
    }

    /// These settings after a change.
    #[must_use]
    pub fn with(&self, change: &SettingsChange) -> Self {
        let mut now = self.clone();
        now.put("topic", change.topic.as_ref().map(|topic| serde_json::json!(topic)));
        now.put("description", change.description.as_ref().map(|text| serde_json::json!(text)));
        now.put("archived", change.archived.map(|archived| archived.then_some(true).into()));
        now.put(
            "posting",
            change.posting.map(|posting| serde_json::json!(Some(posting).filter(|p| !p.is_usual()))),
        );
        now.put(
            "slow_s",
            change.slow_s.map(|slow| serde_json::json!(Some(slow).filter(|slow| !slow.is_off()))),
        );
        now
    }

    fn read<T: serde::de::DeserializeOwned>(&self, key: &str) -> Option<T> {
        let value = self.kept.get(key)?;
        serde_json::from_value(value.clone()).ok()
    }

    /// `null` is what it is in a new chat, which is not kept.
    fn put(&mut self, key: &str, value: Option<Value>) {
        match value {
            None => {}
            Some(Value::Null) => drop(self.kept.remove(key)),
            Some(value) => drop(self.kept.insert(key.to_owned(), value)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_newer_version_put_there_stays() {
        let newer = r#"{"retention_days":30,"topic":"Bread","posting":"voted"}"#;
        let settings = SettingsRecord::stored(Some(newer), Some(4));
        assert_eq!(settings.shown().topic.expect("a topic").as_str(), "Bread");
        assert_eq!(settings.shown().posting.as_str(), "voted");
        let change = SettingsChange { topic: Some(None), archived: Some(true), ..SettingsChange::default() };
        let now = settings.with(&change);
        assert_eq!(now.text(), r#"{"archived":true,"posting":"voted","retention_days":30}"#);
        assert_eq!(SettingsRecord::stored(Some(&now.text()), Some(4)), now);
    }

    #[test]
    fn what_is_as_in_a_new_chat_is_not_kept() {
        let all = SettingsChange {
            topic: Some(ChatTopic::try_from("Bread").ok()),
            description: Some(ChatDescription::try_from("a\nb").ok()),
            archived: Some(true),
            posting: Some(Posting::Admins),
            slow_s: SlowMode::try_from(30).ok(),
        };
        let set = SettingsRecord::default().with(&all);
        let shown = set.shown();
        assert_eq!((shown.archived, shown.posting, shown.slow_s.seconds()), (true, Posting::Admins, 30));
        assert_eq!(set.with(&all), set, "again");
        let none = SettingsChange {
            topic: Some(None),
            description: Some(None),
            archived: Some(false),
            posting: Some(Posting::All),
            slow_s: Some(SlowMode::default()),
        };
        assert_eq!(set.with(&none), SettingsRecord::default());
        assert_eq!(SettingsRecord::default().text(), "{}");
    }

    #[test]
    fn what_cannot_be_read_counts_as_nothing() {
        for text in ["", "[]", "no", r#"{"slow_s":"much","archived":7,"topic":8}"#] {
            assert_eq!(SettingsRecord::stored(Some(text), None).shown(), ChatSettings::default(), "{text}");
        }
    }
}
