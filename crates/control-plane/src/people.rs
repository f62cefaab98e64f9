//! People: setting up, adding, and who somebody is now. Signing in is in [`sign_in`].

use domain::actor::{Actor, Role};
use domain::authz::{Action, Facts};
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::person::{AddPerson, PersonForm, TeamForm};
use domain::id::{TeamId, UserId};
use domain::segregation::EVERY_TEAM;
use domain::view::session::{Frame, HeldRole, TeamRow, UserRow};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::reading;
use crate::store;
use crate::store::entity::{team, user};
use crate::transact::Tx;

mod addresses;
mod attempts;
mod confirm;
pub(crate) mod leave;
mod members;
mod networks;
mod password;
mod roles;
mod sign_in;

pub(crate) use addresses::ADDRESSES_MAX;
pub use addresses::link_address;
pub use attempts::Attempts;
pub use confirm::confirm;
pub(crate) use members::{member, members};
pub(crate) use networks::{network, sweep};
pub use roles::give_role;
pub(crate) use sign_in::{Entry, enter, entered, is_past_providers, prove};
pub use sign_in::{sign_in, sign_out};

/// A signed-in person with the roles they have now: standing ones, and those held for a time. `None` when they are gone, or
/// deactivated.
///
/// # Errors
/// When the database does not answer.
pub async fn actor(cp: &ControlPlane, id: UserId) -> Result<Option<Actor>, Error> {
    let mut found = standing(cp, id).await?;
    if let Some(Actor::User { grants, .. }) = &mut found {
        let now = cp.clock().now();
        grants.extend(store::elevations::grants(cp.reader(), id, now).await?);
    }
    Ok(found)
}

/// A person with their standing roles alone: what their tokens act by.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn standing(cp: &ControlPlane, id: UserId) -> Result<Option<Actor>, Error> {
    let row = store::people::get(cp.reader(), id).await?;
    let Some(row) = row.filter(|row| row.deactivated_at.is_none()) else {
        return Ok(None);
    };
    let mut grants = store::people::grants(cp.reader(), id).await?;
    // Whoever stands in for an approver decides where that one does. In whose name is worked out where it is decided.
    for absent in store::stand_ins::of_stand_in(cp.reader(), id, cp.clock().now()).await? {
        let theirs = store::people::grants(cp.reader(), absent.absent_id).await?;
        grants.extend(theirs.into_iter().filter(|g| g.role == Role::Approver));
    }
    Ok(Some(Actor::User {
        id,
        name: row.name,
        email: row.email,
        grants,
    }))
}

/// What the frame around every page needs. It counts what the actor may see; people without a role see nothing to count.
///
/// # Errors
/// When the database does not answer.
pub async fn frame(cp: &ControlPlane, ctx: &OpCtx) -> Result<Frame, Error> {
    let db = cp.reader();
    let actor = ctx.actor().clone();
    let (waiting, progress, agents, findings) = match reading::teams(ctx) {
        Ok(seen) => (
            crate::approvals::waiting_for(cp, ctx).await?
                + crate::break_glass::waiting_for(cp, ctx).await?,
            store::fleet::count_in_progress(db, seen.as_deref()).await?,
            store::fleet::count_agents(db, seen.as_deref()).await?,
            store::findings::count_open(db, None, seen.as_deref()).await?,
        ),
        // Before sign-in nothing is shown but the service and the state of the log.
        Err(_) => (0, 0, 0, 0),
    };
    Ok(Frame {
        first_run: actor == Actor::Anonymous && !store::people::any(db).await?,
        actor,
        waiting_for_you: waiting,
        deployments_in_progress: progress,
        agents,
        open_findings: findings,
        chain: audit::chain(cp).await?,
        elevations: crate::elevations::active(cp, ctx).await?,
        through: crate::providers::of_session(cp, ctx),
        providers: crate::providers::list(cp),
        passkey: crate::passkeys::offered(cp, ctx).await?,
        now: store::time::text(ctx.now()),
    })
}

/// Makes the first administrator. Works once.
///
/// # Errors
/// [`Conflict::SetUp`] when there is somebody already.
pub async fn set_up(cp: &ControlPlane, ctx: &OpCtx, form: &PersonForm) -> Result<UserId, Error> {
    let form = PersonForm {
        role: Role::Administrator.to_string(),
        team: String::new(),
        ..form.clone()
    };
    let person = form.parse()?;
    let hash = password::hash(person.password.clone()).await?;
    cp.transact("people::set_up", ctx, |tx: Tx| {
        let person = &person;
        let hash = &hash;
        async move {
            let tx = &tx;
            // The log lets one transaction at a time go on from here, so the question is answered once.
            audit::append(
                tx,
                ctx,
                Event::new(AuditAction::SetUp, "installation", "clearance"),
            )
            .await?;
            if store::people::any(&**tx).await? {
                return Err(Error::conflict(Conflict::SetUp));
            }
            insert(tx, ctx, person, hash, None).await
        }
    })
    .await
}

