use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, de::Error};
use serde_json::Value;

use crate::Invalid;

/// The longest that a message may be held, in seconds.
pub const LONGEST_HOLD_S: i64 = 30;

macro_rules! seconds {
    ($($(#[$doc:meta])* $name:ident, $least:literal, $code:literal, $detail:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
        #[schema(value_type = i64, minimum = $least, maximum = 30)]
        pub struct $name(i64);

        impl $name {
            /// How many seconds.
            pub const fn get(self) -> i64 { self.0 }
        }
        impl TryFrom<i64> for $name {
            type Error = Invalid;
            fn try_from(seconds: i64) -> Result<Self, Invalid> {
                let fits = ($least..=LONGEST_HOLD_S).contains(&seconds);
                if fits { Ok(Self(seconds)) } else { Err(Invalid::new($code, $detail)) }
            }
        }
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let refused = |invalid: Invalid| D::Error::custom(format_args!("{}: {invalid}", invalid.code));
                Self::try_from(i64::deserialize(deserializer)?).map_err(refused)
            }
        }
    )*};
}

seconds! {
    /// For how long a message is held before it is sent: 1 to 30 seconds.
    HoldSeconds, 1, "invalid_hold", "A message is held for 1 to 30 seconds.";
    /// For how long a person's clients hold what they send: up to 30 seconds, 0 for not at all.
    UndoSeconds, 0, "invalid_undo", "Messages are held for 0 to 30 seconds.";
}

/// One thing that a person set, as stores keep it: those of newer versions too.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Which one.
    pub name: String,
    /// How it is set.
    pub value: Value,
}

impl Setting {
    /// For how long the person's clients hold what they send.
    pub fn undo(seconds: UndoSeconds) -> Self {
        Self { name: UNDO.to_owned(), value: seconds.get().into() }
    }

    /// Whether others are told what the person saw and read, and the person what others did.
    pub fn receipts(are_told: bool) -> Self {
        Self { name: Settings::RECEIPTS.to_owned(), value: are_told.into() }
    }
}

const UNDO: &str = "undo_s";

/// What a person set for themselves, on all their devices. What a newer version set is there under its name, as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Settings {
    /// For how many seconds clients hold what the person sends, so that it can be taken back: the `hold_s` they send.
    /// 0 for not at all.
    pub undo_s: i64,
    /// Whether others in small chats are told what the person saw and read. Where it is off, the person is not told what
    /// others saw and read either; what their devices have is told all the same.
    #[serde(default = "usually_told")]
    #[schema(required)]
    pub receipts: bool,
    /// Rises with every change of them. Of two copies the higher one counts. 0 as long as nothing was set.
    pub version: i64,
    /// What this version does not know.
    #[serde(flatten)]
    #[schema(ignore)]
    pub newer: BTreeMap<String, Value>,
}

const fn usually_told() -> bool {
    true
}

impl Default for Settings {
    fn default() -> Self {
        Self { undo_s: 0, receipts: usually_told(), version: 0, newer: BTreeMap::new() }
    }
}

impl Settings {
    /// The name of the setting that says whether receipts are told.
    pub const RECEIPTS: &'static str = "receipts";

    /// The same with one thing set; the version stays. What has a known name and another shape is as if it were not set.
    #[must_use]
    pub fn with(mut self, setting: &Setting) -> Self {
        match setting.name.as_str() {
            UNDO => self.undo_s = setting.value.as_i64().unwrap_or(0).clamp(0, LONGEST_HOLD_S),
            Self::RECEIPTS => self.receipts = setting.value.as_bool().unwrap_or(usually_told()),
            "version" => {}
            _ => drop(self.newer.insert(setting.name.clone(), setting.value.clone())),
        }
        self
    }

    /// Everything that is set.
    pub fn all(&self) -> Vec<Setting> {
        let newer = self.newer.iter().map(|(name, value)| (name.clone(), value.clone()));
        let receipts = (Self::RECEIPTS.to_owned(), Value::from(self.receipts));
        let known = [(UNDO.to_owned(), Value::from(self.undo_s)), receipts];
        known.into_iter().chain(newer).map(|(name, value)| Setting { name, value }).collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_not_known_stays_as_it_is() {
        let sent = json!({"undo_s": 10, "receipts": false, "version": 4, "theme": {"dark": true}});
        let settings: Settings = serde_json::from_value(sent.clone()).expect("decodes");
        assert_eq!((settings.undo_s, settings.receipts), (10, false));
        assert_eq!(serde_json::to_value(&settings).expect("encodes"), sent);
        let again =
            settings.all().iter().fold(Settings { version: 4, ..Settings::default() }, Settings::with);
        assert_eq!(again, settings);
    }

    #[test]
    fn what_has_another_shape_is_as_if_it_were_not_set() {
        for value in [json!("ten"), json!(null), json!([1])] {
            for name in ["undo_s", "receipts"] {
                let strange = Setting { name: name.to_owned(), value: value.clone() };
                assert_eq!(Settings::default().with(&strange), Settings::default());
            }
        }
    }

    #[test]
    fn seconds_have_bounds() {
        let hold = |text: &str| serde_json::from_str::<HoldSeconds>(text).map(HoldSeconds::get);
        assert_eq!((hold("1").ok(), hold("30").ok()), (Some(1), Some(30)));
        for bad in ["0", "31", "-1"] {
            let error = hold(bad).expect_err(bad).to_string();
            assert_eq!(Invalid::split(&error).map(|(code, _)| code), Some("invalid_hold"), "{error}");
        }
        assert_eq!(UndoSeconds::try_from(0).map(UndoSeconds::get), Ok(0));
        assert_eq!(UndoSeconds::try_from(31).map_err(|refused| refused.code), Err("invalid_undo"));
    }
}
