use std::{convert::Infallible, net::SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use http::{HeaderMap, request::Parts};
use petit_app::ports::Random;

use crate::{attempts::Target, cookies, secret::fresh};

/// Tells this browser from others while it is on our pages.
const BROWSER_COOKIE: &str = "petit_oidc";
/// Lets somebody who has just made an account pass once.
const ARRIVAL_COOKIE: &str = "petit_oidc_arrival";

/// Who looks at a page.
pub(crate) struct Visitor {
    /// What tells this browser from others, if it was here before.
    pub(crate) browser: Option<String>,
    /// The secret of somebody who has just made an account.
    pub(crate) arrival: Option<String>,
    /// Where the connection comes from, if the server says.
    pub(crate) address: Option<Target>,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        Ok(Self {
            browser: secret_cookie(&parts.headers, BROWSER_COOKIE),
            arrival: secret_cookie(&parts.headers, ARRIVAL_COOKIE),
            address: peer.map(|ConnectInfo(peer)| Target::address(peer.ip())),
        })
    }
}

impl Visitor {
    /// What tells this browser from others, newly drawn if need be.
    pub(crate) fn browser(&self, random: &dyn Random) -> String {
        self.browser.clone().unwrap_or_else(|| fresh(random))
    }
}

pub(crate) fn browser_cookie(browser: &str, max_age_s: i64, secure: bool) -> cookies::Cookie<'_> {
    cookies::Cookie { name: BROWSER_COOKIE, value: browser, path: "/oidc", max_age_s, secure }
}

pub(crate) fn arrival_cookie(secret: &str, max_age_s: i64, secure: bool) -> cookies::Cookie<'_> {
    cookies::Cookie { name: ARRIVAL_COOKIE, value: secret, path: "/oidc", max_age_s, secure }
}

/// A cookie that looks like one of ours: base64url of 32 bytes.
fn secret_cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    cookies::find(headers, name)
        .filter(|value| value.len() == 43 && value.bytes().all(plain))
        .map(str::to_owned)
}
