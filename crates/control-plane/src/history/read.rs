//! Answers about a moment of the past. Rights are those of today: who may read an agent may read what it was.

use std::collections::HashMap;

use domain::authz::Action;
use domain::canonical;
use domain::environment::Environment;
use domain::event::AuditAction;
use domain::form::query;
use domain::history::{BY_QUARANTINE, SpanKind};
use domain::manifest::ReleaseManifest;
use domain::view::history::{
    AgentRowThen, AgentThen, AgentsThen, DecisionThen, GateThen, IdentityCellThen, IdentityThen,
    LiveCellThen, LiveThen, ManifestThen, PolicyThen, StandingThen, Told,
};
use sea_orm::ConnectionTrait;

use super::place;
use crate::ControlPlane;
use crate::audit::{parsed, to_u64};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities::approval_number;
use crate::reading;
use crate::store;
use crate::store::entity::{audit_leaf, deployment, span};
use crate::workers::names;

/// Most decisions that are read of one page.
const DECISIONS: u64 = 200;

/// The agents that were registered, by slug, with what was live. Seven statements, whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing, [`Error::Invalid`] for what is no moment,
/// [`Error::Unavailable`] while the log is being read.
pub async fn agents(
    cp: &ControlPlane,
    ctx: &OpCtx,
    as_of: &str,
    (cursor, limit): (&str, Option<u64>),
) -> Result<AgentsThen, Error> {
    let seen = reading::teams(ctx)?;
    let (moment, events) = place(cp, ctx, as_of).await?;
    let (db, limit) = (cp.reader(), query::limit(limit));
    let mut rows = store::history::agents(db, seen.as_deref(), events, cursor, limit + 1).await?;
    let more = u64::try_from(rows.len()).unwrap_or(u64::MAX) > limit;
    rows.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let slugs: Vec<String> = rows.iter().map(|row| row.subject.clone()).collect();
    let live = store::history::of(db, SpanKind::Live, slugs.clone(), events).await?;
    let deployments = store::deployments::by_numbers(db, numbers(&live)).await?;
    let versions = deployments.iter().map(|row| row.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let cell = |span: &span::Model| {
        let number: i64 = span.fact.parse().ok()?;
        let row = deployments.iter().find(|row| row.number == number)?;
        Some(LiveCellThen {
            environment: row.environment,
            deployment: number,
            version: reading::version_number(row, &versions),
            since: span.begun_at.clone(),
        })
    };
    let next = slugs.last().filter(|_| more).cloned();
    let rows = slugs.into_iter().map(|slug| AgentRowThen {
        live: live
            .iter()
            .filter(|span| span.subject == slug)
            .filter_map(cell)
            .collect(),
        slug,
    });
    Ok(AgentsThen {
        moment,
        rows: rows.collect(),
        next,
    })
}

/// One agent: what was live where, under which manifest, who had approved it, and how its identity stood.
///
/// # Errors
/// As [`agents`]; [`Error::NotFound`] for what does not exist or may not be read.
pub async fn agent(
    cp: &ControlPlane,
    ctx: &OpCtx,
    slug: &str,
    as_of: &str,
) -> Result<AgentThen, Error> {
    let db = cp.reader();
    let agent = reading::agent(db, ctx, slug).await?;
    let (moment, events) = place(cp, ctx, as_of).await?;
    let subject = || vec![agent.slug.clone()];
    let registered = store::history::of(db, SpanKind::Agent, subject(), events).await?;
    let spans = store::history::of(db, SpanKind::Live, subject(), events).await?;
    let deployments = store::deployments::by_numbers(db, numbers(&spans)).await?;
    let told = store::audit::leaves(db, spans.iter().map(|span| span.begun).collect()).await?;
    let approvals = deployments.iter().filter_map(approval_number).collect();
    let decided = store::audit::of_deployments(
        db,
        AuditAction::ApprovalDecided,
        approvals,
        events,
        DECISIONS,
    )
    .await?;
    let clients: Vec<String> = deployments
        .iter()
        .map(|row| names::client(&agent.slug, row.number))
        .collect();
    let standing = Standing::read(db, clients, events).await?;
    let mut live = Vec::new();
    for span in &spans {
        let number: i64 = span.fact.parse().unwrap_or_default();
        let row = deployments.iter().find(|row| row.number == number);
        let leaf = told.iter().find(|leaf| leaf.idx == span.begun);
        if let (Some(row), Some(leaf)) = (row, leaf) {
            let client = names::client(&agent.slug, number);
            live.push(LiveThen {
                identity: standing.cell(client),
                ..one(span, row, leaf, &decided)?
            });
        }
    }
    live.sort_by_key(|one| one.environment != Environment::Production);
    Ok(AgentThen {
        moment,
        slug: agent.slug,
        registered: !registered.is_empty(),
        live,
    })
}

/// One identity.
///
/// # Errors
/// As [`agent`].
pub async fn identity(
    cp: &ControlPlane,
    ctx: &OpCtx,
    client_id: &str,
    as_of: &str,
) -> Result<IdentityThen, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let row = store::identities::by_client(db, client_id).await?;
    let row = row.ok_or(Error::NotFound { kind: "identity" })?;
    let agent = store::agents::get(db, row.agent_id).await?;
    ctx.authorize_on(Action::Read, reading::of(&agent), "identity")?;
    let deployment = store::deployments::get(db, row.deployment_id).await?;
    let (moment, events) = place(cp, ctx, as_of).await?;
    let standing = Standing::read(db, vec![row.client_id.clone()], events).await?;
    let since = standing.stood.get(&row.client_id);
    let since = since
        .map(|span| told(span.begun, &span.begun_at))
        .transpose()?;
    // What was given is told by the event that gave it.
    let scopes = match standing.stood.get(&row.client_id) {
        Some(span) => {
            let leaves = store::audit::leaves(db, vec![span.begun]).await?;
            let leaf = leaves.first().map(parsed).transpose()?;
            let given = leaf.and_then(|leaf| leaf.detail.get("scopes").cloned());
            let given = given.unwrap_or_default();
            given.split_whitespace().map(str::to_owned).collect()
        }
        None => Vec::new(),
    };
    Ok(IdentityThen {
        moment,
        standing: standing.of(&row.client_id),
        client_id: row.client_id,
        agent: agent.slug,
        since,
        deployment: deployment.number,
        scopes,
    })
}

