//! Everything that is called so, by each of the names that we keep.

use std::collections::BTreeSet;

use audit_log::LeafEvent;
use domain::event::AuditAction;
use domain::find::AskedId;
use domain::id::AgentId;
use domain::search;
use sea_orm::ConnectionTrait;
use uuid::Uuid;

use super::MOST;
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::sessions;
use crate::store;
use crate::store::entity::{agent, binding, deployment, identity, push, resource, version};

/// An access token that the log names.
pub(super) struct Token {
    /// The event that tells of it.
    pub(super) event: i64,
    /// Client id of the identity that had it.
    pub(super) client_id: String,
    pub(super) action: AuditAction,
}

/// What was found, before anybody asked whether it may be seen.
pub(super) struct Read {
    pub(super) agents: Vec<agent::Model>,
    pub(super) identities: Vec<identity::Model>,
    pub(super) bindings: Vec<binding::Model>,
    pub(super) resources: Vec<resource::Model>,
    pub(super) versions: Vec<version::Model>,
    /// Those that became no version, the newest of each agent.
    pub(super) pushes: Vec<push::Model>,
    pub(super) deployments: Vec<deployment::Model>,
    pub(super) tokens: Vec<Token>,
    /// Whose the open session is, where the actor may see it.
    pub(super) session: Option<String>,
}

impl Read {
    /// Reads all that is called so.
    pub(super) async fn of(cp: &ControlPlane, ctx: &OpCtx, asked: &AskedId) -> Result<Self, Error> {
        let (db, digest) = (cp.reader(), asked.digest.as_deref());
        let agents = store::agents::by_slugs(db, vec![asked.text.clone()]).await?;
        let mut bindings = store::bindings::of_principals(db, vec![asked.text.clone()]).await?;
        bindings.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        let tokens = tokens(db, &asked.text).await?;
        let clients = tokens.iter().map(|token| token.client_id.clone());
        let clients = clients.chain([asked.text.clone()]).collect();
        let mut identities = store::identities::by_clients(db, clients).await?;
        let bound = bindings.iter().map(|one| one.identity_id).collect();
        identities.extend(store::identities::many(db, bound).await?);
        identities.sort_by_key(|one| one.id);
        identities.dedup_by_key(|one| one.id);
        let resources = store::resources::called(db, &asked.text, MOST).await?;
        let versions = store::versions::known_as(db, asked.commit.as_deref(), digest, MOST).await?;
        let pushes = pushes(db, asked.commit.as_deref(), &versions).await?;
        let mut deployments =
            store::deployments::known_as(db, asked.number, digest, MOST + 1).await?;
        let of_identities = identities.iter().map(|one| one.deployment_id);
        let others = of_identities.chain(resources.iter().map(|one| one.deployment_id));
        deployments.extend(store::deployments::many(db, others.collect()).await?);
        deployments.sort_by_key(|one| one.number);
        deployments.dedup_by_key(|one| one.number);
        let session = session(cp, ctx, &asked.text).await?;
        Ok(Self {
            agents,
            identities,
            bindings,
            resources,
            versions,
            pushes,
            deployments,
            tokens,
            session,
        })
    }

    /// The agents that all of it is of.
    pub(super) fn agent_ids(&self) -> Vec<AgentId> {
        let agents = self.agents.iter().map(|one| one.id);
        let versions = self.versions.iter().map(|one| one.agent_id);
        let pushes = self.pushes.iter().map(|one| one.agent_id);
        let deployments = self.deployments.iter().map(|one| one.agent_id);
        let all = agents.chain(versions).chain(pushes).chain(deployments);
        let all: BTreeSet<AgentId> = all.collect();
        all.into_iter().collect()
    }

    /// Drops what is of other agents than these.
    pub(super) fn keep(&mut self, agents: &[agent::Model]) {
        let seen = |id: AgentId| agents.iter().any(|agent| agent.id == id);
        self.agents.retain(|one| seen(one.id));
        self.versions.retain(|one| seen(one.agent_id));
        self.pushes.retain(|one| seen(one.agent_id));
        self.identities.retain(|one| seen(one.agent_id));
        self.deployments.retain(|one| seen(one.agent_id));
        let deployments = &self.deployments;
        self.resources
            .retain(|one| deployments.iter().any(|d| d.id == one.deployment_id));
        let identities = &self.identities;
        self.bindings
            .retain(|one| identities.iter().any(|i| i.id == one.identity_id));
        self.tokens
            .retain(|one| identities.iter().any(|i| i.client_id == one.client_id));
    }
}

/// Pushes of a commit to agents of which it is no version: nothing of theirs changed, or something was wrong with it.
async fn pushes(
    db: &impl ConnectionTrait,
    commit: Option<&str>,
    versions: &[version::Model],
) -> Result<Vec<push::Model>, Error> {
    let Some(commit) = commit else {
        return Ok(Vec::new());
    };
    let mut rows = store::pushes::of_commit(db, commit, MOST).await?;
    let is_version = |one: &push::Model| {
        let mut versions = versions.iter();
        versions.any(|version| version.agent_id == one.agent_id && version.commit_id == commit)
    };
    let mut known = BTreeSet::new();
    rows.retain(|one| !is_version(one) && known.insert(one.agent_id));
    Ok(rows)
}

/// Access tokens of this name: those that were revoked, and those that were given for acting for a person. The index of words finds
/// the events, and the event says whether it is this one.
async fn tokens(db: &impl ConnectionTrait, name: &str) -> Result<Vec<Token>, Error> {
    let words = search::words(name, search::ASKED_MAX);
    let rows = store::audit_trail::told_by(db, words, MOST).await?;
    let mut tokens = Vec::new();
    for row in rows {
        let event: LeafEvent = audit::parsed(&row)?;
        let named = event.detail.get("token").is_some_and(|token| token == name);
        match event.action.parse() {
            Ok(action @ (AuditAction::AccessTokenRevoked | AuditAction::TokenExchanged))
                if named =>
            {
                tokens.push(Token {
                    event: row.idx,
                    client_id: event.object.id,
                    action,
                })
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(tokens)
}

/// Whose open session has this name, for its own person and for whoever administers.
async fn session(cp: &ControlPlane, ctx: &OpCtx, name: &str) -> Result<Option<String>, Error> {
    let Ok(handle) = name.parse::<Uuid>() else {
        return Ok(None);
    };
    let (db, now) = (cp.reader(), ctx.now().timestamp());
    let Some(row) = store::sessions::by_handle(db, handle, now).await? else {
        return Ok(None);
    };
    if !sessions::may_see(ctx, row.user_id) {
        return Ok(None);
    }
    let names = store::people::names(db, vec![row.user_id]).await?;
    Ok(Some(names.get(&row.user_id).cloned().unwrap_or_default()))
}
