//! What the story needs: the use cases, the people, the git host; and a way to watch an agent's deployments, telling each
//! change of state.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};
use control_plane::{ControlPlane, connections, deployments};
use domain::connection::ConnectionKind;
use domain::deployment::DeploymentState;
use domain::error::ApiError;
use domain::form::connection::ConnectionForm;
use domain::form::query::DeploymentQuery;
use domain::view::deployment::DeploymentRow;

use super::access::Systems;
use super::desk::Desk;
use super::people::Cast;
use super::webhook::GitHost;
use crate::config::Config;

/// Slug of the connection.
pub(super) const CONNECTION: &str = "demo";
/// How long to wait for news before looking again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// Everything that stories share.
#[derive(Debug)]
pub(super) struct Stage {
    pub(super) cp: ControlPlane,
    pub(super) cast: Cast,
    pub(super) host: GitHost,
    pub(super) systems: Systems,
    pub(super) desk: Desk,
    pub(super) repositories: PathBuf,
}

impl Stage {
    /// Makes the connection, or takes the one of an earlier start.
    pub(super) async fn open(
        config: &Config,
        cp: &ControlPlane,
        cast: Cast,
        desk: Desk,
    ) -> Result<Self> {
        let all = connections::list(cp, &cast.administrator)
            .await
            .map_err(said)?;
        let row = match all.into_iter().find(|row| row.slug == CONNECTION) {
            Some(row) => row,
            None => {
                let form = ConnectionForm {
                    slug: CONNECTION.to_owned(),
                    name: "Demo repositories".to_owned(),
                    kind: ConnectionKind::GitHub.to_string(),
                    secret_reference: String::new(),
                };
                connections::create(cp, &cast.administrator, &form)
                    .await
                    .map_err(said)?
                    .connection
            }
        };
        let secret = cp
            .ports()
            .secrets
            .read(&row.secret_reference)
            .await
            .context("the connection's secret cannot be read")?;
        let host = GitHost::new(config.addr, &row.webhook_path, secret)?;
        let systems = Systems::open(config.addr, cp, &cast, desk.token()).await?;
        Ok(Self {
            cp: cp.clone(),
            cast,
            host,
            systems,
            desk,
            repositories: config.data_dir.join("demo").join("repositories"),
        })
    }
}

/// Follows one agent's deployments.
#[derive(Debug)]
pub(super) struct Watch<'a> {
    stage: &'a Stage,
    agent: &'static str,
    seen: BTreeMap<i64, DeploymentState>,
}

impl<'a> Watch<'a> {
    pub(super) fn new(stage: &'a Stage, agent: &'static str) -> Self {
        Self {
            stage,
            agent,
            seen: BTreeMap::new(),
        }
    }

    /// The agent's deployments of one commit, newest first, once `pick` finds what it looks for among them.
    pub(super) async fn until<T>(
        &mut self,
        commit: &str,
        limit: Duration,
        pick: impl Fn(&[DeploymentRow]) -> Option<T>,
    ) -> Result<T> {
        let found = async {
            loop {
                let mut news = self.stage.cp.topics();
                let rows = self.rows().await?;
                self.report(&rows);
                let of_commit: Vec<DeploymentRow> = rows
                    .into_iter()
                    .filter(|row| row.commit == commit)
                    .collect();
                if let Some(found) = pick(&of_commit) {
                    return Ok(found);
                }
                // Missed or no news: look again either way.
                let _ = tokio::time::timeout(LOOK_EVERY, news.recv()).await;
            }
        };
        let minutes = limit.as_secs() / 60;
        tokio::time::timeout(limit, found)
            .await
            .with_context(|| format!("nothing came of it within {minutes} minutes"))?
    }

    async fn rows(&self) -> Result<Vec<DeploymentRow>> {
        let query = DeploymentQuery {
            agent: self.agent.to_owned(),
            ..DeploymentQuery::default()
        };
        let page = deployments::list(&self.stage.cp, &self.stage.cast.developer, &query)
            .await
            .map_err(said)?;
        Ok(page.rows)
    }

    /// Tells what changed since the last look, oldest deployment first.
    fn report(&mut self, rows: &[DeploymentRow]) {
        for row in rows.iter().rev() {
            if self.seen.insert(row.number, row.state) != Some(row.state) {
                line(
                    self.agent,
                    &format!(
                        "#{} v{} in {}: {}",
                        row.number,
                        row.version,
                        row.environment.label(),
                        row.state.label()
                    ),
                );
            }
        }
    }
}

/// One line of progress.
pub(super) fn line(who: &str, what: &str) {
    println!("{who:<20} {what}");
}

/// A use case's error as people read it.
pub(super) fn said(error: control_plane::Error) -> anyhow::Error {
    let error = error.to_api();
    if let ApiError::Invalid { fields } = &error {
        let fields: Vec<String> = fields
            .fields
            .iter()
            .map(|(name, problem)| format!("{name}: {}", problem.message()))
            .collect();
        return anyhow::anyhow!("{}", fields.join("; "));
    }
    anyhow::anyhow!("{error}")
}
