//! What an id from elsewhere led to.

use serde::{Deserialize, Serialize};

use crate::approval::ApprovalState;
use crate::deployment::DeploymentState;
use crate::environment::Environment;
use crate::find::FoundKind;

/// Everything that an id names and that the reader may see.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Found {
    /// As it was asked for; empty where nothing was.
    pub id: String,
    pub things: Vec<FoundThing>,
    /// The deployments that they belong to, newest first, each with the approval that it acts under.
    pub deployments: Vec<FoundDeployment>,
    /// There are more deployments than these.
    pub more: bool,
    /// Every kind of id that can be looked for.
    pub kinds: Vec<KnownKind>,
}

/// A kind of id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KnownKind {
    pub kind: FoundKind,
    /// How such an id is written.
    pub written: String,
}

/// One thing that is called so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundThing {
    pub kind: FoundKind,
    /// What it is called here: client id, slug, number, version.
    pub name: String,
    /// Where it is, in words.
    pub state: String,
    /// Slug of the agent.
    pub agent: Option<String>,
    /// Path of its page.
    pub page: Option<String>,
}

/// One deployment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundDeployment {
    pub number: i64,
    pub agent: String,
    pub version: String,
    pub commit: String,
    pub environment: Environment,
    pub state: DeploymentState,
    /// Client id.
    pub identity: Option<String>,
    /// Number and state of the approval that it acts under, where there was one.
    pub approval: Option<FoundApproval>,
}

/// An approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FoundApproval {
    pub number: i64,
    pub state: ApprovalState,
}
