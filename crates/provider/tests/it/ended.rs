use std::sync::Arc;

use async_trait::async_trait;
use http::StatusCode;
use petit_app::ports::{Identity, IdentityError, LoggedOut, SignIn, SignInStart, SignedIn};
use petit_domain::ExternalId;
use petit_provider::SignUp;

use crate::support::{Browser, FIREFOX, World, client_routes, password_of};

/// The built-in provider as if it named its sessions and said when they end, as others do: every sign-in is of
/// the session `s1`, and a logout token is the name of the session that ended.
struct Naming(Arc<dyn Identity>);

#[async_trait]
impl Identity for Naming {
    async fn start(&self, redirect_uri: &str) -> Result<SignInStart, IdentityError> {
        self.0.start(redirect_uri).await
    }

    async fn finish(
        &self,
        redirect_uri: &str,
        pending: &SignIn,
        state: &str,
        code: &str,
    ) -> Result<SignedIn, IdentityError> {
        let who = self.0.finish(redirect_uri, pending, state, code).await?;
        Ok(SignedIn { session: Some("s1".to_owned()), ..who })
    }

    async fn logged_out(&self, logout_token: &str) -> Result<LoggedOut, IdentityError> {
        let external = ExternalId { issuer: "some".to_owned(), subject: "one".to_owned() };
        let session = Some(logout_token.to_owned());
        Ok(LoggedOut { external, session, token_id: format!("token of {logout_token}") })
    }

    async fn end_session_url(
        &self,
        return_to: &str,
        id_token: Option<&str>,
    ) -> Result<Option<String>, IdentityError> {
        self.0.end_session_url(return_to, id_token).await
    }
}

/// Comes back from the provider after it has said that this session ended.
async fn comes_back_after_the_end_of(session: &str) -> (StatusCode, bool) {
    let world = World::with_people(SignUp::Invitation).await;
    let client = client_routes(&world.app, Arc::new(Naming(world.identity.clone())));
    let router = petit_provider::router(world.provider.clone()).merge(client);
    let mut browser = Browser::new(&router, FIREFOX);
    let page = world.sign_in_page(&mut browser, "/").await;
    let sent = world.submit(&mut browser, &page, "alice", &password_of("alice")).await;
    let told =
        Browser::new(&router, FIREFOX).post("/auth/backchannel-logout", &[("logout_token", session)]).await;
    assert_eq!(told.status, StatusCode::OK);
    let done = browser.get(sent.location()).await;
    (done.status, browser.cookie("petit_session").is_some())
}

#[tokio::test]
async fn nobody_comes_in_by_a_session_that_has_just_ended() {
    assert_eq!(comes_back_after_the_end_of("s1").await, (StatusCode::FORBIDDEN, false));
    assert_eq!(comes_back_after_the_end_of("another").await, (StatusCode::SEE_OTHER, true));
}
