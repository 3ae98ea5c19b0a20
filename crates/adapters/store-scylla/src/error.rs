use petit_ports::StoreError;
use scylla::errors::{
    DbError, ExecutionError, IntoRowsResultError, MaybeFirstRowError, NewSessionError, PrepareError,
    RequestAttemptError, RowsError,
};

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// No node of the database answers.
    #[error("no node of the database answers")]
    Unreachable(#[source] Box<NewSessionError>),
    /// The schema could not be brought to this version.
    #[error("the schema could not be made: {0}")]
    Schema(String),
    /// Another build made the schema: its step of this number says something else.
    #[error("the keyspace belongs to another build: step {0} of its schema is not the one of this version")]
    Foreign(i32),
    /// The database answered something else than was asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

pub(crate) fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Unavailable(Some(Box::new(error)))
}

/// What the engine says, in the port's words. Whatever is not plainly our mistake may pass.
pub(crate) fn store_error(error: ExecutionError) -> StoreError {
    match &error {
        ExecutionError::LastAttemptError(RequestAttemptError::DbError(
            DbError::SyntaxError | DbError::Invalid | DbError::Unauthorized,
            text,
        )) => StoreError::Inconsistent(text.clone()),
        ExecutionError::BadQuery(_) => StoreError::Inconsistent(error.to_string()),
        // What a request is refused with while the engine is away.
        ExecutionError::EmptyPlan => unavailable(Away),
        _ => unavailable(error),
    }
}

/// The engine did not answer just now, so nobody waits for it.
#[derive(Debug, thiserror::Error)]
#[error("the database does not answer")]
struct Away;

/// Whether the engine itself seems to be away, rather than one statement be in trouble.
pub(crate) fn is_outage(error: &ExecutionError) -> bool {
    match error {
        ExecutionError::ConnectionPoolError(_)
        | ExecutionError::EmptyPlan
        | ExecutionError::RequestTimeout(_) => true,
        ExecutionError::PrepareError(PrepareError::ConnectionPoolError(_)) => true,
        ExecutionError::LastAttemptError(attempt)
        | ExecutionError::PrepareError(PrepareError::AllAttemptsFailed { first_attempt: attempt }) => {
            matches!(
                attempt,
                RequestAttemptError::BrokenConnectionError(_)
                    | RequestAttemptError::UnableToAllocStreamId
                    | RequestAttemptError::DbError(DbError::Unavailable { .. } | DbError::IsBootstrapping, _)
            )
        }
        _ => false,
    }
}

macro_rules! inconsistent {
    ($($error:ty),*) => {$(
        impl From<Odd<$error>> for StoreError {
            fn from(Odd(error): Odd<$error>) -> Self {
                StoreError::Inconsistent(error.to_string())
            }
        }
    )*};
}

/// An answer that has not the shape that was asked for.
pub(crate) struct Odd<E>(pub(crate) E);

inconsistent!(IntoRowsResultError, MaybeFirstRowError, RowsError, scylla::errors::DeserializationError);
