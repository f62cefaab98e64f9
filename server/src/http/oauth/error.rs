//! Refusals in the words of RFC 6749 and its kin. No details: they would help only an attacker.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::error::ApiError;
use serde_json::json;

/// Why a call of an OAuth endpoint came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OAuthError {
    InvalidRequest,
    InvalidClient,
    InvalidDpopProof,
    InvalidScope,
    InvalidTarget,
    UnauthorizedClient,
    UnsupportedGrantType,
    Unavailable,
}

impl OAuthError {
    const fn parts(self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidRequest => (StatusCode::BAD_REQUEST, "invalid_request"),
            Self::InvalidClient => (StatusCode::UNAUTHORIZED, "invalid_client"),
            Self::InvalidDpopProof => (StatusCode::BAD_REQUEST, "invalid_dpop_proof"),
            Self::InvalidScope => (StatusCode::BAD_REQUEST, "invalid_scope"),
            Self::InvalidTarget => (StatusCode::BAD_REQUEST, "invalid_target"),
            Self::UnauthorizedClient => (StatusCode::BAD_REQUEST, "unauthorized_client"),
            Self::UnsupportedGrantType => (StatusCode::BAD_REQUEST, "unsupported_grant_type"),
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "temporarily_unavailable"),
        }
    }
}

impl From<control_plane::Error> for OAuthError {
    fn from(error: control_plane::Error) -> Self {
        match error.to_api() {
            ApiError::Unavailable | ApiError::Recovery | ApiError::Internal => Self::Unavailable,
            ApiError::NotFound
            | ApiError::Forbidden { .. }
            | ApiError::Excluded { .. }
            | ApiError::Unauthenticated
            | ApiError::SignInTooOld { .. }
            | ApiError::WrongCredentials
            | ApiError::TooMany
            | ApiError::Invalid { .. }
            | ApiError::Conflict { .. } => Self::InvalidClient,
        }
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let (status, error) = self.parts();
        (
            status,
            [(header::CACHE_CONTROL, "no-store")],
            Json(json!({ "error": error })),
        )
            .into_response()
    }
}
