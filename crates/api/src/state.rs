use std::sync::Arc;

use axum::extract::FromRef;
use petit_app::App;

/// What the controllers need beside the application.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// The address people open, without a slash at its end.
    pub public_url: String,
    /// What people call the server, if it has a name.
    pub name: Option<String>,
    /// Whether an invitation makes an account here.
    pub invitations: bool,
}

/// What every controller may ask for.
#[derive(Clone)]
pub(crate) struct Api {
    app: Arc<App>,
    settings: Arc<ApiSettings>,
}

impl Api {
    pub(crate) fn new(app: Arc<App>, settings: ApiSettings) -> Self {
        Self { app, settings: Arc::new(settings) }
    }
}

impl FromRef<Api> for Arc<App> {
    fn from_ref(api: &Api) -> Self {
        api.app.clone()
    }
}

impl FromRef<Api> for Arc<ApiSettings> {
    fn from_ref(api: &Api) -> Self {
        api.settings.clone()
    }
}
