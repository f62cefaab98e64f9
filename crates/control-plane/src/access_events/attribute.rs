//! Whose act was it? The identity that a report names leads to one deployment, and from there to everything else: an identity
//! belongs to a single deployment for all of its life, so what is read now is what held then.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::access_event::{CLOCK_SKEW, Life, Reported, coverage};
use domain::id::AccessEventId;

use super::Reporter;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities;
use crate::ids;
use crate::store;
use crate::store::entity::{access_event, binding, identity};
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

/// The events as lines to be kept. Seven statements, however many there are.
pub(super) async fn rows(
    tx: &Tx,
    ctx: &OpCtx,
    reporter: &Reporter,
    events: &[Reported],
) -> Result<Vec<access_event::Model>, Error> {
    let names = Names::read(tx, events).await?;
    let known = known(tx, ctx, reporter, &names).await?;
    let line = |event: &Reported| {
        let by = names.of(event).and_then(|client| known.get(client));
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

/// The identities that events name, by client id or by what their runtime's provider called them then.
struct Names {
    identities: Vec<identity::Model>,
    bindings: Vec<binding::Model>,
}

impl Names {
    async fn read(tx: &Tx, events: &[Reported]) -> Result<Self, Error> {
        let db = &**tx;
        let named: BTreeSet<String> = events.iter().map(|one| one.identity.clone()).collect();
        // Only a principal has a colon in it.
        let (principals, clients): (Vec<_>, Vec<_>) =
            named.into_iter().partition(|name| name.contains(':'));
        let bindings = if principals.is_empty() {
            Vec::new()
        } else {
            store::bindings::of_principals(db, principals).await?
        };
        let mut identities = store::identities::by_clients(db, clients).await?;
        let bound: BTreeSet<_> = bindings.iter().map(|one| one.identity_id).collect();
        if !bound.is_empty() {
            identities.extend(store::identities::many(db, bound.into_iter().collect()).await?);
        }
        Ok(Self {
            identities,
            bindings,
        })
    }

    /// The client id of who did it.
    fn of<'a>(&'a self, event: &'a Reported) -> Option<&'a str> {
        if !event.identity.contains(':') {
            return Some(&event.identity);
        }
        let at = event.occurred_at;
        let bound = self.bindings.iter().find(|one| {
            one.principal == event.identity
                && at >= one.bound_at - CLOCK_SKEW
                && one.released_at.is_none_or(|released| at < released)
        })?;
        let mut identities = self.identities.iter();
        identities
            .find(|one| one.id == bound.identity_id)
            .map(|one| one.client_id.as_str())
    }
}

/// What is known of the identities that the reporter may speak of.
async fn known(
    tx: &Tx,
    ctx: &OpCtx,
    reporter: &Reporter,
    names: &Names,
) -> Result<HashMap<String, Known>, Error> {
    let db = &**tx;
    let rows = names.identities.clone();
    let agents = store::agents::many(db, rows.iter().map(|row| row.agent_id).collect()).await?;
    let of: Vec<_> = rows.iter().map(|row| row.deployment_id).collect();
    let deployments = store::deployments::many(db, of.clone()).await?;
    let versions = deployments.iter().map(|one| one.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let quarantines = store::quarantines::of_many(db, of).await?;
    let held = rows.iter().map(|row| row.id).collect();
    let suspensions = store::suspensions::of_many(db, held).await?;
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
            .map(|one| (one.asked_at, one.over_at));
        let by_hand = suspensions
            .iter()
            .filter(|one| one.identity_id == row.id)
            .map(|one| (one.asked_at, one.over_at));
        let stopped = stopped.chain(by_hand).collect();
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
