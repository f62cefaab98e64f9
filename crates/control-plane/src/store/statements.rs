//! Signed statements by digest.

use domain::gate::Gate;
use domain::id::{DeploymentId, VersionId};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::OnConflict,
};

use super::entity::statement;
use crate::error::Error;
use crate::transact::Tx;

/// The origin of what somebody else signed.
pub(crate) const EXTERNAL: &str = "external";

/// Most statements that are looked at for one deployment; a deployment has about twenty.
const MOST: u64 = 500;

/// Keeps a statement; the same line again is the same row.
pub(crate) async fn keep(tx: &Tx, row: statement::Model) -> Result<(), Error> {
    let known = OnConflict::column(statement::Column::Digest)
        .do_nothing()
        .to_owned();
    statement::Entity::insert(statement::ActiveModel::from(row))
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// The result that somebody handed in for a gate.
pub(crate) async fn handed_in(
    db: &impl ConnectionTrait,
    deployment: DeploymentId,
    gate: Gate,
) -> Result<Option<statement::Model>, Error> {
    let query = statement::Entity::find()
        .filter(statement::Column::DeploymentId.eq(deployment))
        .filter(statement::Column::Gate.eq(gate))
        .filter(statement::Column::Origin.eq(EXTERNAL));
    Ok(query.one(db).await?)
}

/// The statements of some deployments, and those of a version of one type, oldest first.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
    (version, predicate_type): (VersionId, &str),
) -> Result<Vec<statement::Model>, Error> {
    let of_version = Condition::all()
        .add(statement::Column::VersionId.eq(version))
        .add(statement::Column::PredicateType.eq(predicate_type));
    let query = statement::Entity::find()
        .filter(
            Condition::any()
                .add(statement::Column::DeploymentId.is_in(deployments))
                .add(of_version),
        )
        .order_by_asc(statement::Column::CreatedAt)
        .order_by_asc(statement::Column::Digest)
        .limit(MOST);
    Ok(query.all(db).await?)
}
