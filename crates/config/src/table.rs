//! A section is declared once; its struct, its defaults and its manual come from that.

/// What the manual says about one table of the configuration.
pub(crate) struct Manual {
    /// Lines about the whole table.
    pub(crate) about: &'static [&'static str],
    /// Its keys in order.
    pub(crate) keys: &'static [Key],
}

/// What the manual says about one key.
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) about: &'static [&'static str],
    /// The default, or an example where there is none, as TOML.
    pub(crate) shown: &'static str,
}

/// Declares a table: `key: Type = default, "as TOML";` with doc comments on everything.
macro_rules! table {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $( $(#[doc = $doc:literal])* $key:ident : $type:ty = $default:expr, $shown:literal; )*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $( $(#[doc = $doc])* pub $key: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $key: $default, )* }
            }
        }

        impl $name {
            pub(crate) const MANUAL: $crate::table::Manual = $crate::table::Manual {
                about: &[$($about),*],
                keys: &[$( $crate::table::Key {
                    name: stringify!($key),
                    about: &[$($doc),*],
                    shown: $shown,
                } ),*],
            };
        }
    };
}

pub(crate) use table;
