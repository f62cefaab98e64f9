//! Connections to git hosts and what came in over them.

use serde::{Deserialize, Serialize};

use crate::connection::ConnectionKind;
use crate::delivery::DeliveryState;

/// One connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionRow {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub kind: ConnectionKind,
    /// Path to give to the git host, `/webhooks/github/acme`.
    pub webhook_path: String,
    /// Where the secret is kept, `file:…` or `env:…`; never its value. Empty for people who read in some teams alone.
    pub secret_reference: String,
    /// Do failed deployments become issues on the git host?
    pub opens_issues: bool,
    pub created_at: String,
    pub last_delivery_at: Option<String>,
}

/// A connection that was just made. The only time its secret is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewConnection {
    pub connection: ConnectionRow,
    /// The webhook secret; `None` when it is read from the environment.
    pub secret: Option<String>,
}

/// One delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeliveryRow {
    pub id: String,
    pub connection: String,
    /// The git host's own id of it.
    pub key: String,
    pub event: String,
    pub state: DeliveryState,
    /// Why it was ignored or failed, in words.
    pub note: Option<String>,
    pub received_at: String,
}
