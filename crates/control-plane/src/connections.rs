//! Connections to git hosts, and what came in over them.

use domain::authz::{Action, Facts};
use domain::connection::ConnectionKind;
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::connection::{ConnectionChangeForm, ConnectionForm};
use domain::form::query;
use domain::id::{ConnectionId, DeliveryId};
use domain::view::connection::{ConnectionRow, DeliveryRow, NewConnection};
use domain::view::page::Page;
use secrecy::{ExposeSecret, SecretString};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::reading;
use crate::store;
use crate::store::entity::connection;
use crate::transact::Tx;

/// Every connection. Who reads in one team alone sees them too, because an agent is onboarded over one; but neither where
/// their secrets are kept, nor when something came in for agents of other teams.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<ConnectionRow>, Error> {
    let seen = reading::teams(ctx)?;
    let rows = store::connections::all(cp.reader()).await?;
    let recent = store::deliveries::list(cp.reader(), None, seen.as_deref(), 200).await?;
    let last = |id| {
        recent
            .iter()
            .find(|d| d.connection_id == id)
            .map(|d| store::time::text(d.received_at))
    };
    let shown = |row: &connection::Model| {
        let mut shown = view(row);
        shown.last_delivery_at = last(row.id);
        if seen.is_some() {
            shown.secret_reference.clear();
        }
        shown
    };
    Ok(rows.iter().map(shown).collect())
}

fn view(row: &connection::Model) -> ConnectionRow {
    ConnectionRow {
        id: row.id.to_string(),
        slug: row.slug.clone(),
        name: row.name.clone(),
        kind: row.kind,
        webhook_path: format!("/webhooks/{}/{}", row.kind.path(), row.slug),
        secret_reference: row.secret_reference.clone(),
        opens_issues: row.opens_issues,
        created_at: store::time::text(row.created_at),
        last_delivery_at: None,
    }
}

/// Connects a git host. A secret is made unless a reference is given; it is answered once and kept outside the database.
///
/// # Errors
/// When the actor may not administer, a field is wrong or the slug is taken.
pub async fn create(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ConnectionForm,
) -> Result<NewConnection, Error> {
    let connect = form.parse()?;
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("connections::create", ctx, may).await?;
    if store::connections::by_slug(cp.reader(), &connect.slug)
        .await?
        .is_some()
    {
        return Err(ValidationErrors::one("slug", FieldProblem::Taken).into());
    }
    let unavailable = |source| Error::Unavailable {
        dependency: "secret store",
        source,
    };
    let (reference, secret) = match connect.secret_reference {
        Some(reference) => (reference, None),
        None => {
            let bytes = ids::random::<32>()
                .map_err(|e| Error::internal("connections::create", e.to_string()))?;
            let secret = SecretString::from(hex::encode(bytes));
            let kept = cp
                .ports()
                .secrets
                .keep(&format!("connection-{}", connect.slug), &secret)
                .await;
            (
                kept.map_err(|e| unavailable(e.into()))?,
                Some(secret.expose_secret().to_owned()),
            )
        }
    };
    let row = connection::Model {
        id: ConnectionId(ids::new()),
        slug: connect.slug,
        name: connect.name,
        kind: connect.kind,
        secret_reference: reference,
        opens_issues: false,
        created_at: ctx.now(),
    };
    cp.transact("connections::create", ctx, |tx: Tx| {
        let row = &row;
        async move {
            let tx = &tx;
            store::connections::insert(tx, row.clone()).await?;
            let event = Event::new(AuditAction::ConnectionCreated, "connection", &row.slug)
                .with("kind", row.kind);
            audit::append(tx, ctx, event).await
        }
    })
    .await?;
    Ok(NewConnection {
        connection: view(&row),
        secret,
    })
}

/// Switches whether failed deployments become issues on the git host.
///
/// # Errors
/// When the actor may not administer, or there is no such connection.
pub async fn change(
    cp: &ControlPlane,
    ctx: &OpCtx,
    form: &ConnectionChangeForm,
) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("connections::change", ctx, may).await?;
    cp.transact("connections::change", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::connections::by_slug(&**tx, form.slug.trim()).await?;
        let row = row.ok_or(Error::NotFound { kind: "connection" })?;
        let on = form.opens_issues();
        store::connections::set_opens_issues(tx, row.id, on).await?;
        let event = Event::new(AuditAction::ConnectionChanged, "connection", &row.slug)
            .with("opens_issues", on);
        audit::append(tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Deliveries, newest first. Who reads in some teams alone sees those that concerned their agents; what no agent can be
/// told of (it waits still, is unreadable, or is about another repository) is for those who read everywhere.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn deliveries(
    cp: &ControlPlane,
    ctx: &OpCtx,
    cursor: &str,
) -> Result<Page<DeliveryRow>, Error> {
    let seen = reading::teams(ctx)?;
    let limit = query::limit(None);
    let before: Option<DeliveryId> = cursor.parse().ok();
    let rows = store::deliveries::list(cp.reader(), before, seen.as_deref(), limit + 1).await?;
    let connections = store::connections::all(cp.reader()).await?;
    let slug = |id| {
        connections
            .iter()
            .find(|c| c.id == id)
            .map(|c| c.slug.clone())
            .unwrap_or_default()
    };
    Ok(
        Page::cut(rows, limit, |row| row.id.to_string()).map(|row| DeliveryRow {
            id: row.id.to_string(),
            connection: slug(row.connection_id),
            key: row.delivery_key,
            event: row.event,
            state: row.state,
            note: row.note,
            received_at: store::time::text(row.received_at),
        }),
    )
}

/// The kind of a connection as its endpoint names it.
pub(crate) async fn of_endpoint(
    cp: &ControlPlane,
    slug: &str,
    kind: ConnectionKind,
) -> Result<connection::Model, Error> {
    let row = store::connections::by_slug(cp.reader(), slug).await?;
    row.filter(|c| c.kind == kind)
        .ok_or(Error::NotFound { kind: "connection" })
}
