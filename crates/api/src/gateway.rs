//! Routes that the gateway serves. They are described here because the document is one.

use utoipa::{
    IntoResponses,
    openapi::{
        ContentBuilder, HttpMethod, PathItem, Ref, Required, Response, ResponseBuilder,
        path::{Operation, OperationBuilder, ParameterBuilder, ParameterIn, Paths},
        schema::{Object, Type},
    },
};

use crate::refusals::{BadParameter, Refused};

/// Their paths; all are read with GET.
pub const PATHS: [&str; 3] = ["/v1/events", "/v1/presence", "/v1/socket"];

pub(crate) fn describe(paths: &mut Paths) {
    let operations = [get_events(), get_presence(), open_socket()];
    for (path, operation) in PATHS.into_iter().zip(operations) {
        paths.paths.insert(path.to_owned(), PathItem::new(HttpMethod::Get, operation));
    }
}

fn operation(id: &str, summary: &str, description: &str) -> OperationBuilder {
    OperationBuilder::new()
        .operation_id(Some(id))
        .tag("events")
        .summary(Some(summary))
        .description(Some(description))
        .responses(utoipa::openapi::ResponsesBuilder::new().responses_from_into_responses::<Refused>())
}

fn query(name: &str, description: &str, required: Required) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(description))
        .schema(Some(Object::with_type(Type::String)))
}

fn answer(schema: &str, means: &str, kind: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(schema))).build();
    ResponseBuilder::new().description(means).content(kind, content).build()
}

fn get_events() -> Operation {
    let description = "Server-sent events: each `data` is one `Event`, or `{\"type\":\"resync\",\"chats\":[]}` when \
        what was missed has to be fetched. Send the last `id` as `Last-Event-ID` to go on.";
    operation("get_events", "A stream of what happens in the caller's chats.", description)
        .parameter(query(
            "ticket",
            "A ticket of `POST /v1/socket-ticket`, where no header can be set.",
            Required::False,
        ))
        .response("200", answer("Event", "What happens, from now on.", "text/event-stream"))
        .build()
}

fn get_presence() -> Operation {
    let description = "People the caller shares no chat with are left out.";
    let bad = BadParameter::responses().remove("400").expect("it describes a 400");
    operation("get_presence", "Whether people are here.", description)
        .parameter(query("users", "Ids, separated by commas; at most 200.", Required::True))
        .response("200", answer("Page_PresenceInfo", "One entry for each.", "application/json"))
        .response("400", bad)
        .build()
}

fn open_socket() -> Operation {
    let description = "Subprotocol `petit.v1.json`; see PROTOCOL.md. The server sends `ServerFrame`s.";
    operation("open_socket", "Open the socket that carries requests and events.", description)
        .response("101", answer("ServerFrame", "The socket is open.", "application/json"))
        .build()
}
