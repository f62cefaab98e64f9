//! The A2A card of an agent: of the version that tells what it does, or of one that is asked for. Changes nothing.

use domain::agent_card::AgentCard;
use domain::canonical;
use domain::environment::Environment;
use domain::view::agent_card::{KeptCard, VersionCard};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::versions;

/// The card of a version: by number, else of what is live (production before non-prod), else of the newest. Six statements at most.
///
/// # Errors
/// [`Error::NotFound`] for an agent or version that is not there or may not be read, for an agent without a version, and for a config
/// bundle that is not kept.
pub async fn card(
    cp: &ControlPlane,
    ctx: &OpCtx,
    slug: &str,
    number: Option<&str>,
) -> Result<VersionCard, Error> {
    let db = cp.reader();
    let agent = reading::agent(db, ctx, slug).await?;
    let live = store::live::of_agents(db, vec![agent.id]).await?;
    let ids = live.iter().map(|row| row.deployment_id).collect();
    let deployments = store::deployments::many(db, ids).await?;
    let version_in = |environment: Environment| {
        let pointer = live.iter().find(|row| row.environment == environment)?;
        let mut all = deployments.iter();
        let row = all.find(|row| row.id == pointer.deployment_id)?;
        Some(row.version_id)
    };
    let telling = reading::telling(&live, agent.id).and_then(|row| version_in(row.environment));
    let version = match (number, telling) {
        (Some(number), _) => store::versions::by_number(db, agent.id, number).await?,
        (None, Some(id)) => store::versions::get(db, id).await?,
        (None, None) => {
            let newest = store::versions::recent(db, agent.id, 1).await?.pop();
            newest.ok_or(Error::NotFound { kind: "version" })?
        }
    };
    let live_in = [Environment::Production, Environment::NonProd]
        .into_iter()
        .filter(|environment| version_in(*environment) == Some(version.id));
    Ok(VersionCard {
        agent: agent.slug,
        live_in: live_in.collect(),
        card: kept(versions::bundle(db, &version).await?.agent_card),
        version: version.number,
    })
}

/// A text that this program cannot read any more counts as none: what another program wrote cannot be shown.
fn kept(text: Option<String>) -> Option<KeptCard> {
    let text = text?;
    let says = AgentCard::parse(&text, "agent card").ok()?;
    Some(KeptCard {
        says,
        digest: canonical::digest(text.as_bytes()),
        text,
    })
}
