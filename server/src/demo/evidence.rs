//! What an auditor finds: a package of what has happened so far, and a schedule for what will.

use anyhow::Result;
use domain::form::package::{OrderPackageForm, ScheduleForm};

use super::people::Cast;
use super::stage::{line, said};

const FRAMEWORK: &str = "soc2";

/// Orders the package and adds the schedule. Told again, it is the same schedule.
pub(super) async fn order(cp: &control_plane::ControlPlane, cast: &Cast) -> Result<()> {
    let schedule = ScheduleForm {
        framework: FRAMEWORK.to_owned(),
        every: "quarter".to_owned(),
        ..ScheduleForm::default()
    };
    let added = control_plane::packages::add(cp, &cast.auditor, &schedule).await;
    added.map_err(said)?;
    let order = OrderPackageForm {
        framework: FRAMEWORK.to_owned(),
        seed: "the auditor's own words".to_owned(),
        ..OrderPackageForm::default()
    };
    let ordered = control_plane::packages::order(cp, &cast.auditor, &order).await;
    let number = ordered.map_err(said)?;
    line(
        "auditor",
        &format!("evidence package {number} is being built: /compliance/packages/{number}"),
    );
    Ok(())
}
