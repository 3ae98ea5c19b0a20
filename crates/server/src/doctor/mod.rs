//! Looks whether everything works and what is not set up yet.

mod live;
mod probes;
mod surroundings;

use std::{fmt::Write, net::SocketAddr};

use petit_app::follow::Lag;
use serde::{Deserialize, Serialize};

use crate::installation::Installation;

/// What one look found.
#[derive(Clone, Serialize, Deserialize)]
pub struct Finding {
    what: String,
    state: State,
    told: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// It works.
    Ok,
    /// It works, and somebody should know this.
    Note,
    /// It does not work.
    Failed,
}

impl Finding {
    fn ok(what: &str, told: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Ok, told: told.into() }
    }

    fn note(what: &str, told: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Note, told: told.into() }
    }

    fn failed(what: &str, told: impl Into<String>) -> Self {
        Self { what: what.to_owned(), state: State::Failed, told: told.into() }
    }

    /// What a probe answered: how it went, or why it did not.
    fn of(what: &str, outcome: anyhow::Result<String>) -> Self {
        match outcome {
            Ok(told) => Self::ok(what, told),
            Err(error) => Self::failed(what, format!("{error:#}")),
        }
    }
}

/// Looks at everything. `listening` is where the server answers, if there is one.
pub async fn examine(installation: &Installation, listening: Option<SocketAddr>) -> Vec<Finding> {
    let mut findings = vec![
        Finding::of("store", probes::store(&installation.app).await),
        Finding::of("bus", probes::bus(&installation.app).await),
        live::delivery(&installation.app, listening).await,
    ];
    findings.extend(followers(installation));
    findings.extend(listening.map(|_| timers(installation)));
    findings.extend(surroundings::all(installation));
    findings
}

/// How timers go in the server that runs here. One may be waiting because a newer version has to see to it.
fn timers(installation: &Installation) -> Finding {
    let figures = installation.app.timers();
    let (held, waiting) = (figures.held(), figures.waiting());
    let told = format!(
        "{held} shards here, {} fired, the last one {} ms late, {waiting} past their time",
        figures.fired(),
        figures.last_late_ms()
    );
    if waiting > 0 { Finding::note("timers", told) } else { Finding::ok("timers", told) }
}

/// How far the followers of the log are behind that run here.
fn followers(installation: &Installation) -> Vec<Finding> {
    let told = |(name, lag): (&str, Lag)| match lag.chats {
        0 => Finding::ok(name, "nothing is behind"),
        behind => {
            let (what, since) = (if behind == 1 { "chat" } else { "chats" }, lag.oldest_s);
            Finding::note(name, format!("{behind} {what} behind, the oldest for {since} s"))
        }
    };
    installation.app.follow().lags().into_iter().map(told).collect()
}

/// Whether nothing failed.
pub fn is_well(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.state != State::Failed)
}

/// The findings as a table.
pub fn table(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.what.len()).max().unwrap_or(0);
    let mut table = String::new();
    for Finding { what, state, told } in findings {
        let state = match state {
            State::Ok => "ok",
            State::Note => "note",
            State::Failed => "FAILED",
        };
        writeln!(table, "{state:6}  {what:width$}  {told}").expect("writing to a string cannot fail");
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failure_is_enough_to_be_unwell() {
        let well = vec![Finding::ok("a", ""), Finding::note("b", "")];
        assert!(is_well(&well));
        assert!(!is_well(&[well, vec![Finding::failed("c", "")]].concat()));
    }

    #[test]
    fn the_table_is_aligned() {
        let table = table(&[Finding::ok("store", "fine"), Finding::failed("live delivery", "late")]);
        assert_eq!(table, "ok      store          fine\nFAILED  live delivery  late\n");
    }
}
