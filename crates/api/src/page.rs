//! Parameters of lists.

use petit_domain::PageLimit;
use serde::{Deserialize, Deserializer, de::Error};
use utoipa::IntoParams;

/// Where a page of a list begins and how long it is.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// How many items at most: 1 to 100, more counts as 100.
    #[serde(default = "usual", deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, default = 50)]
    pub limit: PageLimit,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of the caller's chats.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ChatsQuery {
    /// Whether to list those that are archived, instead of all others.
    #[serde(default)]
    #[param(value_type = Option<bool>, default = false)]
    pub archived: bool,
    /// How many items at most: 1 to 100, more counts as 100.
    #[serde(default = "usual", deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, default = 50)]
    pub limit: PageLimit,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// A page of a list that is searched by the beginning of a name.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PrefixQuery {
    /// How a word of the name begins; without it, everything is listed.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub prefix: String,
    /// How many items at most: 1 to 100, more counts as 100.
    #[serde(default = "usual", deserialize_with = "limit")]
    #[param(value_type = Option<u32>, minimum = 1, default = 50)]
    pub limit: PageLimit,
    /// `next` of the page before.
    pub cursor: Option<String>,
}

/// The length of a page when none is asked for.
pub(crate) fn usual() -> PageLimit {
    PageLimit::clamp(None).expect("the usual length is allowed")
}

/// Reads the length of a page.
pub(crate) fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PageLimit, D::Error> {
    let asked = u64::deserialize(deserializer)?.min(PageLimit::MAX.into());
    PageLimit::clamp(Some(asked as u32)).ok_or_else(|| D::Error::custom("a page has at least one item"))
}
