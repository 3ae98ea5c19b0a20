//! Values that are checked once, where they enter. Inside, nobody checks again.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use unicode_normalization::UnicodeNormalization;

/// Why a value was refused: a stable code and a sentence for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Invalid {
    /// The code clients may rely on, such as `text_too_long`.
    pub code: &'static str,
    /// What is wrong and what is allowed.
    pub detail: String,
}

impl Invalid {
    /// A refusal with its code.
    pub fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// Splits the text of a serde error into code and detail, if it came from a value of this module:
    /// serde carries nothing but a text, so a refused value writes `code: detail`.
    pub fn split(text: &str) -> Option<(&str, &str)> {
        let (code, detail) = text.split_once(": ")?;
        let is_code = code.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        (is_code && !code.is_empty()).then_some((code, detail))
    }
}

/// Folds a name so that equal-looking names compare equal: compatibility-composed and lower case.
pub fn fold(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

macro_rules! text_value {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, utoipa::ToSchema)]
        #[serde(into = "String")]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl $name {
            /// The text as it is stored.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { fmt::Debug::fmt(&self.0, f) }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self { value.0 }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let refused = |invalid: Invalid| D::Error::custom(format_args!("{}: {invalid}", invalid.code));
                Self::parse(String::deserialize(deserializer)?).map_err(refused)
            }
        }
        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> { Self::parse(text) }
        }
        impl TryFrom<&str> for $name {
            type Error = Invalid;
            fn try_from(text: &str) -> Result<Self, Invalid> { Self::parse(text.to_owned()) }
        }
    )*};
}

text_value! {
    /// How a person signs in and is mentioned: 2 to 32 of `a-z 0-9 . _ -`, starting with a letter or digit.
    Username;
    /// How a person is called on screens: 1 to 64 characters on one line.
    DisplayName;
    /// How a group or open chat is called: 1 to 80 characters on one line.
    ChatName;
    /// How a person calls a section of their list of chats: 1 to 64 characters on one line.
    SectionName;
    /// What a chat is about: 1 to 250 characters on one line.
    ChatTopic;
    /// What a chat is for: 1 to 2,000 characters, on several lines.
    ChatDescription;
    /// What a person wrote, as Markdown: 1 byte to 16 KiB, not only white space.
    MessageText;
    /// The sender's own name for a message, which makes sending it again harmless: 1 to 64 visible ASCII characters.
    ClientId;
}

impl Username {
    fn parse(text: String) -> Result<Self, Invalid> {
        let folded = fold(text.trim());
        let fits = (2..=32).contains(&folded.len());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        let starts_well = folded.starts_with(|c: char| c.is_ascii_alphanumeric());
        if fits && starts_well && folded.chars().all(plain) {
            return Ok(Self(folded));
        }
        Err(Invalid::new(
            "invalid_username",
            "A username has 2 to 32 of a-z, 0-9, '.', '_' and '-', and starts with a letter or digit.",
        ))
    }
}

impl DisplayName {
    fn parse(text: String) -> Result<Self, Invalid> {
        one_line(&text, 64)
            .map(Self)
            .ok_or_else(|| Invalid::new("invalid_name", "A name has 1 to 64 characters on one line."))
    }
}

impl ChatName {
    fn parse(text: String) -> Result<Self, Invalid> {
        one_line(&text, 80).map(Self).ok_or_else(|| {
            Invalid::new("invalid_chat_name", "The name of a chat has 1 to 80 characters on one line.")
        })
    }
}

impl SectionName {
    fn parse(text: String) -> Result<Self, Invalid> {
        one_line(&text, 64).map(Self).ok_or_else(|| {
            Invalid::new("invalid_section", "The name of a section has 1 to 64 characters on one line.")
        })
    }
}

impl ChatTopic {
    fn parse(text: String) -> Result<Self, Invalid> {
        one_line(&text, 250)
            .map(Self)
            .ok_or_else(|| Invalid::new("invalid_topic", "A topic has at most 250 characters on one line."))
    }
}

impl ChatDescription {
    fn parse(text: String) -> Result<Self, Invalid> {
        let text = text.replace("\r\n", "\n");
        let trimmed = text.trim();
        let is_plain = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
        if (1..=2000).contains(&trimmed.chars().count()) && trimmed.chars().all(is_plain) {
            return Ok(Self(trimmed.to_owned()));
        }
        Err(Invalid::new("invalid_description", "A description has at most 2,000 characters."))
    }
}

/// Slow mode: how many seconds lie between two messages of one person in a chat, 0 to 21,600 (six hours). 0 is off.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(value_type = i64, minimum = 0, maximum = 21_600)]
pub struct SlowMode(u16);

impl SlowMode {
    /// The longest.
    pub const MAX: i64 = 21_600;

