//! The git host, spoken to by the git program and by the status APIs of GitHub and Azure DevOps.
//!
//! Owns `<data folder>/git`: git's configuration and one bare mirror for each repository. Everything a repository holds is
//! hostile: none of its hooks, filters, submodules or configuration runs. Refuses addresses that the configuration does
//! not allow, ids and names that git could take for options, and more bytes or time than the limits.

mod address;
mod anchor;
mod api;
mod azure_devops;
mod cli;
mod contributors;
mod github;
mod history;
mod issues;
mod mirror;
mod notes;
mod push;
mod tag;
mod tree;
mod trouble;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::git_host::{
    Commit, CommitStatus, Contributors, GitHost, History, Issue, Repository,
};
use control_plane::ports::secrets::Secrets;
use domain::connection::ConnectionKind;
use domain::delivery::is_commit;
use domain::form::agent::is_branch;
use secrecy::SecretString;

use self::address::{Address, Allowed, Place};
pub(super) use self::anchor::GitAnchors;
use self::api::Api;
use self::cli::{Cli, Credential, Run};
use self::mirror::Mirror;
use super::AdaptersConfig;
use super::problem::{protocol, rejected};
use crate::config::FetchLimits;

/// The adapter.
pub(super) struct Git {
    cli: Cli,
    /// The mirrors' folder.
    root: PathBuf,
    allowed: Allowed,
    limits: FetchLimits,
    secrets: Arc<dyn Secrets>,
    github: Vendor,
    azure_devops: Vendor,
}

/// One git host with an API.
#[derive(Debug)]
struct Vendor {
    api: Api,
    token_reference: Option<String>,
}

impl Git {
    /// Makes the folder and git's configuration in it.
    ///
    /// # Errors
    /// When the data folder cannot be written.
    pub(super) fn new(config: &AdaptersConfig, secrets: Arc<dyn Secrets>) -> std::io::Result<Self> {
        let root = config.data_dir.join("git");
        let limit = Duration::from_secs(config.fetch.timeout_seconds);
        let vendor = |name, base: &str, token_reference: &Option<String>| Vendor {
            api: Api {
                name,
                base: base.trim_end_matches('/').to_owned(),
                allow_private: config.git.allow_private_hosts,
            },
            token_reference: token_reference.clone(),
        };
        Ok(Self {
            cli: Cli::new(root.clone(), config.allow_local_repositories, limit)?,
            allowed: Allowed {
                local: config.allow_local_repositories,
                own: root.clone(),
            },
            root,
            limits: config.fetch,
            secrets,
            github: vendor("GitHub", &config.git.github_api, &config.git.github_token),
            azure_devops: vendor(
                "Azure DevOps",
                &config.git.azure_api,
                &config.git.azure_token,
            ),
        })
    }

    fn address(&self, repository: &Repository) -> Result<Address, PortError> {
        Address::parse(&repository.url, &self.allowed)
    }

    /// Which git host with an API a repository is on. A repository elsewhere has none, whatever sends its webhooks.
    fn vendor(&self, kind: ConnectionKind, address: &Address) -> Option<&Vendor> {
        let (host, _) = address.on_server()?;
        match kind {
            ConnectionKind::GitHub => (host == github::HOST).then_some(&self.github),
            ConnectionKind::AzureDevOps => {
                azure_devops::is_host(host).then_some(&self.azure_devops)
            }
        }
    }

    /// The token for a repository over HTTPS, bound to its host.
    async fn credential(
        &self,
        repository: &Repository,
        address: &Address,
    ) -> Result<Option<Credential>, PortError> {
        let Place::Https { origin, .. } = &address.place else {
            return Ok(None);
        };
        let Some(token) = self.token(repository.kind, address).await? else {
            return Ok(None);
        };
        let header = match repository.kind {
            ConnectionKind::GitHub => github::git_header(&token),
            ConnectionKind::AzureDevOps => azure_devops::git_header(&token),
        };
        Ok(Some(Credential {
            origin: origin.clone(),
            header,
        }))
    }

    async fn token(
        &self,
        kind: ConnectionKind,
        address: &Address,
    ) -> Result<Option<SecretString>, PortError> {
        let reference = self
            .vendor(kind, address)
            .and_then(|vendor| vendor.token_reference.as_deref());
        match reference {
            Some(reference) => self.secrets.read(reference).await.map(Some),
            None => Ok(None),
        }
    }

    /// The host that keeps the repository's issues, and the token for it.
    async fn tracker(
        &self,
        repository: &Repository,
        address: &Address,
    ) -> Result<(&Vendor, SecretString), PortError> {
        let vendor = self.vendor(repository.kind, address).ok_or_else(|| {
            rejected("This repository's host has no issues that Clearance can write: switch them off for its connection.")
        })?;
        let token = self.token(repository.kind, address).await?.ok_or_else(|| {
            rejected(format!("No token for {} is configured, so no issue is opened there: set `git.github_token` or `git.azure_token`.", vendor.api.name))
        })?;
        Ok((vendor, token))
    }

    /// The repository's mirror, locked. The commit tells which kind of names it has.
    async fn mirror<'a>(
        &'a self,
        address: &'a Address,
        credential: Option<&'a Credential>,
        commit: &str,
    ) -> Result<Mirror<'a>, PortError> {
        if !is_commit(commit) {
            return Err(rejected(
                "The commit's id is not one: 40 or 64 hexadecimal digits.",
            ));
        }
        let patience = Duration::from_secs(self.limits.timeout_seconds);
        Mirror::open(
            &self.cli,
            &self.root,
            address,
            credential,
            commit,
            (self.limits.max_bytes, patience),
        )
        .await
    }
}

