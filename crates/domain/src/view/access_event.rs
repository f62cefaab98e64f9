//! Access events as pages and the API show them.

use serde::{Deserialize, Serialize};

use crate::access_event::{Coverage, EventSource};
use crate::environment::Environment;

/// One act of an agent at a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessLine {
    pub id: String,
    /// Client id of the identity that acted, as it was reported.
    pub identity: String,
    /// Slug of the agent that the identity is of; none for an unknown one.
    pub agent: Option<String>,
    pub version: Option<String>,
    pub environment: Option<Environment>,
    /// Number of the deployment that entitled the identity.
    pub deployment: Option<i64>,
    /// Number of the approval that it acted under, where there was one.
    pub approval: Option<i64>,
    /// What scopes begin with.
    pub resource: String,
    /// What scopes end with.
    pub action: String,
    /// What was acted on, as the resource calls it.
    pub object: Option<String>,
    /// Did the resource let it happen?
    pub allowed: bool,
    /// Did a scope that was approved cover it?
    pub coverage: Coverage,
    pub source: EventSource,
    /// Who reported it: the name of a token, or the client id of the agent.
    pub reporter: String,
    /// When it took place, as the reporter says, RFC 3339.
    pub occurred_at: String,
    /// When the report came in.
    pub received_at: String,
}

/// What became of the events of one report.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessReceipt {
    /// Kept now.
    pub accepted: u64,
    /// Kept before: the same reporter sent their ids already. Nothing was changed.
    pub known: u64,
    /// Not kept. Sending them again as they are is of no use.
    pub rejected: Vec<RejectedEvent>,
}

/// An event that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RejectedEvent {
    /// Its place in the report, from 0.
    pub index: u64,
    /// Stable and machine-readable, such as `bad_time`.
    pub code: String,
    pub message: String,
}

/// How an identity uses one of its scopes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeUse {
    pub scope: String,
    /// Calls that the resource reported and let happen.
    pub calls: u64,
    /// When the last of them took place, RFC 3339; none where nobody reported one.
    pub last_at: Option<String>,
    /// For how many days it has not been used, where that is long enough to take it away.
    pub unused_days: Option<i64>,
}
