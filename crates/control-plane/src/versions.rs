//! Versions: cut from a commit, once.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use domain::agent::{AgentManifest, MANIFEST_FILE, ManifestProblem, Risk, is_inner_path};
use domain::agent_card::AgentCard;
use domain::canonical;
use domain::config_bundle::ConfigBundle;
use domain::event::AuditAction;
use domain::gate::Gate;
use domain::id::VersionId;
use domain::version::VersionNumber;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::ports::PortError;
use crate::ports::evaluator::SuiteFile;
use crate::ports::git_host::{Commit, Repository};
use crate::registry;
use crate::store;
use crate::store::entity::{agent, version};
use crate::transact::Tx;

mod between;

pub use between::compare;
pub(crate) use between::{between, bundle};

/// Longest prompt or suite file that is read.
const FILE_MAX: u64 = 1024 * 1024;

/// What a commit holds, read and checked.
#[derive(Debug, Clone)]
pub(crate) struct Candidate {
    pub(crate) commit: Commit,
    pub(crate) manifest: AgentManifest,
    pub(crate) manifest_text: String,
    pub(crate) bundle: ConfigBundle,
}

/// Checks a commit out into the scratch folder, once per commit and agent, and gives the agent's folder in it.
///
/// A checkout that a killed process left half-way has another name, so what is found under this one is whole.
pub(crate) async fn check_out(
    cp: &ControlPlane,
    agent: &agent::Model,
    repository: &Repository,
    commit: &str,
) -> Result<(PathBuf, Option<Commit>), PortError> {
    let folder = scratch(cp, agent, commit);
    if tokio::fs::try_exists(&folder).await.unwrap_or(false) {
        return Ok((inside(&folder, &agent.path), None));
    }
    let fresh = folder.with_extension(format!("new-{}", ids::new().simple()));
    let found = cp
        .ports()
        .git_host
        .check_out(repository, commit, &fresh)
        .await;
    let found = match found {
        Ok(found) => found,
        Err(error) => {
            let _ = tokio::fs::remove_dir_all(&fresh).await;
            return Err(error);
        }
    };
    if tokio::fs::rename(&fresh, &folder).await.is_err() {
        // Another worker was faster; its checkout of the same commit is as good.
        let _ = tokio::fs::remove_dir_all(&fresh).await;
    }
    Ok((inside(&folder, &agent.path), Some(found)))
}

/// Forgets a checkout.
pub(crate) async fn discard(cp: &ControlPlane, agent: &agent::Model, commit: &str) {
    let _ = tokio::fs::remove_dir_all(scratch(cp, agent, commit)).await;
}

fn scratch(cp: &ControlPlane, agent: &agent::Model, commit: &str) -> PathBuf {
    cp.settings()
        .work_dir
        .join(format!("{}-{commit}", agent.id.0.simple()))
}

fn inside(folder: &Path, path: &str) -> PathBuf {
    if path.is_empty() {
        folder.to_owned()
    } else {
        folder.join(path)
    }
}

