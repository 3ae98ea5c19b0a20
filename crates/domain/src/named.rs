//! Kinds and roles of which a newer version may know more: what is not known keeps its name.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Invalid;

/// The code under which a kind is stored whose name is stored beside it.
pub(crate) const NAMED: u8 = 127;

/// The name of a kind or role, as whoever made it gave it: 1 to 32 of `a-z 0-9 _ . -`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindName {
    bytes: [u8; Self::MAX],
    length: u8,
}

impl KindName {
    /// The most bytes a name may have.
    pub const MAX: usize = 32;

    /// The name of a kind that was stored without one.
    pub(crate) fn of_code(prefix: &str, code: u8) -> Self {
        let mut name = Self { bytes: [0; Self::MAX], length: 0 };
        for byte in prefix.bytes().chain(code.to_string().bytes()) {
            name.push(byte);
        }
        name
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.length)]).unwrap_or_default()
    }

    /// The code that [`KindName::of_code`] made this name of.
    pub(crate) fn code(&self, prefix: &str) -> Option<u8> {
        let code: u8 = self.as_str().strip_prefix(prefix)?.parse().ok()?;
        (code != NAMED && Self::of_code(prefix, code) == *self).then_some(code)
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(usize::from(self.length)) {
            *place = byte;
            self.length += 1;
        }
    }
}

impl FromStr for KindName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'-');
        if !(1..=Self::MAX).contains(&text.len()) || !text.bytes().all(plain) {
            return Err(Invalid::new(
                "invalid_kind",
                "The name of a kind has 1 to 32 of a-z, 0-9, '_', '.' and '-'.",
            ));
        }
        let mut name = Self { bytes: [0; Self::MAX], length: 0 };
        text.bytes().for_each(|byte| name.push(byte));
        Ok(name)
    }
}

impl fmt::Debug for KindName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for KindName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for KindName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl de::Visitor<'_> for Name {
            type Value = KindName;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the name of a kind")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<KindName, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Name)
    }
}

/// A kind or role, some of which this version may not know.
pub trait Named: Sized {
    /// Whether this version knows it.
    fn is_known(&self) -> bool;
    /// The names that this version knows.
    const KNOWN: &'static [&'static str];
}

/// Reads a kind or role that somebody asks for: only what this version knows can be made.
///
/// # Errors
/// If it is none that this version knows.
pub fn known<'de, D: Deserializer<'de>, T: Named + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    let value = T::deserialize(deserializer)?;
    if value.is_known() {
        return Ok(value);
    }
    Err(de::Error::custom(format_args!("unknown variant, expected one of {}", T::KNOWN.join(", "))))
}

/// Writes an enum whose values have a name on the wire and a code in stores, for good. What is not among them
/// is `Other`, with its name; of a code without a name the name is made.
macro_rules! named {
    ($(#[doc = $doc:literal])* $kind:ident, $prefix:literal {
        $($(#[doc = $about:literal])* $variant:ident = $code:literal $name:literal,)*
    }) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $kind {
            /// One that a newer version made, by its name. It counts as less than all others.
            Other($crate::KindName),
            $($(#[doc = $about])* $variant,)*
        }

        impl $kind {
            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    Self::Other(name) => name.as_str(),
                    $(Self::$variant => $name,)*
                }
            }

            /// The one with this name.
            pub fn named(name: $crate::KindName) -> Self {
                match name.as_str() {
                    $($name => Self::$variant,)*
                    _ => Self::Other(name),
                }
            }

            /// Code and name as stores keep them: what is known has a code alone.
            pub fn parts(&self) -> (u8, Option<&str>) {
                match self {
                    Self::Other(name) => match name.code($prefix) {
                        Some(code) => (code, None),
                        None => ($crate::named::NAMED, Some(name.as_str())),
                    },
                    $(Self::$variant => ($code, None),)*
                }
            }

            /// The one that is stored under this code, with the name beside it, if there is one.
            pub fn from_parts(code: u8, name: Option<&str>) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    _ => match name.and_then(|name| name.parse().ok()) {
                        Some(name) => Self::named(name),
                        None => Self::Other($crate::KindName::of_code($prefix, code)),
                    },
                }
            }
        }

        impl $crate::named::Named for $kind {
            fn is_known(&self) -> bool {
                !matches!(self, Self::Other(_))
            }
            const KNOWN: &'static [&'static str] = &[$($name),*];
        }

        impl serde::Serialize for $kind {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $kind {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::KindName::deserialize(deserializer).map(Self::named)
            }
        }

        impl utoipa::PartialSchema for $kind {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::Schema> {
                let doc = concat!($($doc, "\n",)* " Newer versions may have more of them.");
                utoipa::openapi::ObjectBuilder::new()
                    .schema_type(utoipa::openapi::schema::Type::String)
                    .description(Some($crate::named::description(doc)))
                    .enum_values(Some([$($name),*]))
                    .into()
            }
        }

        impl utoipa::ToSchema for $kind {}
    };
}
pub(crate) use named;

/// A doc comment as one text.
pub(crate) fn description(doc: &str) -> String {
    doc.lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::{ChatKind, MemberRole, MessageKind, Named};

    #[test]
    fn what_is_not_known_keeps_its_name() {
        let poll: MessageKind = serde_json::from_str("\"poll\"").expect("a name");
        assert!(!poll.is_known());
        assert_eq!(serde_json::to_string(&poll).expect("encodes"), "\"poll\"");
        assert_eq!(poll.parts(), (127, Some("poll")));
        assert_eq!(MessageKind::from_parts(127, Some("poll")), poll);
        assert_eq!(MessageKind::from_parts(127, Some("text")), MessageKind::Text, "once it is known");
    }

    #[test]
    fn a_code_without_a_name_is_written_back_as_it_was() {
        for code in 4..=u8::MAX {
            let kind = MessageKind::from_parts(code, None);
            assert_eq!(kind.as_str(), format!("kind_{code}"));
            assert_eq!(kind.parts().0, code);
            assert_eq!(MessageKind::from_parts(kind.parts().0, kind.parts().1), kind);
        }
        assert_eq!(ChatKind::from_parts(9, Some("channel")).as_str(), "channel");
        assert_eq!(MemberRole::from_parts(9, None).as_str(), "role_9");
    }

    #[test]
    fn what_is_known_has_its_code_for_ever() {
        for (code, name) in ["text", "member_joined", "member_left", "chat_renamed"].into_iter().enumerate() {
            let kind = MessageKind::from_parts(code as u8, Some("something else"));
            assert_eq!((kind.as_str(), kind.parts()), (name, (code as u8, None)));
        }
    }

    #[test]
    fn an_unknown_role_is_less_than_all_others() {
        assert!(MemberRole::from_parts(9, None) < MemberRole::Member);
        assert!(MemberRole::Member < MemberRole::Admin && MemberRole::Admin < MemberRole::Owner);
    }

    #[test]
    fn names_are_short_and_plain() {
        for bad in ["", "Poll", "a b", "é", &"x".repeat(33)] {
            assert!(serde_json::from_value::<MessageKind>(bad.into()).is_err(), "{bad:?} should be refused");
        }
    }
}
