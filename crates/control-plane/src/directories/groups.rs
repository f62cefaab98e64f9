//! Groups of a directory: who is in them decides who has which role, at once.

use std::collections::BTreeSet;

use domain::directory::{
    GROUPS_MAX, GroupFields, GroupTerm, PAGE_MAX, Patch, Problem, ProblemKind, folded,
};
use domain::event::AuditAction;
use domain::id::{DirectoryGroupId, DirectoryUserId};
use sea_orm::ConnectionTrait;

use super::{Caller, DirectoryGroup, GROUP, Listed, Slice, check, roles, taken};
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{directory_group, directory_user};
use crate::transact::Tx;

/// One group, with its members where they are asked for.
///
/// # Errors
/// [`Error::NotFound`] for a group of none, or of another directory.
pub async fn get_group(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryGroupId,
    with_members: bool,
) -> Result<DirectoryGroup, Error> {
    let row = store::directory_groups::group(cp.reader(), &caller.provider.id, id).await?;
    one(cp.reader(), row.ok_or(GROUP)?, with_members).await
}

/// The groups that a filter fits, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn groups(
    cp: &ControlPlane,
    caller: &Caller,
    terms: &[GroupTerm],
    slice: Slice,
    with_members: bool,
) -> Result<Listed<DirectoryGroup>, Error> {
    let (db, provider) = (cp.reader(), &caller.provider.id);
    let (skip, count) = (slice.start.saturating_sub(1), slice.count.min(PAGE_MAX));
    let (total, rows) = store::directory_groups::groups(db, provider, terms, skip, count).await?;
    Ok(Listed {
        total,
        start: slice.start,
        rows: views(db, rows, with_members).await?,
    })
}

/// Adds a group; its members have its roles.
///
/// # Errors
/// [`ProblemKind::Uniqueness`] for a name or an id of another group; [`ProblemKind::InvalidValue`] for a member who is no
/// person of the directory.
pub async fn create_group(
    cp: &ControlPlane,
    caller: &Caller,
    fields: &GroupFields,
) -> Result<DirectoryGroup, Error> {
    cp.transact("directories::create_group", &caller.ctx, |tx: Tx| async move {
        let tx = &tx;
        // The log lets one transaction at a time go on from here, so two calls at once make one group.
        store::audit::lock_size(tx).await?;
        is_free(tx, caller, None, fields).await?;
        if store::directory_groups::count_groups(&**tx, &caller.provider.id).await? >= GROUPS_MAX {
            let detail = "There are 500 groups already. Provision those alone that stand in the table of roles.";
            return Err(Problem::new(ProblemKind::TooMany, detail).into());
        }
        let people = people(tx, caller, &fields.members).await?;
        let row = directory_group::Model {
            id: DirectoryGroupId(ids::new()),
            revision: 1,
            ..told(caller, fields)
        };
        store::directory_groups::insert_group(tx, row.clone()).await?;
        for person in &people {
            store::directory_groups::add_member(tx, row.id, person.id).await?;
        }
        let event = event(AuditAction::DirectoryGroupCreated, caller, &row);
        audit::append(tx, &caller.ctx, with_names(event, "added", &people)).await?;
        roles::settle(tx, &caller.ctx, &caller.provider, &people).await?;
        one(&**tx, row, true).await
    })
    .await
}

/// Writes a group anew, whole.
///
/// # Errors
/// As [`create_group`]; [`Error::NotFound`]; [`ProblemKind::Changed`] for another version than the one that was read.
pub async fn replace_group(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryGroupId,
    fields: &GroupFields,
    expected: Option<i64>,
) -> Result<DirectoryGroup, Error> {
    change(cp, caller, id, expected, |_| Ok(fields.clone())).await
}

/// Changes a group.
///
/// # Errors
/// As [`replace_group`]; [`Problem`] for a change that cannot be made.
pub async fn patch_group(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryGroupId,
    patch: &Patch,
    expected: Option<i64>,
) -> Result<DirectoryGroup, Error> {
    change(cp, caller, id, expected, |before| before.patched(patch)).await
}

async fn change(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryGroupId,
    expected: Option<i64>,
    next: impl Fn(&GroupFields) -> Result<GroupFields, Problem>,
) -> Result<DirectoryGroup, Error> {
    cp.transact("directories::change_group", &caller.ctx, |tx: Tx| {
        let next = &next;
        async move {
            let tx = &tx;
            store::audit::lock_size(tx).await?;
            let row = known(tx, caller, id, expected).await?;
            let before = one(&**tx, row.clone(), true).await?.fields;
            let fields = next(&before)?;
            if fields == before {
                return one(&**tx, row, true).await;
            }
            is_free(tx, caller, Some(id), &fields).await?;
            let read = row.revision;
            let row = directory_group::Model {
                id,
                created_at: row.created_at,
                revision: read + 1,
                ..told(caller, &fields)
            };
            store::directory_groups::update_group(tx, &row, read).await?;
            let touched = move_members(tx, caller, &row, &before, &fields).await?;
            roles::settle(tx, &caller.ctx, &caller.provider, &touched).await?;
            one(&**tx, row, true).await
        }
    })
    .await
}

