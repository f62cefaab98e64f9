//! Orders what a schedule is due for: the oldest period that is over and was not ordered, each once, however many replicas look.

use domain::error::Conflict;
use domain::form::package::OrderPackage;
use domain::package::Due;

use super::{fresh, schedules, write_order};
use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{package, package_schedule};
use crate::transact::Tx;

/// Orders the package of a schedule's next period, if that is over, or pauses the schedule where whoever keeps it may not export any
/// more. True if something was done.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn order_due(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &package_schedule::Model,
) -> Result<bool, Error> {
    let Some(due) = row.every.due(row.next_from, ctx.now()) else {
        return Ok(false);
    };
    let done = if schedules::may_run(cp, row).await? {
        order(cp, ctx, row, due).await
    } else {
        schedules::stop(cp, ctx, row).await
    };
    match done {
        Ok(()) => Ok(true),
        // Another replica was faster, or somebody paused it.
        Err(Error::Conflict {
            why: Conflict::Changed,
        }) => Ok(false),
        Err(error) => Err(error),
    }
}

async fn order(
    cp: &ControlPlane,
    ctx: &OpCtx,
    schedule: &package_schedule::Model,
    due: Due,
) -> Result<(), Error> {
    let asked = &OrderPackage {
        framework: schedule.framework,
        from: due.from,
        to: due.to,
        agent: schedule.agent.clone(),
        seed: String::new(),
        sample: usize::try_from(schedule.sample).unwrap_or_default(),
    };
    let after = &package_schedule::Model {
        next_from: due.to,
        ..schedule.clone()
    };
    cp.transact("packages::order_due", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::package_schedules::change(tx, schedule, after).await?;
        let row = package::Model {
            period_key: Some(format!("{}:{}", schedule.id, audit::spelled(due.from))),
            schedule_id: Some(schedule.id),
            ordered_by: Some(schedule.kept_by),
            ordered_by_name: schedule.kept_by_name.clone(),
            ..fresh(tx, ctx, asked).await?
        };
        let about = Some((schedule.number, due.skipped));
        write_order(tx, ctx, &row, about).await.map(|_| ())
    })
    .await
}
