//! Who is in a chat.

use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use petit_app::{App, access, members};
use petit_domain::{ChatId, Member, Page, UserId};
use petit_protocol::{AddMember, UpdateMember};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::{router::OpenApiRouter, routes};

use crate::{
    ApiError, Signed,
    chats::ChatPath,
    extract::{Json, Path, Query},
    page::PageQuery,
    refusals::{BadBody, BadParameter, Conflicting, Hidden, Refused, Unwritable},
    state::Api,
};

pub(crate) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::new()
        .routes(routes!(list_members, add_member))
        .routes(routes!(update_member, remove_member))
}

/// A member in the path.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
struct MemberPath {
    /// Which chat.
    chat: ChatId,
    /// Who.
    user: UserId,
}

/// The members of a chat.
#[utoipa::path(get, path = "/v1/chats/{chat}/members", tag = "members", params(ChatPath, PageQuery),
    responses((status = 200, body = Page<Member>, description = "Members, by id."), Refused, Hidden, BadParameter))]
async fn list_members(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Query(query): Query<PageQuery>,
) -> Result<Json<Page<Member>>, ApiError> {
    let by = access::member(&app, path.chat, caller.user).await?;
    Ok(Json(members::list(&app, &by, query.limit, query.cursor.as_deref()).await?))
}

/// Put somebody into a group or open chat; oneself, to join an open one.
#[utoipa::path(post, path = "/v1/chats/{chat}/members", tag = "members", params(ChatPath), request_body = AddMember,
    responses((status = 201, body = Member, description = "They are in now."),
        (status = 200, body = Member, description = "They were in already."), Refused, Hidden, BadBody, Unwritable, Conflicting))]
async fn add_member(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<ChatPath>,
    Json(body): Json<AddMember>,
) -> Result<(StatusCode, Json<Member>), ApiError> {
    let added = members::add(&app, &caller, path.chat, body.user).await?;
    let status = if added.is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(added.member)))
}

/// Give a member another role. For owners.
#[utoipa::path(patch, path = "/v1/chats/{chat}/members/{user}", tag = "members", params(MemberPath), request_body = UpdateMember,
    responses((status = 200, body = Member, description = "The member as they are now."), Refused, Hidden, BadBody, Unwritable, Conflicting))]
async fn update_member(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MemberPath>,
    Json(body): Json<UpdateMember>,
) -> Result<Json<Member>, ApiError> {
    Ok(Json(members::set_role(&app, &caller, path.chat, path.user, body.role).await?))
}

/// Take somebody out of a chat: oneself, or as an admin another.
///
/// When the last owner leaves, the longest-standing admin owns the chat, else the longest-standing member.
#[utoipa::path(delete, path = "/v1/chats/{chat}/members/{user}", tag = "members", params(MemberPath),
    responses((status = 204, description = "They are not in it, now or before."), Refused, Hidden, Unwritable, Conflicting))]
async fn remove_member(
    State(app): State<Arc<App>>,
    Signed(caller): Signed,
    Path(path): Path<MemberPath>,
) -> Result<StatusCode, ApiError> {
    members::remove(&app, &caller, path.chat, path.user).await?;
    Ok(StatusCode::NO_CONTENT)
}
