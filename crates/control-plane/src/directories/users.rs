//! People of a directory: read back, added, changed and removed by it.

use domain::directory::{
    Email, PAGE_MAX, Patch, PersonName, Problem, ProblemKind, UserFields, UserTerm, folded,
};
use domain::event::AuditAction;
use domain::id::DirectoryUserId;
use sea_orm::ConnectionTrait;

use super::{Caller, DirectoryUser, Listed, Slice, USER, check, people, roles, taken};
use crate::ControlPlane;
use crate::audit;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{directory_user, user};
use crate::transact::Tx;

const NAME_TAKEN: &str = "Another person of this directory has this `userName` or `externalId`.";

/// One person.
///
/// # Errors
/// [`Error::NotFound`] for whom this directory does not tell of, whoever else does.
pub async fn get_user(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryUserId,
) -> Result<DirectoryUser, Error> {
    let row = store::directories::user(cp.reader(), &caller.provider.id, id).await?;
    one(cp.reader(), row.ok_or(USER)?).await
}

/// The people that a filter fits, oldest first.
///
/// # Errors
/// When the database does not answer.
pub async fn users(
    cp: &ControlPlane,
    caller: &Caller,
    terms: &[UserTerm],
    slice: Slice,
) -> Result<Listed<DirectoryUser>, Error> {
    let (db, provider) = (cp.reader(), &caller.provider.id);
    let (skip, count) = (slice.start.saturating_sub(1), slice.count.min(PAGE_MAX));
    let (total, rows) = store::directories::users(db, provider, terms, skip, count).await?;
    Ok(Listed {
        total,
        start: slice.start,
        rows: views(db, rows).await?,
    })
}

/// Adds a person. The same call again is refused as a second one of the name; two at once make one person.
///
/// # Errors
/// [`ProblemKind::Uniqueness`] for a name, an id or an address that is somebody else's.
pub async fn create_user(
    cp: &ControlPlane,
    caller: &Caller,
    fields: &UserFields,
) -> Result<DirectoryUser, Error> {
    cp.transact(
        "directories::create_user",
        &caller.ctx,
        |tx: Tx| async move {
            let tx = &tx;
            // The log lets one transaction at a time go on from here, so two calls at once make one person.
            store::audit::lock_size(tx).await?;
            is_free(tx, caller, None, fields).await?;
            let person = people::found_or_made(tx, caller, fields).await?;
            people::set_active(tx, caller, &person, fields.active).await?;
            let row = directory_user::Model {
                id: DirectoryUserId(ids::new()),
                provider: caller.provider.id.clone(),
                user_id: person.id,
                revision: 1,
                created_at: caller.ctx.now(),
                ..told(caller, fields)?
            };
            store::directories::insert_user(tx, row.clone()).await?;
            settle(tx, caller, row).await
        },
    )
    .await
}

/// Writes a person anew, whole.
///
/// # Errors
/// As [`create_user`]; [`Error::NotFound`]; [`ProblemKind::Changed`] for another version than the one that was read;
/// [`ProblemKind::LastAdministrator`].
pub async fn replace_user(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryUserId,
    fields: &UserFields,
    expected: Option<i64>,
) -> Result<DirectoryUser, Error> {
    change(cp, caller, id, expected, |_| Ok(fields.clone())).await
}

/// Changes a person.
///
/// # Errors
/// As [`replace_user`]; [`Problem`] for a change that cannot be made.
pub async fn patch_user(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryUserId,
    patch: &Patch,
    expected: Option<i64>,
) -> Result<DirectoryUser, Error> {
    change(cp, caller, id, expected, |before| before.patched(patch)).await
}

async fn change(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryUserId,
    expected: Option<i64>,
    next: impl Fn(&UserFields) -> Result<UserFields, Problem>,
) -> Result<DirectoryUser, Error> {
    cp.transact("directories::change_user", &caller.ctx, |tx: Tx| {
        let next = &next;
        async move {
            let tx = &tx;
            store::audit::lock_size(tx).await?;
            let (row, person) = known(tx, caller, id, expected).await?;
            let before = fields_of(&row)?;
            let fields = next(&before)?;
            if fields == before {
                return one(&**tx, row).await;
            }
            is_free(tx, caller, Some(id), &fields).await?;
            if fields.external_id != before.external_id {
                may_be_called(tx, caller, &row, fields.external_id.as_deref()).await?;
            }
            let person = people::renamed(tx, caller, person, &fields).await?;
            people::set_active(tx, caller, &person, fields.active).await?;
            if silent(&before, &fields) {
                let event = people::event(AuditAction::UserChanged, caller, &person);
                audit::append(
                    tx,
                    &caller.ctx,
                    event.with("attributes", "of the directory"),
                )
                .await?;
            }
            let read = row.revision;
            let row = directory_user::Model {
                id: row.id,
                user_id: row.user_id,
                provider: row.provider,
                created_at: row.created_at,
                revision: read + 1,
                ..told(caller, &fields)?
            };
            store::directories::update_user(tx, &row, read).await?;
            settle(tx, caller, row).await
        }
    })
    .await
}

