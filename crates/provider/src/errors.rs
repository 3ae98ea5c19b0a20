//! What went wrong behind a page, as a page. The one exhaustive match of this edge.

use axum::response::Response;
use petit_app::AppError;

use crate::pages;

pub(crate) fn page(error: AppError) -> Response {
    match error {
        AppError::Unavailable(cause) => {
            tracing::warn!(?cause, "A part that signing in needs does not answer");
            pages::busy(pages::words().part_silent)
        }
        AppError::RateLimited { .. } | AppError::Slow { .. } => pages::busy(pages::words().too_fast),
        AppError::StorageFull => pages::disk_full(),
        AppError::Unauthenticated
        | AppError::NotFound
        | AppError::Forbidden { .. }
        | AppError::Invalid { .. }
        | AppError::Conflict { .. }
        | AppError::Internal(_) => {
            tracing::error!(?error, "A sign-in page failed: {error}");
            pages::failed()
        }
    }
}
