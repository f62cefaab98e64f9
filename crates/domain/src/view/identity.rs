//! Agent identities as pages and the API show them.

use serde::{Deserialize, Serialize};

use super::access_event::ScopeUse;
use crate::binding::BindingProvider;
use crate::deployment::DeploymentState;
use crate::environment::Environment;
use crate::identity::IdentityState;
use crate::suspension::SuspensionState;

/// One identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityRow {
    pub client_id: String,
    pub state: IdentityState,
    /// Can it act now? Active, and its deployment is on its way or live.
    pub usable: bool,
    /// Slug of the agent.
    pub agent: String,
    /// Slug of the team that owns the agent.
    pub team: String,
    pub version: String,
    pub environment: Environment,
    /// Number of the deployment that entitles it.
    pub deployment: i64,
    pub deployment_state: DeploymentState,
    /// Number of the approval that it acts under, where there was one.
    pub approval: Option<i64>,
    /// How many scopes it has.
    pub scopes: u64,
    /// When it was made, RFC 3339.
    pub created_at: String,
    /// When its key was made, RFC 3339.
    pub key_made_at: String,
    pub revoked_at: Option<String>,
    /// When it last did something that one of its scopes covers, as far as that was reported.
    pub last_used_at: Option<String>,
}

/// A scope that identities can use now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScopeRow {
    pub scope: String,
    /// How many identities can use it now.
    pub identities: u64,
}

/// One identity with all that it may do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityDetail {
    pub row: IdentityRow,
    pub scopes: Vec<String>,
    /// How it uses each of them, as far as that was reported.
    pub uses: Vec<ScopeUse>,
    /// What runtimes' providers call it.
    pub bindings: Vec<BindingView>,
    /// Number of the deployment that its approval was first given for: a rollback restores what was approved then.
    pub restores: Option<i64>,
    /// Is it in quarantine?
    pub quarantined: bool,
    /// What a person holds it suspended by.
    pub suspension: Option<SuspensionView>,
    /// Until when a token that was given before it stopped can pass with a program that only checks the signature, RFC 3339;
    /// none while it can act, and none once that moment is over.
    pub tokens_until: Option<String>,
    /// Why it is being given another key, where it is.
    pub rotating: Option<String>,
    /// May the reader have it given another key now?
    pub can_rotate: bool,
    /// May the reader say what runtimes call it?
    pub can_bind: bool,
    /// May the reader revoke it now?
    pub can_revoke: bool,
    /// May the reader suspend it now?
    pub can_suspend: bool,
    /// May the reader let it act again now?
    pub can_resume: bool,
}

/// What a runtime's provider calls an identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BindingView {
    pub provider: BindingProvider,
    pub principal: String,
    /// Who said so.
    pub bound_by: String,
    /// When, RFC 3339.
    pub bound_at: String,
    /// When it was no longer so; none while it is.
    pub released_at: Option<String>,
}

/// A suspension by hand that is neither lifted nor over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuspensionView {
    pub state: SuspensionState,
    /// Who suspended it.
    pub asked_by: String,
    /// When, RFC 3339.
    pub asked_at: String,
    pub reason: String,
    /// What the provider answered last, where it did not do it yet.
    pub last_error: Option<String>,
}
