//! Versions and config bundles.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::id::{AgentId, VersionId};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter,
    QueryOrder, QuerySelect, sea_query::Expr, sea_query::OnConflict,
};

use super::entity::{config_bundle, version};
use super::guarded;
use crate::error::Error;
use crate::transact::Tx;

/// A version.
pub(crate) async fn get(db: &impl ConnectionTrait, id: VersionId) -> Result<version::Model, Error> {
    version::Entity::find_by_id(id)
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "version" })
}

/// Several versions.
pub(crate) async fn many(
    db: &impl ConnectionTrait,
    ids: Vec<VersionId>,
) -> Result<Vec<version::Model>, Error> {
    Ok(version::Entity::find()
        .filter(version::Column::Id.is_in(ids))
        .all(db)
        .await?)
}

/// The version of exactly this content, if it was cut already.
pub(crate) async fn same(
    db: &impl ConnectionTrait,
    agent: AgentId,
    commit: &str,
    manifest_digest: &str,
    config_digest: &str,
) -> Result<Option<version::Model>, Error> {
    let query = version::Entity::find()
        .filter(version::Column::AgentId.eq(agent))
        .filter(version::Column::CommitId.eq(commit))
        .filter(version::Column::ManifestDigest.eq(manifest_digest))
        .filter(version::Column::ConfigDigest.eq(config_digest));
    Ok(query.one(db).await?)
}

/// A version by its number.
pub(crate) async fn by_number(
    db: &impl ConnectionTrait,
    agent: AgentId,
    number: &str,
) -> Result<version::Model, Error> {
    let query = version::Entity::find()
        .filter(version::Column::AgentId.eq(agent))
        .filter(version::Column::Number.eq(number));
    query
        .one(db)
        .await?
        .ok_or(Error::NotFound { kind: "version" })
}

/// Every number an agent has used on a line, `2.3.`.
pub(crate) async fn numbers(
    db: &impl ConnectionTrait,
    agent: AgentId,
    line: &str,
) -> Result<Vec<String>, Error> {
    let rows: Vec<String> = version::Entity::find()
        .select_only()
        .column(version::Column::Number)
        .filter(version::Column::AgentId.eq(agent))
        .filter(version::Column::Number.starts_with(line))
        .into_tuple()
        .all(db)
        .await?;
    Ok(rows)
}

/// The newest versions of an agent.
pub(crate) async fn recent(
    db: &impl ConnectionTrait,
    agent: AgentId,
    limit: u64,
) -> Result<Vec<version::Model>, Error> {
    let query = version::Entity::find()
        .filter(version::Column::AgentId.eq(agent))
        .order_by_desc(version::Column::Id)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Versions by what other systems call them: a commit's hash, the digest of a config bundle or of an image. Bounded.
pub(crate) async fn known_as(
    db: &impl ConnectionTrait,
    commit: Option<&str>,
    digest: Option<&str>,
    limit: u64,
) -> Result<Vec<version::Model>, Error> {
    let digest = |column: version::Column| digest.map(|digest| column.eq(digest));
    let any = Condition::any()
        .add_option(commit.map(|commit| version::Column::CommitId.eq(commit)))
        .add_option(digest(version::Column::ConfigDigest))
        .add_option(digest(version::Column::ImageDigest));
    if any.is_empty() {
        return Ok(Vec::new());
    }
    Ok(version::Entity::find()
        .filter(any)
        .limit(limit)
        .all(db)
        .await?)
}

/// Writes a version.
pub(crate) async fn insert(tx: &Tx, row: version::Model) -> Result<(), Error> {
    version::Entity::insert(version::ActiveModel::from(row))
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// Notes the image, once. The same digest again is no change; another one is refused.
pub(crate) async fn set_image(
    tx: &Tx,
    id: VersionId,
    digest: &str,
    sbom_digest: &str,
    packages: &str,
) -> Result<(), Error> {
    let set = version::Entity::update_many()
        .col_expr(version::Column::ImageDigest, Expr::value(digest))
        .col_expr(version::Column::SbomDigest, Expr::value(sbom_digest))
        .col_expr(version::Column::Packages, Expr::value(packages))
        .filter(version::Column::Id.eq(id))
        .filter(
            sea_orm::Condition::any()
                .add(version::Column::ImageDigest.is_null())
                .add(version::Column::ImageDigest.eq(digest)),
        )
        .exec(&**tx)
        .await?;
    guarded(&set)
}

/// Forgets the image after it was removed, so that a later deployment builds it again.
pub(crate) async fn clear_image(tx: &Tx, id: VersionId) -> Result<(), Error> {
    version::Entity::update_many()
        .col_expr(
            version::Column::ImageDigest,
            Expr::value(Option::<String>::None),
        )
        .filter(version::Column::Id.eq(id))
        .exec(&**tx)
        .await?;
    Ok(())
}

/// Sets or lifts the hold.
pub(crate) async fn set_hold(
    tx: &Tx,
    row: &version::Model,
    held: Option<(DateTime<Utc>, &str)>,
) -> Result<(), Error> {
    let (at, reason) = held.map_or((None, None), |(at, reason)| {
        (Some(at), Some(reason.to_owned()))
    });
    let set = version::Entity::update_many()
        .col_expr(version::Column::HeldAt, Expr::value(at))
        .col_expr(version::Column::HoldReason, Expr::value(reason))
        .col_expr(version::Column::Revision, Expr::value(row.revision + 1))
        .filter(version::Column::Id.eq(row.id))
        .filter(version::Column::Revision.eq(row.revision))
        .exec(&**tx)
        .await?;
    guarded(&set)
}

/// Keeps a config bundle; the same content again is the same row.
pub(crate) async fn keep_bundle(
    tx: &Tx,
    digest: &str,
    body: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let row = config_bundle::ActiveModel {
        digest: Set(digest.to_owned()),
        body: Set(body.to_owned()),
        created_at: Set(now),
    };
    let known = OnConflict::column(config_bundle::Column::Digest)
        .do_nothing()
        .to_owned();
    config_bundle::Entity::insert(row)
        .on_conflict(known)
        .exec_without_returning(&**tx)
        .await?;
    Ok(())
}

/// A config bundle's canonical JSON.
pub(crate) async fn bundle(db: &impl ConnectionTrait, digest: &str) -> Result<String, Error> {
    let row = config_bundle::Entity::find_by_id(digest).one(db).await?;
    row.map(|r| r.body).ok_or(Error::NotFound {
        kind: "config bundle",
    })
}

/// Several config bundles' canonical JSON, by digest.
pub(crate) async fn bundles(
    db: &impl ConnectionTrait,
    digests: Vec<String>,
) -> Result<BTreeMap<String, String>, Error> {
    let rows = config_bundle::Entity::find()
        .filter(config_bundle::Column::Digest.is_in(digests))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.digest, row.body)).collect())
}
