//! Labels of the registry: words by which people sort agents of any team, beside the tags that each team writes into its manifest.
//! They change nothing that runs, so nobody approves them; who gave and took them is in the log.

use domain::authz::Action;
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::agent::{LABELS_MAX, LabelForm, LabelStep, Labelling};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::registry;
use crate::store;
use crate::store::entity::agent;
use crate::transact::Tx;

/// Gives several agents labels, or takes labels away from them: all of them or none. Says how many were changed; for those that have
/// them already, or have none of them, nothing happens.
///
/// # Errors
/// [`Error::Invalid`] for fields that are wrong and for an agent that would have too many labels, [`Error::NotFound`] for an agent
/// that is not there or not to be seen, [`Error::Forbidden`] without the right to change one of them.
pub async fn label(cp: &ControlPlane, ctx: &OpCtx, form: &LabelForm) -> Result<u64, Error> {
    cp.noted(
        "agents::label",
        ctx,
        ctx.authorize_somewhere(Action::Modify),
    )
    .await?;
    let asked = form.parse()?;
    cp.transact("agents::label", ctx, |tx: Tx| {
        let asked = &asked;
        async move {
            // All are held before anything is written, in the order of their slugs, so that two who label the same agents wait for
            // each other in turn.
            let mut agents = Vec::new();
            for slug in &asked.agents {
                let agent = store::agents::by_slug(&*tx, slug.trim()).await?;
                ctx.authorize_on(Action::Modify, reading::of(&agent), "agent")?;
                agents.push(store::agents::lock(&tx, agent.id).await?);
            }
            let mut changed = 0;
            for agent in &agents {
                changed += u64::from(one(&tx, ctx, agent, asked).await?);
            }
            Ok(changed)
        }
    })
    .await
}

/// Was it changed?
async fn one(tx: &Tx, ctx: &OpCtx, agent: &agent::Model, asked: &Labelling) -> Result<bool, Error> {
    let had = store::agent_labels::of(&**tx, agent.id).await?;
    let adds = asked.step == LabelStep::Add;
    let differ = |label: &&String| had.contains(*label) != adds;
    let labels: Vec<String> = asked.labels.iter().filter(differ).cloned().collect();
    if labels.is_empty() {
        return Ok(false);
    }
    let done = match asked.step {
        LabelStep::Add if had.len() + labels.len() > LABELS_MAX => {
            return Err(ValidationErrors::one("labels", FieldProblem::TooLong).into());
        }
        LabelStep::Add => {
            store::agent_labels::add(tx, agent.id, &labels, ctx.now()).await?;
            "added"
        }
        LabelStep::Remove => {
            store::agent_labels::remove(tx, agent.id, &labels).await?;
            "removed"
        }
    };
    registry::keep(tx, agent.id).await?;
    let event = Event::new(AuditAction::AgentLabelled, "agent", &agent.slug)
        .agent(&agent.slug)
        .with(done, labels.join(", "));
    audit::append(tx, ctx, event).await?;
    Ok(true)
}
