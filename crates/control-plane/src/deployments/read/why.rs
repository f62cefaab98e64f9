//! "Why is it not further, why can't I promote?" The one list of what is not met, for the page, the API and the command line.

use domain::approval::Parties;
use domain::deployment::DeploymentState;
use domain::environment::Environment;
use domain::view::deployment::{Condition, Conditions};

use super::{Found, conditions, find};
use crate::ControlPlane;
use crate::approvals::{decided, votes};
use crate::ctx::OpCtx;
use crate::deployments::promotion::{Requirement, condition, requirements};
use crate::error::Error;
use crate::policies::{self, Whom};
use crate::reading;
use crate::store;

/// Everything that a deployment still needs: to go live while it is on its way, to be promoted once it is live in
/// non-prod. Each with what would meet it.
///
/// # Errors
/// [`Error::NotFound`] for what does not exist or may not be read.
pub async fn why(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<Conditions, Error> {
    let db = cp.reader();
    let (row, agent) = reading::deployment(db, ctx, number).await?;
    let found = find(cp, ctx, row, agent).await?;
    let (title, conditions) = list(cp, ctx, &found).await?;
    Ok(Conditions {
        number,
        agent: found.agent.slug.clone(),
        version: found.version.number.clone(),
        environment: found.row.environment,
        state: found.row.state,
        title: title.to_owned(),
        open: conditions.iter().filter(|c| !c.met).count(),
        conditions,
    })
}

/// The list, with its title.
pub(super) async fn list(
    cp: &ControlPlane,
    ctx: &OpCtx,
    found: &Found,
) -> Result<(&'static str, Vec<Condition>), Error> {
    let row = &found.row;
    let judged = found.conditions.iter().map(conditions::judged);
    if row.state.in_progress() {
        let mut all = on_its_way(ctx, found)?;
        all.extend(judged);
        return Ok(("Before this can go live", all));
    }
    match (row.state, row.environment) {
        (DeploymentState::Live, Environment::NonProd) => {
            let title = "Before this can be promoted";
            Ok((title, to_promote(cp, ctx, found).await?))
        }
        (DeploymentState::Live, Environment::Production) => Ok(("It is live", judged.collect())),
        (state, _) => {
            let text = format!("It is still on its way (now: {})", state.label());
            let remedy = match row.promotes {
                Some(number) => format!(
                    "This attempt ended and does not go on. Promote #{number} again, or push a new version."
                ),
                None => "This attempt ended and does not go on. Push a new version.".to_owned(),
            };
            let mut all = vec![condition(false, text, remedy)];
            // Why it did not get further stays to be read.
            all.extend(judged);
            Ok(("It ended", all))
        }
    }
}

fn on_its_way(ctx: &OpCtx, found: &Found) -> Result<Vec<Condition>, Error> {
    let row = &found.row;
    let mut parties = Parties::default();
    let mut given = Vec::new();
    if let Some((asked, decisions)) = &found.approval {
        parties = store::from_json(&asked.parties)?;
        parties.decided = decided(decisions);
        given = votes(decisions)?;
    }
    let asked = found.approval.as_ref().map(|(asked, _)| conditions::Asked {
        number: asked.number,
        state: asked.state,
        given: &given,
        parties: &parties,
        candidates: &found.candidates,
    });
    let rules = found.policy.of(row.environment);
    let results = found.counted.counting(rules, ctx.now());
    let why_not = |gate| found.counted.why_not(gate, rules, ctx.now());
    Ok(conditions::conditions(&conditions::Facts {
        kind: row.kind,
        environment: row.environment,
        rules,
        why_not: &why_not,
        has_image: found.version.image_digest.is_some(),
        held: found.version.held_at.is_some(),
        waits: found
            .wait
            .as_ref()
            .map(|wait| (wait.text.as_str(), wait.remedy)),
        results: &results,
        approval: asked,
        let_through: found.let_through,
    }))
}

/// A promotion begins under the policy of now.
async fn to_promote(
    cp: &ControlPlane,
    ctx: &OpCtx,
    found: &Found,
) -> Result<Vec<Condition>, Error> {
    let db = cp.reader();
    let whom = Whom::of(db, &found.agent, &found.version).await?;
    let policy = policies::current(db, &whom).await?;
    let needed = requirements(db, ctx, &found.agent, &found.version, &found.row, &policy).await?;
    let mut all: Vec<Condition> = needed.iter().map(Requirement::condition).collect();
    if let Some(owed) = policies::owed(db, &found.row, ctx.now()).await? {
        all.push(condition(false, owed.text, owed.remedy.to_owned()));
    }
    let slug = &whom.team;
    let teams = policies::approvers(db, ctx, &policy).await?;
    let of_team = teams.iter().filter(|t| t.team == *slug);
    all.extend(of_team.map(|t| {
        let of = t
            .group
            .as_ref()
            .map_or_else(String::new, |group| format!(" of group {group}"));
        let people = match t.needed {
            1 => "1 approver".to_owned(),
            needed => format!("{needed} approvers"),
        };
        let text = format!("{people}{of} in team {slug} (now: {})", t.people.len());
        let remedy =
            "An administrator gives the approver role, or adds people to the group, in Settings.";
        condition(t.enough(), text, remedy.to_owned())
    }));
    if let Some(window) = policy.production.frozen_at(ctx.now()) {
        let until = window.until.format("%Y-%m-%d %H:%M UTC");
        let text = format!("No freeze of production (until {until}: {})", window.reason);
        let remedy = "Promote all the same: it waits, and goes on by itself when the freeze ends.";
        all.push(condition(false, text, remedy.to_owned()));
    }
    let soaked = found.row.live_at.map(|at| policy.production.soaked_at(at));
    if let Some(at) = soaked.filter(|at| *at > ctx.now()) {
        let minutes = policy.production.soak_minutes;
        let until = at.format("%Y-%m-%d %H:%M UTC");
        let text = format!("{minutes} minutes in non-prod (until {until})");
        let remedy = "Promote all the same: it waits, and goes on by itself when the time is over.";
        all.push(condition(false, text, remedy.to_owned()));
    }
    Ok(all)
}
