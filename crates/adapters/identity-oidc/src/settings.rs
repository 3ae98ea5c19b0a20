use openidconnect::{ClientId, ClientSecret};

/// Which provider to trust, and as whom to speak to it.
pub struct OidcSettings {
    /// The provider's address, exactly as its tokens name it.
    pub issuer: String,
    /// Our name there.
    pub client_id: String,
    /// Our secret there.
    pub client_secret: String,
    /// The issuer that [`petit_domain::ExternalId`] carries: stable even if the address changes.
    pub known_as: String,
    /// The claim that says what somebody may do on the whole server. `None`: everybody is a member.
    pub role_claim: Option<String>,
}

impl OidcSettings {
    /// The built-in provider at `public_url`. Its people keep their accounts when the address changes.
    pub fn builtin(public_url: &str, client_secret: &str) -> Self {
        Self {
            issuer: public_url.to_owned(),
            client_id: "petit".to_owned(),
            client_secret: client_secret.to_owned(),
            known_as: "builtin".to_owned(),
            role_claim: Some("petit_role".to_owned()),
        }
    }

    /// An outside provider, known by its address.
    pub fn outside(issuer: &str, client_id: &str, client_secret: &str, role_claim: Option<String>) -> Self {
        Self {
            issuer: issuer.to_owned(),
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
            known_as: issuer.to_owned(),
            role_claim,
        }
    }

    pub(crate) fn client(&self) -> ClientId {
        ClientId::new(self.client_id.clone())
    }

    pub(crate) fn secret(&self) -> ClientSecret {
        ClientSecret::new(self.client_secret.clone())
    }
}
