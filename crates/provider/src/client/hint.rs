//! The id token of the sign-in, kept by the browser for the day it leaves: a provider that is shown it knows
//! whom to forget and does not ask again. It proves nothing to us.

use http::HeaderMap;

use crate::cookies::{self, Cookie};

const NAME: &str = "petit_id_token";
/// Browsers keep no larger cookies.
const MOST: usize = 3_800;

/// The cookie, sent back to the routes of signing in and out only. Too large a token is not kept.
pub(super) fn cookie(id_token: &str, max_age_s: i64, secure: bool) -> Cookie<'_> {
    if id_token.is_empty() || id_token.len() > MOST {
        return Cookie::forget(NAME, "/auth", secure);
    }
    Cookie { name: NAME, value: id_token, path: "/auth", max_age_s, secure }
}

/// The token, if the browser has one.
pub(super) fn find(headers: &HeaderMap) -> Option<&str> {
    cookies::find(headers, NAME).filter(|token| !token.is_empty())
}
