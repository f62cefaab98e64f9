//! Reading approvals: the inbox, one approval, and how many wait for a person. Changes nothing; who may decide is
//! [`may_decide`]'s to say, here only shown.

use domain::actor::{Actor, Role};
use domain::approval::{ApprovalState, Candidate, Parties, may_decide};
use domain::authz::{Action, Facts};
use domain::environment::Environment;
use domain::error::Exclusion;
use domain::id::ApprovalId;
use domain::manifest::ReleaseManifest;
use domain::view::agent::RollbackBadge;
use domain::view::approval::{ApprovalDetail, DecisionRow, Inbox};
use domain::view::diff::VersionDiff;
use domain::view::page::{LIMIT_DEFAULT, Page};
use sea_orm::ConnectionTrait;

use self::rows::{Around, excluded, parties_of, row_view};
use super::candidates;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::gates;
use crate::policies::{self, Whom};
use crate::reading;
use crate::rollbacks;
use crate::store;
use crate::store::entity::{approval, decision, deployment};

mod rows;
mod wording;

/// Most open approvals that the inbox shows and counts.
const OPEN_MAX: u64 = 200;

/// The git addresses that are linked to a person, beside the one they sign in with.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn git_emails(
    db: &impl ConnectionTrait,
    actor: &Actor,
) -> Result<Vec<String>, Error> {
    let Some(id) = actor.user() else {
        return Ok(Vec::new());
    };
    match store::people::get(db, id).await? {
        Some(person) => store::from_json(&person.git_emails),
        None => Ok(Vec::new()),
    }
}

/// How many open approvals the actor could decide now: the number beside the inbox, on every page. Nobody asks it of
/// people who cannot decide anything, so these get 0 without a question to the database; for others it is four statements.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting_for(cp: &ControlPlane, ctx: &OpCtx) -> Result<u64, Error> {
    let Actor::User { grants, .. } = ctx.actor() else {
        return Ok(0);
    };
    if !grants.iter().any(|g| g.role == Role::Approver) {
        return Ok(0);
    }
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let open = store::approvals::open_parties(db, seen.as_deref(), OPEN_MAX).await?;
    if open.is_empty() {
        return Ok(0);
    }
    let agents = store::agents::many(db, open.iter().map(|(_, agent, _)| *agent).collect()).await?;
    let decisions =
        store::approvals::decisions_of(db, open.iter().map(|(id, _, _)| *id).collect()).await?;
    let emails = git_emails(db, ctx.actor()).await?;
    let mut waiting = 0;
    for (id, agent, parties) in &open {
        let Some(agent) = agents.iter().find(|a| a.id == *agent) else {
            continue;
        };
        let parties = parties_of(*id, parties, &decisions)?;
        if excluded(ctx.actor(), agent.team_id, &emails, &parties).is_none() {
            waiting += 1;
        }
    }
    Ok(waiting)
}

/// What waits for the actor, what waits for others, and a page of what is settled. Six statements, whatever there is.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn inbox(cp: &ControlPlane, ctx: &OpCtx, cursor: &str) -> Result<Inbox, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let open = store::approvals::open_page(db, seen.as_deref(), OPEN_MAX).await?;
    let settled =
        store::approvals::settled_page(db, seen.as_deref(), cursor.parse().ok(), LIMIT_DEFAULT + 1)
            .await?;
    let page = Page::cut(settled, LIMIT_DEFAULT, |row| row.number.to_string());
    let all = || open.iter().chain(&page.rows);
    let around = Around::read(
        cp,
        ctx,
        all().map(|a| a.agent_id).collect(),
        all().map(|a| a.id).collect(),
    )
    .await?;
    let (mut yours, mut others) = (Vec::new(), Vec::new());
    for asked in &open {
        let row = row_view(ctx, asked, &around)?;
        if row.excluded.is_none() {
            yours.push(row)
        } else {
            others.push(row)
        }
    }
    let decided = page
        .rows
        .iter()
        .map(|asked| row_view(ctx, asked, &around))
        .collect::<Result<_, _>>()?;
    Ok(Inbox {
        yours,
        others,
        decided,
        next: page.next,
    })
}

/// One approval in its newest round, with everything that its page shows. About twenty statements, whatever there is,
/// and one check of the image that a rollback would restore.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<ApprovalDetail, Error> {
    reading::signed_in(ctx)?;
    let db = cp.reader();
    let asked = store::approvals::by_number(db, number).await?;
    let agent = store::agents::get(db, asked.agent_id).await?;
    let team = agent.team_id;
    ctx.authorize_on(Action::Read, Facts { team: Some(team) }, "approval")?;
    let deployment = store::deployments::get(db, asked.deployment_id).await?;
    let version = store::versions::get(db, deployment.version_id).await?;
    let rounds = store::approvals::rounds(db, number).await?;
    let around = Around::read(
        cp,
        ctx,
        vec![asked.agent_id],
        rounds.iter().map(|(id, _)| *id).collect(),
    )
    .await?;
    let diff: VersionDiff = store::from_json(&asked.diff)?;
    let under_way = deployment.state.in_progress();
    let gates = gates::boxes(&store::gates::of(db, deployment.id).await?, under_way);
    let rollback = rollback(cp, &deployment).await?;
    let parties = parties_of(asked.id, &asked.parties, &around.decisions)?;
    let (can_approve, cannot_approve) = divided(candidates(db, team).await?, &parties);
    Ok(ApprovalDetail {
        row: row_view(ctx, &asked, &around)?,
        environment: deployment.environment.label().to_owned(),
        attention: wording::attention(&diff, &gates, &rollback),
        rule: wording::rule(
            &policies::of(
                db,
                deployment.policy_version,
                &Whom::of(db, &agent, &version).await?,
            )
            .await?,
            reading::count(asked.quorum),
        ),
        if_nobody_acts: wording::if_nobody_acts(asked.state, &diff),
        stale_fields: stale_fields(&asked, &deployment)?,
        decisions: decisions(around.decisions, &rounds),
        requested_by: deployment.requested_by,
        author: version.author_name,
        committer: version.committer_name,
        manifest_digest: asked.manifest_digest,
        manifest: asked.manifest,
        diff,
        gates,
        rollback,
        can_approve,
        cannot_approve,
    })
}

