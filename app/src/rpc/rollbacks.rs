//! What a rollback would restore, or what became of one.

use domain::view::rollback::RollbackPlan;

use crate::error::{UiError, reject};

/// The rollback of a deployment; `to` chooses the deployment to restore and may be empty.
pub(crate) async fn get_rollback(number: String, to: String) -> Result<RollbackPlan, UiError> {
    let (cp, ctx) = super::enter()?;
    let number = super::number(&number)?;
    control_plane::rollbacks::plan(&cp, &ctx, number, to.trim().parse().ok())
        .await
        .map_err(reject)
}
