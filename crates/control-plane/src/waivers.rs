//! Waivers: a person accepts one finding, for one agent and environment, until a date. Who may is the policy's to say;
//! whoever wrote the commit in which it was found may not, and whoever gave it does not approve what leans on it.

use chrono::{DateTime, Duration, Utc};
use domain::actor::Actor;
use domain::authz::{Action, Facts};
use domain::environment::Environment;
use domain::error::{Conflict, Exclusion, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::waiver::{GiveWaiver, RevokeWaiverForm, WaiverForm};
use domain::gate::{Gate, Report};
use domain::id::{UserId, WaiverId};
use domain::policy::WaiverRules;
use domain::waiver::{WaiverState, name};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::approvals::Roster;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::policies::{self, Whom};
use crate::store;
use crate::store::entity::{agent, deployment, version, waiver};
use crate::transact::Tx;

mod read;

pub use read::{get, list, question};

/// It stands at a moment.
pub(crate) fn stands(row: &waiver::Model, now: DateTime<Utc>) -> bool {
    state(row, now) == WaiverState::Active
}

fn state(row: &waiver::Model, now: DateTime<Utc>) -> WaiverState {
    WaiverState::at(row.ends_at, row.revoked_at.is_some(), now)
}

/// "Waiver W-3 ended 2026-03-09".
pub(crate) fn ended_in_words(row: &waiver::Model, now: DateTime<Utc>) -> String {
    let (word, at) = match row.revoked_at {
        Some(at) => ("was revoked", at),
        None if now < row.ends_at => ("ends", row.ends_at),
        None => ("ended", row.ends_at),
    };
    let day = at.format("%Y-%m-%d %H:%M UTC");
    format!("Waiver {} {word} {day}", name(row.number))
}

/// "W-1".
pub(crate) fn called(waived: &waiver::Model) -> String {
    name(waived.number)
}

/// "W-1, W-2".
pub(crate) fn named(waived: &[waiver::Model]) -> String {
    let names: Vec<String> = waived.iter().map(called).collect();
    names.join(", ")
}

/// The waivers that cover everything that makes a report fail; none when something is left, when nothing fails, or when
/// the engine could not look at everything.
pub(crate) async fn covering(
    db: &impl ConnectionTrait,
    agent: &agent::Model,
    environment: Environment,
    report: &Report,
    now: DateTime<Utc>,
) -> Result<Option<Vec<waiver::Model>>, Error> {
    let failing = report.failing();
    if !report.waivable() || failing.is_empty() {
        return Ok(None);
    }
    let standing = store::waivers::standing(db, agent.id, environment, report.gate, now).await?;
    let mut covering: Vec<waiver::Model> = Vec::new();
    for (finding, location) in failing {
        let found = standing
            .iter()
            .find(|w| w.finding == finding && w.location == location);
        match found {
            Some(waiver) => covering.push(waiver.clone()),
            None => return Ok(None),
        }
    }
    covering.sort_by_key(|w| w.number);
    Ok(Some(covering))
}

/// Who gave the waivers that a deployment, or the one that it promotes, leans on.
pub(crate) async fn givers(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
) -> Result<Vec<UserId>, Error> {
    let mut of = vec![row.id];
    if let Some(number) = row.promotes {
        of.push(store::deployments::by_number(db, number).await?.id);
    }
    let leans = store::waivers::leans(db, of).await?;
    let mut givers: Vec<UserId> = leans.iter().map(|(_, _, w)| w.given_by).collect();
    givers.sort_unstable();
    givers.dedup();
    Ok(givers)
}

/// A person with a session whom the policy lets waive.
fn may(ctx: &OpCtx, agent: &agent::Model, rules: &WaiverRules) -> Result<(UserId, String), Error> {
    let team = Some(agent.team_id);
    ctx.authorize_on(Action::Waive, Facts { team }, "agent")?;
    let held = ctx.actor().roles(team);
    match ctx.actor() {
        Actor::User { id, name, .. } if held.iter().any(|r| rules.roles.contains(r)) => {
            Ok((*id, name.clone()))
        }
        Actor::User { .. } | Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => {
            Err(Error::Forbidden {
                action: Action::Waive,
            })
        }
    }
}

/// Whoever wrote or committed what was found does not accept it.
async fn not_theirs(
    db: &impl ConnectionTrait,
    ctx: &OpCtx,
    agent: &agent::Model,
    version: &version::Model,
) -> Result<(), Error> {
    let roster = Roster::own_roles(db).await?;
    let person = roster.candidate(ctx.actor(), agent.team_id);
    let person = person.ok_or(Error::Forbidden {
        action: Action::Waive,
    })?;
    if person.emails.contains(&version.author_email.to_lowercase()) {
        return Err(Error::Excluded {
            rule: Exclusion::CommitAuthor,
        });
    }
    if person
        .emails
        .contains(&version.committer_email.to_lowercase())
    {
        return Err(Error::Excluded {
            rule: Exclusion::Committer,
        });
    }
    Ok(())
}

/// The report of a deployment's gate.
async fn report(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
    gate: Gate,
) -> Result<Option<Report>, Error> {
    let runs = store::gates::of(db, row.id).await?;
    let digest = runs
        .into_iter()
        .find(|run| run.gate == gate)
        .and_then(|run| run.evidence_digest);
    let Some(digest) = digest else {
        return Ok(None);
    };
    let kept = store::evidence::many(db, vec![digest]).await?;
    kept.first()
        .map(|row| store::from_json(&row.body))
        .transpose()
}

/// Gives a waiver for a finding of a deployment's report. Answers its number.
///
/// # Errors
/// [`Error::Forbidden`] for whom the policy does not let waive, [`Error::Excluded`] for whoever wrote the commit,
/// [`Error::Invalid`] for a gate, a finding or a date that cannot be.
pub async fn give(cp: &ControlPlane, ctx: &OpCtx, form: &WaiverForm) -> Result<i64, Error> {
    ctx.signed_in()?;
    let give = form.parse()?;
    cp.transact("waivers::give", ctx, |tx: Tx| {
        let give = &give;
        async move {
            let tx = &tx;
            let row = store::deployments::by_number(&**tx, give.deployment).await?;
            let agent = store::agents::lock(tx, row.agent_id).await?;
            let version = store::versions::get(&**tx, row.version_id).await?;
            let whom = Whom::of(&**tx, &agent, &version).await?;
            let rules = policies::current(&**tx, &whom).await?.waiver_rules();
            let by = may(ctx, &agent, &rules)?;
            not_theirs(&**tx, ctx, &agent, &version).await?;
            check(&**tx, &row, give, &rules, ctx.now()).await?;
            write(tx, ctx, &agent, give, by).await
        }
    })
    .await
}

/// The finding is there, its gate may be waived, and the end is neither past nor too late.
async fn check(
    db: &impl ConnectionTrait,
    row: &deployment::Model,
    give: &GiveWaiver,
    rules: &WaiverRules,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let wrong = |field: &str, problem| Err(Error::Invalid(ValidationErrors::one(field, problem)));
    if !rules.gates.contains(&give.gate) {
        return wrong("gate", FieldProblem::NotWaivable);
    }
    if give.ends_at <= now {
        return wrong("until", FieldProblem::DateOutOfRange);
    }
    // The last day counts whole.
    if give.ends_at > now + Duration::days(i64::from(rules.days) + 1) {
        return wrong("until", FieldProblem::TooLate);
    }
    let found = report(db, row, give.gate).await?;
    let there = found.is_some_and(|report| {
        report.waivable()
            && report
                .failing()
                .contains(&(give.finding.as_str(), give.location.as_str()))
    });
    if there {
        Ok(())
    } else {
        wrong("finding", FieldProblem::NotWaivable)
    }
}

async fn write(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    give: &GiveWaiver,
    (by, by_name): (UserId, String),
) -> Result<i64, Error> {
    let row = waiver::Model {
        id: WaiverId(ids::new()),
        number: store::waivers::next_number(tx).await?,
        agent_id: agent.id,
        environment: give.environment,
        gate: give.gate,
        finding: give.finding.clone(),
        location: give.location.clone(),
        deployment: give.deployment,
        reason: give.reason.clone(),
        ends_at: give.ends_at,
        given_by: by,
        given_by_name: by_name,
        given_at: ctx.now(),
        revoked_at: None,
        revoked_by_name: None,
        revoke_reason: None,
    };
    store::waivers::insert(tx, row.clone()).await?;
    let event = event(AuditAction::WaiverGiven, &row, agent)
        .with("until", store::time::text(row.ends_at))
        .reason(&row.reason);
    audit::append(tx, ctx, event).await?;
    Ok(row.number)
}

fn event(action: AuditAction, row: &waiver::Model, agent: &agent::Model) -> Event {
    Event::new(action, "waiver", name(row.number))
        .agent(&agent.slug)
        .deployment(row.deployment)
        .with("environment", row.environment)
        .with("gate", row.gate)
        .with("finding", &row.finding)
        .with("location", &row.location)
}

/// Takes a waiver back. What leans on it no longer complies at once.
///
/// # Errors
/// [`Error::Forbidden`] for people without a role that waives,
/// [`Conflict::Changed`] when it was revoked already, or is over.
pub async fn revoke(cp: &ControlPlane, ctx: &OpCtx, form: &RevokeWaiverForm) -> Result<(), Error> {
    ctx.signed_in()?;
    let (number, reason) = form.parse()?;
    cp.transact("waivers::revoke", ctx, |tx: Tx| {
        let reason = &reason;
        async move {
            let tx = &tx;
            let row = store::waivers::by_number(&**tx, number).await?;
            let agent = store::agents::get(&**tx, row.agent_id).await?;
            let team = Some(agent.team_id);
            ctx.authorize_on(Action::Waive, Facts { team }, "waiver")?;
            if !stands(&row, ctx.now()) {
                return Err(Error::conflict(Conflict::Changed));
            }
            let by = ctx.actor().name().to_owned();
            store::waivers::revoke(tx, row.id, &by, reason, ctx.now()).await?;
            let event = event(AuditAction::WaiverRevoked, &row, &agent).reason(reason);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