/// Approvers by whether they can decide, with the rule that keeps the others from it.
fn divided(people: Vec<Candidate>, parties: &Parties) -> (Vec<String>, Vec<(String, Exclusion)>) {
    let (mut can, mut cannot) = (Vec::new(), Vec::new());
    for person in people {
        match may_decide(&person, parties) {
            Ok(()) => can.push(person.name),
            Err(rule) => cannot.push((person.name, rule)),
        }
    }
    (can, cannot)
}

/// The decisions of every round, oldest first.
fn decisions(mut rows: Vec<decision::Model>, rounds: &[(ApprovalId, i32)]) -> Vec<DecisionRow> {
    rows.sort_by_key(|d| d.decided_at);
    let round = |id: ApprovalId| {
        rounds
            .iter()
            .find(|(round, _)| *round == id)
            .map_or(1, |(_, n)| *n)
    };
    rows.into_iter()
        .map(|d| DecisionRow {
            round: round(d.approval_id),
            name: d.user_name,
            verdict: d.verdict,
            reason: d.reason,
            at: store::time::text(d.decided_at),
        })
        .collect()
}

/// What a rollback would restore once this deployment is live: what is live there now. When it is live itself already,
/// what a rollback of it would restore.
async fn rollback(cp: &ControlPlane, row: &deployment::Model) -> Result<RollbackBadge, Error> {
    let db = cp.reader();
    let Some(live) = store::live::get(db, row.agent_id, Environment::Production).await? else {
        return Ok(RollbackBadge::NoTarget);
    };
    if live.deployment_id == row.id {
        return rollbacks::badge(cp, row.agent_id, Environment::Production, row.number).await;
    }
    let live = store::deployments::get(db, live.deployment_id).await?;
    let version = store::versions::get(db, live.version_id).await?;
    let place = Environment::Production;
    rollbacks::readiness::of_version(cp, place, live.number, &version).await
}

/// In what the newest manifest differs from the one that was asked about.
fn stale_fields(asked: &approval::Model, row: &deployment::Model) -> Result<Vec<String>, Error> {
    let (ApprovalState::Stale, Some(newest)) = (asked.state, &row.manifest) else {
        return Ok(Vec::new());
    };
    let then: ReleaseManifest = store::from_json(&asked.manifest)?;
    let now: ReleaseManifest = store::from_json(newest)?;
    Ok(then
        .differing_fields(&now)
        .into_iter()
        .map(str::to_owned)
        .collect())
}

#[cfg(test)]
mod tests {
    use domain::actor::Grant;
    use domain::id::{TeamId, UserId};
    use uuid::Uuid;

    use super::*;

    const TEAM: TeamId = TeamId(Uuid::from_u128(7));

    fn person(n: u128, role: Role) -> Actor {
        let grants = vec![Grant {
            role,
            team: Some(TEAM),
        }];
        Actor::User {
            id: UserId(Uuid::from_u128(n)),
            name: n.to_string(),
            email: format!("{n}@example.com"),
            grants,
        }
    }

    #[test]
    fn a_linked_git_address_excludes_like_the_own_one() {
        let parties = Parties {
            author_email: "old@example.com".to_owned(),
            ..Parties::default()
        };
        let approver = person(1, Role::Approver);
        assert_eq!(excluded(&approver, TEAM, &[], &parties), None);
        assert_eq!(
            excluded(&approver, TEAM, &["Old@example.com".to_owned()], &parties),
            Some(Exclusion::CommitAuthor)
        );
    }

    #[test]
    fn administrators_and_workers_cannot_decide() {
        let parties = Parties::default();
        assert_eq!(
            excluded(&person(1, Role::Administrator), TEAM, &[], &parties),
            Some(Exclusion::NotApprover)
        );
        assert_eq!(
            excluded(
                &Actor::System {
                    worker: "w".to_owned()
                },
                TEAM,
                &[],
                &parties
            ),
            Some(Exclusion::NotApprover)
        );
    }

    #[test]
    fn people_are_divided_with_the_rule_that_excludes_them() {
        let candidate = |n: u128| Candidate {
            id: UserId(Uuid::from_u128(n)),
            name: n.to_string(),
            emails: vec![format!("{n}@example.com")],
            approver: true,
        };
        let parties = Parties {
            requester: Some(UserId(Uuid::from_u128(1))),
            config_editor_emails: vec!["2@example.com".to_owned()],
            ..Parties::default()
        };
        let (can, cannot) = divided(vec![candidate(1), candidate(2), candidate(3)], &parties);
        assert_eq!(can, ["3"]);
        assert_eq!(
            cannot,
            [
                ("1".to_owned(), Exclusion::Requester),
                ("2".to_owned(), Exclusion::ConfigEditor)
            ]
        );
    }
}