/// The policy.
///
/// # Errors
/// As [`agents`].
pub async fn policy(cp: &ControlPlane, ctx: &OpCtx, as_of: &str) -> Result<PolicyThen, Error> {
    reading::signed_in(ctx)?;
    let (moment, events) = place(cp, ctx, as_of).await?;
    let db = cp.reader();
    let spans = store::history::of(db, SpanKind::Policy, vec![String::new()], events).await?;
    let last = spans.last();
    Ok(PolicyThen {
        moment,
        version: last.and_then(|span| span.fact.parse().ok()).unwrap_or(1),
        since: last
            .map(|span| told(span.begun, &span.begun_at))
            .transpose()?,
    })
}

fn numbers(spans: &[span::Model]) -> Vec<i64> {
    spans
        .iter()
        .filter_map(|span| span.fact.parse().ok())
        .collect()
}

fn told(event: i64, at: &str) -> Result<Told, Error> {
    Ok(Told {
        at: at.to_owned(),
        event: to_u64(event)?,
    })
}

/// What was live: by the event that made it live, and by the manifest whose digest that event names.
fn one(
    span: &span::Model,
    row: &deployment::Model,
    leaf: &audit_leaf::Model,
    decided: &[audit_leaf::Model],
) -> Result<LiveThen, Error> {
    let digest = parsed(leaf)?.subject_digest.unwrap_or_default();
    let kept = row.manifest.as_deref().unwrap_or_default();
    let manifest = (canonical::digest(kept.as_bytes()) == digest)
        .then(|| serde_json::from_str(kept).ok().map(manifest))
        .flatten();
    let ended = span.ended.zip(span.ended_at.as_deref());
    Ok(LiveThen {
        environment: row.environment,
        deployment: row.number,
        since: told(span.begun, &span.begun_at)?,
        until: ended.map(|(event, at)| told(event, at)).transpose()?,
        decisions: decisions(row, &digest, decided)?,
        manifest_digest: digest,
        manifest,
        identity: None,
    })
}

fn manifest(found: ReleaseManifest) -> ManifestThen {
    let gates = found.gates.into_iter().map(|one| GateThen {
        gate: one.gate,
        verdict: one.verdict,
        evidence_digest: one.evidence_digest,
    });
    ManifestThen {
        version: found.version,
        commit: found.commit,
        config_digest: found.config_digest,
        image_digest: found.image_digest,
        scopes: found.scopes,
        gates: gates.collect(),
        policy_version: found.policy_version,
    }
}

/// What was decided about just this manifest.
fn decisions(
    row: &deployment::Model,
    digest: &str,
    decided: &[audit_leaf::Model],
) -> Result<Vec<DecisionThen>, Error> {
    let Some(approval) = approval_number(row) else {
        return Ok(Vec::new());
    };
    let mut found = Vec::new();
    for leaf in decided
        .iter()
        .filter(|leaf| leaf.deployment == Some(approval))
    {
        let event = parsed(leaf)?;
        if event.subject_digest.as_deref() == Some(digest) {
            found.push(DecisionThen {
                by: leaf.actor_name.clone(),
                verdict: event.detail.get("verdict").cloned().unwrap_or_default(),
                told: told(leaf.idx, &leaf.time)?,
            });
        }
    }
    Ok(found)
}

/// How identities stood.
struct Standing {
    stood: HashMap<String, span::Model>,
    held: Vec<span::Model>,
}

impl Standing {
    async fn read(
        db: &impl ConnectionTrait,
        clients: Vec<String>,
        events: i64,
    ) -> Result<Self, Error> {
        let stood = store::history::of(db, SpanKind::Identity, clients.clone(), events).await?;
        let held = store::history::of(db, SpanKind::Hold, clients, events).await?;
        Ok(Self {
            stood: stood
                .into_iter()
                .map(|span| (span.subject.clone(), span))
                .collect(),
            held,
        })
    }

    fn of(&self, client: &str) -> StandingThen {
        let held = |place: Option<&str>| {
            let mut all = self.held.iter().filter(|span| span.subject == client);
            all.any(|span| place.is_none_or(|place| span.place == place))
        };
        if !self.stood.contains_key(client) {
            StandingThen::Gone
        } else if held(Some(BY_QUARANTINE)) {
            StandingThen::Quarantined
        } else if held(None) {
            StandingThen::Suspended
        } else {
            StandingThen::Active
        }
    }

    fn cell(&self, client: String) -> Option<IdentityCellThen> {
        let standing = self.of(&client);
        (standing != StandingThen::Gone).then_some(IdentityCellThen {
            client_id: client,
            standing,
        })
    }
}
