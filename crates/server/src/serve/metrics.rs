//! `GET /metrics`: what the store has counted and how timers go, in the text form that Prometheus reads. For bearer tokens
//! of the server's admins and owners: how busy a server is, is nobody else's business.

use std::{fmt::Write as _, sync::Arc};

use axum::{Router, extract::State, http::header, response::IntoResponse, routing::get};
use petit_api::{ApiError, Signed};
use petit_app::{App, AppError, people, timers::Figures};
use petit_domain::ServerRole;

use super::lags;
use crate::wiring::{Counter, Counting};

/// The route, over these counters.
pub fn routes(app: Arc<App>, counting: Counting) -> Router {
    let show =
        move |State(app): State<Arc<App>>, signed: Signed| async move { show(&app, signed, &counting).await };
    Router::new().route("/metrics", get(show)).with_state(app)
}

async fn show(
    app: &App,
    Signed(caller): Signed,
    counting: &Counting,
) -> Result<impl IntoResponse + use<>, ApiError> {
    if people::get(app, caller.user).await?.role < ServerRole::Admin {
        return Err(AppError::forbidden("Only admins of the server may see its metrics.").into());
    }
    let all = text(&counting()) + &timers(app.timers()) + &lags::text(&app.follow().lags());
    Ok(([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], all))
}

fn text(counters: &[Counter]) -> String {
    let mut text = String::new();
    for Counter { name, help, value } in counters {
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} counter\n{name} {value}");
    }
    text
}

fn timers(figures: &Figures) -> String {
    let counter = |name, help, value| Counter { name, help, value };
    let counted = [
        counter("petit_timers_fired_total", "Timers that happened.", figures.fired()),
        counter("petit_timers_failed_total", "Attempts at timers that came to nothing.", figures.failed()),
        counter(
            "petit_timers_late_ms_total",
            "Milliseconds between due times and firing, of all together.",
            figures.late_ms(),
        ),
    ];
    let now = [
        ("petit_timers_waiting", "Timers past their time that have not happened.", figures.waiting()),
        ("petit_timers_shards_held", "Shards of timers that are worked on here.", figures.held()),
        ("petit_timers_last_late_ms", "How late the last timer was.", figures.last_late_ms()),
    ];
    let mut text = text(&counted);
    for (name, help, value) in now {
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_written_as_prometheus_reads_it() {
        let counter = Counter { name: "petit_things_total", help: "Things.", value: 7 };
        let expected =
            "# HELP petit_things_total Things.\n# TYPE petit_things_total counter\npetit_things_total 7\n";
        assert_eq!(text(&[counter]), expected);
    }
}
