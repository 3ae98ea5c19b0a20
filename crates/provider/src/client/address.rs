//! Addresses that come from outside, judged before anybody is sent to one.

/// Where to go after signing in: a path of our own, else the start.
pub(super) fn local_path(asked: Option<&str>) -> &str {
    asked.filter(|path| is_local(path)).unwrap_or("/")
}

/// Browsers read `//host`, `/\host` and addresses with line breaks in them as other sites.
fn is_local(path: &str) -> bool {
    let inside = path.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']));
    let plain = path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    inside && plain && path.len() <= 2048 && !path.starts_with("/auth/")
}

/// How the address in the browser relates to the public one.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// The same host, or there is nothing to compare.
    AsKnown,
    /// Another name of this machine: cookies would not meet, so go to the known one.
    Alias,
    /// The public address only works on the server's own machine, and the browser is elsewhere.
    Elsewhere,
}

pub(super) fn seen(public_url: &str, host: Option<&str>) -> Seen {
    let known = host_name(public_url.split_once("://").map_or(public_url, |(_, rest)| rest));
    let Some(seen) = host.map(host_name).filter(|seen| !seen.is_empty()) else { return Seen::AsKnown };
    match (is_loopback(known), is_loopback(seen)) {
        _ if known.eq_ignore_ascii_case(seen) => Seen::AsKnown,
        (true, true) => Seen::Alias,
        (true, false) => Seen::Elsewhere,
        // A proxy in front may pass on any name it likes.
        (false, _) => Seen::AsKnown,
    }
}

/// The host without its port; `[::1]` keeps its brackets.
fn host_name(authority: &str) -> &str {
    match authority.rfind(']') {
        Some(end) => &authority[..=end],
        None => authority.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host == "[::1]" || host.starts_with("127.")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_paths_of_our_own_are_returned_to() {
        for good in ["/", "/chats/0190", "/a?b=c&d=%2F%2F", "/a//b", "/#x"] {
            assert_eq!(local_path(Some(good)), good);
        }
        for bad in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "",
            "evil",
            "/a\\b",
            "/a\nb",
            "/\t/evil.example",
            "/a b",
            "/é",
            "/auth/sign-in",
            "\\\\evil",
            "/\r\nSet-Cookie: a=b",
        ] {
            assert_eq!(local_path(Some(bad)), "/", "{bad:?}");
        }
        assert_eq!(local_path(None), "/");
        assert_eq!(local_path(Some(&format!("/{}", "x".repeat(3000)))), "/");
    }

    #[test]
    fn aliases_of_this_machine_are_recognised() {
        let known = "http://127.0.0.1:8420";
        for (host, expected) in [
            (Some("127.0.0.1:8420"), Seen::AsKnown),
            (Some("127.0.0.1:5173"), Seen::AsKnown),
            (Some("localhost:8420"), Seen::Alias),
            (Some("[::1]:8420"), Seen::Alias),
            (Some("192.168.1.5:8420"), Seen::Elsewhere),
            (Some("chat.lan"), Seen::Elsewhere),
            (Some(""), Seen::AsKnown),
            (None, Seen::AsKnown),
        ] {
            assert_eq!(seen(known, host), expected, "{host:?}");
        }
        assert_eq!(seen("https://chat.example", Some("10.0.0.7:8420")), Seen::AsKnown);
        assert_eq!(seen("https://chat.example", Some("CHAT.example")), Seen::AsKnown);
    }

    proptest! {
        #[test]
        fn whatever_is_asked_the_answer_stays_here(asked in any::<String>(), host in any::<String>()) {
            let path = local_path(Some(&asked));
            prop_assert!(path.starts_with('/') && !path.starts_with("//") && !path.contains('\\'));
            let _ = seen("http://localhost:8420", Some(&host));
        }
    }
}