/// Reads and checks the agent's folder of a commit.
///
/// # Errors
/// What is wrong with its content, for the team.
pub(crate) async fn read(
    folder: &Path,
    agent: &agent::Model,
    commit: Commit,
) -> Result<Candidate, Vec<ManifestProblem>> {
    let manifest_text = read_file(folder, MANIFEST_FILE)
        .await
        .map_err(|p| vec![p])?;
    let manifest = AgentManifest::parse(&manifest_text)?;
    let mut problems = Vec::new();
    if manifest.agent != agent.slug {
        problems.push(problem(
            MANIFEST_FILE,
            format!(
                "The manifest is of `{}`, but this source belongs to `{}`.",
                manifest.agent, agent.slug
            ),
        ));
    }
    let mut prompts = BTreeMap::new();
    for (name, file) in &manifest.config.prompts {
        match read_file(folder, file).await {
            Ok(text) => drop(prompts.insert(name.clone(), text)),
            Err(problem) => problems.push(problem),
        }
    }
    let agent_card = match &manifest.agent_card {
        Some(file) => read_card(folder, file).await.unwrap_or_else(|wrong| {
            problems.extend(wrong);
            None
        }),
        None => None,
    };
    let needed = manifest
        .suites
        .iter()
        .map(|s| s.file.as_str())
        .chain([manifest.runtime.entrypoint.as_str()]);
    for file in needed.chain(manifest.runtime.requirements.as_deref()) {
        if let Err(problem) = read_file(folder, file).await {
            problems.push(problem);
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let bundle = ConfigBundle::new(&manifest.config, prompts, agent_card);
    Ok(Candidate {
        commit,
        manifest,
        manifest_text,
        bundle,
    })
}

/// The text of an A2A card that can be read.
async fn read_card(folder: &Path, file: &str) -> Result<Option<String>, Vec<ManifestProblem>> {
    let text = read_file(folder, file).await.map_err(|p| vec![p])?;
    AgentCard::parse(&text, file)?;
    Ok(Some(text))
}

fn problem(file: &str, message: String) -> ManifestProblem {
    ManifestProblem {
        file: file.to_owned(),
        line: 0,
        column: 0,
        message,
    }
}

/// The suite files of a gate, as they stand in the agent's folder.
pub(crate) async fn suites(
    folder: &Path,
    manifest: &AgentManifest,
    gate: Gate,
) -> Result<Vec<SuiteFile>, ManifestProblem> {
    let mut suites = Vec::new();
    for suite in manifest.suites.iter().filter(|suite| suite.gate == gate) {
        suites.push(SuiteFile {
            name: suite.file.clone(),
            text: read_file(folder, &suite.file).await?,
        });
    }
    Ok(suites)
}

/// Reads a text file inside the agent's folder, never through a link that leads out of it.
pub(crate) async fn read_file(folder: &Path, file: &str) -> Result<String, ManifestProblem> {
    if !is_inner_path(file) {
        return Err(problem(
            file,
            "The path leads out of the agent's folder.".to_owned(),
        ));
    }
    let missing = || {
        problem(
            file,
            format!("`{file}` is not in the repository at this commit."),
        )
    };
    let root = tokio::fs::canonicalize(folder)
        .await
        .map_err(|_| missing())?;
    let path = tokio::fs::canonicalize(folder.join(file))
        .await
        .map_err(|_| missing())?;
    if !path.starts_with(&root) {
        return Err(problem(
            file,
            format!("`{file}` is a link that leads out of the agent's folder."),
        ));
    }
    let size = tokio::fs::metadata(&path).await.map_err(|_| missing())?;
    if !size.is_file() || size.len() > FILE_MAX {
        return Err(problem(
            file,
            format!("`{file}` is no file, or is larger than 1 MiB."),
        ));
    }
    tokio::fs::read_to_string(&path)
        .await
        .map_err(|_| problem(file, format!("`{file}` is not UTF-8 text.")))
}

/// Cuts a version, or gives the one of exactly this content.
pub(crate) async fn cut(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    candidate: &Candidate,
) -> Result<version::Model, Error> {
    let body =
        canonical::to_json(&candidate.bundle).map_err(|e| Error::internal("versions::cut", e))?;
    let config_digest = canonical::digest(body.as_bytes());
    let manifest_digest = canonical::digest(candidate.manifest_text.as_bytes());
    let commit = &candidate.commit;
    if let Some(known) = store::versions::same(
        &**tx,
        agent.id,
        &commit.id,
        &manifest_digest,
        &config_digest,
    )
    .await?
    {
        return Ok(known);
    }
    let line = candidate.manifest.line;
    let used = store::versions::numbers(&**tx, agent.id, &format!("{line}.")).await?;
    let used: Vec<VersionNumber> = used.iter().filter_map(|n| n.parse().ok()).collect();
    let row = version::Model {
        id: VersionId(ids::new()),
        agent_id: agent.id,
        number: line.next(&used).to_string(),
        commit_id: commit.id.clone(),
        subject: shown(&commit.subject, 200),
        author_name: shown(&commit.author_name, 100),
        author_email: commit.author_email.to_lowercase(),
        committer_name: shown(&commit.committer_name, 100),
        committer_email: commit.committer_email.to_lowercase(),
        config_digest: config_digest.clone(),
        manifest_text: candidate.manifest_text.clone(),
        manifest_digest,
        scopes: store::to_json(&candidate.manifest.scopes)?,
        image_digest: None,
        sbom_digest: None,
        packages: None,
        held_at: None,
        hold_reason: None,
        created_at: ctx.now(),
        revision: 0,
    };
    store::versions::keep_bundle(tx, &config_digest, &body, ctx.now()).await?;
    store::versions::insert(tx, row.clone()).await?;
    let manifest = &candidate.manifest;
    store::agents::describe(
        tx,
        agent.id,
        &shown(&manifest.description, 500),
        manifest.framework,
        manifest.risk,
    )
    .await?;
    registry::keep(tx, agent.id).await?;
    let event = Event::new(AuditAction::VersionCut, "version", &row.number)
        .agent(&agent.slug)
        .digest(Some(&config_digest))
        .with("commit", &row.commit_id)
        .with("author", &row.author_email)
        .with("committer", &row.committer_email);
    audit::append(tx, ctx, event).await?;
    Ok(row)
}

fn shown(text: &str, max: usize) -> String {
    domain::text::cut(&domain::text::visible(text), max)
}

/// The manifest a version was cut from. It was valid then, so an error here is ours.
pub(crate) fn manifest(version: &version::Model) -> Result<AgentManifest, Error> {
    AgentManifest::parse(&version.manifest_text)
        .map_err(|problems| Error::internal("versions::manifest", format!("{problems:?}")))
}

/// The risk that a version declares, by which overrides of the policy go. One that cannot be read any more counts as high:
/// its page must still be shown, and nothing gets easier by it.
pub(crate) fn risk(version: &version::Model) -> Risk {
    manifest(version).map_or(Risk::High, |manifest| manifest.risk)
}
