//! Approvals: opening, deciding, settling. A decision binds to the manifest digest that the person saw.

use chrono::Duration;
use domain::actor::{Actor, Grant, Role};
use domain::approval::{
    ApprovalEvent, ApprovalState, Candidate, Decide, DecisionVerdict, Parties, may_decide,
};
use domain::authz::{Action, Facts};
use domain::deployment::DeploymentEvent;
use domain::error::{Conflict, Exclusion, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::approval::DecisionForm;
use domain::id::{ApprovalId, DecisionId, TeamId};
use domain::view::diff::VersionDiff;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments::{self, end, manifest::Sealed};
use crate::error::Error;
use crate::ids;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::deployments::Learnt;
use crate::store::entity::{agent, approval, decision, deployment};
use crate::transact::Tx;

mod read;

pub(crate) use read::git_emails;
pub use read::{get, inbox, waiting_for};

/// What people are asked about: the manifest, who may not answer, and what changes. Frozen when it is asked.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) sealed: Sealed,
    pub(crate) parties: Parties,
    pub(crate) diff: VersionDiff,
}

/// Asks people about a deployment's manifest.
pub(crate) async fn open(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &deployment::Model,
    question: &Question,
) -> Result<(), Error> {
    let Question {
        sealed,
        parties,
        diff,
    } = question;
    let version = store::versions::get(&**tx, row.version_id).await?;
    let whom = Whom::of(&**tx, agent, &version).await?;
    let policy = policies::of(&**tx, row.policy_version, &whom).await?;
    let rules = policy.of(row.environment);
    let round = store::approvals::of(&**tx, row.id)
        .await?
        .map_or(1, |a| a.round + 1);
    let now = ctx.now();
    let asked = approval::Model {
        id: ApprovalId(ids::new()),
        deployment_id: row.id,
        agent_id: agent.id,
        number: row.number,
        round,
        state: ApprovalState::Open,
        manifest_digest: sealed.digest.clone(),
        manifest: sealed.text.clone(),
        parties: store::to_json(parties)?,
        changes: summary(diff),
        diff: store::to_json(diff)?,
        quorum: i32::try_from(rules.quorum).unwrap_or(1),
        opened_at: now,
        expires_at: now + Duration::hours(i64::from(rules.approval_hours)),
        settled_at: None,
        revision: 0,
    };
    store::approvals::insert(tx, asked).await?;
    let event = Event::new(
        AuditAction::ApprovalOpened,
        "approval",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .digest(Some(&sealed.digest))
    .with("round", round)
    .with("quorum", rules.quorum);
    audit::append(tx, ctx, event).await.map(|_| ())
}

/// "2 scopes added, 3 config changes, 4 files": the shortest true summary.
fn summary(diff: &VersionDiff) -> String {
    let counted = |n: usize, one: &str, many: &str| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    };
    let parts: Vec<String> = [
        counted(diff.added_scopes.len(), "scope added", "scopes added"),
        counted(diff.config.len(), "config change", "config changes"),
        counted(diff.files.len(), "file", "files"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match (&diff.live_version, parts.is_empty()) {
        (None, _) => "First version in production".to_owned(),
        (Some(_), true) => "No change".to_owned(),
        (Some(_), false) => parts.join(", "),
    }
}

/// Takes one person's answer.
///
/// # Errors
/// [`Error::Excluded`] by separation of duties, [`Conflict::AlreadyDecided`] when it is not open any more,
/// [`Conflict::ManifestChanged`] when the digest is not the one that is asked about.
pub async fn decide(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &DecisionForm,
) -> Result<ApprovalState, Error> {
    ctx.signed_in()?;
    let decide = form.parse()?;
    cp.transact("approvals::decide", ctx, |tx: Tx| {
        let decide = &decide;
        async move {
            let tx = &tx;
            let asked = store::approvals::by_number(&**tx, decide.number).await?;
            let agent = store::agents::get(&**tx, asked.agent_id).await?;
            ctx.authorize_on(
                Action::Decide,
                Facts {
                    team: Some(agent.team_id),
                },
                "approval",
            )?;
            check(tx, ctx, &agent, &asked, decide).await?;
            record(tx, ctx, &agent, &asked, decide).await
        }
    })
    .await
}

/// Everything that can stand against a decision, in the order a person should learn of it.
async fn check(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    asked: &approval::Model,
    decide: &Decide,
) -> Result<(), Error> {
    let decisions = store::approvals::decisions(&**tx, asked.id).await?;
    let mut parties: Parties = store::from_json(&asked.parties)?;
    parties.decided = decisions.iter().map(|d| d.user_id).collect();
    let git_emails = read::git_emails(&**tx, ctx.actor()).await?;
    let person =
        Candidate::of(ctx.actor(), agent.team_id, &git_emails).ok_or(Error::Forbidden {
            action: Action::Decide,
        })?;
    // A repeated click on a settled approval hears that it is settled, not that they decided already.
    if asked.state != ApprovalState::Open {
        return Err(Error::conflict(Conflict::AlreadyDecided));
    }
    may_decide(&person, &parties).map_err(|rule| match rule {
        Exclusion::NotApprover => Error::Forbidden {
            action: Action::Decide,
        },
        Exclusion::Requester
        | Exclusion::CommitAuthor
        | Exclusion::Committer
        | Exclusion::ConfigEditor
        | Exclusion::WaiverGiver
        | Exclusion::AlreadyDecided
        | Exclusion::Proposer => Error::Excluded { rule },
    })?;
    if asked.expires_at <= ctx.now() {
        return Err(Error::conflict(Conflict::AlreadyDecided));
    }
    if decide.manifest_digest != asked.manifest_digest {
        return Err(Error::conflict(Conflict::ManifestChanged));
    }
    let diff: VersionDiff = store::from_json(&asked.diff)?;
    let accepted = diff
        .added_scopes
        .iter()
        .all(|s| decide.accepted_scopes.contains(s));
    // A first version's scopes are all new; they are read on the page, and accepted like later ones.
    if decide.verdict == DecisionVerdict::Approve && !accepted {
        return Err(ValidationErrors::one("accepted_scopes", FieldProblem::NotAccepted).into());
    }
    Ok(())
}

async fn record(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    asked: &approval::Model,
    decide: &Decide,
) -> Result<ApprovalState, Error> {
    let Actor::User { id, name, .. } = ctx.actor() else {
        return Err(Error::Forbidden {
            action: Action::Decide,
        });
    };
    let row = decision::Model {
        id: DecisionId(ids::new()),
        approval_id: asked.id,
        user_id: *id,
        user_name: name.clone(),
        verdict: decide.verdict,
        reason: decide.reason.clone(),
        manifest_digest: asked.manifest_digest.clone(),
        decided_at: ctx.now(),
    };
    store::approvals::decide(tx, row).await?;
    let mut event = Event::new(
        AuditAction::ApprovalDecided,
        "approval",
        asked.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(asked.number)
    .digest(Some(&asked.manifest_digest))
    .with("verdict", decide.verdict)
    .with("round", asked.round);
    if let Some(reason) = &decide.reason {
        event = event.reason(reason);
    }
    audit::append(tx, ctx, event).await?;
    let deployment = store::deployments::get(&**tx, asked.deployment_id).await?;
    if decide.verdict == DecisionVerdict::Reject {
        let reason = decide.reason.clone().unwrap_or_default();
        end::end(
            tx,
            ctx,
            &deployment,
            DeploymentEvent::Rejected,
            &format!("Rejected by {name}: {reason}"),
            None,
        )
        .await?;
        return Ok(ApprovalState::Rejected);
    }
    let approvals = store::approvals::decisions(&**tx, asked.id).await?.len();
    if i32::try_from(approvals).unwrap_or(i32::MAX) < asked.quorum {
        store::approvals::touch(tx, asked).await?;
        return Ok(ApprovalState::Open);
    }
    settle(tx, ctx, agent, asked, ApprovalEvent::QuorumMet).await?;
    // The deployer compares this digest again at the moment of acting (invariant 1).
    let learnt = Learnt {
        authorised_digest: Some(asked.manifest_digest.clone()),
        ..Learnt::default()
    };
    store::deployments::learn(tx, &deployment, &learnt).await?;
    deployments::advance(tx, ctx, &deployment, DeploymentEvent::Approved).await?;
    Ok(ApprovalState::Approved)
}

/// Moves an approval on and records it.
pub(crate) async fn settle(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    row: &approval::Model,
    event: ApprovalEvent,
) -> Result<(), Error> {
    let next = store::approvals::transition(tx, row, event, ctx.now()).await?;
    let fact = Event::new(
        AuditAction::ApprovalSettled,
        "approval",
        row.number.to_string(),
    )
    .agent(&agent.slug)
    .deployment(row.number)
    .digest(Some(&row.manifest_digest))
    .with("state", next)
    .with("round", row.round);
    audit::append(tx, ctx, fact).await.map(|_| ())
}

/// Everybody with the approver role in a team, as candidates.
pub(crate) async fn candidates(
    db: &impl sea_orm::ConnectionTrait,
    team: TeamId,
) -> Result<Vec<Candidate>, Error> {
    let people = store::people::all(db).await?;
    let grants = store::people::all_grants(db).await?;
    people
        .into_iter()
        .filter(|p| {
            let held = grants.iter().filter(|g| g.user_id == p.id).map(|g| Grant {
                role: g.role,
                team: g.team_id,
            });
            held.into_iter()
                .any(|g| g.role == Role::Approver && (g.team.is_none() || g.team == Some(team)))
        })
        .map(|p| {
            let mut emails: Vec<String> = store::from_json(&p.git_emails)?;
            emails.push(p.email.clone());
            Ok(Candidate {
                id: p.id,
                name: p.name,
                emails,
                approver: true,
            })
        })
        .collect()
}