/// Removes a person: they are sent away, and the directory may use their name for somebody else. What they did stays theirs.
///
/// # Errors
/// As [`replace_user`].
pub async fn delete_user(
    cp: &ControlPlane,
    caller: &Caller,
    id: DirectoryUserId,
    expected: Option<i64>,
) -> Result<(), Error> {
    cp.transact(
        "directories::delete_user",
        &caller.ctx,
        |tx: Tx| async move {
            let tx = &tx;
            store::audit::lock_size(tx).await?;
            let (row, person) = known(tx, caller, id, expected).await?;
            people::set_active(tx, caller, &person, false).await?;
            store::directories::remove_user(tx, row.id).await?;
            let event = people::event(AuditAction::DirectoryUserRemoved, caller, &person)
                .with("email", &person.email);
            audit::append(tx, &caller.ctx, event).await.map(|_| ())
        },
    )
    .await
}

async fn known(
    tx: &Tx,
    caller: &Caller,
    id: DirectoryUserId,
    expected: Option<i64>,
) -> Result<(directory_user::Model, user::Model), Error> {
    let row = store::directories::user(&**tx, &caller.provider.id, id).await?;
    let row = row.ok_or(USER)?;
    check(row.revision, expected)?;
    let person = store::people::get(&**tx, row.user_id).await?;
    Ok((row, person.ok_or(USER)?))
}

async fn is_free(
    tx: &Tx,
    caller: &Caller,
    but: Option<DirectoryUserId>,
    fields: &UserFields,
) -> Result<(), Error> {
    let (key, id) = (folded(&fields.user_name), fields.external_id.as_deref());
    let provider = &caller.provider.id;
    if store::directories::is_taken(&**tx, provider, but, &key, id).await? {
        return Err(taken(NAME_TAKEN));
    }
    Ok(())
}

/// May the directory call this person so? The id decides who comes in as them, so it does not change once they came in, and
/// is nobody's whose account is somebody else's here.
async fn may_be_called(
    tx: &Tx,
    caller: &Caller,
    row: &directory_user::Model,
    external_id: Option<&str>,
) -> Result<(), Error> {
    let accounts = store::providers::accounts(&**tx, row.user_id).await?;
    if let Some(account) = accounts.iter().find(|a| a.provider == caller.provider.id)
        && account.directory_id.as_deref() != external_id
    {
        let detail = "This person has signed in, so their `externalId` stays. For somebody else add another person.";
        return Err(Problem::new(ProblemKind::Mutability, detail).into());
    }
    let holder = people::by_account(tx, caller, external_id).await?;
    if holder.is_some_and(|holder| holder.id != row.user_id) {
        return Err(taken(
            "The account of this `externalId` is somebody else's here.",
        ));
    }
    Ok(())
}

/// Did something change that no event of its own tells of?
fn silent(before: &UserFields, after: &UserFields) -> bool {
    let told = before.active != after.active
        || before.shown() != after.shown()
        || before.address() != after.address();
    !told
}

/// Settles the roles of a person who was just written, and reads them back.
async fn settle(
    tx: &Tx,
    caller: &Caller,
    row: directory_user::Model,
) -> Result<DirectoryUser, Error> {
    let rows = [row];
    roles::settle(tx, &caller.ctx, &caller.provider, &rows).await?;
    let [row] = rows;
    one(&**tx, row).await
}

/// What is told of a person, as columns. Id, person, revision and the time of the beginning are the caller's to set.
fn told(caller: &Caller, fields: &UserFields) -> Result<directory_user::Model, Error> {
    let now = caller.ctx.now();
    Ok(directory_user::Model {
        id: DirectoryUserId(uuid::Uuid::nil()),
        user_id: domain::id::UserId(uuid::Uuid::nil()),
        provider: caller.provider.id.clone(),
        user_name: fields.user_name.clone(),
        user_key: folded(&fields.user_name),
        external_id: fields.external_id.clone(),
        address: fields.address()?,
        active: fields.active,
        display_name: fields.display_name.clone(),
        name: store::to_json(&fields.name)?,
        emails: store::to_json(&fields.emails)?,
        revision: 0,
        created_at: now,
        changed_at: now,
    })
}

fn fields_of(row: &directory_user::Model) -> Result<UserFields, Error> {
    Ok(UserFields {
        user_name: row.user_name.clone(),
        external_id: row.external_id.clone(),
        active: row.active,
        display_name: row.display_name.clone(),
        name: store::from_json::<PersonName>(&row.name)?,
        emails: store::from_json::<Vec<Email>>(&row.emails)?,
    })
}

async fn one(
    db: &impl ConnectionTrait,
    row: directory_user::Model,
) -> Result<DirectoryUser, Error> {
    let mut found = views(db, vec![row]).await?;
    found.pop().ok_or(USER)
}

/// Two statements, however many rows.
async fn views(
    db: &impl ConnectionTrait,
    rows: Vec<directory_user::Model>,
) -> Result<Vec<DirectoryUser>, Error> {
    let ids: Vec<DirectoryUserId> = rows.iter().map(|row| row.id).collect();
    let memberships = store::directory_groups::memberships(db, &ids).await?;
    let view = |row: directory_user::Model| {
        let theirs = memberships.iter().filter(|(member, _)| *member == row.id);
        Ok(DirectoryUser {
            id: row.id,
            fields: fields_of(&row)?,
            groups: theirs.map(|(_, g)| (g.id, g.name.clone())).collect(),
            created_at: store::time::text(row.created_at),
            changed_at: store::time::text(row.changed_at),
            revision: row.revision,
        })
    };
    rows.into_iter().map(view).collect()
}
