//! How far followers of the log are behind, for `GET /metrics`.

use std::fmt::Write as _;

use petit_app::follow::Lag;

/// Two gauges for each follower of this process.
pub fn text(lags: &[(&str, Lag)]) -> String {
    type Value = fn(&Lag) -> u64;
    let gauges: [(&str, &str, Value); 2] = [
        ("petit_follower_behind_chats", "Chats in which a follower is behind.", |lag| lag.chats as u64),
        ("petit_follower_behind_seconds", "For how long the oldest of them has waited.", |lag| lag.oldest_s),
    ];
    let mut text = String::new();
    for (name, help, value) in gauges.iter().filter(|_| !lags.is_empty()) {
        // Writing to a string does not fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (follower, lag) in lags {
            let _ = writeln!(text, "{name}{{follower=\"{follower}\"}} {}", value(lag));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_follower_has_its_lines() {
        let text = text(&[("mentions", Lag { chats: 3, oldest_s: 7 })]);
        assert!(text.contains("# TYPE petit_follower_behind_chats gauge\n"));
        assert!(text.contains("petit_follower_behind_chats{follower=\"mentions\"} 3\n"));
        assert!(text.ends_with("petit_follower_behind_seconds{follower=\"mentions\"} 7\n"));
    }

    #[test]
    fn where_nobody_follows_there_is_nothing() {
        assert_eq!(text(&[]), "");
    }
}
