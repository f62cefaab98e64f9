//! The built-in authorization server: agents' tokens by client credentials with `private_key_jwt` (RFC 7523), introspection
//! (RFC 7662), revocation (RFC 7009), and token exchange (RFC 8693) for acting for a person and for a CI. Tokens may be bound
//! to a key (RFC 9449). An agent proves itself with its own key; whether it is entitled, the control plane decides at every call.

mod assertion;
mod claims;
mod client;
mod dpop;
mod error;
mod exchange;
mod federate;
mod jws;
mod keys;
mod metadata;
mod presented;
mod token;

use axum::extract::rejection::FormRejection;
use axum::extract::{Form, FromRequest, Request};
use serde::de::DeserializeOwned;

pub(crate) use claims::AccessClaims;
pub(crate) use error::OAuthError;
pub(crate) use keys::TokenKeys;
pub(crate) use metadata::{jwks, metadata};
pub(crate) use presented::{agent, introspect, revoke};
pub(crate) use token::token;

/// The fields of a call. What is no form, or has a field twice, is refused in the standard's words.
pub(crate) struct Fields<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Fields<T> {
    type Rejection = OAuthError;

    async fn from_request(request: Request, state: &S) -> Result<Self, OAuthError> {
        let form: Result<Form<T>, FormRejection> = Form::from_request(request, state).await;
        let Form(fields) = form.map_err(|_| OAuthError::InvalidRequest)?;
        Ok(Self(fields))
    }
}
