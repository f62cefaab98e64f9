//! Groups of people, administered like teams. A group gives no right: it is what a policy may ask some of the approvals
//! to come from.

use domain::authz::{Action, Facts};
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::group::{GroupForm, MemberForm};
use domain::id::GroupId;
use domain::view::group::GroupRow;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{group, user};
use crate::transact::Tx;

/// Every group with its people. Three statements.
///
/// # Errors
/// When the actor may not administer.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<GroupRow>, Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    let db = cp.reader();
    let groups = store::groups::all(db).await?;
    let people = store::people::all(db).await?;
    let members = store::groups::members(db).await?;
    let row = |group: group::Model| {
        let is_in = |p: &&user::Model| {
            members
                .iter()
                .any(|(user, slug)| *user == p.id && *slug == group.slug)
        };
        GroupRow {
            people: people
                .iter()
                .filter(is_in)
                .map(|p| (p.name.clone(), p.email.clone()))
                .collect(),
            slug: group.slug.clone(),
            name: group.name.clone(),
        }
    };
    Ok(groups.into_iter().map(row).collect())
}

/// Adds a group.
///
/// # Errors
/// When the actor may not administer, a field is wrong or the slug is taken.
pub async fn create(cp: &ControlPlane, ctx: &OpCtx, form: &GroupForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("groups::create", ctx, may).await?;
    let (slug, name) = form.parse()?;
    cp.transact("groups::create", ctx, |tx: Tx| {
        let (slug, name) = (&slug, &name);
        async move {
            let tx = &tx;
            ctx.authorize(Action::Administer, Facts::default())?;
            if store::groups::by_slug(&**tx, slug).await?.is_some() {
                return Err(ValidationErrors::one("slug", FieldProblem::Taken).into());
            }
            let row = group::Model {
                id: GroupId(ids::new()),
                slug: slug.clone(),
                name: name.clone(),
                created_at: ctx.now(),
            };
            store::groups::insert(tx, row).await?;
            let event = Event::new(AuditAction::GroupCreated, "group", slug.as_str());
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}

/// Puts a person into a group. A person who is in it already stays in it.
///
/// # Errors
/// When the actor may not administer, or there is no such group or person.
pub async fn add(cp: &ControlPlane, ctx: &OpCtx, form: &MemberForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("groups::add", ctx, may).await?;
    let (slug, email) = form.parse()?;
    cp.transact("groups::add", ctx, |tx: Tx| {
        let (slug, email) = (&slug, &email);
        async move {
            let tx = &tx;
            ctx.authorize(Action::Administer, Facts::default())?;
            let (group, person) = find(tx, slug, email).await?;
            if person.deactivated_at.is_some() {
                return Err(ValidationErrors::one("email", FieldProblem::UnknownChoice).into());
            }
            if store::groups::has(&**tx, group.id, person.id).await? {
                return Ok(());
            }
            store::groups::add(tx, group.id, person.id, ctx.now()).await?;
            let event = event(AuditAction::GroupMemberAdded, &group, &person);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}

/// Takes a person out of a group. A rule that cannot be met any more is found by a worker, not refused here: people leave.
///
/// # Errors
/// When the actor may not administer, or there is no such group or person.
pub async fn remove(cp: &ControlPlane, ctx: &OpCtx, form: &MemberForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("groups::remove", ctx, may).await?;
    let (slug, email) = form.parse()?;
    cp.transact("groups::remove", ctx, |tx: Tx| {
        let (slug, email) = (&slug, &email);
        async move {
            let tx = &tx;
            ctx.authorize(Action::Administer, Facts::default())?;
            let (group, person) = find(tx, slug, email).await?;
            if !store::groups::remove(tx, group.id, person.id).await? {
                return Ok(());
            }
            let event = event(AuditAction::GroupMemberRemoved, &group, &person);
            audit::append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}

async fn find(tx: &Tx, slug: &str, email: &str) -> Result<(group::Model, user::Model), Error> {
    let group = store::groups::by_slug(&**tx, slug).await?;
    let person = store::people::by_email(&**tx, email).await?;
    let unknown = |field| ValidationErrors::one(field, FieldProblem::UnknownChoice);
    Ok((
        group.ok_or_else(|| unknown("slug"))?,
        person.ok_or_else(|| unknown("email"))?,
    ))
}

fn event(action: AuditAction, group: &group::Model, person: &user::Model) -> Event {
    Event::new(action, "group", group.slug.as_str())
        .with("user", person.id)
        .with("email", &person.email)
}
