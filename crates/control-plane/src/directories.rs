//! Companies' directories over SCIM 2.0 (RFC 7643, 7644): one for each sign-in provider that is configured, because people come
//! in through it and its table turns the same groups into roles. A directory adds people, says who left, and who is in
//! which group; what follows happens in the same transaction, and at once.
//!
//! Whom the directory tells of has exactly the roles that the table gives for the directory's groups, and whatever a person gave
//! by hand. Nobody is known by an address: a directory's person is an account's by the id that the provider signs.

use domain::actor::Actor;
use domain::directory::{CALLS_PER_MINUTE, GroupFields, Problem, ProblemKind, UserFields};
use domain::id::{DirectoryGroupId, DirectoryUserId};
use domain::sign_in::Provider;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::{providers, store, tokens};

mod groups;
mod people;
mod read;
mod roles;
mod token;
mod users;

pub use groups::{create_group, delete_group, get_group, groups, patch_group, replace_group};
pub use read::{list, list_groups, list_people};
pub(crate) use roles::{renew_all, renew_at_sign_in};
pub use token::{make_token, revoke_token};
pub use users::{create_user, delete_user, get_user, patch_user, replace_user, users};

/// Somebody unknown to the directory, or to us.
const USER: Error = Error::NotFound { kind: "user" };
const GROUP: Error = Error::NotFound { kind: "group" };

/// A directory that proved itself: there is no other way to change what it tells.
#[derive(Debug, Clone)]
pub struct Caller {
    provider: Provider,
    ctx: OpCtx,
}

/// A person, as the directory reads them back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryUser {
    pub id: DirectoryUserId,
    pub fields: UserFields,
    /// The groups that they are in, with their names.
    pub groups: Vec<(DirectoryGroupId, String)>,
    /// RFC 3339.
    pub created_at: String,
    pub changed_at: String,
    pub revision: i64,
}

/// A group, as the directory reads it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryGroup {
    pub id: DirectoryGroupId,
    pub fields: GroupFields,
    /// Who is in it, with the directory's name of each. Empty where nobody asked for it.
    pub members: Vec<(DirectoryUserId, String)>,
    /// RFC 3339.
    pub created_at: String,
    pub changed_at: String,
    pub revision: i64,
}

/// Which rows of a list: the protocol counts from one (RFC 7644, section 3.4.2.4).
#[derive(Debug, Clone, Copy)]
pub struct Slice {
    pub start: u64,
    pub count: u64,
}

/// Rows of a list, and how many there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    pub total: u64,
    pub start: u64,
    pub rows: Vec<T>,
}

/// Opens the door of one directory to its own token. `None` for every other text, whether or not there is such a directory.
///
/// # Errors
/// [`Error::TooMany`] for a directory that calls more often than [`CALLS_PER_MINUTE`]; when the database does not answer.
pub async fn open(
    cp: &ControlPlane,
    ctx: &OpCtx,
    provider: &str,
    text: &str,
) -> Result<Option<Caller>, Error> {
    if !tokens::is_token(text) {
        return Ok(None);
    }
    let hash = tokens::hash(text);
    let token = store::directories::token(cp.reader(), provider, &hash, ctx.now()).await?;
    let (Some(token), Ok(provider)) = (token, providers::provider(cp, provider)) else {
        return Ok(None);
    };
    let limits = cp.directory_limits();
    if !limits.admit(&provider.id, 1, CALLS_PER_MINUTE, ctx.now()) {
        return Err(Error::TooMany);
    }
    tokens::note_use(cp, &token).await?;
    let actor = Actor::System {
        worker: format!("directory {}", provider.id),
    };
    let ctx = ctx.acting_as(actor);
    Ok(Some(Caller { provider, ctx }))
}

/// The directory writes over the version that it read, where it says which (RFC 7644, section 3.14).
fn check(revision: i64, expected: Option<i64>) -> Result<(), Error> {
    if expected.is_some_and(|expected| expected != revision) {
        let detail = "The resource changed since it was read. Read it again.";
        return Err(Problem::new(ProblemKind::Changed, detail).into());
    }
    Ok(())
}

fn taken(detail: &'static str) -> Error {
    Problem::new(ProblemKind::Uniqueness, detail).into()
}
