//! The same tests with the application in another place: questions over gRPC, requests over HTTP.

#[path = "it/backpressure.rs"]
mod backpressure;
#[path = "it/by_the_page/mod.rs"]
mod by_the_page;
#[path = "it/conversation.rs"]
mod conversation;
#[path = "it/delivery.rs"]
mod delivery;
#[path = "it/generations.rs"]
mod generations;
#[path = "it/losses.rs"]
mod losses;
#[path = "it/membership.rs"]
mod membership;
#[path = "it/nodes.rs"]
mod nodes;
#[path = "it/page.rs"]
mod page;
#[path = "it/presence.rs"]
mod presence;
#[path = "it/refusals.rs"]
mod refusals;
#[path = "it/requests.rs"]
mod requests;
#[path = "it/resume.rs"]
mod resume;
#[path = "it/sessions.rs"]
mod sessions;
#[path = "it/streams.rs"]
mod streams;
#[path = "it/support/mod.rs"]
mod support;
#[path = "it/unknown.rs"]
mod unknown;
