//! What a message carries beside its text.

use std::fmt;

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error, MapAccess, Visitor},
    ser::SerializeMap,
};
use serde_json::{Map, Value};

use crate::{Forwarded, Mentioned, MessageKind, MessagePlace};

/// Parts of a message's content beside its text: one member of a JSON object each. On the wire they are members of
/// the message itself, in stores one column.
///
/// A part that this version does not know, or that has another shape than it knows, is kept and passed on as it
/// came. A message with such a part cannot be edited by this version ([`Parts::are_known`]): what the part says of
/// the text may not be true of another. To add a part: a field here, its name in [`Parts::put`], in
/// [`Parts::write`] and in [`Parts::is_empty`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// Whom it mentions.
    pub mentions: Vec<Mentioned>,
    /// The message that it forwards.
    pub forwarded: Option<Box<Forwarded>>,
    unknown: Option<Box<Map<String, Value>>>,
}

impl Parts {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.mentions.is_empty() && self.forwarded.is_none() && self.unknown.is_none()
    }

    /// Whether this version knows all of them.
    pub const fn are_known(&self) -> bool {
        self.unknown.is_none()
    }

    /// Where the message was that it forwards, which stores keep beside its parts.
    pub fn place(&self) -> Option<MessagePlace> {
        self.forwarded.as_ref().and_then(|forwarded| forwarded.place())
    }

    /// Takes in where the message was that it forwards, if it forwards one.
    pub fn keep_place(&mut self, place: Option<MessagePlace>) {
        if let Some(forwarded) = &mut self.forwarded {
            forwarded.keep_place(place);
        }
    }

    /// Parts of which this version knows nothing.
    pub fn unknown(&self) -> impl Iterator<Item = (&String, &Value)> {
        self.unknown.iter().flat_map(|unknown| unknown.iter())
    }

    /// Takes in a part by its name.
    pub fn put(&mut self, name: String, value: Value) {
        if name == MENTIONS
            && let Ok(mentions) = Vec::deserialize(&value)
        {
            self.mentions = mentions;
            return;
        }
        if name == FORWARDED
            && let Ok(forwarded) = Forwarded::deserialize(&value)
        {
            self.forwarded = Some(Box::new(forwarded));
            return;
        }
        self.unknown.get_or_insert_default().insert(name, value);
    }

    /// Writes each as a member of an object that was begun.
    pub(crate) fn write<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        if !self.mentions.is_empty() {
            map.serialize_entry(MENTIONS, &self.mentions)?;
        }
        if let Some(forwarded) = &self.forwarded {
            map.serialize_entry(FORWARDED, forwarded)?;
        }
        self.unknown().try_for_each(|(name, value)| map.serialize_entry(name, value))
    }
}

impl Serialize for Parts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        self.write(&mut map)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Parts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Parts;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Parts, A::Error> {
                let mut parts = Parts::default();
                while let Some((name, value)) = map.next_entry()? {
                    parts.put(name, value);
                }
                Ok(parts)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// A message's kind and parts as stores keep them: a code, and a column that is empty for most messages. It holds a
/// JSON object of the parts, and the name of the kind under `kind` where the code does not say it.
pub fn pack(kind: MessageKind, parts: &Parts) -> (u8, Option<Vec<u8>>) {
    let (code, name) = kind.parts();
    if name.is_none() && parts.is_empty() {
        return (code, None);
    }
    (code, serde_json::to_vec(&Packed { name, parts }).ok())
}

struct Packed<'a> {
    name: Option<&'a str>,
    parts: &'a Parts,
}

impl Serialize for Packed<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(name) = self.name {
            map.serialize_entry(KIND, name)?;
        }
        self.parts.write(&mut map)?;
        map.end()
    }
}

/// What [`pack`] made of a kind and parts, or a newer version of it.
///
/// # Errors
/// If the column is not a JSON object: it is damaged.
pub fn unpack(code: u8, column: Option<&[u8]>) -> Result<(MessageKind, Parts), serde_json::Error> {
    let Some(column) = column else { return Ok((MessageKind::from_parts(code, None), Parts::default())) };
    let mut members: Map<String, Value> = serde_json::from_slice(column)?;
    let name = members.remove(KIND);
    let name = match &name {
        Some(Value::String(name)) => Some(name.as_str()),
        Some(_) => return Err(serde_json::Error::custom("the name of a kind is a text")),
        None => None,
    };
    let mut parts = Parts::default();
    for (name, value) in members.into_iter().filter(|(name, _)| !crate::message::is_field(name)) {
        parts.put(name, value);
    }
    Ok((MessageKind::from_parts(code, name), parts))
}

const KIND: &str = "kind";
const MENTIONS: &str = "mentions";
const FORWARDED: &str = "forwarded";

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parts(json: &Value) -> Parts {
        serde_json::from_value(json.clone()).expect("an object")
    }

    #[test]
    fn what_is_packed_comes_back() {
        let poll = MessageKind::from_parts(127, Some("poll"));
        for kind in [MessageKind::Text, MessageKind::ChatRenamed, poll, MessageKind::from_parts(9, None)] {
            for parts in [Parts::default(), parts(&json!({"question": "Tea?", "n": [1, {"deep": null}]}))] {
                let (code, column) = pack(kind, &parts);
                assert_eq!(unpack(code, column.as_deref()).expect("an object"), (kind, parts));
            }
        }
    }

    #[test]
    fn a_plain_message_has_no_column() {
        assert_eq!(pack(MessageKind::Text, &Parts::default()), (0, None));
        assert_eq!(pack(MessageKind::from_parts(9, None), &Parts::default()), (9, None));
    }

    #[test]
    fn a_known_part_is_read_and_one_of_another_shape_is_carried() {
        let known = parts(&json!({"mentions": ["all", "0193c7a5-0000-7000-8000-000000000001"]}));
        assert_eq!((known.mentions.len(), known.are_known(), known.is_empty()), (2, true, false));
        assert_eq!(unpack(0, pack(MessageKind::Text, &known).1.as_deref()).expect("an object").1, known);
        let strange = json!({"mentions": {"of": 3}});
        let carried = parts(&strange);
        assert_eq!((carried.mentions.len(), carried.are_known()), (0, false));
        assert_eq!(serde_json::to_value(&carried).expect("encodes"), strange);
    }

    #[test]
    fn a_part_never_takes_the_place_of_a_field() {
        let (kind, parts) =
            unpack(0, Some(br#"{"text":"no","kind":"poll","question":"Tea?"}"#)).expect("an object");
        assert_eq!((kind, parts.unknown().count()), (MessageKind::Text, 1));
    }
}
