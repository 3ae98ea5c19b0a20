//! Answers that many routes share, for the OpenAPI document.

use std::collections::BTreeMap;

use petit_protocol::Problem;
use utoipa::{
    IntoResponses, ToSchema,
    openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder},
};

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident { $($status:literal: $means:literal,)* })*) => {$(
        $(#[$doc])*
        pub(crate) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                BTreeMap::from([$(($status.to_owned(), problem($means)),)*])
            }
        }
    )*};
}

refusals! {
    /// Every route for signed-in people.
    Refused {
        "401": "`unauthenticated`: nobody is signed in, or the session has ended.",
        "500": "`internal`: the server made a mistake.",
        "503": "`unavailable`: part of the server does not answer; `Retry-After` says when to come back.",
    }
    /// Routes that name something.
    Hidden {
        "404": "`not_found`: it does not exist, or it is not for the caller to know that it does.",
    }
    /// Routes with query parameters.
    BadParameter {
        "400": "`invalid_parameter` or `invalid_cursor`: a parameter has another shape than described.",
    }
    /// Routes with a body.
    BadBody {
        "400": "`malformed_json`: the body is not JSON.",
        "413": "`body_too_large`: the body has more than 64 KiB.",
        "415": "`unsupported_media_type`: the body is not sent as JSON.",
        "422": "`invalid_body` or the code of a value, such as `text_too_long`: the body does not fit.",
    }
    /// Routes without a body whose address holds a value.
    Unfit {
        "422": "The code of a value, such as `invalid_emoji`: the address is fine, and what it names is not allowed.",
    }
    /// Routes that write. Browsers with a cookie must say that the page is ours.
    Unwritable {
        "403": "`cross_site`: a page of another site sent this; or `forbidden`: the caller may not do this.",
        "507": "`storage_full`: the server's disk is full; reading works, writing does not.",
    }
    /// Routes whose request may contradict what is.
    Conflicting {
        "409": "What is asked contradicts what is; `code` says how.",
    }
}

fn problem(means: &str) -> RefOr<Response> {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(Problem::name()))).build();
    let response = ResponseBuilder::new().description(means).content("application/problem+json", content);
    RefOr::T(response.build())
}
