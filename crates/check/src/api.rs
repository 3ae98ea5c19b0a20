use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(8);

/// How a request ended.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Reply {
    /// It was done; here is the answer.
    Done(Value),
    /// It was refused, and so it was not done: status and code.
    Refused(u16, String),
    /// Nobody knows whether it was done.
    Unknown(String),
}

impl Reply {
    pub(crate) fn done(self) -> Option<Value> {
        match self {
            Self::Done(value) => Some(value),
            Self::Refused(..) | Self::Unknown(_) => None,
        }
    }
}

/// The installation as one person reaches it.
#[derive(Clone)]
pub(crate) struct Api {
    client: reqwest::Client,
    urls: Vec<String>,
    token: String,
}

impl Api {
    pub(crate) fn new(urls: &[String], token: &str) -> anyhow::Result<Self> {
        let client = reqwest::Client::builder().timeout(PATIENCE).connect_timeout(Duration::from_secs(2));
        let urls = urls.iter().map(|url| url.trim_end_matches('/').to_owned()).collect();
        Ok(Self { client: client.build()?, urls, token: token.to_owned() })
    }

    pub(crate) fn nodes(&self) -> usize {
        self.urls.len()
    }

    pub(crate) fn url(&self, node: usize) -> &str {
        &self.urls[node % self.urls.len()]
    }

    pub(crate) async fn call(&self, node: usize, method: Method, path: &str, body: Option<Value>) -> Reply {
        let request = self.client.request(method, format!("{}{path}", self.url(node)));
        let request = request.bearer_auth(&self.token);
        let request = match body {
            Some(body) => request.json(&body),
            None => request,
        };
        match request.send().await {
            Ok(answer) => read(answer).await,
            Err(error) => Reply::Unknown(error.to_string()),
        }
    }

    /// Asks one node after the other until one answers.
    pub(crate) async fn get(&self, node: usize, path: &str) -> Reply {
        let mut last = Reply::Unknown("nobody was asked".into());
        for turn in 0..self.nodes() {
            last = self.call(node + turn, Method::GET, path, None).await;
            if !matches!(last, Reply::Unknown(_)) {
                break;
            }
        }
        last
    }

    /// Every page of a list; `None` if some page did not come.
    pub(crate) async fn all(&self, node: usize, path: &str) -> Option<Vec<Value>> {
        let (mut items, mut next) = (Vec::new(), path.to_owned());
        loop {
            let page = self.get(node, &next).await.done()?;
            items.extend(page["items"].as_array()?.iter().cloned());
            match page["next"].as_str() {
                Some(cursor) => next = format!("{path}&cursor={cursor}").replace("after=-1&", ""),
                None => return Some(items),
            }
        }
    }
}

async fn read(answer: reqwest::Response) -> Reply {
    let status = answer.status().as_u16();
    let body = match answer.bytes().await {
        Ok(body) => body,
        Err(error) => return Reply::Unknown(error.to_string()),
    };
    let json: Value = serde_json::from_slice(&body).unwrap_or_default();
    match status {
        200..300 => Reply::Done(json),
        // An overload or an outage may have struck after the deed.
        500.. => Reply::Unknown(format!("status {status}")),
        _ => Reply::Refused(status, json["code"].as_str().unwrap_or_default().to_owned()),
    }
}
