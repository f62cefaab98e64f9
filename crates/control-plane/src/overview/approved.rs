//! "Who approved the last deployment?"

use domain::view::overview::WentLive;

use super::Lists;
use crate::ControlPlane;
use crate::error::Error;
use crate::identities::approval_number;
use crate::reading;
use crate::store;
use crate::store::entity::deployment;

/// What went live in production last, newest first, with who said that it may. One statement.
pub(super) async fn last(cp: &ControlPlane, lists: &Lists) -> Result<Vec<WentLive>, Error> {
    let under = |row: &deployment::Model| approval_number(row).unwrap_or(row.number);
    let numbers = lists.went_live.iter().map(|(row, _)| under(row)).collect();
    let approvers = store::approvals::approvers(cp.reader(), numbers).await?;
    let mut shown = Vec::new();
    for (row, glass) in &lists.went_live {
        let named = approvers.iter().filter(|(number, _)| *number == under(row));
        shown.push(WentLive {
            number: row.number,
            agent: lists.slug(row.agent_id),
            version: reading::version_number(row, &lists.versions),
            at: row.live_at.map(store::time::text).unwrap_or_default(),
            approval: under(row),
            approvers: named.map(|(_, name)| name.clone()).collect(),
            broken_by: glass.as_ref().map(|glass| glass.broken_by_name.clone()),
            restores: row.restores.is_some(),
        });
    }
    Ok(shown)
}
