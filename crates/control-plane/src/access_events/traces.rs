//! Calls of tools in the traces of an agent. A trace names a tool; which scope the call used is the manifest's to say.

use chrono::DateTime;
use domain::access_event::{BATCH_MAX, EventSource, Sent, TEXT_MAX, Unacceptable};
use domain::agent::Tool;
use domain::config_bundle::ConfigBundle;
use domain::name::is_scope;
use domain::text::{cut, visible};

use super::report_own;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::store;

/// Characters of a tool's name that are kept: four bytes each at the most.
const TOOL_MAX: usize = TEXT_MAX / 4;

/// One call of a tool, as a span tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToolCall {
    /// Trace and span: the same ones again are the same call.
    pub key: String,
    pub tool: Option<String>,
    /// The scope that it used, where the span says so.
    pub scope: Option<String>,
    /// When it began, nanoseconds since 1970.
    pub began: u64,
    pub failed: bool,
}

/// Keeps calls of tools as access events of the agent that sent them. A call counts under the scope that its span names or,
/// without one, under the only scope that the manifest gives the tool; of any other it cannot be told what it touched, and it
/// is passed over.
///
/// # Errors
/// [`Error::Unauthenticated`] for an identity that is not usable now.
pub async fn from_traces(
    cp: &ControlPlane,
    ctx: &OpCtx,
    client_id: &str,
    calls: Vec<ToolCall>,
) -> Result<(), Error> {
    if calls.is_empty() {
        return Ok(());
    }
    let tools = tools(cp, client_id).await?;
    let sent: Vec<_> = calls
        .into_iter()
        .filter_map(|call| event(call, &tools))
        .map(Ok::<_, Unacceptable>)
        .collect();
    for some in sent.chunks(BATCH_MAX) {
        report_own(cp, ctx, client_id, EventSource::Trace, some.to_vec()).await?;
    }
    Ok(())
}

/// The tools of the version that the client stands for.
async fn tools(cp: &ControlPlane, client_id: &str) -> Result<Vec<Tool>, Error> {
    let db = cp.reader();
    let grant = identities::active(cp, client_id).await?;
    let grant = grant.ok_or(Error::Unauthenticated)?;
    let deployment = store::deployments::by_number(db, grant.deployment).await?;
    let version = store::versions::get(db, deployment.version_id).await?;
    let bundle = store::versions::bundle(db, &version.config_digest).await?;
    let bundle: ConfigBundle = store::from_json(&bundle)?;
    Ok(bundle.tools)
}

fn event(call: ToolCall, tools: &[Tool]) -> Option<Sent> {
    let declared = || {
        let name = call.tool.as_ref()?;
        match tools
            .iter()
            .find(|tool| tool.name == *name)?
            .scopes
            .as_slice()
        {
            [only] => Some(only.clone()),
            [] | [_, ..] => None,
        }
    };
    let scope = call.scope.clone().or_else(declared)?;
    let (resource, action) = scope.split_once(':').filter(|_| is_scope(&scope))?;
    let at = DateTime::from_timestamp_nanos(i64::try_from(call.began).ok()?);
    Some(Sent {
        id: call.key,
        identity: String::new(),
        resource: resource.to_owned(),
        action: action.to_owned(),
        object: call.tool.map(|tool| cut(&visible(&tool), TOOL_MAX)),
        allowed: !call.failed,
        occurred_at: at.to_rfc3339(),
    })
}