#[async_trait]
impl GitHost for Git {
    async fn head(
        &self,
        repository: &Repository,
        branch: &str,
    ) -> Result<Option<String>, PortError> {
        if !is_branch(branch) {
            return Err(rejected("The branch's name is not one that git accepts."));
        }
        let address = self.address(repository)?;
        let credential = self.credential(repository, &address).await?;
        let name = format!("refs/heads/{branch}");
        let run = Run::new([
            "ls-remote",
            "--quiet",
            "--",
            address.url.as_str(),
            name.as_str(),
        ])
        .with(credential.as_ref());
        let listed = self.cli.expect(run).await?;
        Ok(refs(&listed)?
            .into_iter()
            .find(|(_, found)| *found == name)
            .map(|(id, _)| id))
    }

    async fn check_out(
        &self,
        repository: &Repository,
        commit: &str,
        into: &Path,
    ) -> Result<Commit, PortError> {
        let address = self.address(repository)?;
        let credential = self.credential(repository, &address).await?;
        let mirror = self.mirror(&address, credential.as_ref(), commit).await?;
        mirror.ensure(commit).await?;
        let facts = history::commit(&mirror, commit).await?;
        tree::write(&mirror, commit, into, self.limits).await?;
        Ok(facts)
    }

    async fn history(
        &self,
        repository: &Repository,
        from: Option<&str>,
        to: &str,
        path: &str,
        config_paths: &[String],
    ) -> Result<History, PortError> {
        only_commits(from)?;
        let address = self.address(repository)?;
        let credential = self.credential(repository, &address).await?;
        let mirror = self.mirror(&address, credential.as_ref(), to).await?;
        // When the branch was rewritten and the old commit is gone, everything counts as new.
        let known = mirror.ensure_range(from, to).await?;
        history::between(&mirror, from.filter(|_| known), to, path, config_paths).await
    }

    async fn contributors(
        &self,
        repository: &Repository,
        from: Option<&str>,
        to: &str,
        path: &str,
    ) -> Result<Contributors, PortError> {
        only_commits(from)?;
        let address = self.address(repository)?;
        let credential = self.credential(repository, &address).await?;
        let mirror = self.mirror(&address, credential.as_ref(), to).await?;
        let known = mirror.ensure_range(from, to).await?;
        contributors::between(&mirror, from.filter(|_| known), to, path).await
    }

    async fn write_tag(
        &self,
        repository: &Repository,
        commit: &str,
        tag: &str,
    ) -> Result<(), PortError> {
        let address = self.address(repository)?;
        let credential = self.credential(repository, &address).await?;
        let mirror = self.mirror(&address, credential.as_ref(), commit).await?;
        tag::write(self, &mirror, commit, tag).await
    }

    async fn write_status(
        &self,
        repository: &Repository,
        commit: &str,
        status: &CommitStatus,
    ) -> Result<(), PortError> {
        if !is_commit(commit) {
            return Err(rejected(
                "The commit's id is not one: 40 or 64 hexadecimal digits.",
            ));
        }
        let address = self.address(repository)?;
        let Some((vendor, place)) = self
            .vendor(repository.kind, &address)
            .zip(address.on_server())
        else {
            let mirror = self.mirror(&address, None, commit).await?;
            return notes::write(self, &mirror, commit, status).await;
        };
        let token = self.token(repository.kind, &address).await?.ok_or_else(|| {
            rejected(format!("No token for {} is configured, so commits there show no status: set `git.github_token` or `git.azure_token`.", vendor.api.name))
        })?;
        match repository.kind {
            ConnectionKind::GitHub => {
                github::write_status(&vendor.api, &token, place.1, commit, status).await
            }
            ConnectionKind::AzureDevOps => {
                azure_devops::write_status(&vendor.api, &token, place, commit, status).await
            }
        }
    }

    async fn open_issue(
        &self,
        repository: &Repository,
        issue: &Issue,
    ) -> Result<String, PortError> {
        let address = self.address(repository)?;
        let (vendor, token) = self.tracker(repository, &address).await?;
        issues::open(repository.kind, &vendor.api, &token, &address, issue).await
    }

    async fn close_issue(
        &self,
        repository: &Repository,
        key: &str,
        comment: &str,
    ) -> Result<(), PortError> {
        let address = self.address(repository)?;
        let (vendor, token) = self.tracker(repository, &address).await?;
        issues::close(
            repository.kind,
            &vendor.api,
            &token,
            &address,
            (key, comment),
        )
        .await
    }
}

/// Reads the `id TAB name` lines of `ls-remote`.
fn refs(listed: &[u8]) -> Result<Vec<(String, String)>, PortError> {
    let text = String::from_utf8_lossy(listed);
    text.lines()
        .map(|line| match line.split_once('\t') {
            Some((id, name)) if is_commit(id) => Ok((id.to_owned(), name.to_owned())),
            _ => Err(protocol(
                "The git host did not list its branches as expected.",
            )),
        })
        .collect()
}

fn only_commits(from: Option<&str>) -> Result<(), PortError> {
    if from.is_none_or(is_commit) {
        return Ok(());
    }
    Err(rejected(
        "The commit's id is not one: 40 or 64 hexadecimal digits.",
    ))
}
