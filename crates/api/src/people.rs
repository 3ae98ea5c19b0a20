//! People and profiles.

use std::sync::Arc;

use axum::extract::State;
use petit_app::{App, people};
use petit_domain::{Page, Person, UserId};
use petit_protocol::UpdateProfile;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    extract::{Json, Path, Query},
    page::PrefixQuery,
    refusals::{BadBody, BadParameter, Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(get_me, update_me))
        .routes(routes!(list_people))
        .routes(routes!(get_person))
}

/// A person in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct PersonPath {
    /// Whose profile.
    user: UserId,
}

/// Who the caller is.
#[utoipa::path(get, path = "/v1/me", tag = "people", responses((status = 200, body = Person, description = "The caller."), Refused))]
async fn get_me(State(app): State<Arc<App>>, Signed(caller): Signed) -> Result<Json<Person>, ApiError> {
    Ok(Json(people::get(&app, caller.user).await?))
}

/// Change the caller's profile.
#[utoipa::path(patch, path = "/v1/me", tag = "people", request_body = UpdateProfile,
    responses((status = 200, body = Person, description = "The caller as they are now."), Refused, BadBody, Unwritable))]
async fn update_me(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Json(body): Json<UpdateProfile>,
) -> Result<Json<Person>, ApiError> {
    Ok(Json(people::update_profile(&app, &caller, &body.name).await?))
}

/// Find people by how a word of their name or username begins.
#[utoipa::path(get, path = "/v1/people", tag = "people", params(PrefixQuery),
    responses((status = 200, body = Page<Person>, description = "People by the word that was found."), Refused, BadParameter))]
async fn list_people(
    State(app): State<Arc<App>>,
    _caller: Signed,
    Query(query): Query<PrefixQuery>,
) -> Result<Json<Page<Person>>, ApiError> {
    Ok(Json(people::list(&app, &query.prefix, query.limit, query.cursor.as_deref()).await?))
}

/// One person.
#[utoipa::path(get, path = "/v1/people/{user}", tag = "people", params(PersonPath),
    responses((status = 200, body = Person, description = "The person."), Refused, Hidden))]
async fn get_person(
    State(app): State<Arc<App>>,
    _caller: Signed,
    Path(path): Path<PersonPath>,
) -> Result<Json<Person>, ApiError> {
    Ok(Json(people::get(&app, path.user).await?))
}