    /// How long it is.
    pub fn seconds(self) -> u16 {
        self.0
    }

    /// Whether nobody has to wait.
    pub fn is_off(&self) -> bool {
        self.0 == 0
    }
}

impl TryFrom<i64> for SlowMode {
    type Error = Invalid;
    fn try_from(seconds: i64) -> Result<Self, Invalid> {
        let fits = u16::try_from(seconds).ok().filter(|seconds| i64::from(*seconds) <= Self::MAX);
        fits.map(Self).ok_or_else(|| Invalid::new("invalid_slow_s", "Slow mode is 0 to 21600 whole seconds."))
    }
}

impl<'de> Deserialize<'de> for SlowMode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = |invalid: Invalid| D::Error::custom(format_args!("{}: {invalid}", invalid.code));
        Self::try_from(i64::deserialize(deserializer)?).map_err(refused)
    }
}

impl MessageText {
    /// The most bytes a text may have.
    pub const MAX_BYTES: usize = 16 * 1024;

    fn parse(text: String) -> Result<Self, Invalid> {
        if text.len() > Self::MAX_BYTES {
            return Err(Invalid::new("text_too_long", "A message has at most 16384 bytes of text."));
        }
        if text.trim().is_empty() {
            return Err(Invalid::new("text_empty", "A message needs some text."));
        }
        if text.contains('\0') {
            return Err(Invalid::new("text_has_nul", "A message cannot hold the NUL character."));
        }
        Ok(Self(text))
    }
}

impl ClientId {
    fn parse(text: String) -> Result<Self, Invalid> {
        if (1..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic()) {
            return Ok(Self(text));
        }
        Err(Invalid::new(
            "invalid_client_id",
            "A client_id has 1 to 64 visible ASCII characters; a UUID is a good one.",
        ))
    }
}

fn one_line(text: &str, max: usize) -> Option<String> {
    let trimmed = text.trim();
    let count = trimmed.chars().count();
    ((1..=max).contains(&count) && !trimmed.chars().any(char::is_control)).then(|| trimmed.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usernames_are_folded_and_plain() {
        assert_eq!(Username::try_from("Alice.B").expect("plain").as_str(), "alice.b");
        for bad in ["", "a", ".a", "a b", "ä", &"x".repeat(33), "-x"] {
            assert!(Username::try_from(bad).is_err(), "{bad:?} should be refused");
        }
    }

    #[test]
    fn texts_have_bounds() {
        assert!(MessageText::try_from("x".repeat(MessageText::MAX_BYTES)).is_ok());
        for (bad, code) in [
            ("x".repeat(MessageText::MAX_BYTES + 1), "text_too_long"),
            (" \n ".into(), "text_empty"),
            ("a\0".into(), "text_has_nul"),
        ] {
            assert_eq!(MessageText::try_from(bad).expect_err("refused").code, code);
        }
    }

    #[test]
    fn a_refusal_keeps_its_code_through_serde() {
        let error = serde_json::from_str::<ClientId>("\"a b\"").expect_err("has a space").to_string();
        assert_eq!(Invalid::split(&error).map(|(code, _)| code), Some("invalid_client_id"));
        let error = serde_json::from_str::<ClientId>("1").expect_err("is a number").to_string();
        assert_eq!(Invalid::split(&error), None, "{error}");
    }

    #[test]
    fn topics_and_descriptions_have_bounds() {
        assert_eq!(ChatTopic::try_from(" Bread ").expect("trimmed").as_str(), "Bread");
        for bad in ["", " ", "a\nb", &"x".repeat(251)] {
            assert!(ChatTopic::try_from(bad).is_err(), "{bad:?} should be refused");
        }
        let text = ChatDescription::try_from("\n a\r\n\tb \n").expect("several lines");
        assert_eq!(text.as_str(), "a\n\tb");
        for bad in ["", "\n", "a\u{7}", "a\0", &"x".repeat(2001)] {
            assert!(ChatDescription::try_from(bad).is_err(), "{bad:?} should be refused");
        }
        assert!(SlowMode::try_from(21_600).is_ok());
        for bad in [-1, 21_601, 65_536, i64::MAX] {
            assert!(SlowMode::try_from(bad).is_err(), "{bad} should be refused");
        }
    }

    #[test]
    fn names_stay_on_one_line() {
        assert!(ChatName::try_from("Kitchen ☕").is_ok());
        for bad in ["", "  ", "a\nb", &"x".repeat(81)] {
            assert!(ChatName::try_from(bad).is_err(), "{bad:?} should be refused");
        }
        assert_eq!(SectionName::try_from(" Work ").expect("trimmed").as_str(), "Work");
        for bad in ["", " ", "a\u{7}", &"x".repeat(65)] {
            assert!(SectionName::try_from(bad).is_err(), "{bad:?} should be refused");
        }
    }
}
