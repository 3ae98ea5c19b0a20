use axum::http::{HeaderMap, header::ACCEPT_ENCODING};

/// A compressed form that files may have beside them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    Brotli,
    Gzip,
}

impl Encoding {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// What the client takes of what we may have, smallest first. Its own preferences among them are not
/// followed: both are one table look-up for us and the smaller one is better for everybody.
pub fn accepted(headers: &HeaderMap) -> Vec<Encoding> {
    let said: Vec<&str> = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','))
        .collect();
    [Encoding::Brotli, Encoding::Gzip].into_iter().filter(|encoding| takes(&said, encoding.name())).collect()
}

/// Whether a coding is named, or everything is, and not with weight zero (RFC 9110 §12.5.3).
fn takes(said: &[&str], name: &str) -> bool {
    let weight = |wanted: &str| said.iter().find_map(|one| weight_of(one, wanted));
    weight(name).or_else(|| weight("*")).is_some_and(|weight| weight > 0.0)
}

fn weight_of(said: &str, wanted: &str) -> Option<f32> {
    let mut parts = said.split(';').map(str::trim);
    if !parts.next()?.eq_ignore_ascii_case(wanted) {
        return None;
    }
    let weight = parts.find_map(|part| part.strip_prefix("q="));
    Some(weight.map_or(1.0, |weight| weight.parse().unwrap_or(0.0)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_takes_is_what_it_says() {
        use Encoding::{Brotli, Gzip};
        for (said, expected) in [
            ("gzip, deflate, br, zstd", vec![Brotli, Gzip]),
            ("gzip", vec![Gzip]),
            ("br;q=0, gzip;q=0.5", vec![Gzip]),
            ("*", vec![Brotli, Gzip]),
            ("*;q=0", vec![]),
            ("identity", vec![]),
            ("BR; q=1", vec![Brotli]),
            ("brotli", vec![]),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_ENCODING, said.parse().expect("a header"))]);
            assert_eq!(accepted(&headers), expected, "{said}");
        }
        assert!(accepted(&HeaderMap::new()).is_empty());
    }
}
