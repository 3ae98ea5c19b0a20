use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderName, HeaderValue, StatusCode, header};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};

use super::words::words;

const STYLE: &str = include_str!("style.css");

/// Allows our one style and our own forms. No script, no picture from elsewhere, no framing.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// One page of the way in.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    /// Names the page in the window's title.
    pub(crate) title: &'static str,
    pub(crate) heading: String,
    /// One line under the heading.
    pub(crate) lead: String,
    /// What is in the card.
    pub(crate) card: Markup,
    /// Small print under the card.
    pub(crate) note: Option<Markup>,
}

impl Page {
    fn markup(&self) -> Markup {
        html! {
            (DOCTYPE)
            html lang=(words().lang) {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                    meta name="robots" content="noindex";
                    title { (self.title) " · Petit chat" }
                    style { (PreEscaped(STYLE)) }
                }
                body { div.gate { (self.main()) footer { "Petit chat" } } }
            }
        }
    }

    fn main(&self) -> Markup {
        html! {
            main {
                div.gate-head { (mark()) h1 { (self.heading) } p { (self.lead) } }
                div.card { (self.card) }
                @if let Some(note) = &self.note { p.gate-note { (note) } }
            }
        }
    }
}

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let headers: [(HeaderName, HeaderValue); 6] = [
            (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
            (header::CONTENT_SECURITY_POLICY, POLICY.clone()),
            (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
            (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        ];
        (self.status, headers, self.markup().into_string()).into_response()
    }
}

/// Says when to come back, to programs.
pub(crate) fn with_retry_after(seconds: u32, answer: impl IntoResponse) -> Response {
    ([(header::RETRY_AFTER, seconds.to_string())], answer).into_response()
}

/// The cat.
fn mark() -> Markup {
    html! {
        svg.mark viewBox="0 0 28 28" aria-hidden="true" {
            path d="M4.500 5.200c0-1.300 1.400-2 2.400-1.200l3.300 2.600c1.200-.3 2.500-.4 3.800-.4s2.600.1 3.800.4L21.100 4c1-.8 2.400-.1 2.400 1.200v5.600c.6 1.100 1 2.300 1 3.700 0 5-4.700 8.300-10.500 8.300-.9 0-1.800-.1-2.600-.2L7.600 25.200c-.7.500-1.600 0-1.600-.9v-3.600C4.300 19.200 3.500 17 3.500 14.500c0-1.400.4-2.600 1-3.700z" {}
            g { ellipse cx="10.200" cy="13.800" rx="1.500" ry="1.900" {} ellipse cx="17.800" cy="13.800" rx="1.500" ry="1.900" {} }
            path.mouth d="M12.600 17.300q1.400 1.200 2.800 0" {}
        }
    }
}
