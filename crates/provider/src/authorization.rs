//! What the authorization endpoint accepts (OpenID Connect Core §3.1.2, RFC 7636, RFC 9700).

use serde::{Deserialize, Serialize};

use crate::secret::same;

/// The one client: Petit chat itself.
pub(crate) struct RegisteredClient {
    pub(crate) id: &'static str,
    secret: String,
    pub(crate) redirect_uri: String,
    pub(crate) after_sign_out: String,
}

impl RegisteredClient {
    pub(crate) fn new(public_url: &str, secret: String) -> Self {
        Self {
            id: "petit",
            secret,
            redirect_uri: format!("{public_url}/auth/callback"),
            after_sign_out: format!("{public_url}/"),
        }
    }

    pub(crate) fn is(&self, id: &str, secret: &str) -> bool {
        same(self.id, id) & same(&self.secret, secret)
    }
}

/// Parameters as they come.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Parameters {
    pub(crate) client_id: Option<String>,
    pub(crate) redirect_uri: Option<String>,
    pub(crate) response_type: Option<String>,
    pub(crate) response_mode: Option<String>,
    pub(crate) scope: Option<String>,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: Option<String>,
    pub(crate) code_challenge_method: Option<String>,
    pub(crate) prompt: Option<String>,
    pub(crate) request: Option<String>,
    pub(crate) request_uri: Option<String>,
}

/// A request that may be granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Authorization {
    pub(crate) redirect_uri: String,
    pub(crate) state: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) code_challenge: String,
    /// The client wants no page to be shown.
    pub(crate) silent: bool,
}

/// Why a request is not granted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It is not certain that our client asks: the person is told, and nobody is sent anywhere.
    Stay(&'static str),
    /// The client is told, in the words of the standard.
    Tell { redirect_uri: String, state: Option<String>, error: &'static str },
}

/// The longest state or nonce that is carried along.
const LONGEST: usize = 512;

impl Parameters {
    /// Checks everything.
    pub(crate) fn check(self, client: &RegisteredClient) -> Result<Authorization, Refusal> {
        if self.client_id.as_deref() != Some(client.id) {
            return Err(Refusal::Stay("No such application is known here."));
        }
        if self.redirect_uri.as_deref() != Some(client.redirect_uri.as_str()) {
            return Err(Refusal::Stay("The application asked to send you somewhere it may not."));
        }
        match self.fault() {
            Some(error) => Err(Refusal::Tell {
                redirect_uri: client.redirect_uri.clone(),
                state: self.state.filter(|state| state.len() <= LONGEST),
                error,
            }),
            None => Ok(Authorization {
                redirect_uri: client.redirect_uri.clone(),
                state: self.state,
                nonce: self.nonce,
                code_challenge: self.code_challenge.unwrap_or_default(),
                silent: self.prompt.as_deref() == Some("none"),
            }),
        }
    }

    fn fault(&self) -> Option<&'static str> {
        let long = |text: &Option<String>| text.as_ref().is_some_and(|text| text.len() > LONGEST);
        if self.request.is_some() {
            return Some("request_not_supported");
        }
        if self.request_uri.is_some() {
            return Some("request_uri_not_supported");
        }
        if self.response_type.as_deref() != Some("code") {
            return Some("unsupported_response_type");
        }
        if !self.scope.iter().flat_map(|scopes| scopes.split(' ')).any(|scope| scope == "openid") {
            return Some("invalid_scope");
        }
        let other_mode = self.response_mode.as_deref().is_some_and(|mode| mode != "query");
        (other_mode || !self.has_challenge() || long(&self.state) || long(&self.nonce))
            .then_some("invalid_request")
    }

    /// PKCE is required, with S256: 43 letters of base64url.
    fn has_challenge(&self) -> bool {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        let challenge = self.code_challenge.as_deref().unwrap_or_default();
        self.code_challenge_method.as_deref() == Some("S256")
            && challenge.len() == 43
            && challenge.bytes().all(plain)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client() -> RegisteredClient {
        RegisteredClient::new("https://chat.example", "secret".into())
    }

    fn good() -> Parameters {
        let some = |text: &str| Some(text.to_owned());
        Parameters {
            client_id: some("petit"),
            redirect_uri: some("https://chat.example/auth/callback"),
            response_type: some("code"),
            scope: some("openid profile"),
            state: some("s"),
            nonce: some("n"),
            code_challenge: some(&"c".repeat(43)),
            code_challenge_method: some("S256"),
            ..Parameters::default()
        }
    }

    fn refused(change: impl FnOnce(&mut Parameters)) -> Refusal {
        let mut parameters = good();
        change(&mut parameters);
        parameters.check(&client()).expect_err("refused")
    }

    #[test]
    fn a_good_request_is_taken_as_it_is() {
        let taken = good().check(&client()).expect("taken");
        assert_eq!(
            (taken.state.as_deref(), taken.nonce.as_deref(), taken.silent),
            (Some("s"), Some("n"), false)
        );
    }

    #[test]
    fn nobody_is_sent_to_an_address_that_is_not_registered() {
        for bad in [
            "https://evil.example/auth/callback",
            "https://chat.example/auth/callback/",
            "https://chat.example/auth/callback?x=1",
            "https://chat.example.evil.example/auth/callback",
            "https://CHAT.example/auth/callback",
            "//chat.example/auth/callback",
            "javascript:alert(1)",
            "",
        ] {
            let refusal = refused(|p| p.redirect_uri = Some(bad.into()));
            assert!(matches!(refusal, Refusal::Stay(_)), "{bad}: {refusal:?}");
        }
        assert!(matches!(refused(|p| p.redirect_uri = None), Refusal::Stay(_)));
        assert!(matches!(refused(|p| p.client_id = Some("other".into())), Refusal::Stay(_)));
        assert!(matches!(refused(|p| p.client_id = None), Refusal::Stay(_)));
    }

    #[test]
    fn what_the_standard_forbids_is_told_to_the_client() {
        let told = |refusal: Refusal| match refusal {
            Refusal::Tell { error, .. } => error,
            Refusal::Stay(why) => why,
        };
        let long = || Some("x".repeat(LONGEST + 1));
        for (refusal, expected) in [
            (refused(|p| p.response_type = Some("token".into())), "unsupported_response_type"),
            (refused(|p| p.response_type = None), "unsupported_response_type"),
            (refused(|p| p.response_mode = Some("fragment".into())), "invalid_request"),
            (refused(|p| p.scope = Some("profile".into())), "invalid_scope"),
            (refused(|p| p.code_challenge = None), "invalid_request"),
            (refused(|p| p.code_challenge = Some("short".into())), "invalid_request"),
            (refused(|p| p.code_challenge_method = Some("plain".into())), "invalid_request"),
            (refused(|p| p.code_challenge_method = None), "invalid_request"),
            (refused(|p| p.nonce = long()), "invalid_request"),
            (refused(|p| p.state = long()), "invalid_request"),
            (refused(|p| p.request = Some("jwt".into())), "request_not_supported"),
            (refused(|p| p.request_uri = Some("https://x".into())), "request_uri_not_supported"),
        ] {
            assert_eq!(told(refusal), expected);
        }
    }

    #[test]
    fn the_client_is_known_by_its_secret() {
        assert!(client().is("petit", "secret"));
        assert!(
            !client().is("petit", "Secret") && !client().is("other", "secret") && !client().is("petit", "")
        );
    }
}
