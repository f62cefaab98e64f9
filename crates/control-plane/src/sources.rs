//! Sources: taking deliveries in, and turning them into pushes of the agents they concern.

use domain::connection::ConnectionKind;
use domain::delivery::{DeliveryState, PushState};
use domain::error::Conflict;
use domain::event::AuditAction;
use domain::id::{DeliveryId, PushId};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::connections;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::store;
use crate::store::entity::{agent, connection, delivery as inbox, push};
use crate::transact::Tx;

mod delivery;
pub mod event;

use delivery::VerifiedDelivery;
pub use delivery::{Credential, RawDelivery};

/// What became of a webhook call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Received {
    pub id: DeliveryId,
    /// False when it was here before.
    pub fresh: bool,
}

/// Takes a webhook call in: checks it, stores it durably, and wakes the worker. Nothing is parsed before the check.
///
/// # Errors
/// [`Error::NotFound`] for an unknown connection, [`Error::Unauthenticated`] for a wrong signature,
/// [`Conflict::KeyReused`] when the delivery id came before with another body.
pub async fn receive(cp: &ControlPlane, ctx: &OpCtx, raw: RawDelivery) -> Result<Received, Error> {
    let connection = connections::of_endpoint(cp, &raw.connection, raw.kind).await?;
    let secret = cp.ports().secrets.read(&connection.secret_reference).await;
    let secret = secret.map_err(|e| Error::Unavailable {
        dependency: "secret store",
        source: e.into(),
    })?;
    let Some(call) = VerifiedDelivery::check(raw, &secret) else {
        note_refused(cp, ctx, &connection).await?;
        return Err(Error::Unauthenticated);
    };
    let key = call.key()?;
    cp.transact("sources::receive", ctx, |tx: Tx| {
        let key = &key;
        let connection = &connection;
        let call = &call;
        async move {
            let tx = &tx;
            match store::deliveries::by_key(&**tx, connection.id, key).await? {
                Some(known) => receive_again(tx, ctx, connection, &known, call).await,
                None => receive_first(tx, ctx, connection, key, call).await,
            }
        }
    })
    .await
}

async fn receive_first(
    tx: &Tx,
    ctx: &OpCtx,
    connection: &connection::Model,
    key: &str,
    call: &VerifiedDelivery,
) -> Result<Received, Error> {
    let now = ctx.now();
    let row = inbox::Model {
        id: DeliveryId(ids::new()),
        connection_id: connection.id,
        delivery_key: key.to_owned(),
        event: call.event().to_owned(),
        body_sha256: call.body_sha256().to_owned(),
        body: call.body().to_vec(),
        state: DeliveryState::Received,
        note: None,
        received_at: now,
        settled_at: None,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: now,
    };
    let id = row.id;
    store::deliveries::insert(tx, row).await?;
    let event = Event::new(AuditAction::DeliveryReceived, "delivery", id.to_string())
        .with("connection", &connection.slug)
        .with("event", call.event())
        .with("body_sha256", call.body_sha256());
    audit::append(tx, ctx, event).await?;
    Ok(Received { id, fresh: true })
}

async fn receive_again(
    tx: &Tx,
    ctx: &OpCtx,
    connection: &connection::Model,
    known: &inbox::Model,
    call: &VerifiedDelivery,
) -> Result<Received, Error> {
    if known.body_sha256 != call.body_sha256() {
        return Err(Error::conflict(Conflict::KeyReused));
    }
    // A redelivery revives only what failed; everything else had its effect already.
    if known.state == DeliveryState::Failed {
        store::deliveries::revive(tx, known.id, ctx.now()).await?;
        let event = Event::new(
            AuditAction::DeliveryRevived,
            "delivery",
            known.id.to_string(),
        )
        .with("connection", &connection.slug);
        audit::append(tx, ctx, event).await?;
    }
    Ok(Received {
        id: known.id,
        fresh: false,
    })
}

async fn note_refused(
    cp: &ControlPlane,
    ctx: &OpCtx,
    connection: &connection::Model,
) -> Result<(), Error> {
    metrics::counter!("clearance_deliveries_refused_total", "connection" => connection.slug.clone()).increment(1);
    let event = Event::new(AuditAction::DeliveryRefused, "connection", &connection.slug)
        .reason("wrong_signature");
    audit::note_refusal(cp, ctx, event).await
}

/// Where a push was learnt of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FoundBy {
    Delivery,
    Poll,
}

impl FoundBy {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Delivery => "delivery",
            Self::Poll => "poll",
        }
    }
}

/// Notes that an agent's branch points somewhere new, once: the head commit is compared and set in the same transaction.
/// `after` is what the git host said just now, so neither the order of deliveries nor their content decides anything.
pub(crate) async fn note_push(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &agent::Model,
    after: &str,
    pushed_by: &str,
    found_by: FoundBy,
) -> Result<bool, Error> {
    if agent.head_commit.as_deref() == Some(after)
        || !store::agents::move_head(tx, agent, after).await?
    {
        return Ok(false);
    }
    let now = ctx.now();
    let row = push::Model {
        id: PushId(ids::new()),
        agent_id: agent.id,
        commit_id: after.to_owned(),
        before_commit: agent.head_commit.clone(),
        found_by: found_by.as_str().to_owned(),
        pushed_by: domain::text::cut(&domain::text::visible(pushed_by), 100),
        state: PushState::Received,
        note: None,
        problems: "[]".to_owned(),
        found_at: now,
        settled_at: None,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: now,
    };
    let event = Event::new(AuditAction::PushFound, "push", row.id.to_string())
        .agent(&agent.slug)
        .with("commit", after)
        .with("found_by", found_by.as_str())
        .with("pushed_by", &row.pushed_by);
    store::pushes::insert(tx, row).await?;
    audit::append(tx, ctx, event).await?;
    Ok(true)
}

/// The kind of host behind an agent.
pub(crate) async fn repository(
    cp: &ControlPlane,
    agent: &agent::Model,
) -> Result<crate::ports::git_host::Repository, Error> {
    let connection = store::connections::get(cp.reader(), agent.connection_id).await?;
    let kind = connection.map_or(ConnectionKind::GitHub, |c| c.kind);
    Ok(crate::ports::git_host::Repository {
        url: agent.repository.clone(),
        kind,
    })
}
