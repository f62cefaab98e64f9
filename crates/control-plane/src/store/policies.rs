//! Versions of the policy, and what a dry run reads.

use chrono::{DateTime, Utc};
use domain::approval::DecisionVerdict;
use domain::deployment::DeploymentState;
use domain::id::{DeploymentId, TeamId, UserId};
use domain::policy::PolicyState;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
};

use super::entity::{approval, decision, deployment, gate_run, policy};
use super::fleet::within;
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// Every version, newest first, bounded.
pub(crate) async fn all(db: &impl ConnectionTrait) -> Result<Vec<policy::Model>, Error> {
    let query = policy::Entity::find().order_by_desc(policy::Column::Version);
    Ok(query.limit(500).all(db).await?)
}

/// One version.
pub(crate) async fn get(
    db: &impl ConnectionTrait,
    version: i32,
) -> Result<Option<policy::Model>, Error> {
    Ok(policy::Entity::find_by_id(version).one(db).await?)
}

/// The version that was made active last, if any ever was.
pub(crate) async fn active(db: &impl ConnectionTrait) -> Result<Option<policy::Model>, Error> {
    let query = policy::Entity::find().filter(policy::Column::State.eq(PolicyState::Active));
    Ok(query.order_by_desc(policy::Column::Version).one(db).await?)
}

/// The highest number in use.
pub(crate) async fn last(db: &impl ConnectionTrait) -> Result<Option<i32>, Error> {
    let query = policy::Entity::find().order_by_desc(policy::Column::Version);
    Ok(query.one(db).await?.map(|row| row.version))
}

/// Writes a version.
pub(crate) async fn insert(tx: &Tx, row: policy::Model) -> Result<(), Error> {
    policy::Entity::insert(policy::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Moves a version on from the state that it was read in.
pub(crate) async fn transition(tx: &Tx, row: &policy::Model, to: PolicyState) -> Result<(), Error> {
    let moved = policy::Entity::update_many()
        .col_expr(policy::Column::State, Expr::value(to))
        .filter(policy::Column::Version.eq(row.version))
        .filter(policy::Column::State.eq(row.state))
        .exec(&**tx)
        .await?;
    guarded(&moved)
}

/// Notes who decided about a version, when and why.
pub(crate) async fn note_decision(
    tx: &Tx,
    version: i32,
    by: (UserId, &str),
    reason: Option<&str>,
    at: DateTime<Utc>,
) -> Result<(), Error> {
    let noted = policy::Entity::update_many()
        .col_expr(policy::Column::DecidedBy, Expr::value(Some(by.0)))
        .col_expr(policy::Column::DecidedByName, Expr::value(Some(by.1)))
        .col_expr(policy::Column::DecisionReason, Expr::value(reason))
        .col_expr(policy::Column::DecidedAt, Expr::value(Some(at)))
        .filter(policy::Column::Version.eq(version))
        .exec(&**tx)
        .await?;
    guarded(&noted)
}

/// Deployments of some teams' agents (`None`: all) that are live, or went live since a moment; newest first, bounded.
pub(crate) async fn went_live(
    db: &impl ConnectionTrait,
    teams: Option<&[TeamId]>,
    since: DateTime<Utc>,
    limit: u64,
) -> Result<Vec<deployment::Model>, Error> {
    let now_or_since = Condition::any()
        .add(deployment::Column::State.eq(DeploymentState::Live))
        .add(deployment::Column::LiveAt.gte(since));
    Ok(deployment::Entity::find()
        .filter(now_or_since)
        .filter(within(deployment::Column::AgentId, teams))
        .order_by_desc(deployment::Column::Number)
        .limit(limit)
        .all(db)
        .await?)
}

/// The gate runs of several deployments.
pub(crate) async fn gate_runs(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<gate_run::Model>, Error> {
    let query = gate_run::Entity::find().filter(gate_run::Column::DeploymentId.is_in(deployments));
    Ok(query.all(db).await?)
}

/// Who approved which manifest of several deployments.
pub(crate) async fn approvals(
    db: &impl ConnectionTrait,
    deployments: Vec<DeploymentId>,
) -> Result<Vec<(DeploymentId, UserId, String, String)>, Error> {
    let query = decision::Entity::find()
        .select_only()
        .column(approval::Column::DeploymentId)
        .column(decision::Column::UserId)
        .column(decision::Column::ManifestDigest)
        .column(decision::Column::Groups)
        .join(
            sea_orm::JoinType::InnerJoin,
            decision::Entity::belongs_to(approval::Entity)
                .from(decision::Column::ApprovalId)
                .to(approval::Column::Id)
                .into(),
        )
        .filter(approval::Column::DeploymentId.is_in(deployments))
        .filter(decision::Column::Verdict.eq(DecisionVerdict::Approve));
    Ok(query.into_tuple().all(db).await?)
}
