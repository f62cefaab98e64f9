//! "Who approved the last deployment?"

use domain::id::TeamId;
use domain::view::overview::WentLive;

use crate::ControlPlane;
use crate::error::Error;
use crate::identities::approval_number;
use crate::reading;
use crate::store;
use crate::store::entity::deployment;

/// Deployments that are named.
const SHOWN: u64 = 3;

/// What went live in production last, newest first, with who said that it may. Five statements.
pub(super) async fn last(
    cp: &ControlPlane,
    teams: Option<&[TeamId]>,
) -> Result<Vec<WentLive>, Error> {
    let db = cp.reader();
    let rows = store::fleet::last_live(db, teams, SHOWN).await?;
    let agents = store::agents::many(db, rows.iter().map(|row| row.agent_id).collect()).await?;
    let versions = rows.iter().map(|row| row.version_id).collect();
    let versions = store::versions::many(db, versions).await?;
    let under = |row: &deployment::Model| approval_number(row).unwrap_or(row.number);
    let approvers = store::approvals::approvers(db, rows.iter().map(under).collect()).await?;
    let ids = rows.iter().map(|row| row.id).collect();
    let broken = store::break_glasses::used_for(db, ids).await?;
    let shown = |row: &deployment::Model| {
        let agent = agents.iter().find(|agent| agent.id == row.agent_id)?;
        let named = approvers.iter().filter(|(number, _)| *number == under(row));
        let mut broken = broken.iter();
        Some(WentLive {
            number: row.number,
            agent: agent.slug.clone(),
            version: reading::version_number(row, &versions),
            at: store::time::text(row.live_at?),
            approval: under(row),
            approvers: named.map(|(_, name)| name.clone()).collect(),
            broken_by: broken
                .find(|(id, _)| *id == row.id)
                .map(|(_, name)| name.clone()),
            restores: row.restores.is_some(),
        })
    };
    Ok(rows.iter().filter_map(shown).collect())
}