/// Puts the members in place, and tells of the change. Answers whose roles it may touch.
async fn move_members(
    tx: &Tx,
    caller: &Caller,
    row: &directory_group::Model,
    before: &GroupFields,
    after: &GroupFields,
) -> Result<Vec<directory_user::Model>, Error> {
    let ids = |one: &GroupFields, other: &GroupFields| -> BTreeSet<DirectoryUserId> {
        one.members.difference(&other.members).copied().collect()
    };
    let (added, removed) = (ids(after, before), ids(before, after));
    let added = people(tx, caller, &added).await?;
    for person in &added {
        store::directory_groups::add_member(tx, row.id, person.id).await?;
    }
    for id in &removed {
        store::directory_groups::remove_member(tx, row.id, *id).await?;
    }
    let removed = people(tx, caller, &removed).await?;
    let mut event = event(AuditAction::DirectoryGroupChanged, caller, row);
    if before.name != after.name {
        event = event.with("before", &before.name);
    }
    let event = with_names(event, "added", &added);
    audit::append(tx, &caller.ctx, with_names(event, "removed", &removed)).await?;
    let mut touched = added;
    touched.extend(removed);
    if before.key() != after.key() {
        // Another line of the table, or none, is everybody's now.
        let stayed = before.members.intersection(&after.members).copied();
        touched.extend(people(tx, caller, &stayed.collect()).await?);
    }
    Ok(touched)
}

/// Removes a group: the roles that it gave end.
///
/// # Errors
/// As [`replace_group`].
pub async fn delete_group(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryGroupId,
    expected: Option<i64>,
) -> Result<(), Error> {
    cp.transact(
        "directories::delete_group",
        &caller.ctx,
        |tx: Tx| async move {
            let tx = &tx;
            store::audit::lock_size(tx).await?;
            let row = known(tx, caller, id, expected).await?;
            let members = one(&**tx, row.clone(), true).await?.fields.members;
            let people = people(tx, caller, &members).await?;
            store::directory_groups::remove_group(tx, id).await?;
            let event = event(AuditAction::DirectoryGroupRemoved, caller, &row);
            audit::append(tx, &caller.ctx, with_names(event, "removed", &people)).await?;
            roles::settle(tx, &caller.ctx, &caller.provider, &people).await
        },
    )
    .await
}

async fn known(
    tx: &Tx,
    caller: &Caller,
    id: DirectoryGroupId,
    expected: Option<i64>,
) -> Result<directory_group::Model, Error> {
    let row = store::directory_groups::group(&**tx, &caller.provider.id, id).await?;
    let row = row.ok_or(GROUP)?;
    check(row.revision, expected)?;
    Ok(row)
}

async fn is_free(
    tx: &Tx,
    caller: &Caller,
    but: Option<DirectoryGroupId>,
    fields: &GroupFields,
) -> Result<(), Error> {
    let (key, id) = (folded(&fields.name), fields.external_id.as_deref());
    let provider = &caller.provider.id;
    if store::directory_groups::is_group_taken(&**tx, provider, but, &key, id).await? {
        return Err(taken(
            "Another group of this directory has this name or `externalId`.",
        ));
    }
    Ok(())
}

/// The people of these ids; each must be one of this directory.
async fn people(
    tx: &Tx,
    caller: &Caller,
    ids: &BTreeSet<DirectoryUserId>,
) -> Result<Vec<directory_user::Model>, Error> {
    let wanted: Vec<DirectoryUserId> = ids.iter().copied().collect();
    let found = store::directories::known(&**tx, &caller.provider.id, wanted).await?;
    if found.len() != ids.len() {
        let detail = "A member is no person of this directory.";
        return Err(Problem::new(ProblemKind::InvalidValue, detail).into());
    }
    Ok(found)
}

fn event(action: AuditAction, caller: &Caller, row: &directory_group::Model) -> Event {
    Event::new(action, "directory_group", row.id.to_string())
        .with("name", &row.name)
        .with("provider", &caller.provider.id)
}

/// Who came or went; the number says how many where the names do not fit.
fn with_names(event: Event, word: &str, people: &[directory_user::Model]) -> Event {
    if people.is_empty() {
        return event;
    }
    let names: Vec<&str> = people.iter().map(|row| row.address.as_str()).collect();
    event
        .with(word, names.join(" "))
        .with(&format!("{word}_count"), people.len())
}

/// What is told of a group, as columns. Id, revision and the time of the beginning are the caller's to set.
fn told(caller: &Caller, fields: &GroupFields) -> directory_group::Model {
    let now = caller.ctx.now();
    directory_group::Model {
        id: DirectoryGroupId(uuid::Uuid::nil()),
        provider: caller.provider.id.clone(),
        name: fields.name.clone(),
        name_key: folded(&fields.name),
        external_id: fields.external_id.clone(),
        revision: 0,
        created_at: now,
        changed_at: now,
    }
}

async fn one(
    db: &impl ConnectionTrait,
    row: directory_group::Model,
    with_members: bool,
) -> Result<DirectoryGroup, Error> {
    let mut found = views(db, vec![row], with_members).await?;
    found.pop().ok_or(GROUP)
}

/// One statement, however many rows.
async fn views(
    db: &impl ConnectionTrait,
    rows: Vec<directory_group::Model>,
    with_members: bool,
) -> Result<Vec<DirectoryGroup>, Error> {
    let ids: Vec<DirectoryGroupId> = rows.iter().map(|row| row.id).collect();
    let all = if with_members {
        store::directory_groups::members(db, &ids).await?
    } else {
        Vec::new()
    };
    let view = |row: directory_group::Model| {
        let theirs = all.iter().filter(|(group, ..)| *group == row.id);
        let members: Vec<(DirectoryUserId, String)> =
            theirs.map(|(_, id, name)| (*id, name.clone())).collect();
        DirectoryGroup {
            id: row.id,
            fields: GroupFields {
                members: members.iter().map(|(id, _)| *id).collect(),
                external_id: row.external_id,
                name: row.name,
            },
            members,
            created_at: store::time::text(row.created_at),
            changed_at: store::time::text(row.changed_at),
            revision: row.revision,
        }
    };
    Ok(rows.into_iter().map(view).collect())
}
