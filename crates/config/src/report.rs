use serde_json::Value;

use crate::{Loaded, Source};

impl Loaded {
    /// Every value that counts, with who set it: `server.listen = "127.0.0.1:8420"  (default)`. Secrets are dots.
    pub fn report(&self) -> Vec<String> {
        let config = serde_json::to_value(&self.config).unwrap_or_default();
        let sections = config.as_object().into_iter().flatten();
        sections.flat_map(|(section, keys)| self.section(section, keys)).collect()
    }

    fn section(&self, section: &str, keys: &Value) -> Vec<String> {
        let keys = keys.as_object().into_iter().flatten();
        keys.filter(|(_, value)| !value.is_null())
            .map(|(key, value)| self.line(section, key, value))
            .collect()
    }

    fn line(&self, section: &str, key: &str, value: &Value) -> String {
        let key = format!("{section}.{key}");
        let source = match self.source(&key) {
            Source::Default => "default".to_owned(),
            Source::Set(by) => by,
        };
        format!("{key} = {value}  ({source})")
    }
}
