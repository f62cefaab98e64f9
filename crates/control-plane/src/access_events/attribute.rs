//! Whose act was it? The identity that a report names leads to one deployment, and from there to everything else: an identity
//! belongs to a single deployment for all of its life, so what is read now is what held then.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::access_event::{Life, Reported, coverage};
use domain::id::AccessEventId;

use super::Reporter;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::ids;
use crate::store;
use crate::store::entity::{access_event, identity};
use crate::transact::Tx;

/// An identity with what it acts under.
struct Known {
    row: identity::Model,
    scopes: Vec<String>,
    stopped: Vec<(DateTime<Utc>, Option<DateTime<Utc>>)>,
    grant: identities::Grant,
}

impl Known {
    fn life(&self) -> Life<'_> {
        Life {
            made_at: self.row.created_at,
            revoked_at: self.row.revoked_at,
            stopped: &self.stopped,
            scopes: &self.scopes,
        }
    }
}

/// The events as lines to be kept. Five statements, however many there are.
pub(super) async fn rows(
    tx: &Tx,
    ctx: &OpCtx,
    reporter: &Reporter,
    events: &[Reported],
) -> Result<Vec<access_event::Model>, Error> {
    let known = known(tx, ctx, reporter, events).await?;
    let line = |event: &Reported| {
        let by = known.get(&event.identity);
        let scope = (event.resource.as_str(), event.action.as_str());
        access_event::Model {
            id: AccessEventId(ids::of(event.occurred_at)),
            reporter: reporter.id.clone(),
            reporter_name: reporter.name.clone(),
            source: reporter.source,
            key: event.key.clone(),
            identity: event.identity.clone(),
            identity_id: by.map(|one| one.row.id),
            agent_id: by.map(|one| one.row.agent_id),
            version: by.map(|one| one.grant.version.clone()),
            environment: by.map(|one| one.grant.environment),
            deployment: by.map(|one| one.grant.deployment),
            approval: by.and_then(|one| one.grant.approval),
            resource: event.resource.clone(),
            action: event.action.clone(),
            object: event.object.clone(),
            allowed: event.allowed,
            coverage: coverage(by.map(Known::life), scope, event.occurred_at),
            occurred_at: event.occurred_at,
            received_at: ctx.now(),
        }
    };
    Ok(events.iter().map(line).collect())
}

/// The identities that the events name and that the reporter may speak of.
async fn known(
    tx: &Tx,
    ctx: &OpCtx,
    reporter: &Reporter,
    events: &[Reported],
) -> Result<HashMap<String, Known>, Error> {
    let db = &**tx;
    let named: BTreeSet<String> = events.iter().map(|one| one.identity.clone()).collect();
    let rows = store::identities::by_clients(db, named.into_iter().collect()).await?;
    let agents = store::agents::many(db, rows.iter().map(|row| row.agent_id).collect()).await?;
    let of: Vec<_> = rows.iter().map(|row| row.deployment_id).collect();
    let deployments = store::deployments::many(db, of.clone()).await?;
    let versions = deployments.iter().map(|one| one.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let quarantines = store::quarantines::of_many(db, of).await?;
    let mut known = HashMap::new();
    for row in rows {
        let agent = agents.iter().find(|agent| agent.id == row.agent_id);
        let deployment = deployments.iter().find(|one| one.id == row.deployment_id);
        let (Some(agent), Some(deployment)) = (agent, deployment) else {
            continue;
        };
        if !reporter.speaks_of(ctx, &row.client_id, agent.team_id) {
            continue;
        }
        let version = versions.iter().find(|one| one.id == deployment.version_id);
        let version = version.map(|one| one.number.clone()).unwrap_or_default();
        let grant = identities::describe_as(&row, deployment, &agent.slug, version)?;
        let stopped = quarantines
            .iter()
            .filter(|one| one.deployment_id == deployment.id)
            .map(|one| (one.asked_at, one.over_at))
            .collect();
        let one = Known {
            scopes: grant.scopes.clone(),
            stopped,
            grant,
            row,
        };
        known.insert(one.row.client_id.clone(), one);
    }
    Ok(known)
}
