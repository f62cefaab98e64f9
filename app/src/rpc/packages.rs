//! Evidence packages and their schedules.

use domain::form::package::{OrderPackageForm, RemovePackageForm, ScheduleActForm, ScheduleForm};
use domain::package::ScheduleAct;
use domain::view::package::{PackageDetail, Packages, Schedules};
use leptos::prelude::*;

use crate::error::{UiError, reject};
use crate::layout::notices::Notice;

const PLACE: &str = "compliance/packages";
const SCHEDULES: &str = "/compliance/schedules";

/// A page of packages.
pub(crate) async fn list_packages(cursor: String) -> Result<Packages, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::packages::list(&cp, &ctx, &cursor)
        .await
        .map_err(reject)
}

/// One package.
pub(crate) async fn get_package(number: String) -> Result<PackageDetail, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::packages::get(&cp, &ctx, number)
        .await
        .map_err(reject)
}

/// Every schedule.
pub(crate) async fn list_schedules() -> Result<Schedules, UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::packages::schedules(&cp, &ctx)
        .await
        .map_err(reject)
}

/// Orders a package.
#[server(prefix = "/rpc", endpoint = "packages/order")]
pub(crate) async fn order_package(form: OrderPackageForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    let number = control_plane::packages::order(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to(PLACE, &number.to_string(), Notice::PackageOrdered);
    Ok(())
}

/// Removes a package.
#[server(prefix = "/rpc", endpoint = "packages/remove")]
pub(crate) async fn remove_package(form: RemovePackageForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::packages::remove(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::back_to(PLACE, &form.number, Notice::PackageRemoved);
    Ok(())
}

/// Adds a schedule.
#[server(prefix = "/rpc", endpoint = "packages/add-schedule")]
pub(crate) async fn add_schedule(form: ScheduleForm) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::packages::add(&cp, &ctx, &form)
        .await
        .map_err(reject)?;
    super::go(&format!("{SCHEDULES}?notice={}", Notice::ScheduleAdded));
    Ok(())
}

/// Pauses a schedule.
#[server(prefix = "/rpc", endpoint = "packages/pause-schedule")]
pub(crate) async fn pause_schedule(form: ScheduleActForm) -> Result<(), UiError> {
    act(&form, ScheduleAct::Pause, Notice::SchedulePaused).await
}

/// Lets a schedule run again.
#[server(prefix = "/rpc", endpoint = "packages/resume-schedule")]
pub(crate) async fn resume_schedule(form: ScheduleActForm) -> Result<(), UiError> {
    act(&form, ScheduleAct::Resume, Notice::ScheduleResumed).await
}

/// Removes a schedule.
#[server(prefix = "/rpc", endpoint = "packages/remove-schedule")]
pub(crate) async fn remove_schedule(form: ScheduleActForm) -> Result<(), UiError> {
    act(&form, ScheduleAct::Remove, Notice::ScheduleRemoved).await
}

async fn act(form: &ScheduleActForm, act: ScheduleAct, notice: Notice) -> Result<(), UiError> {
    let (cp, ctx) = super::enter()?;
    control_plane::packages::act(&cp, &ctx, form, act)
        .await
        .map_err(reject)?;
    super::go(&format!("{SCHEDULES}?notice={notice}"));
    Ok(())
}
