use std::collections::BTreeMap;

use petit_domain::{ExternalId, Named, ServerRole};
use petit_ports::{LoggedOut, SignedIn};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::settings::OidcSettings;

/// What a provider's token says. Only what proves something has to look as OpenID Connect Core (section 2) wants it;
/// about people providers write what they like.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) iss: String,
    /// One name or several.
    #[serde(deserialize_with = "one_or_several")]
    pub(crate) aud: Vec<String>,
    /// Seconds since 1970, perhaps with a fraction.
    pub(crate) iat: f64,
    /// Likewise.
    pub(crate) exp: f64,
    #[serde(default)]
    pub(crate) nonce: Option<String>,
    #[serde(default)]
    pub(crate) azp: Option<String>,
    #[serde(default)]
    pub(crate) at_hash: Option<String>,
    #[serde(flatten)]
    own: OwnClaims,
}

fn one_or_several<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Audience {
        One(String),
        Several(Vec<String>),
    }
    Ok(match Audience::deserialize(deserializer)? {
        Audience::One(name) => vec![name],
        Audience::Several(names) => names,
    })
}

/// Claims that are read by name.
#[derive(Debug, Deserialize)]
struct OwnClaims {
    #[serde(flatten)]
    by_name: BTreeMap<String, Value>,
}

/// What checked claims say, in our words; `None` if they name nobody.
pub(crate) fn signed_in(settings: &OidcSettings, claims: &Claims) -> Option<SignedIn> {
    let own = &claims.own;
    Some(SignedIn {
        external: external(settings, own)?,
        username: own.text("preferred_username"),
        name: own.text("name"),
        role: role(settings.role_claim.as_deref(), own),
        verified_email: own.text("email").filter(|_| own.is_true("email_verified")),
        session: own.text("sid"),
        id_token: String::new(),
    })
}

fn external(settings: &OidcSettings, own: &OwnClaims) -> Option<ExternalId> {
    let subject = own.word("sub").filter(|subject| !subject.is_empty())?;
    Some(ExternalId { issuer: settings.known_as.clone(), subject })
}

/// The event that makes a token a logout token.
const LOGOUT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// A provider-side sign-out, read from checked claims of a logout token; `None` if they are not of one.
pub(crate) fn logged_out(settings: &OidcSettings, claims: &Claims) -> Option<LoggedOut> {
    let own = &claims.own;
    own.by_name.get("events")?.get(LOGOUT)?.as_object()?;
    let external = external(settings, own)?;
    Some(LoggedOut { external, session: own.text("sid"), token_id: own.word("jti")? })
}

impl OwnClaims {
    fn text(&self, name: &str) -> Option<String> {
        self.by_name.get(name)?.as_str().map(str::to_owned)
    }

    /// A name that some providers write as a number.
    fn word(&self, name: &str) -> Option<String> {
        match self.by_name.get(name)? {
            Value::Number(number) if !number.is_f64() => Some(number.to_string()),
            _ => self.text(name),
        }
    }

    /// Whether a claim says yes, be it as text.
    fn is_true(&self, name: &str) -> bool {
        match self.by_name.get(name) {
            Some(Value::Bool(said)) => *said,
            Some(Value::String(said)) => said.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// A claim by its name, or by a path of names such as `realm_access.roles`.
    fn find(&self, path: &str) -> Option<&Value> {
        self.by_name.get(path).or_else(|| {
            let (first, rest) = path.split_once('.')?;
            rest.split('.').try_fold(self.by_name.get(first)?, |value, name| value.get(name))
        })
    }
}

/// The highest role the claim names: providers send one word, several between commas, a list, or the keys of
/// an object. Anything else is a member.
fn role(claim: Option<&str>, claims: &OwnClaims) -> ServerRole {
    let named = |word: &str| {
        let name = Value::String(word.to_owned());
        serde_json::from_value::<ServerRole>(name).ok().filter(ServerRole::is_known)
    };
    claim
        .and_then(|path| claims.find(path))
        .into_iter()
        .flat_map(words)
        .filter_map(named)
        .max()
        .unwrap_or(ServerRole::Member)
}

/// The names in a claim about groups.
fn words(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => text.split([',', ';']).map(str::trim).collect(),
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        Value::Object(by_name) => by_name.keys().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_the_highest_that_is_named_and_otherwise_a_member() {
        for (json, expected) in [
            (r#"{"r":"owner"}"#, ServerRole::Owner),
            (r#"{"r":["member","admin","unknown"]}"#, ServerRole::Admin),
            (r#"{"r":[7,null,["owner"],"admin"]}"#, ServerRole::Admin),
            (r#"{"r":"product owner"}"#, ServerRole::Member),
            (r#"{"r":"staff, owner"}"#, ServerRole::Owner),
            (r#"{"r":{"owner":{"org":"1"},"member":{}}}"#, ServerRole::Owner),
            (r#"{"r":"root"}"#, ServerRole::Member),
            (r#"{"r":"co-owner"}"#, ServerRole::Member),
            (r#"{"r":7}"#, ServerRole::Member),
            (r#"{"r":null}"#, ServerRole::Member),
            (r#"{"other":"owner"}"#, ServerRole::Member),
        ] {
            let claims: OwnClaims = serde_json::from_str(json).expect("claims");
            assert_eq!(role(Some("r"), &claims), expected, "{json}");
            assert_eq!(role(None, &claims), ServerRole::Member, "no claim is trusted: {json}");
        }
    }

    #[test]
    fn a_role_is_found_along_a_path() {
        let nested = r#"{"realm_access":{"roles":["offline_access","owner"]},"a.b":"admin"}"#;
        let claims: OwnClaims = serde_json::from_str(nested).expect("claims");
        assert_eq!(role(Some("realm_access.roles"), &claims), ServerRole::Owner);
        assert_eq!(role(Some("a.b"), &claims), ServerRole::Admin, "a name with a dot in it comes first");
        for nowhere in ["realm_access", "realm_access.roles.0.x", "realm_access.", "."] {
            assert_eq!(role(Some(nowhere), &claims), ServerRole::Member, "{nowhere}");
        }
    }
}
