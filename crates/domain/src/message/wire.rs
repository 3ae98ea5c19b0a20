//! A message as JSON: its fields, then each of its parts as one more member. By hand, because a flattened map
//! would be built for every message that is read, and most have no parts.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
    ser::SerializeMap,
};

use super::Message;
use crate::Parts;

macro_rules! fields {
    ($($name:literal $variant:ident $field:ident,)*; $($may:literal $may_variant:ident $may_field:ident,)*
        ; $($flag:literal $flag_variant:ident $flag_field:ident,)*
        ; $($list:literal $list_variant:ident $list_field:ident,)*) => {
        /// Whether a message has a field of this name, which no part may have.
        pub(crate) fn is_field(name: &str) -> bool {
            matches!(name, $($name)|* $(| $may)* $(| $flag)* $(| $list)*)
        }

        impl Serialize for Message {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                let mut map = serializer.serialize_map(None)?;
                $(map.serialize_entry($name, &self.$field)?;)*
                $(if let Some(value) = &self.$may_field {
                    map.serialize_entry($may, value)?;
                })*
                $(if self.$flag_field {
                    map.serialize_entry($flag, &true)?;
                })*
                $(map.serialize_entry($list, &self.$list_field)?;)*
                self.parts.write(&mut map)?;
                map.end()
            }
        }

        #[derive(Deserialize)]
        #[serde(field_identifier)]
        enum Field {
            $(#[serde(rename = $name)] $variant,)*
            $(#[serde(rename = $may)] $may_variant,)*
            $(#[serde(rename = $flag)] $flag_variant,)*
            $(#[serde(rename = $list)] $list_variant,)*
            Part(String),
        }

        impl<'de> Visitor<'de> for Members {
            type Value = Message;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a message")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Message, A::Error> {
                let mut parts = Parts::default();
                $(let mut $field = None;)*
                $(let mut $may_field = None;)*
                $(let mut $flag_field = false;)*
                $(let mut $list_field = Default::default();)*
                while let Some(field) = map.next_key()? {
                    match field {
                        $(Field::$variant => $field = Some(map.next_value()?),)*
                        $(Field::$may_variant => $may_field = map.next_value()?,)*
                        $(Field::$flag_variant => $flag_field = map.next_value()?,)*
                        $(Field::$list_variant => $list_field = map.next_value()?,)*
                        Field::Part(name) => parts.put(name, map.next_value()?),
                    }
                }
                Ok(Message {
                    $($field: $field.ok_or_else(|| A::Error::missing_field($name))?,)*
                    $($may_field,)*
                    $($flag_field,)*
                    $($list_field,)*
                    parts,
                })
            }
        }
    };
}

struct Members;

fields! {
    "id" Id id,
    "chat" Chat chat,
    "seq" Seq seq,
    "cseq" Cseq cseq,
    "author" Author author,
    "kind" Kind kind,
    "text" Text text,
    "client_id" ClientId client_id,
    "created_at" CreatedAt created_at,
    "edited_at" EditedAt edited_at,
    "deleted" Deleted deleted,
    "reply_to" ReplyTo reply_to,
    "subject" Subject subject,
    ;
    "counted" Counted counted,
    ;
    "is_cut" IsCut is_cut,
    "pinned" Pinned pinned,
    ;
    "reactions" Reactions reactions,
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn plain() -> Value {
        let id = "0195d2b0-0000-7000-8000-000000000001";
        json!({
            "id": id, "chat": id, "seq": 3, "cseq": 1, "author": id, "kind": "text", "text": "Hello",
            "client_id": "a", "created_at": "2026-11-23T09:30:00.000001Z", "edited_at": null, "deleted": false,
            "reply_to": null, "subject": null, "reactions": [],
        })
    }

    #[test]
    fn a_message_comes_back_from_the_wire_with_what_nobody_here_knows() {
        let mut newer = plain();
        newer["kind"] = "poll".into();
        newer["question"] = json!({"text": "Tea?", "answers": ["yes", "no"]});
        let mut counted = plain();
        counted["counted"] = 4.into();
        counted["is_cut"] = true.into();
        let mut reacted = plain();
        let id = reacted["id"].clone();
        reacted["reactions"] = json!([{"emoji": "👍", "count": 4, "sample": [id]}]);
        reacted["reactions"][0]["mine"] = true.into();
        for json in [plain(), newer, counted, reacted] {
            let message: Message = serde_json::from_value(json.clone()).expect("a message");
            assert_eq!(message.parts.is_empty(), json["kind"] == "text");
            assert_eq!(serde_json::to_value(&message).expect("encodes"), json);
        }
    }

    #[test]
    fn a_preview_has_two_hundred_characters_and_says_so_where_there_were_more() {
        let said = |text: String| Message { text, ..serde_json::from_value(plain()).expect("a message") };
        let whole = said("☕é".repeat(100));
        assert_eq!(whole.clone().preview(), whole);
        let preview = said("☕é".repeat(100) + "x").preview();
        assert_eq!((preview.text.as_str(), preview.is_cut), (whole.text.as_str(), true));
        assert_eq!(preview.clone().preview(), preview, "again is fine");
        assert_eq!(serde_json::to_value(&preview).expect("encodes")["is_cut"], true);
    }

    #[test]
    fn a_message_without_one_of_its_fields_is_none() {
        let mut lacking = plain();
        lacking.as_object_mut().expect("an object").remove("seq");
        assert!(serde_json::from_value::<Message>(lacking).is_err());
    }
}
