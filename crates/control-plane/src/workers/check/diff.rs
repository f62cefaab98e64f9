//! What would change in production, against what is live there now.

use std::collections::BTreeMap;

use domain::agent::MANIFEST_FILE;
use domain::config_bundle::ConfigBundle;
use domain::deployment::Step;
use domain::environment::Environment;
use domain::view::diff::VersionDiff;

use super::first;
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::git_host::{Contributors, History};
use crate::sources;
use crate::store;
use crate::store::entity::version;
use crate::versions;
use crate::workers::step::{Job, StepError, alive};

/// Most addresses of people that one approval keeps out.
const PEOPLE_MAX: usize = 2_000;

/// The difference to what is live in production, and who made it.
pub(super) struct AgainstLive {
    pub(super) diff: VersionDiff,
    /// E-mail addresses of who changed the config bundle between the two commits.
    pub(super) editors: Vec<String>,
    /// Who wrote or committed anything between them.
    pub(super) contributors: Contributors,
}

/// What would change, and by whom. It counts from what is live in production, because that is what people approved last:
/// a version that only non-prod saw was approved by nobody. With nothing live, or when git does not have that commit any
/// more, everything that ever made the agent counts.
pub(super) async fn against_live(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
) -> Result<AgainstLive, StepError> {
    let live = store::live::get(cp.reader(), job.agent.id, Environment::Production).await?;
    let live = match live {
        Some(pointer) => {
            let row = store::deployments::get(cp.reader(), pointer.deployment_id).await?;
            let version = store::versions::get(cp.reader(), row.version_id).await?;
            Some((row, version))
        }
        None => None,
    };
    let scopes: Vec<String> = store::from_json(&job.version.scopes)?;
    let mut diff = first(job, scopes.clone());
    let from = live.as_ref().map(|(_, v)| v.commit_id.clone());
    let history = history(cp, ctx, job, from.as_deref()).await?;
    let contributors = contributors(cp, ctx, job, from.as_deref()).await?;
    diff.commits = history.commits;
    diff.files = history.files;
    let Some((row, old)) = live else {
        let proposed = versions::bundle(cp.reader(), &job.version).await;
        let proposed = proposed.map_err(|error| unkept(error, [&job.version, &job.version]))?;
        diff.config = proposed.changes_since(&ConfigBundle::new(
            &domain::agent::ConfigSection::default(),
            BTreeMap::new(),
            None,
        ));
        return Ok(AgainstLive {
            diff,
            editors: history.config_editors,
            contributors,
        });
    };
    let kept = |error| unkept(error, [&old, &job.version]);
    let between = versions::between(cp.reader(), &old, &job.version).await;
    let diff = VersionDiff {
        live_number: Some(row.number),
        commits: diff.commits,
        files: diff.files,
        ..between.map_err(kept)?
    };
    Ok(AgainstLive {
        diff,
        editors: history.config_editors,
        contributors,
    })
}

async fn contributors(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    from: Option<&str>,
) -> Result<Contributors, StepError> {
    let repository = sources::repository(cp, &job.agent).await?;
    let (to, path) = (&job.version.commit_id, &job.agent.path);
    let found = alive(cp, ctx, job, Step::Approval, |_| async {
        cp.ports()
            .git_host
            .contributors(&repository, from, to, path)
            .await
    })
    .await?
    .map_err(|e| StepError::port(Step::Approval, &e))?;
    // To leave some of them out would let them approve their own work.
    if found.authors.len() + found.committers.len() > PEOPLE_MAX {
        return Err(StepError::failed(
            Step::Approval,
            format!(
                "More than {PEOPLE_MAX} people had a part in this change, too many to keep them from approving it. \
                 Give the agent a path or a repository of its own."
            ),
            Vec::new(),
        ));
    }
    Ok(found)
}

/// A bundle that is not kept can be shown to nobody, and asking again would not bring it back.
fn unkept(error: Error, versions: [&version::Model; 2]) -> StepError {
    let Error::NotFound { .. } = error else {
        return error.into();
    };
    let [old, new] = versions.map(|version| version.config_digest.as_str());
    let message = format!("Blocked: of the config bundles {old} and {new}, one is not kept.");
    StepError::failed(Step::Approval, message, Vec::new())
}

async fn history(
    cp: &ControlPlane,
    ctx: &OpCtx,
    job: &Job,
    from: Option<&str>,
) -> Result<History, StepError> {
    let repository = sources::repository(cp, &job.agent).await?;
    let manifest = versions::manifest(&job.version)?;
    let mut config_paths: Vec<String> = manifest.config.prompts.values().cloned().collect();
    config_paths.push(MANIFEST_FILE.to_owned());
    config_paths.extend(manifest.agent_card);
    let (to, path) = (&job.version.commit_id, &job.agent.path);
    let found = alive(cp, ctx, job, Step::Approval, |_| async {
        cp.ports()
            .git_host
            .history(&repository, from, to, path, &config_paths)
            .await
    })
    .await?;
    found.map_err(|e| StepError::port(Step::Approval, &e))
}
