//! Where a session comes from: the device in words, the network address, and the provider's account.

use axum::http::{HeaderMap, header};
use control_plane::OpCtx;
use control_plane::providers::Through;
use control_plane::sessions::NewSession;
use domain::id::UserId;
use domain::sign_in;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};

/// Handed to the store with a new session, which keeps it in columns of its own.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct Origin {
    device: String,
    address: String,
    through: Option<Account>,
}

#[derive(Clone, Serialize, Deserialize)]
struct Account {
    provider: String,
    issuer: String,
    subject: String,
    session: Option<String>,
    id_token: String,
}

// What the provider signed never appears in a log.
impl std::fmt::Debug for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Origin")
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl Origin {
    /// Its name in the library's record.
    pub(super) const ENTRY: &'static str = "origin";

    /// Of a request.
    pub(crate) fn new(headers: &HeaderMap, ctx: &OpCtx) -> Self {
        let agent = headers.get(header::USER_AGENT);
        let agent = agent.and_then(|value| value.to_str().ok());
        let address = ctx
            .address()
            .map(|address| address.to_canonical().to_string());
        Self {
            device: sign_in::device(agent.unwrap_or_default()),
            address: address.unwrap_or_else(|| "not known".to_owned()),
            through: None,
        }
    }

    /// The device in words.
    pub(crate) fn device(&self) -> &str {
        &self.device
    }

    /// Through a provider's account.
    pub(crate) fn through(self, through: Through) -> Self {
        let account = Account {
            provider: through.provider,
            issuer: through.issuer,
            subject: through.subject,
            session: through.session,
            id_token: through.id_token.expose_secret().to_owned(),
        };
        Self {
            through: Some(account),
            ..self
        }
    }

    /// The session of a person, to be kept.
    pub(super) fn of(self, user: UserId, started_at: i64) -> NewSession {
        NewSession {
            user,
            device: self.device,
            address: self.address,
            through: self.through.map(|account| Through {
                provider: account.provider,
                issuer: account.issuer,
                subject: account.subject,
                session: account.session,
                id_token: SecretString::from(account.id_token),
            }),
            started_at,
        }
    }
}
