use axum::{Router, body::Body};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::BodyExt;
use petit_domain::{ChatId, Message, Page};
use petit_protocol::Problem;
use serde_json::{Value, json};
use tower::ServiceExt;

/// Somebody who calls the API, in this process.
#[derive(Clone)]
pub struct Client {
    router: Router,
    token: Option<String>,
}

/// What the API answered.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, `null` when there is none.
    pub body: Value,
}

impl Answer {
    /// The body, if the status is this one.
    #[track_caller]
    pub fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.body);
        self.body
    }

    /// The problem, if the status and code are these.
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Problem {
        let kind = self.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        assert_eq!(kind, Some(&b"application/problem+json"[..]), "{} {}", self.status, self.body);
        let problem: Problem = serde_json::from_value(self.body).expect("a problem");
        assert_eq!((self.status.as_u16(), problem.code.as_str()), (status, code), "{}", problem.detail);
        assert_eq!(problem.status, status, "the body repeats the status");
        problem
    }
}

impl Client {
    pub(crate) fn new(router: Router, token: Option<String>) -> Self {
        Self { router, token }
    }

    /// The client's bearer token.
    pub fn token(&self) -> &str {
        self.token.as_deref().unwrap_or_default()
    }

    /// Reads.
    pub async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None).await
    }

    /// Creates.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, Some(body)).await
    }

    /// Replaces.
    pub async fn put(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PUT, path, Some(body)).await
    }

    /// Changes.
    pub async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, Some(body)).await
    }

    /// Takes away.
    pub async fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, path, None).await
    }

    /// Any method with a JSON body or none.
    pub async fn call(&self, method: Method, path: &str, body: Option<Value>) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if body.is_some() {
            request = request.header(header::CONTENT_TYPE, "application/json");
        }
        let body = body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        self.send(request.body(body).expect("a request")).await
    }

    /// Any request, signed by the client's token unless it is signed already.
    pub async fn send(&self, mut request: Request<Body>) -> Answer {
        if let Some(token) = &self.token {
            let bearer = HeaderValue::try_from(format!("Bearer {token}")).expect("tokens are plain");
            request.headers_mut().entry(header::AUTHORIZATION).or_insert(bearer);
        }
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a whole body").to_bytes();
        let body = serde_json::from_slice(&bytes)
            .unwrap_or_else(|_| Value::from(String::from_utf8_lossy(&bytes).as_ref()));
        let body = if bytes.is_empty() { Value::Null } else { body };
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Writes a message whose client id is its text without spaces.
    pub async fn say(&self, chat: ChatId, text: &str) -> Message {
        let body = json!({"text": text, "client_id": text.replace(' ', "-")});
        let answer = self.post(&format!("/v1/chats/{chat}/messages"), body).await;
        serde_json::from_value(answer.expect(201)).expect("a message")
    }

    /// Every item of a list, page by page, `limit` at a time.
    pub async fn all(&self, path: &str, limit: usize) -> Vec<Value> {
        let separator = if path.contains('?') { '&' } else { '?' };
        let first = format!("{path}{separator}limit={limit}");
        let (mut items, mut next) = (Vec::new(), Some(first.clone()));
        while let Some(address) = next {
            let answer = self.get(&address).await.expect(200);
            let page: Page<Value> = serde_json::from_value(answer).expect("a page");
            assert!(page.items.len() <= limit, "a page of {path} is too long");
            items.extend(page.items);
            next = page.next.map(|cursor| format!("{first}&cursor={cursor}"));
        }
        items
    }
}
