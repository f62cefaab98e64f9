//! Turns stored deliveries into pushes of the agents they concern.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use domain::delivery::{DeliveryState, PushEvent, canonical_repository};
use domain::event::AuditAction;
use domain::id::AgentId;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::sources::{self, FoundBy, event::Incoming};
use crate::store;
use crate::store::claim::{ATTEMPTS_MAX, next_attempt};
use crate::store::entity::{agent, delivery};
use crate::transact::Tx;

/// The worker.
#[derive(Debug)]
pub(crate) struct IngestDeliveries;

#[async_trait]
impl Worker for IngestDeliveries {
    fn name(&self) -> &'static str {
        "ingest_deliveries"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        let claimed = cp
            .transact("deliveries::claim", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    store::deliveries::claim(tx, ctx.request_id(), ctx.now()).await
                }
            })
            .await?;
        let Some(delivery) = claimed else {
            return Ok(Status::Idle);
        };
        let Ingested { outcome, concerned } = ingest(cp, &delivery).await?;
        if let Outcome::Later(why) = &outcome
            && delivery.attempts < ATTEMPTS_MAX
        {
            tracing::info!(delivery = %delivery.id, why, "a delivery is tried again");
            let at = next_attempt(ctx.now(), delivery.attempts);
            cp.transact("deliveries::release", &ctx, |tx: Tx| async move {
                let tx = &tx;
                store::deliveries::release(tx, delivery.id, delivery.fence, at).await
            })
            .await?;
            return Ok(Status::Worked);
        }
        settle(cp, &ctx, &delivery, outcome, &concerned).await?;
        Ok(Status::Worked)
    }
}

/// What a delivery came to, and whose business it was.
struct Ingested {
    outcome: Outcome,
    /// The agents whose source is the repository that it tells of; nobody's when it cannot be told.
    concerned: Vec<AgentId>,
}

impl Ingested {
    const fn of_nobody(outcome: Outcome) -> Self {
        Self {
            outcome,
            concerned: Vec::new(),
        }
    }
}

/// What a delivery came to.
enum Outcome {
    /// The heads to note, with the agents they belong to.
    Heads {
        found: Vec<(agent::Model, String)>,
        pushed_by: String,
    },
    Ignored(String),
    Failed(String),
    /// The git host did not answer.
    Later(String),
}

async fn ingest(cp: &ControlPlane, delivery: &delivery::Model) -> Result<Ingested, Error> {
    let connection = store::connections::get(cp.reader(), delivery.connection_id)
        .await?
        .ok_or(Error::NotFound { kind: "connection" })?;
    let push = match sources::event::read(connection.kind, &delivery.event, &delivery.body) {
        Ok(Incoming::Push(push)) => push,
        Ok(Incoming::Nothing(why)) => return Ok(Ingested::of_nobody(Outcome::Ignored(why))),
        Err(unreadable) => {
            return Ok(Ingested::of_nobody(Outcome::Failed(unreadable.to_string())));
        }
    };
    let keys: Vec<String> = push
        .repository_urls
        .iter()
        .map(|url| canonical_repository(url))
        .collect();
    let agents = store::agents::of_repository(cp.reader(), connection.id, keys).await?;
    if agents.is_empty() {
        let why = "no agent has this repository as its source".to_owned();
        return Ok(Ingested::of_nobody(Outcome::Ignored(why)));
    }
    Ok(Ingested {
        concerned: agents.iter().map(|agent| agent.id).collect(),
        outcome: heads(cp, agents, &push).await?,
    })
}

/// The branch heads of the agents that the push concerns. The git host is asked: what the body says decides nothing.
async fn heads(
    cp: &ControlPlane,
    agents: Vec<agent::Model>,
    push: &PushEvent,
) -> Result<Outcome, Error> {
    let mut found = Vec::new();
    let mut deleted = false;
    // Agents of one repository mostly watch one branch: each branch is asked for once.
    let mut asked: BTreeMap<(String, String), Option<String>> = BTreeMap::new();
    for agent in agents {
        let Some(update) = push
            .updates
            .iter()
            .find(|u| u.branch() == Some(agent.branch.as_str()))
        else {
            continue;
        };
        if update.after.is_none() {
            deleted = true;
            continue;
        }
        let branch = (agent.repository.clone(), agent.branch.clone());
        let head = match asked.get(&branch) {
            Some(head) => head.clone(),
            None => {
                let repository = sources::repository(cp, &agent).await?;
                let head = match cp.ports().git_host.head(&repository, &agent.branch).await {
                    Ok(head) => head,
                    Err(error) if error.retryable() => return Ok(Outcome::Later(error.message)),
                    Err(error) => return Ok(Outcome::Failed(error.message)),
                };
                asked.insert(branch, head.clone());
                head
            }
        };
        match head {
            Some(head) => found.push((agent, head)),
            None => deleted = true,
        }
    }
    Ok(match (found.is_empty(), deleted) {
        (true, true) => {
            Outcome::Ignored("the watched branch was deleted; what is live stays live".to_owned())
        }
        (true, false) => Outcome::Ignored("no watched branch was moved".to_owned()),
        (false, _) => Outcome::Heads {
            found,
            pushed_by: push.pushed_by.clone(),
        },
    })
}

async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    delivery: &delivery::Model,
    outcome: Outcome,
    concerned: &[AgentId],
) -> Result<(), Error> {
    cp.transact("deliveries::settle", ctx, |tx: Tx| {
        let outcome = &outcome;
        async move {
            let tx = &tx;
            let (state, note) = match &outcome {
                Outcome::Heads { found, pushed_by } => {
                    let mut moved = 0;
                    let news = found
                        .iter()
                        .filter(|(agent, head)| agent.head_commit.as_ref() != Some(head));
                    for (agent, head) in news {
                        let current = store::agents::get(&**tx, agent.id).await?;
                        moved += u32::from(
                            sources::note_push(
                                tx,
                                ctx,
                                &current,
                                head,
                                pushed_by,
                                FoundBy::Delivery,
                            )
                            .await?,
                        );
                    }
                    (
                        DeliveryState::Done,
                        (moved == 0).then(|| "every head was known already".to_owned()),
                    )
                }
                Outcome::Ignored(why) => (DeliveryState::Ignored, Some(why.clone())),
                Outcome::Failed(why) | Outcome::Later(why) => {
                    (DeliveryState::Failed, Some(why.clone()))
                }
            };
            store::deliveries::settle(tx, delivery, state, note.clone(), ctx.now()).await?;
            store::deliveries::concern(tx, delivery.id, concerned).await?;
            let mut event = Event::new(
                AuditAction::DeliverySettled,
                "delivery",
                delivery.id.to_string(),
            )
            .with("state", state);
            if let Some(note) = &note {
                event = event.reason(note);
            }
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
