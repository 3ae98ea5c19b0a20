use std::sync::Arc;

use axum::{Json, extract::State};
use jsonwebtoken::jwk::JwkSet;
use serde_json::{Value, json};

use crate::Provider;

/// What this provider is and can do (OpenID Connect Discovery §3). It signs with ES256 alone and says so.
pub(super) async fn show(State(provider): State<Arc<Provider>>) -> Json<Value> {
    let at = |path: &str| format!("{}/oidc/{path}", provider.public_url);
    Json(json!({
        "issuer": provider.public_url,
        "authorization_endpoint": at("authorize"),
        "token_endpoint": at("token"),
        "userinfo_endpoint": at("userinfo"),
        "jwks_uri": at("jwks"),
        "end_session_endpoint": at("end-session"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "scopes_supported": ["openid", "profile"],
        "claims_supported": [
            "iss", "aud", "sub", "exp", "iat", "auth_time", "nonce", "at_hash",
            "preferred_username", "name", "petit_role",
        ],
        "claims_parameter_supported": false,
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
    }))
}

/// The public keys that id tokens are signed with.
pub(super) async fn keys(State(provider): State<Arc<Provider>>) -> Json<JwkSet> {
    Json(provider.key.public().clone())
}
