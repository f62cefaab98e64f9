//! What was found, as people read it.

use domain::delivery::PushState;
use domain::event::AuditAction;
use domain::find::{AskedId, FoundKind};
use domain::form::query::trail::TrailFilter;
use domain::id::{AgentId, IdentityId, TeamId};
use domain::view::find::FoundThing;

use super::read::{Read, Token};
use crate::ControlPlane;
use crate::error::Error;
use crate::store;
use crate::store::entity::{agent, binding, deployment, identity, push, resource, version};

/// What the id names, one line for each way in which it does.
pub(super) async fn of(
    cp: &ControlPlane,
    asked: &AskedId,
    read: &Read,
    agents: &[agent::Model],
    teams: Option<&[TeamId]>,
) -> Result<Vec<FoundThing>, Error> {
    let named = Named { read, agents };
    let mut things: Vec<FoundThing> = read.agents.iter().map(agent_thing).collect();
    let deployments = read.deployments.iter();
    things.extend(deployments.filter_map(|row| named.deployment(asked, row)));
    let identities = read.identities.iter();
    let called = identities.filter(|one| one.client_id == asked.text);
    things.extend(called.map(|one| named.identity(one)));
    things.extend(read.bindings.iter().filter_map(|one| named.binding(one)));
    things.extend(read.resources.iter().filter_map(|one| named.resource(one)));
    things.extend(
        read.versions
            .iter()
            .flat_map(|one| named.version(asked, one)),
    );
    things.extend(read.pushes.iter().filter_map(|one| named.push(one)));
    things.extend(read.tokens.iter().map(|one| named.token(one)));
    if let Some(person) = &read.session {
        things.push(FoundThing {
            kind: FoundKind::Session,
            name: person.clone(),
            state: "Open".to_owned(),
            agent: None,
            page: Some("/settings/sessions".to_owned()),
        });
    }
    let filter = TrailFilter {
        object: Some(asked.text.clone()),
        ..TrailFilter::default()
    };
    let events = store::audit_trail::page(cp.reader(), &filter, teams, None, 1).await?;
    if let Some(newest) = events.rows.first() {
        things.push(FoundThing {
            kind: FoundKind::Object,
            name: asked.text.clone(),
            state: format!("Last in event {}", newest.idx),
            agent: newest.agent.clone(),
            page: None,
        });
    }
    Ok(things)
}

fn agent_thing(row: &agent::Model) -> FoundThing {
    let state = if row.decommissioned_at.is_some() {
        "Decommissioned"
    } else {
        "In service"
    };
    FoundThing {
        kind: FoundKind::Agent,
        name: row.slug.clone(),
        state: state.to_owned(),
        agent: Some(row.slug.clone()),
        page: Some(format!("/agents/{}", row.slug)),
    }
}

struct Named<'a> {
    read: &'a Read,
    agents: &'a [agent::Model],
}

impl Named<'_> {
    fn slug(&self, id: AgentId) -> Option<String> {
        let agent = self.agents.iter().find(|agent| agent.id == id)?;
        Some(agent.slug.clone())
    }

    fn identity_row(&self, id: IdentityId) -> Option<&identity::Model> {
        self.read.identities.iter().find(|one| one.id == id)
    }

    /// By its number, or by its release manifest.
    fn deployment(&self, asked: &AskedId, row: &deployment::Model) -> Option<FoundThing> {
        let kind = if asked.number == Some(row.number) {
            FoundKind::Deployment
        } else if row.manifest_digest.is_some() && row.manifest_digest == asked.digest {
            FoundKind::Manifest
        } else {
            // It belongs to something else that is called so.
            return None;
        };
        Some(FoundThing {
            kind,
            name: format!("#{}", row.number),
            state: row.state.label().to_owned(),
            agent: self.slug(row.agent_id),
            page: Some(format!("/deployments/{}", row.number)),
        })
    }

    fn identity(&self, row: &identity::Model) -> FoundThing {
        FoundThing {
            kind: FoundKind::Identity,
            name: row.client_id.clone(),
            state: row.state.label().to_owned(),
            agent: self.slug(row.agent_id),
            page: Some(format!("/identities/{}", row.client_id)),
        }
    }

    fn binding(&self, row: &binding::Model) -> Option<FoundThing> {
        let identity = self.identity_row(row.identity_id)?;
        let state = match row.released_at {
            None => format!("Bound, {}", identity.state.label().to_lowercase()),
            Some(at) => format!("Bound until {}", store::time::text(at)),
        };
        Some(FoundThing {
            kind: FoundKind::Workload,
            state,
            ..self.identity(identity)
        })
    }

    fn resource(&self, row: &resource::Model) -> Option<FoundThing> {
        let mut deployments = self.read.deployments.iter();
        let deployment = deployments.find(|one| one.id == row.deployment_id)?;
        Some(FoundThing {
            kind: FoundKind::Runtime,
            name: format!("{} of #{}", row.kind.label(), deployment.number),
            state: row.state.label().to_owned(),
            agent: self.slug(deployment.agent_id),
            page: Some(format!("/deployments/{}", deployment.number)),
        })
    }

    /// As often as the id is one of its parts: a bundle and an image never have the same digest, but nothing is lost if they do.
    fn version(&self, asked: &AskedId, row: &version::Model) -> Vec<FoundThing> {
        let digest = asked.digest.as_deref();
        let kinds = [
            (
                FoundKind::Commit,
                asked.commit.as_ref() == Some(&row.commit_id),
            ),
            (
                FoundKind::Bundle,
                digest == Some(row.config_digest.as_str()),
            ),
            (
                FoundKind::Image,
                digest.is_some() && digest == row.image_digest.as_deref(),
            ),
        ];
        let state = if row.held_at.is_some() {
            "Held after a rollback"
        } else {
            "Not held"
        };
        let slug = self.slug(row.agent_id);
        let named = kinds.into_iter().filter(|(_, named)| *named);
        let thing = |(kind, _)| FoundThing {
            kind,
            name: format!("Version {}", row.number),
            state: state.to_owned(),
            agent: slug.clone(),
            page: slug.as_ref().map(|slug| format!("/agents/{slug}")),
        };
        named.map(thing).collect()
    }

    fn push(&self, row: &push::Model) -> Option<FoundThing> {
        let slug = self.slug(row.agent_id)?;
        Some(FoundThing {
            kind: FoundKind::Commit,
            name: "Pushed, no version".to_owned(),
            state: row.note.clone().unwrap_or_else(|| match row.state {
                PushState::Received => "Waits to be read".to_owned(),
                PushState::Done
                | PushState::Unchanged
                | PushState::Rejected
                | PushState::Failed => row.state.as_str().to_owned(),
            }),
            page: Some(format!("/agents/{slug}#pushes")),
            agent: Some(slug),
        })
    }

    fn token(&self, token: &Token) -> FoundThing {
        let mut identities = self.read.identities.iter();
        let identity = identities.find(|one| one.client_id == token.client_id);
        let state = if token.action == AuditAction::AccessTokenRevoked {
            "Revoked"
        } else {
            "Given for acting for a person"
        };
        FoundThing {
            kind: FoundKind::Token,
            name: format!("Of {}", token.client_id),
            state: state.to_owned(),
            agent: identity.and_then(|one| self.slug(one.agent_id)),
            page: Some(format!("/audit/{}", token.event)),
        }
    }
}
