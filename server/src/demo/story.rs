//! What happens to each example agent, step by step, as its people would do it.

use std::time::Duration;

use anyhow::{Context as _, Result};
use control_plane::{agents, approvals, deployments};
use domain::approval::DecisionVerdict;
use domain::deployment::DeploymentState as S;
use domain::environment::Environment;
use domain::form::agent::OnboardForm;
use domain::form::approval::DecisionForm;
use domain::view::deployment::DeploymentRow;

use super::access;
use super::agents::{DemoAgent, Part};
use super::packages;
use super::repositories::{Commit, Repository};
use super::stage::{CONNECTION, Stage, Watch, line, said};

/// From a push to the end of its gates, with the packages installed for the first time.
const GATES_WITHIN: Duration = Duration::from_secs(20 * 60);
/// From an approval to live, or from a failure to the receipt.
const STEP_WITHIN: Duration = Duration::from_secs(5 * 60);

/// Tells every story, each beside the others. False when one could not be told to its end.
pub(super) async fn tell_all(stage: &Stage, agents: &[&'static DemoAgent]) -> bool {
    let stories = agents.iter().map(|agent| async move {
        if let Some(problem) = packages::problem(agent).await {
            line(agent.slug, &format!("skipped: {problem}"));
            return true;
        }
        let told = tell(stage, agent).await;
        if let Err(error) = &told {
            line(agent.slug, &format!("could not go on: {error:#}"));
        }
        told.is_ok()
    });
    futures::future::join_all(stories)
        .await
        .into_iter()
        .all(|complete| complete)
}

async fn tell(stage: &Stage, agent: &'static DemoAgent) -> Result<()> {
    let repository =
        Repository::open(&stage.repositories, agent.slug, Some(stage.desk.clone())).await?;
    let first = repository.commit("Add the agent", None).await?;
    onboard(stage, agent, &repository).await?;
    let mut watch = Watch::new(stage, agent.slug);
    push(stage, agent, &repository, &first).await?;
    let asked = proven(stage, &mut watch, &first).await?;
    if agent.part == Part::Waits {
        line(
            agent.slug,
            &format!("waits for a decision on approval #{}", asked.number),
        );
        return Ok(());
    }
    approve(stage, agent, &asked).await?;
    live(&mut watch, &first).await?;
    access::begin(stage, agent).await?;
    if agent.part == Part::Pushes {
        more_pushes(stage, agent, &repository, &mut watch).await?;
    }
    Ok(())
}

/// A bad push, which leaves nothing behind, and a good one, which waits for its approval.
async fn more_pushes(
    stage: &Stage,
    agent: &'static DemoAgent,
    repository: &Repository,
    watch: &mut Watch<'_>,
) -> Result<()> {
    let bad = repository
        .commit(
            "Evaluate the answer of the model",
            Some("refund-assistant-insecure"),
        )
        .await?;
    push(stage, agent, repository, &bad).await?;
    let ended = |rows: &[DeploymentRow]| {
        rows.iter()
            .find(|row| matches!(row.state, S::Cleaned | S::CleanupIncomplete))
            .map(|row| row.number)
    };
    let number = watch.until(&bad.id, GATES_WITHIN, ended).await?;
    let detail = deployments::get(&stage.cp, &stage.cast.developer, number, None, None)
        .await
        .map_err(said)?;
    let receipt = detail
        .receipt
        .context("the failed deployment has no receipt")?;
    line(
        agent.slug,
        &format!(
            "#{number} failed and was cleaned up: {}; what is live stays live",
            receipt.sentence()
        ),
    );
    let good = repository
        .commit("Open refunds for customers", Some("refund-assistant-next"))
        .await?;
    push(stage, agent, repository, &good).await?;
    let asked = proven(stage, watch, &good).await?;
    line(
        agent.slug,
        &format!(
            "waits for a decision on approval #{}, which adds a scope",
            asked.number
        ),
    );
    Ok(())
}

async fn onboard(stage: &Stage, agent: &DemoAgent, repository: &Repository) -> Result<()> {
    let developer = &stage.cast.developer;
    if agents::get(&stage.cp, developer, agent.slug).await.is_ok() {
        return Ok(());
    }
    let form = OnboardForm {
        slug: agent.slug.to_owned(),
        team: agent.team.to_owned(),
        connection: CONNECTION.to_owned(),
        repository: repository.address(),
        branch: "main".to_owned(),
        path: String::new(),
    };
    agents::onboard(&stage.cp, developer, &form)
        .await
        .map_err(said)?;
    line(
        agent.slug,
        &format!("onboarded from {}", repository.address()),
    );
    Ok(())
}

async fn push(
    stage: &Stage,
    agent: &DemoAgent,
    repository: &Repository,
    commit: &Commit,
) -> Result<()> {
    let short = commit.id.get(..7).unwrap_or(&commit.id);
    line(agent.slug, &format!("push {short}: {}", commit.subject));
    stage.host.push(repository, commit).await
}

/// Waits until the version is proven in non-prod: the deployment to production that asks, or went on since.
async fn proven(stage: &Stage, watch: &mut Watch<'_>, commit: &Commit) -> Result<DeploymentRow> {
    let settled = |rows: &[DeploymentRow]| {
        let production = rows
            .iter()
            .find(|row| row.environment == Environment::Production);
        if let Some(row) = production {
            let there = matches!(
                row.state,
                S::AwaitingApproval | S::Deploying | S::Verifying | S::Live | S::Superseded
            ) || over(row);
            return there.then(|| row.clone());
        }
        // Going live in non-prod and asking for production are one transaction.
        rows.iter()
            .find(|row| row.state == S::Live || over(row))
            .cloned()
    };
    let row = watch.until(&commit.id, GATES_WITHIN, settled).await?;
    if row.environment == Environment::Production && !over(&row) {
        return Ok(row);
    }
    let detail = deployments::get(&stage.cp, &stage.cast.developer, row.number, None, None)
        .await
        .map_err(said)?;
    let why = detail.failure.map_or_else(
        || "a gate that production needs is not satisfied".to_owned(),
        |failure| failure.message,
    );
    anyhow::bail!("#{} did not get to production: {why}", row.number)
}

fn over(row: &DeploymentRow) -> bool {
    let asks_no_more = matches!(row.state, S::Live | S::Superseded);
    !row.state.in_progress() && !asks_no_more
}

/// Approves what the page asks: the manifest it shows, with the scopes it adds.
async fn approve(stage: &Stage, agent: &DemoAgent, asked: &DeploymentRow) -> Result<()> {
    if asked.state != S::AwaitingApproval {
        return Ok(());
    }
    let approver = &stage.cast.approver;
    let page = approvals::get(&stage.cp, approver, asked.number)
        .await
        .map_err(said)?;
    let form = DecisionForm {
        number: asked.number.to_string(),
        verdict: DecisionVerdict::Approve.to_string(),
        reason: "The gates passed, and the scopes are what the agent needs.".to_owned(),
        manifest_digest: page.manifest_digest,
        accepted_scopes: page.diff.added_scopes.join(" "),
        password: String::new(),
    };
    // The demo signed this person in when it began, and knows their password all along.
    let now = approver.clone().with_sign_in(Some(approver.now()));
    approvals::decide(&stage.cp, &now, &form)
        .await
        .map_err(said)?;
    line(
        agent.slug,
        &format!("approval #{} was given by the approver", asked.number),
    );
    Ok(())
}

async fn live(watch: &mut Watch<'_>, commit: &Commit) -> Result<()> {
    let reached = |rows: &[DeploymentRow]| {
        let row = rows
            .iter()
            .find(|row| row.environment == Environment::Production)?;
        let there = matches!(row.state, S::Live | S::Superseded) || over(row);
        there.then(|| row.clone())
    };
    let row = watch.until(&commit.id, STEP_WITHIN, reached).await?;
    anyhow::ensure!(
        !over(&row),
        "#{} did not go live: its page says why",
        row.number
    );
    Ok(())
}
