//! The OpenAPI document and the page that shows it.

use std::sync::Arc;

use axum::{
    extract::State,
    response::{Html, IntoResponse},
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, header};
use maud::{DOCTYPE, Markup, html};
use petit_app::sessions;
use petit_domain::{ChatId, Envelope, Event, Forwarded, MessageId, Page, ScheduledId, SessionId, UserId};
use petit_protocol::{PresenceInfo, Problem, ServerFrame};
use utoipa::{
    OpenApi as _, PartialSchema,
    openapi::{
        OpenApi, Ref, RefOr, Schema, SecurityRequirement,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use crate::gateway;

/// What no controller mentions is listed here: what sockets and streams carry, and ids, which are
/// named in parameters only.
#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Petit chat",
        description = "Lists answer `items` and `next`; errors are problems with a stable `code`."
    ),
    components(schemas(
        ChatId, MessageId, ScheduledId, SessionId, UserId, Event, Forwarded, Page<PresenceInfo>, PresenceInfo, Problem, ServerFrame
    ))
)]
struct Description;

/// The document before any route is in it.
pub(crate) fn start() -> OpenApi {
    Description::openapi()
}

/// The document of the controllers, with what the gateway serves and how to sign in.
pub(crate) fn completed(mut document: OpenApi) -> OpenApi {
    gateway::describe(&mut document.paths);
    put_into_envelopes(&mut document);
    put_into_messages(&mut document);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    let cookie = ApiKey::Cookie(ApiKeyValue::new(sessions::COOKIE));
    let components = document.components.get_or_insert_default();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(cookie));
    let no_scopes: [&str; 0] = [];
    let ways = ["bearer", "cookie"].map(|way| SecurityRequirement::new(way, no_scopes));
    document.security = Some(ways.to_vec());
    document
}

/// Every event may have the fields of an envelope beside its own.
fn put_into_envelopes(document: &mut OpenApi) {
    let events = document.components.get_or_insert_default().schemas.get_mut("Event");
    let Some(RefOr::T(Schema::OneOf(events))) = events else { return };
    for event in &mut events.items {
        if let RefOr::T(Schema::Object(event)) = event {
            let envelope = Envelope::schema();
            let RefOr::T(Schema::Object(envelope)) = envelope else { continue };
            event
                .properties
                .extend(envelope.properties.into_iter().map(|(name, field)| (name, plain(field))));
        }
    }
}

/// What a message carries beside its text are members of the message itself.
fn put_into_messages(document: &mut OpenApi) {
    let message = document.components.get_or_insert_default().schemas.get_mut("Message");
    let Some(RefOr::T(Schema::Object(message))) = message else { return };
    message.properties.insert("forwarded".to_owned(), Ref::from_schema_name("Forwarded").into());
}

/// A list of words by itself, without what is said of the field that holds one.
fn plain(field: RefOr<Schema>) -> RefOr<Schema> {
    match field {
        RefOr::T(Schema::AllOf(all)) => all.items.into_iter().next().unwrap_or_default(),
        field => field,
    }
}

/// The document as JSON and as a page, made once.
pub(crate) struct Pages {
    json: Bytes,
    page: String,
}

impl Pages {
    pub(crate) fn of(document: &OpenApi) -> Self {
        let json = serde_json::to_vec(document).unwrap_or_default().into();
        Self { json, page: page(document).into_string() }
    }
}

pub(crate) async fn get_document(State(pages): State<Arc<Pages>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], pages.json.clone())
}

pub(crate) async fn get_docs(State(pages): State<Arc<Pages>>) -> impl IntoResponse {
    (may_have_style(), Html(pages.page.clone()))
}

/// The page has a style of its own, and nothing else.
fn may_have_style() -> [(HeaderName, HeaderValue); 1] {
    let policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
    [(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy))]
}

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:50rem;margin:2rem auto;padding:0 1rem;\
color-scheme:light dark}h2{font-size:1rem;margin:2rem 0 .25rem}code{font-family:ui-monospace,monospace}\
p,ul{margin:.25rem 0}";

fn page(document: &OpenApi) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width";
                title { "Petit chat: API" }
                style { (maud::PreEscaped(STYLE)) }
            }
            body {
                h1 { "Petit chat: API" }
                p { "Everything, with all shapes, is in " a href="/openapi.json" { "openapi.json" } "." }
                @for (path, item) in &document.paths.paths {
                    @for (method, operation) in operations(item) { (described(method, path, operation)) }
                }
            }
        }
    }
}

fn operations(item: &PathItem) -> impl Iterator<Item = (&'static str, &Operation)> {
    let methods = [
        ("GET", &item.get),
        ("POST", &item.post),
        ("PUT", &item.put),
        ("PATCH", &item.patch),
        ("DELETE", &item.delete),
    ];
    methods.into_iter().filter_map(|(method, operation)| Some((method, operation.as_ref()?)))
}

fn described(method: &str, path: &str, operation: &Operation) -> Markup {
    html! {
        h2 { code { (method) " " (path) } }
        p { (operation.summary.as_deref().unwrap_or_default()) }
        @if let Some(more) = &operation.description { p { (more) } }
        ul { @for status in operation.responses.responses.keys() { li { code { (status) } } } }
    }
}
