use petit_domain::Invalid;
use petit_ports::StoreError;
use petit_protocol::codes;

/// Why a request was not done, with what every edge says of it: the code, the status, when to come back. An
/// edge gives it its form (a problem, a frame, a page) and decides nothing.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the session has ended.
    #[error("Sign in first.")]
    Unauthenticated,
    /// It does not exist, or it is not for the caller to know that it does.
    #[error("There is no such thing here, or you may not see it.")]
    NotFound,
    /// The caller may see it but not do this.
    #[error("{detail}")]
    Forbidden { code: &'static str, detail: String },
    /// A value is wrong.
    #[error("{detail}")]
    Invalid { code: &'static str, detail: String, field: Option<String> },
    /// What is asked contradicts what is.
    #[error("{detail}")]
    Conflict { code: &'static str, detail: String },
    /// Too much at once.
    #[error("Too many requests. Try again in {retry_after_s} s.")]
    RateLimited { retry_after_s: u32 },
    /// It is not the caller's turn in a chat with slow mode.
    #[error("This chat is in slow mode. Try again in {retry_after_s} s.")]
    Slow { retry_after_s: u32 },
    /// A part behind the server does not answer.
    #[error("Part of the server does not answer. Try again soon; repeating this request is harmless.")]
    Unavailable(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// The disk is full.
    #[error("The server's disk is full: reading works, writing does not.")]
    StorageFull,
    /// Our mistake. The cause is for the log only.
    #[error("The server made a mistake.")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// The stable code that clients rely on.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Unauthenticated => codes::UNAUTHENTICATED,
            Self::NotFound => codes::NOT_FOUND,
            Self::Forbidden { code, .. } | Self::Invalid { code, .. } | Self::Conflict { code, .. } => code,
            Self::RateLimited { .. } => codes::RATE_LIMITED,
            Self::Slow { .. } => codes::SLOW_MODE,
            Self::Unavailable(_) => codes::UNAVAILABLE,
            Self::StorageFull => codes::STORAGE_FULL,
            Self::Internal(_) => codes::INTERNAL,
        }
    }

    /// The HTTP status that goes with it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Unauthenticated => 401,
            Self::NotFound => 404,
            Self::Forbidden { .. } => 403,
            // Parameters are part of the address: a bad one makes the request itself bad, not a value in it.
            Self::Invalid { code: codes::INVALID_PARAMETER | codes::INVALID_CURSOR, .. } => 400,
            Self::Invalid { .. } => 422,
            Self::Conflict { .. } => 409,
            Self::RateLimited { .. } | Self::Slow { .. } => 429,
            Self::Unavailable(_) => 503,
            Self::StorageFull => 507,
            Self::Internal(_) => 500,
        }
    }

    /// The number of the gRPC status code that goes with it (grpc.io, "Status codes and their use in gRPC").
    pub fn grpc_code(&self) -> i32 {
        match self {
            Self::Invalid { .. } => 3,
            Self::NotFound => 5,
            Self::Forbidden { .. } => 7,
            Self::RateLimited { .. } | Self::Slow { .. } | Self::StorageFull => 8,
            Self::Conflict { .. } => 9,
            Self::Internal(_) => 13,
            Self::Unavailable(_) => 14,
            Self::Unauthenticated => 16,
        }
    }

    /// Logs what is ours to mend, with its cause, which whoever asked is never told.
    pub fn log(&self, what: &'static str) {
        match self {
            Self::Internal(cause) => tracing::error!(%cause, "{what}: {self}"),
            Self::Unavailable(Some(cause)) => tracing::error!(%cause, "{what}: {self}"),
            Self::Unavailable(None) | Self::StorageFull => tracing::error!("{what}: {self}"),
            Self::Unauthenticated
            | Self::NotFound
            | Self::Forbidden { .. }
            | Self::Invalid { .. }
            | Self::Conflict { .. }
            | Self::RateLimited { .. }
            | Self::Slow { .. } => {}
        }
    }

    /// After how many seconds the same request may be done, where that is known.
    pub fn retry_after_s(&self) -> Option<u32> {
        match self {
            Self::RateLimited { retry_after_s } | Self::Slow { retry_after_s } => Some(*retry_after_s),
            Self::Unavailable(_) => Some(1),
            _ => None,
        }
    }

    /// A refusal of something that others may do.
    pub fn forbidden(detail: &str) -> Self {
        Self::Forbidden { code: codes::FORBIDDEN, detail: detail.to_owned() }
    }

    pub(crate) fn conflict(code: &'static str, detail: &str) -> Self {
        Self::Conflict { code, detail: detail.to_owned() }
    }

    pub(crate) fn message_deleted() -> Self {
        Self::conflict(codes::MESSAGE_DELETED, "The message was deleted.")
    }

    /// A refusal of one field of a request.
    pub fn invalid(code: &'static str, detail: impl Into<String>, field: &str) -> Self {
        Self::Invalid { code, detail: detail.into(), field: Some(field.to_owned()) }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unavailable(cause) => Self::Unavailable(cause),
            StoreError::ReadOnly => Self::StorageFull,
            StoreError::Inconsistent(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<Invalid> for AppError {
    fn from(invalid: Invalid) -> Self {
        Self::Invalid { code: invalid.code, detail: invalid.detail, field: None }
    }
}
