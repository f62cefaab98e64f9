//! What differs between two versions of an agent, by what is kept of them: no git host is asked.

use std::collections::BTreeMap;

use domain::config_bundle::ConfigBundle;
use domain::view::diff::{Change, ChangeKind, VersionDiff};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::image_builder::Package;
use crate::reading;
use crate::store;
use crate::store::entity::version;

/// The difference from one version of an agent to another, either of which may be the older. Commits and files between them are not in
/// it: the git host knows those.
///
/// # Errors
/// [`Error::NotFound`] for an agent or version that is not there or may not be read, and for a config bundle that is not kept.
pub async fn compare(
    cp: &ControlPlane,
    ctx: &OpCtx,
    slug: &str,
    (from, to): (&str, &str),
) -> Result<VersionDiff, Error> {
    let db = cp.reader();
    let agent = reading::agent(db, ctx, slug).await?;
    let old = store::versions::by_number(db, agent.id, from).await?;
    let new = store::versions::by_number(db, agent.id, to).await?;
    between(db, &old, &new).await
}

/// Scopes, configuration, image and packages of two versions. Two statements.
///
/// # Errors
/// [`Error::NotFound`] for a config bundle that is not kept.
pub(crate) async fn between(
    db: &impl ConnectionTrait,
    old: &version::Model,
    new: &version::Model,
) -> Result<VersionDiff, Error> {
    let had: Vec<String> = store::from_json(&old.scopes)?;
    let has: Vec<String> = store::from_json(&new.scopes)?;
    let (kept, added): (Vec<String>, Vec<String>) =
        has.iter().cloned().partition(|scope| had.contains(scope));
    let config = bundle(db, new).await?;
    Ok(VersionDiff {
        live_version: Some(old.number.clone()),
        live_number: None,
        proposed_version: new.number.clone(),
        added_scopes: added,
        removed_scopes: had.into_iter().filter(|s| !has.contains(s)).collect(),
        kept_scopes: kept,
        config: config.changes_since(&bundle(db, old).await?),
        live_commit: Some(old.commit_id.clone()),
        proposed_commit: new.commit_id.clone(),
        commits: Vec::new(),
        files: Vec::new(),
        live_image: old.image_digest.clone(),
        proposed_image: new.image_digest.clone().unwrap_or_default(),
        packages: packages(old, new)?,
    })
}

/// The config bundle of a version.
///
/// # Errors
/// [`Error::NotFound`] where it is not kept.
pub(crate) async fn bundle(
    db: &impl ConnectionTrait,
    version: &version::Model,
) -> Result<ConfigBundle, Error> {
    store::from_json(&store::versions::bundle(db, &version.config_digest).await?)
}

fn packages(old: &version::Model, new: &version::Model) -> Result<Vec<Change>, Error> {
    let read = |text: &Option<String>| -> Result<BTreeMap<String, String>, Error> {
        let list: Vec<Package> = match text {
            Some(text) => store::from_json(text)?,
            None => Vec::new(),
        };
        Ok(list.into_iter().map(|p| (p.name, p.version)).collect())
    };
    let (had, has) = (read(&old.packages)?, read(&new.packages)?);
    let change = |name: &String, kind| Change {
        part: "Package".to_owned(),
        name: name.clone(),
        kind,
        before: had.get(name).cloned(),
        after: has.get(name).cloned(),
    };
    let came = has
        .keys()
        .filter(|n| !had.contains_key(*n))
        .map(|n| change(n, ChangeKind::Added));
    let moved = has
        .iter()
        .filter(|(n, v)| had.get(*n).is_some_and(|old| old != *v))
        .map(|(n, _)| change(n, ChangeKind::Changed));
    let went = had
        .keys()
        .filter(|n| !has.contains_key(*n))
        .map(|n| change(n, ChangeKind::Removed));
    Ok(came.chain(moved).chain(went).collect())
}
