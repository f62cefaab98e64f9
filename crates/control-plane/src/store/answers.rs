//! Answers of running agents to the questions of their gates, kept while the deployment is verified.

use std::collections::HashMap;

use domain::deployment::DeploymentState;
use domain::id::DeploymentId;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QuerySelect,
    QueryTrait,
};

use super::entity::{answer, deployment};
use crate::error::Error;
use crate::transact::Tx;

/// What was answered so far, by the digest of the question and the turn.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
) -> Result<HashMap<(String, i32), answer::Model>, Error> {
    let query = answer::Entity::find().filter(answer::Column::DeploymentId.eq(deployment));
    let rows = query.all(db).await?;
    Ok(rows
        .into_iter()
        .map(|row| ((row.question.clone(), row.turn), row))
        .collect())
}

/// Keeps answers. The first one to a question stays: asking again until it suits is no way to pass.
pub(crate) async fn keep(tx: &Tx, rows: Vec<answer::Model>) -> Result<(), Error> {
    if rows.is_empty() {
        return Ok(());
    }
    let known = [
        answer::Column::DeploymentId,
        answer::Column::Question,
        answer::Column::Turn,
    ];
    answer::Entity::insert_many(rows.into_iter().map(IntoActiveModel::into_active_model))
        .on_conflict(OnConflict::columns(known).do_nothing().to_owned())
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Forgets the answers of deployments that are no longer verified: the reports keep what counts.
pub(crate) async fn sweep(tx: &Tx) -> Result<(), Error> {
    let verified = deployment::Entity::find()
        .select_only()
        .column(deployment::Column::Id)
        .filter(deployment::Column::State.eq(DeploymentState::Verifying));
    answer::Entity::delete_many()
        .filter(answer::Column::DeploymentId.not_in_subquery(verified.into_query()))
        .exec(&**tx)
        .await?;
    Ok(())
}
