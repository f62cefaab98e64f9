//! The rows of the inbox, and why a person cannot decide one. Reads once for all rows; decides nothing.

use domain::actor::Actor;
use domain::approval::{DecisionVerdict, Parties, may_decide};
use domain::error::Exclusion;
use domain::id::{AgentId, ApprovalId, TeamId};
use domain::view::approval::ApprovalRow;
use serde::Deserialize;

use crate::ControlPlane;
use crate::approvals::{Roster, decided};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, approval, decision, team};

/// The parties of a round, with who decided in it.
pub(super) fn parties_of(
    id: ApprovalId,
    json: &str,
    decisions: &[decision::Model],
) -> Result<Parties, Error> {
    let mut parties: Parties = store::from_json(json)?;
    let of = decisions.iter().filter(|d| d.approval_id == id).cloned();
    parties.decided = decided(&of.collect::<Vec<_>>());
    Ok(parties)
}

/// Why the actor cannot decide. API tokens and workers never can.
pub(super) fn excluded(
    roster: &Roster,
    actor: &Actor,
    team: TeamId,
    parties: &Parties,
) -> Option<Exclusion> {
    match roster.candidate(actor, team) {
        Some(person) => may_decide(&person, parties).err(),
        None => Some(Exclusion::NotApprover),
    }
}

/// What rows need beside themselves, read once for all of them.
pub(super) struct Around {
    agents: Vec<agent::Model>,
    teams: Vec<team::Model>,
    pub(super) decisions: Vec<decision::Model>,
    pub(super) roster: Roster,
}

impl Around {
    pub(super) async fn read(
        cp: &ControlPlane,
        ctx: &OpCtx,
        agents: Vec<AgentId>,
        approvals: Vec<ApprovalId>,
    ) -> Result<Self, Error> {
        let db = cp.reader();
        Ok(Self {
            agents: store::agents::many(db, agents).await?,
            teams: store::people::teams(db).await?,
            decisions: store::approvals::decisions_of(db, approvals).await?,
            roster: Roster::read(db, ctx.now()).await?,
        })
    }
}

/// The versions of a frozen diff, without the rest of it.
#[derive(Deserialize)]
struct Versions {
    live_version: Option<String>,
    proposed_version: String,
}

pub(super) fn row_view(
    ctx: &OpCtx,
    asked: &approval::Model,
    around: &Around,
) -> Result<ApprovalRow, Error> {
    let agent = around
        .agents
        .iter()
        .find(|a| a.id == asked.agent_id)
        .ok_or(Error::NotFound { kind: "agent" })?;
    let parties = parties_of(asked.id, &asked.parties, &around.decisions)?;
    let versions: Versions = store::from_json(&asked.diff)?;
    let given = around
        .decisions
        .iter()
        .filter(|d| d.approval_id == asked.id && d.verdict == DecisionVerdict::Approve)
        .count();
    Ok(ApprovalRow {
        number: asked.number,
        round: asked.round,
        agent: agent.slug.clone(),
        team: reading::team_slug(agent.team_id, &around.teams),
        version: versions.proposed_version,
        live_version: versions.live_version,
        state: asked.state,
        approvals: u32::try_from(given).unwrap_or(u32::MAX),
        quorum: reading::count(asked.quorum),
        changes: asked.changes.clone(),
        requested_at: store::time::text(asked.opened_at),
        expires_at: store::time::text(asked.expires_at),
        excluded: excluded(&around.roster, ctx.actor(), agent.team_id, &parties),
    })
}
