//! Evidence that is kept no longer: which versions are due, and the removal itself.

use chrono::{DateTime, Utc};
use domain::id::VersionId;
use domain::incident::IncidentState;
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, ExprTrait, IntoActiveModel, JoinType,
    QueryFilter, QueryOrder, QuerySelect, RelationDef, Select,
};

use super::entity::{
    deployment, evidence, evidence_removal, gate_run, incident, statement, version,
};
use crate::error::Error;
use crate::transact::Tx;

/// The newest removal of a version's evidence.
pub(crate) async fn newest(
    db: &impl ConnectionTrait,
    version: VersionId,
) -> Result<Option<evidence_removal::Model>, Error> {
    let query = evidence_removal::Entity::find()
        .filter(evidence_removal::Column::VersionId.eq(version))
        .order_by_desc(evidence_removal::Column::RemovedAt);
    Ok(query.one(db).await?)
}

/// Versions whose last deployment ended before a moment, with evidence that was not removed since, and whose agent has no
/// incident that is not closed; in the order of their ids, from after one of them on.
pub(crate) async fn due(
    db: &impl ConnectionTrait,
    cut: DateTime<Utc>,
    after: Option<VersionId>,
    limit: u64,
) -> Result<Vec<version::Model>, Error> {
    let mut query = over(cut).order_by_asc(version::Column::Id).limit(limit);
    if let Some(after) = after {
        query = query.filter(version::Column::Id.gt(after));
    }
    Ok(query.all(db).await?)
}

/// One version is due still.
pub(crate) async fn is_due(tx: &Tx, id: VersionId, cut: DateTime<Utc>) -> Result<bool, Error> {
    let query = over(cut).filter(version::Column::Id.eq(id));
    Ok(query.one(&**tx).await?.is_some())
}

fn over(cut: DateTime<Utc>) -> Select<version::Entity> {
    let unsettled = Query::select()
        .expr(Expr::val(1))
        .from(incident::Entity)
        .and_where(
            Expr::col((incident::Entity, incident::Column::AgentId))
                .equals((version::Entity, version::Column::AgentId)),
        )
        .and_where(incident::Column::State.ne(IncidentState::Closed))
        .to_owned();
    let young = of_version()
        .cond_where(
            Condition::any()
                .add(deployment::Column::EndedAt.is_null())
                .add(deployment::Column::EndedAt.gte(cut)),
        )
        .to_owned();
    let kept = of_version()
        .and_where(Expr::exists(removed()).not())
        .to_owned();
    version::Entity::find()
        .filter(Expr::exists(kept))
        .filter(Expr::exists(young).not())
        .filter(Expr::exists(unsettled).not())
}

/// The deployments of the version that is looked at.
fn of_version() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(deployment::Entity)
        .and_where(
            Expr::col((deployment::Entity, deployment::Column::VersionId))
                .equals((version::Entity, version::Column::Id)),
        )
        .to_owned()
}

/// Removals since the end of the deployment that is looked at.
fn removed() -> SelectStatement {
    Query::select()
        .expr(Expr::val(1))
        .from(evidence_removal::Entity)
        .and_where(
            Expr::col((
                evidence_removal::Entity,
                evidence_removal::Column::VersionId,
            ))
            .equals((deployment::Entity, deployment::Column::VersionId)),
        )
        .and_where(
            Expr::col((
                evidence_removal::Entity,
                evidence_removal::Column::RemovedAt,
            ))
            .gte(Expr::col((deployment::Entity, deployment::Column::EndedAt))),
        )
        .to_owned()
}

/// Deletes the statements of a version; its removal must be written down before.
async fn delete_statements(tx: &Tx, id: VersionId) -> Result<u64, Error> {
    let deleted = statement::Entity::delete_many()
        .filter(statement::Column::VersionId.eq(id))
        .exec(&**tx)
        .await?;
    Ok(deleted.rows_affected)
}

/// Deletes reports and documents that were kept last before `cut`.
async fn delete_reports(tx: &Tx, digests: Vec<String>, cut: DateTime<Utc>) -> Result<u64, Error> {
    let deleted = evidence::Entity::delete_many()
        .filter(evidence::Column::Digest.is_in(digests))
        .filter(evidence::Column::CreatedAt.lt(cut))
        .exec(&**tx)
        .await?;
    Ok(deleted.rows_affected)
}

/// From a gate run to its deployment.
fn deployments() -> RelationDef {
    gate_run::Entity::belongs_to(deployment::Entity)
        .from(gate_run::Column::DeploymentId)
        .to(deployment::Column::Id)
        .into()
}

/// The digests of a version's reports and documents that no other version's rest on.
async fn own_digests(tx: &Tx, version: &version::Model) -> Result<Vec<String>, Error> {
    let of_runs = |filter: Condition| {
        gate_run::Entity::find()
            .select_only()
            .column(gate_run::Column::EvidenceDigest)
            .join(JoinType::InnerJoin, deployments())
            .filter(filter)
            .filter(gate_run::Column::EvidenceDigest.is_not_null())
            .distinct()
            .into_tuple::<String>()
    };
    let mine = Condition::all().add(deployment::Column::VersionId.eq(version.id));
    let mut digests = of_runs(mine).all(&**tx).await?;
    digests.extend(version.sbom_digest.clone());
    let theirs = Condition::all()
        .add(gate_run::Column::EvidenceDigest.is_in(digests.clone()))
        .add(deployment::Column::VersionId.ne(version.id))
        .add(Expr::exists(removed()).not());
    let mut needed = of_runs(theirs).all(&**tx).await?;
    let sboms = version::Entity::find()
        .select_only()
        .column(version::Column::SbomDigest)
        .filter(version::Column::SbomDigest.is_in(digests.clone()))
        .filter(version::Column::Id.ne(version.id))
        .into_tuple::<String>();
    needed.extend(sboms.all(&**tx).await?);
    digests.retain(|digest| !needed.contains(digest));
    Ok(digests)
}

/// Removes the evidence of a version: its statements, and the reports and documents that were kept last before `cut` and
/// nothing else rests on. Returns how many of each. The row is written first: without it the seal of the statements would
/// not open.
pub(crate) async fn remove(
    tx: &Tx,
    version: &version::Model,
    row: evidence_removal::Model,
    cut: DateTime<Utc>,
) -> Result<(u64, u64), Error> {
    let digests = own_digests(tx, version).await?;
    evidence_removal::Entity::insert(row.into_active_model())
        .exec_without_returning(&**tx)
        .await?;
    let statements = delete_statements(tx, version.id).await?;
    Ok((statements, delete_reports(tx, digests, cut).await?))
}
