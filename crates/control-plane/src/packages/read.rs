//! Reading packages. Changes nothing.

use domain::authz::{Access, Action, Facts, can};
use domain::package::PackageState;
use domain::view::package::{PackageDetail, PackageRow, Packages};
use domain::view::page::{LIMIT_DEFAULT, Page};

use super::{file_name, reads};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{package, package_schedule};

/// A page of packages, newest first. Two statements.
///
/// # Errors
/// [`Error::Unauthenticated`], and [`Error::Forbidden`] for who may not export evidence of every team.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx, cursor: &str) -> Result<Packages, Error> {
    cp.noted("packages::list", ctx, reads(ctx)).await?;
    let below = cursor.parse().ok();
    let rows = store::packages::page(cp.reader(), below, LIMIT_DEFAULT + 1).await?;
    let page = Page::cut(rows, LIMIT_DEFAULT, |row| row.number.to_string());
    let schedules = page.rows.iter().filter_map(|row| row.schedule_id).collect();
    let schedules = store::package_schedules::many(cp.reader(), schedules).await?;
    Ok(Packages {
        rows: page
            .rows
            .iter()
            .map(|row| row_view(row, &schedules))
            .collect(),
        next: page.next,
    })
}

/// One package.
///
/// # Errors
/// As [`list`]; [`Error::NotFound`] for what is not there.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<PackageDetail, Error> {
    cp.noted("packages::get", ctx, reads(ctx)).await?;
    let row = store::packages::by_number(cp.reader(), number).await?;
    let schedules = row.schedule_id.into_iter().collect();
    let schedules = store::package_schedules::many(cp.reader(), schedules).await?;
    let waits = row.state == PackageState::Ordered && row.attempts > 0;
    let administers = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    let removable = matches!(
        row.state,
        PackageState::Ordered | PackageState::Ready | PackageState::Failed
    );
    Ok(PackageDetail {
        row: row_view(&row, &schedules),
        sample: unsigned(Some(row.sample.into())).unwrap_or_default(),
        log_size: unsigned(row.log_size),
        key: cp.checkpoint_key().verifier_key().to_string(),
        file: file_name(row.framework, row.number),
        next_try_at: waits.then(|| store::time::text(row.next_attempt_at)),
        removed_at: store::time::text_opt(row.removed_at),
        can_remove: administers && removable,
        seed: row.seed,
        log_root: row.log_root,
        signature: row.signature,
        removed_by: row.removed_by,
        remove_reason: row.remove_reason,
    })
}

fn unsigned(number: Option<i64>) -> Option<u64> {
    number.and_then(|number| u64::try_from(number).ok())
}

fn row_view(row: &package::Model, schedules: &[package_schedule::Model]) -> PackageRow {
    let schedule = schedules.iter().find(|one| Some(one.id) == row.schedule_id);
    PackageRow {
        number: row.number,
        framework: row.framework,
        from: store::time::text(row.from_at),
        to: store::time::text(row.to_at),
        agent: row.agent.clone(),
        state: row.state,
        step: row.step.clone(),
        problem: row.problem.clone(),
        ordered_by: row.ordered_by_name.clone(),
        schedule: schedule.map(|one| one.number),
        ordered_at: store::time::text(row.ordered_at),
        ended_at: store::time::text_opt(row.ended_at),
        events: unsigned(row.events),
        files: unsigned(row.files),
        bytes: unsigned(row.bytes),
        digest: row.digest.clone(),
    }
}
