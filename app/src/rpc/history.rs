//! What was, at a moment of the past.

use domain::form::query::AgentQuery;
use domain::view::history::{AgentThen, AgentsThen, IdentityThen, PolicyThen};

use crate::error::{UiError, reject};

/// One page of the registry as it was.
pub(crate) async fn list_agents_then(
    as_of: String,
    query: AgentQuery,
) -> Result<AgentsThen, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::history::agents(&cp, &ctx, &as_of, (&query.cursor, query.limit))
        .await
        .map_err(reject)
}

/// One agent as it was.
pub(crate) async fn get_agent_then(slug: String, as_of: String) -> Result<AgentThen, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::history::agent(&cp, &ctx, &slug, &as_of)
        .await
        .map_err(reject)
}

/// One identity as it was.
pub(crate) async fn get_identity_then(
    client_id: String,
    as_of: String,
) -> Result<IdentityThen, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::history::identity(&cp, &ctx, &client_id, &as_of)
        .await
        .map_err(reject)
}

/// The policy that was in force.
pub(crate) async fn get_policy_then(as_of: String) -> Result<PolicyThen, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::history::policy(&cp, &ctx, &as_of)
        .await
        .map_err(reject)
}
