//! `PETIT_SECTION__KEY` in the environment.

use figment::{
    Error, Metadata, Profile, Provider,
    value::{Dict, Map, Tag, Value},
};

const PREFIX: &str = "PETIT_";

/// Variables with a section and a key. Others that begin alike are somebody else's.
pub(crate) struct Environment(Vec<(String, String, String)>);

impl Environment {
    /// Picks ours out of all variables.
    pub(crate) fn of(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(variables.into_iter().filter_map(ours).collect())
    }
}

fn ours((name, value): (String, String)) -> Option<(String, String, String)> {
    let (section, key) = name.strip_prefix(PREFIX)?.split_once("__")?;
    Some((section.to_lowercase(), key.to_lowercase(), value))
}

impl Provider for Environment {
    fn metadata(&self) -> Metadata {
        Metadata::named("the environment").interpolater(|_, keys| {
            let [section, key @ ..] = keys else { return PREFIX.to_owned() };
            format!("{PREFIX}{}__{}", section.to_uppercase(), key.join("_").to_uppercase())
        })
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        let mut sections = Dict::new();
        for (section, key, value) in &self.0 {
            let table = sections.entry(section.clone()).or_insert_with(|| Value::from(Dict::new()));
            if let Value::Dict(_, keys) = table {
                keys.insert(key.clone(), read(value));
            }
        }
        Ok(Profile::Default.collect(sections))
    }
}

/// Every value is text, but for lists, which are separated by commas and may stand in brackets.
fn read(text: &str) -> Value {
    let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return Value::from(text);
    };
    let items = inner.split(',').map(|item| item.trim().trim_matches('"')).filter(|item| !item.is_empty());
    Value::Array(Tag::Default, items.map(Value::from).collect())
}
