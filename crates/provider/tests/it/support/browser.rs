use std::collections::BTreeMap;

use axum::{Router, body::Body};
use http::{HeaderMap, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tower::ServiceExt;

use super::PUBLIC_URL;

/// What came back.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Where it sends the browser.
    pub fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "a redirect, not {}", self.body);
        self.header("location")
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    /// A parameter of the address it sends the browser to.
    pub fn parameter(&self, name: &str) -> Option<String> {
        let (_, query) = self.location().split_once('?')?;
        let value = query.split('&').find_map(|pair| pair.strip_prefix(&format!("{name}=")))?;
        Some(percent_encoding::percent_decode_str(value).decode_utf8_lossy().into_owned())
    }
}

/// A browser: cookies by name and path, nothing else.
#[derive(Clone)]
pub struct Browser {
    router: Router,
    agent: &'static str,
    /// As `Accept-Language` says it.
    languages: &'static str,
    pub cookies: BTreeMap<String, (String, String)>,
}

impl Browser {
    pub fn new(router: &Router, agent: &'static str) -> Self {
        Self { router: router.clone(), agent, languages: "en", cookies: BTreeMap::new() }
    }

    pub fn speaking(self, languages: &'static str) -> Self {
        Self { languages, ..self }
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(|(value, _)| value.as_str())
    }

    pub async fn get(&mut self, address: &str) -> Answer {
        self.send(Request::builder().method(Method::GET), address, String::new()).await
    }

    pub async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let request = Request::builder()
            .method(Method::POST)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        self.send(request, address, form(fields)).await
    }

    /// Follows redirects until there is a page or an address outside.
    pub async fn follow(&mut self, mut answer: Answer) -> Answer {
        for _ in 0..10 {
            if answer.status != StatusCode::SEE_OTHER {
                return answer;
            }
            let address = answer.location().to_owned();
            answer = self.get(&address).await;
        }
        panic!("too many redirects");
    }

    pub async fn send(&mut self, request: http::request::Builder, address: &str, body: String) -> Answer {
        let path = address.strip_prefix(PUBLIC_URL).unwrap_or(address);
        assert!(path.starts_with('/'), "{address} is ours");
        let request = request
            .uri(path)
            .header(header::HOST, PUBLIC_URL.trim_start_matches("http://"))
            .header(header::USER_AGENT, self.agent)
            .header(header::ACCEPT_LANGUAGE, self.languages)
            .header(header::COOKIE, self.cookies_for(path))
            .body(Body::from(body))
            .expect("a request");
        let (parts, body) = self.router.clone().oneshot(request).await.expect("infallible").into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let body = String::from_utf8(body.to_vec()).expect("text");
        self.keep(&parts.headers);
        Answer { status: parts.status, headers: parts.headers, body }
    }

    fn cookies_for(&self, path: &str) -> String {
        let sent = self.cookies.iter().filter(|(_, (_, scope))| path.starts_with(scope.as_str()));
        sent.map(|(name, (value, _))| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn keep(&mut self, headers: &HeaderMap) {
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().expect("text");
            assert!(line.contains("; HttpOnly; SameSite=Lax"), "{line}");
            let (pair, rest) = line.split_once("; Path=").expect("a path");
            let (name, value) = pair.split_once('=').expect("a pair");
            let path = rest.split(';').next().expect("a path");
            if rest.contains("Max-Age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), (value.to_owned(), path.to_owned()));
            }
        }
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let escaped = |text| utf8_percent_encode(text, NON_ALPHANUMERIC);
    fields.iter().map(|(name, value)| format!("{name}={}", escaped(value))).collect::<Vec<_>>().join("&")
}

/// The hidden field that a page's form carries.
pub fn hidden_field(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"form\" value=\"").expect("a form");
    rest.split('"').next().expect("its value").to_owned()
}
