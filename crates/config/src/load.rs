use std::path::{Path, PathBuf};

use figment::{
    Figment, Metadata, Profile, Provider,
    providers::{Format, Toml},
    value::{Dict, Map, Value},
};
use serde::Serialize;

use crate::{
    Config,
    environment::Environment,
    values::{PublicUrl, Role},
};

/// The file that is read from the data folder if no other is named.
const FILE: &str = "petit.toml";

/// What was said on the command line.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Flags {
    /// `server.listen`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<std::net::SocketAddr>,
    /// `server.public_url`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<PublicUrl>,
    /// `server.data`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<PathBuf>,
    /// `server.roles`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roles: Option<Vec<Role>>,
    /// A file to read instead of the data folder's own.
    #[serde(skip)]
    pub file: Option<PathBuf>,
}

/// Why a configuration is refused: what is wrong, with which key, said where.
#[derive(Debug, thiserror::Error)]
pub enum Bad {
    /// The file that was named cannot be read.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
    /// A value or key is wrong.
    #[error("{0}")]
    Value(String),
}

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Nobody set it.
    Default,
    /// A file, the environment or the command line.
    Set(String),
}

/// A configuration, and where each of its values comes from.
pub struct Loaded {
    /// The values.
    pub config: Config,
    /// The file that was read, if there was one.
    pub file: Option<PathBuf>,
    layers: Figment,
}

impl Loaded {
    /// Who set a key such as `server.listen`.
    pub fn source(&self, key: &str) -> Source {
        match self.layers.find_metadata(key) {
            Some(metadata) if metadata.name != KINDS => Source::Set(name(metadata, key)),
            _ => Source::Default,
        }
    }
}

/// Reads all layers. `variables` is the environment.
///
/// # Errors
/// If a file cannot be read, a key is unknown or a value is wrong. The message says which and where.
pub fn load(flags: &Flags, variables: impl IntoIterator<Item = (String, String)>) -> Result<Loaded, Bad> {
    let above = Figment::from(Environment::of(variables)).merge(CommandLine(flags));
    let file = file(flags, &above)?;
    let mut layers = Figment::from(Kinds);
    if let Some(file) = &file {
        layers = layers.merge(Toml::file_exact(file));
    }
    let layers = layers.merge(above);
    let config: Config = layers.extract().map_err(|error| Bad::Value(told(error)))?;
    let loaded = Loaded { config, file, layers };
    loaded.config.validate().map_err(|(key, wrong)| match loaded.source(key) {
        Source::Default => Bad::Value(format!("{wrong} ({key})")),
        Source::Set(source) => Bad::Value(format!("{wrong} ({key}, {source})")),
    })?;
    Ok(loaded)
}

/// The file that was named, which must be there, or the data folder's own, which need not.
fn file(flags: &Flags, above: &Figment) -> Result<Option<PathBuf>, Bad> {
    if let Some(file) = &flags.file {
        return match std::fs::metadata(file) {
            Ok(_) => Ok(Some(file.clone())),
            Err(error) => Err(Bad::File(file.clone(), error)),
        };
    }
    let data: PathBuf = above.extract_inner("server.data").unwrap_or_else(|_| Config::default().server.data);
    let own = data.join(FILE);
    Ok(Path::is_file(&own).then_some(own))
}

/// All mistakes of a configuration, one a line.
fn told(errors: figment::Error) -> String {
    let lines: Vec<String> = errors.into_iter().map(one).collect();
    lines.join("\n")
}

fn one(error: figment::Error) -> String {
    let key = error.path.join(".");
    let place = error.metadata.as_ref().map(|metadata| name(metadata, &key)).filter(|_| !key.is_empty());
    match place {
        Some(place) => format!("{} ({key}, {place})", error.kind),
        None if key.is_empty() => error.kind.to_string(),
        None => format!("{} ({key})", error.kind),
    }
}

fn name(metadata: &Metadata, key: &str) -> String {
    match &metadata.source {
        Some(figment::Source::File(path)) => path.display().to_string(),
        _ if metadata.name == FLAGS => metadata.name.to_string(),
        _ => metadata.interpolate(&Profile::Default, &key.split('.').collect::<Vec<_>>()),
    }
}

const KINDS: &str = "defaults";
const FLAGS: &str = "the command line";

/// The embedded profile: what the other defaults hang on.
struct Kinds;

impl Provider for Kinds {
    fn metadata(&self) -> Metadata {
        Metadata::named(KINDS)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let kinds = [("identity", "builtin"), ("store", "sqlite"), ("bus", "local")];
        let table = |kind: &str| Value::from(Dict::from([("kind".to_owned(), Value::from(kind))]));
        Ok(Profile::Default.collect(kinds.map(|(name, kind)| (name.to_owned(), table(kind))).into()))
    }
}

struct CommandLine<'a>(&'a Flags);

impl Provider for CommandLine<'_> {
    fn metadata(&self) -> Metadata {
        Metadata::named(FLAGS)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let flags = Value::serialize(self.0)?;
        Ok(Profile::Default.collect(Dict::from([("server".to_owned(), flags)])))
    }
}
