//! The web client inside the binary: what `npm run build` made, with its compressed siblings.

mod encoding;
mod visitor;

use axum::{
    body::Body,
    http::{
        HeaderMap, HeaderValue, Method, Response, StatusCode, Uri,
        header::{
            ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG,
            IF_NONE_MATCH, LOCATION, VARY,
        },
    },
};
use encoding::Encoding;
use rust_embed::{EmbeddedFile, RustEmbed};

/// Scripts come from here alone; the two named policies are the client's own ways to make HTML and to
/// name its service worker. Styles in attributes are allowed because drawing needs positions.
const POLICY: &str = "default-src 'self'; style-src 'self'; style-src-attr 'unsafe-inline'; \
     img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; \
     frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types svelte-trusted-html sw-url";
/// Names under `assets/` carry a hash of what is in them, so what they name never changes.
const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

#[derive(RustEmbed)]
#[folder = "$PETIT_WEB_DIST"]
struct Built;

/// Answers everything that is not the API: a file of the client, or its page, which knows the rest of the paths.
pub async fn serve(method: Method, uri: Uri, headers: HeaderMap) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        return with(status(StatusCode::METHOD_NOT_ALLOWED), ALLOW, "GET, HEAD");
    }
    match found(uri.path().trim_start_matches('/')) {
        Found::File(name) => file(name, &headers),
        Found::Place if visitor::is_stranger(&headers) => to_sign_in(&uri),
        Found::Place => file("index.html", &headers),
        Found::Nothing => status(StatusCode::NOT_FOUND),
    }
}

enum Found<'a> {
    File(&'a str),
    /// A place inside the client, which its page knows.
    Place,
    Nothing,
}

/// What a path means. One without a dot is a place inside the client.
fn found(path: &str) -> Found<'_> {
    if !path.is_empty() && Built::get(path).is_some() {
        return Found::File(path);
    }
    let names_a_file =
        path.starts_with("assets/") || path.rsplit('/').next().is_some_and(|last| last.contains('.'));
    if names_a_file { Found::Nothing } else { Found::Place }
}

/// Somebody who cannot be signed in needs nothing of the client to sign in.
fn to_sign_in(uri: &Uri) -> Response<Body> {
    let mut answer = with(status(StatusCode::SEE_OTHER), CACHE_CONTROL, "no-store");
    let address = HeaderValue::try_from(visitor::sign_in(uri));
    answer.headers_mut().insert(LOCATION, address.unwrap_or(HeaderValue::from_static(visitor::SIGN_IN)));
    answer
}

fn file(name: &str, headers: &HeaderMap) -> Response<Body> {
    let Some((file, encoding)) = best(name, headers) else { return status(StatusCode::NOT_FOUND) };
    let tag = tag(&file);
    let mut response = if headers.get(IF_NONE_MATCH).is_some_and(|known| matches(known, &tag)) {
        status(StatusCode::NOT_MODIFIED)
    } else {
        with(Response::new(body(file)), CONTENT_TYPE, content_type(name))
    };
    if let Some(encoding) = encoding {
        response = with(response, CONTENT_ENCODING, encoding.name());
    }
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        response.headers_mut().insert(ETAG, tag);
    }
    let response =
        with(response, CACHE_CONTROL, if name.starts_with("assets/") { FOREVER } else { ASK_AGAIN });
    with(with(response, VARY, "accept-encoding"), CONTENT_SECURITY_POLICY, POLICY)
}

/// The smallest form of a file that the client takes.
fn best(name: &str, headers: &HeaderMap) -> Option<(EmbeddedFile, Option<Encoding>)> {
    let compressed = encoding::accepted(headers).into_iter();
    let mut siblings = compressed
        .filter_map(|encoding| Some((Built::get(&format!("{name}{}", encoding.suffix()))?, Some(encoding))));
    siblings.next().or_else(|| Some((Built::get(name)?, None)))
}

fn body(file: EmbeddedFile) -> Body {
    match file.data {
        std::borrow::Cow::Borrowed(bytes) => bytes.into(),
        std::borrow::Cow::Owned(bytes) => bytes.into(),
    }
}

/// Differs between the compressed forms too, as it must (RFC 9110 §8.8.3).
fn tag(file: &EmbeddedFile) -> String {
    let hash: String =
        file.metadata.sha256_hash().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("\"{hash}\"")
}

fn matches(known: &HeaderValue, tag: &str) -> bool {
    let known = known.to_str().unwrap_or_default();
    known.split(',').map(|one| one.trim().trim_start_matches("W/")).any(|one| one == tag || one == "*")
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "webp" => "image/webp",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn with(mut response: Response<Body>, name: axum::http::HeaderName, value: &'static str) -> Response<Body> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(path: &'static str, mut headers: HeaderMap) -> Response<Body> {
        headers.insert(axum::http::header::COOKIE, HeaderValue::from_static("petit_session=pc_1"));
        serve(Method::GET, Uri::from_static(path), headers).await
    }

    #[tokio::test]
    async fn a_stranger_signs_in_without_loading_the_client() {
        for (path, place) in [("/", "%2F"), ("/c/abc?m=3", "%2Fc%2Fabc%3Fm%3D3")] {
            let answer = serve(Method::GET, Uri::from_static(path), HeaderMap::new()).await;
            assert_eq!(answer.status(), StatusCode::SEE_OTHER);
            assert_eq!(answer.headers()[LOCATION], format!("/auth/sign-in?return_to={place}"));
            assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        }
        let missing = serve(Method::GET, Uri::from_static("/none.png"), HeaderMap::new()).await;
        assert_eq!(missing.status(), StatusCode::NOT_FOUND);
        let page = serve(Method::GET, Uri::from_static("/index.html"), HeaderMap::new()).await;
        assert_eq!(page.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn places_inside_the_client_are_its_page_and_missing_files_are_not() {
        for (path, status) in [("/", 200), ("/chats/abc", 200), ("/assets/none.js", 404), ("/none.png", 404)]
        {
            assert_eq!(get(path, HeaderMap::new()).await.status(), status, "{path}");
        }
    }

    #[tokio::test]
    async fn the_page_is_asked_for_again_and_not_sent_again() {
        let page = get("/", HeaderMap::new()).await;
        assert_eq!(page.headers()[CACHE_CONTROL], ASK_AGAIN);
        assert!(
            page.headers()[CONTENT_SECURITY_POLICY].to_str().expect("text").contains("object-src 'none'")
        );
        let known = HeaderMap::from_iter([(IF_NONE_MATCH, page.headers()[ETAG].clone())]);
        assert_eq!(get("/chats", known).await.status(), StatusCode::NOT_MODIFIED);
    }

    #[tokio::test]
    async fn only_reading_is_allowed() {
        let answer = serve(Method::POST, Uri::from_static("/"), HeaderMap::new()).await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