/// Adds a person with one role.
///
/// # Errors
/// When the actor may not administer, a field is wrong or the address is taken.
pub async fn add(cp: &ControlPlane, ctx: &OpCtx, form: &PersonForm) -> Result<(), Error> {
    let person = form.parse()?;
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("people::add", ctx, may).await?;
    let hash = password::hash(person.password.clone()).await?;
    cp.transact("people::add", ctx, |tx: Tx| {
        let person = &person;
        let hash = &hash;
        async move {
            let tx = &tx;
            ctx.authorize(Action::Administer, Facts::default())?;
            let team = match &person.team {
                None => None,
                Some(slug) => {
                    let found = store::people::team_by_slug(&**tx, slug).await?;
                    Some(
                        found
                            .ok_or_else(|| {
                                ValidationErrors::one("team", FieldProblem::UnknownChoice)
                            })?
                            .id,
                    )
                }
            };
            if store::people::by_email(&**tx, &person.email)
                .await?
                .is_some()
            {
                return Err(ValidationErrors::one("email", FieldProblem::Taken).into());
            }
            insert(tx, ctx, person, hash, team).await.map(|_| ())
        }
    })
    .await
}

async fn insert(
    tx: &Tx,
    ctx: &OpCtx,
    person: &AddPerson,
    hash: &str,
    team: Option<TeamId>,
) -> Result<UserId, Error> {
    let id = UserId(ids::new());
    let row = user::Model {
        id,
        name: person.name.clone(),
        email: person.email.clone(),
        password_hash: hash.to_owned(),
        git_emails: "[]".to_owned(),
        created_at: ctx.now(),
        deactivated_at: None,
    };
    store::people::insert(tx, row).await?;
    store::people::grant(tx, id, person.role, team, ctx.now()).await?;
    let added = Event::new(AuditAction::UserCreated, "user", id.to_string())
        .with("email", &person.email)
        .with("role", person.role)
        .with("team", person.team.as_deref().unwrap_or(EVERY_TEAM));
    audit::append(tx, ctx, added).await?;
    Ok(id)
}

/// Everybody with their roles.
///
/// # Errors
/// When the actor may not administer.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<UserRow>, Error> {
    ctx.authorize(Action::Administer, Facts::default())?;
    let (people, grants, teams) = (
        store::people::all(cp.reader()).await?,
        store::people::all_grants(cp.reader()).await?,
        store::people::teams(cp.reader()).await?,
    );
    let held = |id: UserId| {
        let of = grants.iter().filter(|g| g.user_id == id);
        of.map(|g| HeldRole {
            grant: g.id.to_string(),
            provider: g.provider.clone(),
            role: g.role,
            team: g
                .team_id
                .and_then(|t| teams.iter().find(|team| team.id == t))
                .map(|team| team.slug.clone()),
        })
        .collect()
    };
    Ok(people
        .into_iter()
        .map(|p| UserRow {
            roles: held(p.id),
            git_emails: store::from_json(&p.git_emails).unwrap_or_default(),
            deactivated_at: store::time::text_opt(p.deactivated_at),
            id: p.id.to_string(),
            name: p.name,
            email: p.email,
        })
        .collect())
}

/// Every team.
///
/// # Errors
/// When the actor is not signed in.
pub async fn teams(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<TeamRow>, Error> {
    if *ctx.actor() == Actor::Anonymous {
        return Err(Error::Unauthenticated);
    }
    let rows = store::people::teams(cp.reader()).await?;
    Ok(rows
        .into_iter()
        .map(|t| TeamRow {
            id: t.id.to_string(),
            slug: t.slug,
            name: t.name,
        })
        .collect())
}

/// Adds a team.
///
/// # Errors
/// When the actor may not administer, a field is wrong or the slug is taken.
pub async fn create_team(cp: &ControlPlane, ctx: &OpCtx, form: &TeamForm) -> Result<(), Error> {
    let (slug, name) = form.parse()?;
    cp.transact("people::create_team", ctx, |tx: Tx| {
        let slug = &slug;
        let name = &name;
        async move {
            let tx = &tx;
            ctx.authorize(Action::Administer, Facts::default())?;
            if store::people::team_by_slug(&**tx, slug).await?.is_some() {
                return Err(ValidationErrors::one("slug", FieldProblem::Taken).into());
            }
            let row = team::Model {
                id: TeamId(ids::new()),
                slug: slug.clone(),
                name: name.clone(),
                created_at: ctx.now(),
            };
            store::people::insert_team(tx, row).await?;
            audit::append(
                tx,
                ctx,
                Event::new(AuditAction::TeamCreated, "team", slug.as_str()),
            )
            .await
            .map(|_| ())
        }
    })
    .await
}
