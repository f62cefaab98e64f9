//! The A2A card of an agent: of the version that tells what it does, or of one that is asked for. Changes nothing.

use domain::canonical;
use domain::config_bundle::ConfigBundle;
use domain::environment::Environment;
use domain::view::agent_card::{KeptCard, VersionCard};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::registry;
use crate::store;
use crate::versions;

/// The card of a version: by number, else of what is live (production before non-prod), else of the newest. Seven statements at most.
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
    let telling = match number {
        Some(number) => Some(store::versions::by_number(db, agent.id, number).await?),
        None => match registry::telling_version(db, &agent, &live).await? {
            Some(id) => Some(store::versions::get(db, id).await?),
            None => None,
        },
    };
    let version = telling.ok_or(Error::NotFound { kind: "version" })?;
    let runs_in = |environment: &Environment| {
        let mut runs = deployments
            .iter()
            .filter(|row| row.version_id == version.id);
        runs.any(|row| row.environment == *environment)
    };
    let live_in = [Environment::Production, Environment::NonProd]
        .into_iter()
        .filter(runs_in);
    Ok(VersionCard {
        agent: agent.slug,
        live_in: live_in.collect(),
        card: kept(versions::bundle(db, &version).await?),
        version: version.number,
    })
}

/// A text that this program cannot read any more counts as none: what another program wrote cannot be shown.
fn kept(bundle: ConfigBundle) -> Option<KeptCard> {
    let says = bundle.card()?;
    let text = bundle.agent_card?;
    Some(KeptCard {
        says,
        digest: canonical::digest(text.as_bytes()),
        text,
    })
}
