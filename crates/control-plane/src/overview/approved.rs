//! "Who approved the last deployment?"

use domain::view::overview::WentLive;

use super::Lists;
use crate::ControlPlane;
use crate::error::Error;
use crate::store;
use crate::store::fleet::LastLive;

/// What went live in production last, newest first, with who said that it may. One statement.
pub(super) async fn last(cp: &ControlPlane, lists: &Lists) -> Result<Vec<WentLive>, Error> {
    let rows = &lists.went_live;
    // What puts an earlier state back acts under that state's approval.
    let under = |row: &LastLive| row.restores.unwrap_or(row.number);
    let numbers = rows.iter().map(under).collect();
    let approvers = store::approvals::approvers(cp.reader(), numbers).await?;
    let shown = |row: &LastLive| {
        let named = approvers.iter().filter(|(number, _)| *number == under(row));
        let version = lists.versions.iter().find(|v| v.id == row.version_id);
        WentLive {
            number: row.number,
            agent: lists.slug(row.agent_id),
            version: version.map(|v| v.number.clone()).unwrap_or_default(),
            at: store::time::text(row.live_at),
            approval: under(row),
            approvers: named.map(|(_, name)| name.clone()).collect(),
            broken_by: row.broken_by_name.clone(),
            restores: row.restores.is_some(),
        }
    };
    Ok(rows.iter().map(shown).collect())
}
