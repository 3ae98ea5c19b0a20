//! Configuration: one struct for each section, whose field comments are the manual.
//!
//! Later layers win: defaults, the file, `PETIT_SECTION__KEY` in the environment, flags. Unknown keys
//! are errors. The configuration is read once; each part of the server receives its own section.
#![warn(missing_docs)]

mod environment;
mod example;
mod load;
mod report;
mod sections;
mod table;
mod values;

pub use example::example;
pub use load::{Bad, Flags, Loaded, Source, load};
pub use sections::{
    Builtin, Bus, Cluster, Config, Faults, Identity, Local, Log, Nats, Notifier, Oidc, Scylla, Server,
    Sqlite, Store,
};
pub use values::{Network, PublicUrl, Role, Secret, SignUp};
