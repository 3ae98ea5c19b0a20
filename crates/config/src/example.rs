use std::fmt::{Error, Write};

use crate::{
    sections::{Builtin, Cluster, Faults, Local, Log, Nats, Notifier, Oidc, Scylla, Server, Sqlite},
    table::Manual,
};

const HEAD: &str = "\
# Configuration of Petit chat. Everything here is optional: without it `petit serve` runs the embedded
# profile in ./petit-data.
#
# Read from petit.toml in the data folder, or from the file named with --config. Every key can also be set
# in the environment, as PETIT_SECTION__KEY (PETIT_SERVER__LISTEN); lists stand in brackets there. Flags
# win over the environment, which wins over the file. A key that is not listed here is an error;
# `petit config check` says what counts and where it comes from.
";

/// A kind that can be chosen for a section; the first one is what runs unless another is named.
struct Choice(&'static str, &'static Manual);

/// The whole manual as a TOML file in which every line is a comment, so that it changes nothing as it is.
pub fn example() -> String {
    let mut text = HEAD.to_owned();
    write(&mut text).expect("writing to a string cannot fail");
    text
}

fn write(text: &mut String) -> Result<(), Error> {
    plain(text, "server", &Server::MANUAL)?;
    kinds(text, "identity", &[Choice("builtin", &Builtin::MANUAL), Choice("oidc", &Oidc::MANUAL)])?;
    kinds(text, "store", &[Choice("sqlite", &Sqlite::MANUAL), Choice("scylla", &Scylla::MANUAL)])?;
    kinds(
        text,
        "bus",
        &[
            Choice("local", &Local::MANUAL),
            Choice("nats", &Nats::MANUAL),
            Choice("notifier", &Notifier::MANUAL),
        ],
    )?;
    plain(text, "cluster", &Cluster::MANUAL)?;
    plain(text, "faults", &Faults::MANUAL)?;
    plain(text, "log", &Log::MANUAL)
}

fn plain(text: &mut String, name: &str, manual: &Manual) -> Result<(), Error> {
    writeln!(text)?;
    comment(text, manual.about)?;
    writeln!(text, "[{name}]")?;
    keys(text, manual)
}

/// The first kind stands as it would be written; the others as comments in full.
fn kinds(text: &mut String, name: &str, choices: &[Choice]) -> Result<(), Error> {
    for (place, Choice(kind, manual)) in choices.iter().enumerate() {
        writeln!(text)?;
        comment(text, manual.about)?;
        let mark = if place == 0 { "" } else { "#" };
        writeln!(text, "{mark}[{name}]\n{mark}kind = \"{kind}\"")?;
        keys(text, manual)?;
    }
    Ok(())
}

fn keys(text: &mut String, manual: &Manual) -> Result<(), Error> {
    for key in manual.keys {
        writeln!(text)?;
        comment(text, key.about)?;
        writeln!(text, "#{} = {}", key.name, key.shown)?;
    }
    Ok(())
}

fn comment(text: &mut String, lines: &[&str]) -> Result<(), Error> {
    lines.iter().try_for_each(|line| writeln!(text, "#{line}"))
}
