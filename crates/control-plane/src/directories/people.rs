//! The person behind what a directory tells: found by their account, made anew, renamed, sent away and let in again.

use domain::directory::{PEOPLE_MAX, Problem, ProblemKind, UserFields};
use domain::event::AuditAction;
use domain::form::person::is_email;
use domain::id::UserId;

use super::{Caller, taken};
use crate::audit::{self, Event};
use crate::error::Error;
use crate::ids;
use crate::people::{ADDRESSES_MAX, leave};
use crate::store;
use crate::store::entity::user;
use crate::transact::Tx;

const ADDRESS_TAKEN: &str = "Somebody here has this address already, and nobody is known by an address alone. They sign in once through this provider, or link their account under Settings, Sessions; then provision them again.";

/// The person whom the directory adds.
pub(super) async fn found_or_made(
    tx: &Tx,
    caller: &Caller,
    fields: &UserFields,
) -> Result<user::Model, Error> {
    if let Some(person) = by_account(tx, caller, fields.external_id.as_deref()).await? {
        if store::directories::of_person(&**tx, person.id)
            .await?
            .is_some()
        {
            return Err(taken("This person is provisioned already."));
        }
        let event = event(AuditAction::DirectoryLinked, caller, &person);
        audit::append(tx, &caller.ctx, event).await?;
        return renamed(tx, caller, person, fields).await;
    }
    free(tx, caller, None, &fields.address()?).await?;
    make(tx, caller, fields).await
}

/// Whose account at the provider the directory calls by this id: the provider signed it when they came in.
pub(super) async fn by_account(
    tx: &Tx,
    caller: &Caller,
    external_id: Option<&str>,
) -> Result<Option<user::Model>, Error> {
    let Some(id) = external_id else {
        return Ok(None);
    };
    match store::providers::by_directory_id(&**tx, &caller.provider.id, id).await? {
        Some(account) => store::people::get(&**tx, account.user_id).await,
        None => Ok(None),
    }
}

async fn make(tx: &Tx, caller: &Caller, fields: &UserFields) -> Result<user::Model, Error> {
    if store::people::count(&**tx).await? >= PEOPLE_MAX {
        let detail = "There are 1,000 people already. Provision those alone who use Clearance.";
        return Err(Problem::new(ProblemKind::TooMany, detail).into());
    }
    let now = caller.ctx.now();
    let row = user::Model {
        id: UserId(ids::new()),
        name: fields.shown(),
        email: fields.address()?,
        // No password has this hash: they come through the provider alone.
        password_hash: String::new(),
        git_emails: "[]".to_owned(),
        created_at: now,
        deactivated_at: (!fields.active).then_some(now),
    };
    store::people::insert(tx, row.clone()).await?;
    let added = event(AuditAction::UserCreated, caller, &row).with("email", &row.email);
    audit::append(tx, &caller.ctx, added).await?;
    Ok(row)
}

/// The person under the name and the address that the directory has for them now. The address of before stays theirs in git:
/// what was committed under it is not somebody else's because a directory changed.
pub(super) async fn renamed(
    tx: &Tx,
    caller: &Caller,
    person: user::Model,
    fields: &UserFields,
) -> Result<user::Model, Error> {
    let (name, email) = (fields.shown(), fields.address()?);
    if person.name == name && person.email == email {
        return Ok(person);
    }
    let mut known: Vec<String> = store::from_json(&person.git_emails)?;
    let mut changed = event(AuditAction::UserChanged, caller, &person);
    if person.email != email {
        free(tx, caller, Some(person.id), &email).await?;
        if is_email(&person.email) && !known.contains(&person.email) {
            if known.len() >= ADDRESSES_MAX {
                let detail = "This person has had 20 addresses. An administrator looks into that.";
                return Err(Problem::new(ProblemKind::Mutability, detail).into());
            }
            known.push(person.email.clone());
        }
        changed = changed.with("email", &email).with("before", &person.email);
    }
    if person.name != name {
        changed = changed.with("name", &name);
    }
    let git_emails = store::to_json(&known)?;
    store::people::rename(tx, person.id, &name, &email, &git_emails).await?;
    audit::append(tx, &caller.ctx, changed).await?;
    Ok(user::Model {
        name,
        email,
        git_emails,
        ..person
    })
}

/// Sees to it that nobody else has an address. Somebody whom a directory forgot keeps it in git alone: who comes after them may
/// have it, and gets nothing else of theirs.
async fn free(tx: &Tx, caller: &Caller, but: Option<UserId>, email: &str) -> Result<(), Error> {
    let holder = store::people::by_email(&**tx, email).await?;
    let Some(holder) = holder.filter(|holder| Some(holder.id) != but) else {
        return Ok(());
    };
    let told = store::directories::of_person(&**tx, holder.id).await?;
    if holder.deactivated_at.is_none() || told.is_some() {
        return Err(taken(ADDRESS_TAKEN));
    }
    let mut known: Vec<String> = store::from_json(&holder.git_emails)?;
    if !known.contains(&holder.email) {
        known.push(holder.email.clone());
    }
    // Not an address: nobody can be provisioned or added under it.
    let instead = format!("left:{}", holder.id);
    let git_emails = store::to_json(&known)?;
    store::people::rename(tx, holder.id, &holder.name, &instead, &git_emails).await?;
    let changed = event(AuditAction::UserChanged, caller, &holder)
        .with("email", &instead)
        .with("before", &holder.email);
    audit::append(tx, &caller.ctx, changed).await.map(|_| ())
}

/// Makes a person as active as the directory says.
pub(super) async fn set_active(
    tx: &Tx,
    caller: &Caller,
    person: &user::Model,
    active: bool,
) -> Result<(), Error> {
    match (person.deactivated_at.is_none(), active) {
        (true, false) => leave::leave(tx, &caller.ctx, person, &caller.provider.id).await,
        (false, true) => leave::come_back(tx, &caller.ctx, person, &caller.provider.id).await,
        (true, true) | (false, false) => Ok(()),
    }
}

pub(super) fn event(action: AuditAction, caller: &Caller, person: &user::Model) -> Event {
    Event::new(action, "user", person.id.to_string()).with("provider", &caller.provider.id)
}
