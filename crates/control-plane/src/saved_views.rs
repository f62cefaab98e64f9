//! Saved views of the audit trail and of the registry: filters that a person keeps under a name. A view holds no rows: whoever opens
//! one sees what they may see.

use std::collections::BTreeMap;

use domain::actor::Actor;
use domain::authz::{Access, Action, Facts, can};
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::query::AuditQuery;
use domain::form::saved_view::{ChangeViewForm, Filters, RemoveViewForm, SavedViewForm, VIEWS_MAX};
use domain::id::{SavedViewId, UserId};
use domain::view::saved_view::{SavedView, SavedViews};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::reading;
use crate::store;
use crate::store::entity::saved_view;
use crate::transact::Tx;

/// Keeps filters under a name.
///
/// # Errors
/// [`Error::Forbidden`] for tokens and for people who see nothing, [`Error::Invalid`] for a name that is none or that the person has
/// already and for filters that cannot be meant, [`Conflict::Full`] for somebody who keeps 50.
pub async fn save(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &SavedViewForm,
) -> Result<SavedViewId, Error> {
    let me = person(ctx)?;
    let (name, shared, filters) = form.parse()?;
    let (filters, agents) = match filters {
        Filters::Trail(filters) => (store::to_json(&filters)?, None),
        Filters::Registry(agents) => (
            store::to_json(&AuditQuery::default())?,
            Some(store::to_json(&agents)?),
        ),
    };
    let (name, filters, agents) = (&name, &filters, &agents);
    cp.transact("saved_views::save", ctx, |tx: Tx| async move {
        let tx = &tx;
        let own = store::saved_views::of(&**tx, me).await?;
        if own.len() >= VIEWS_MAX {
            return Err(Error::conflict(Conflict::Full));
        }
        untaken(&own, name, None)?;
        let row = saved_view::Model {
            id: SavedViewId(ids::new()),
            user_id: me,
            name: name.clone(),
            filters: filters.clone(),
            agents: agents.clone(),
            shared,
            saved_at: ctx.now(),
            changed_at: ctx.now(),
        };
        let (id, event) = (row.id, event(AuditAction::ViewSaved, &row));
        store::saved_views::insert(tx, row).await?;
        audit::append(tx, ctx, event).await?;
        Ok(id)
    })
    .await
}

/// Gives a view another name, and shares it or keeps it to oneself.
///
/// # Errors
/// [`Error::NotFound`] for what is not the person's own; else as [`save`].
pub async fn change(cp: &ControlPlane, ctx: &OpCtx, form: &ChangeViewForm) -> Result<(), Error> {
    let me = person(ctx)?;
    let (id, name, shared) = form.parse()?;
    let name = &name;
    cp.transact("saved_views::change", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::saved_views::get(&**tx, id).await?;
        if row.user_id != me {
            return Err(Error::NotFound { kind: "saved view" });
        }
        let own = store::saved_views::of(&**tx, me).await?;
        untaken(&own, name, Some(id))?;
        store::saved_views::change(tx, &row, (name, shared), ctx.now()).await?;
        let changed = saved_view::Model {
            name: name.clone(),
            shared,
            ..row
        };
        let event = event(AuditAction::ViewChanged, &changed);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Removes a view: one's own, or a shared one of somebody else's for whoever administers.
///
/// # Errors
/// [`Error::NotFound`] for what the person may not see, [`Error::Forbidden`] for a shared one of somebody else's.
pub async fn remove(cp: &ControlPlane, ctx: &OpCtx, form: &RemoveViewForm) -> Result<(), Error> {
    let me = person(ctx)?;
    let id = form.parse()?;
    cp.transact("saved_views::remove", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::saved_views::get(&**tx, id).await?;
        if row.user_id != me && !row.shared {
            return Err(Error::NotFound { kind: "saved view" });
        }
        if row.user_id != me {
            ctx.authorize(Action::Administer, Facts::default())?;
        }
        store::saved_views::remove(tx, id).await?;
        let event = event(AuditAction::ViewRemoved, &row);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// The person's own views and what others share. Three statements.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<SavedViews, Error> {
    reading::teams(ctx)?;
    let (db, me) = (cp.reader(), ctx.actor().user());
    let own = match me {
        Some(me) => store::saved_views::of(db, me).await?,
        None => Vec::new(),
    };
    let shared = store::saved_views::shared(db, me).await?;
    let people = own.iter().chain(&shared).map(|row| row.user_id).collect();
    let names = store::people::names(db, people).await?;
    let administers = can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed;
    let is_person = matches!(ctx.actor(), Actor::User { .. });
    let view = |row: saved_view::Model| view(row, &names, me.filter(|_| is_person), administers);
    Ok(SavedViews {
        own: own.into_iter().map(view).collect::<Result<_, _>>()?,
        shared: shared.into_iter().map(view).collect::<Result<_, _>>()?,
        can_save: is_person,
    })
}

fn view(
    row: saved_view::Model,
    names: &BTreeMap<UserId, String>,
    me: Option<UserId>,
    administers: bool,
) -> Result<SavedView, Error> {
    Ok(SavedView {
        id: row.id.to_string(),
        filters: store::from_json(&row.filters)?,
        agents: row.agents.as_deref().map(store::from_json).transpose()?,
        name: row.name,
        shared: row.shared,
        owner: names.get(&row.user_id).cloned().unwrap_or_default(),
        can_remove: me == Some(row.user_id) || administers,
    })
}

/// The person who acts, if they may read the lists. A token keeps nothing.
fn person(ctx: &OpCtx) -> Result<UserId, Error> {
    reading::teams(ctx)?;
    match ctx.actor() {
        Actor::User { id, .. } => Ok(*id),
        Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => Err(Error::Forbidden {
            action: Action::Modify,
        }),
    }
}

/// One's own views have different names.
fn untaken(
    own: &[saved_view::Model],
    name: &str,
    but: Option<SavedViewId>,
) -> Result<(), ValidationErrors> {
    let taken = own
        .iter()
        .any(|one| one.name == name && Some(one.id) != but);
    if taken {
        return Err(ValidationErrors::one("name", FieldProblem::Taken));
    }
    Ok(())
}

fn event(action: AuditAction, row: &saved_view::Model) -> Event {
    Event::new(action, "saved_view", row.id.to_string())
        .with("name", &row.name)
        .with("filters", row.agents.as_ref().unwrap_or(&row.filters))
        .with("shared", row.shared)
}
