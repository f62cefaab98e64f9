//! Clean-up receipts: what was created, what is gone and what is left, after the providers were listed again.

use domain::deployment::{LogLevel, Step};
use domain::event::AuditAction;
use domain::ledger::{Origin, Receipt, ResourceKind, ResourceState};

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::PortError;
use crate::store;
use crate::store::entity::{deployment, resource};
use crate::transact::Tx;

/// Counts what was created and what is gone, by asking the providers again: our own rows are not proof.
pub(super) async fn write(cp: &ControlPlane, row: &deployment::Model) -> Result<Receipt, Error> {
    let unavailable = |e: PortError| Error::Unavailable {
        dependency: "provider",
        source: e.into(),
    };
    let identities = cp
        .ports()
        .identity_provider
        .list()
        .await
        .map_err(unavailable)?;
    let runtimes = cp.ports().runtime.list().await.map_err(unavailable)?;
    let images = cp.ports().image_builder.list().await.map_err(unavailable)?;
    let there = |r: &resource::Model| match r.kind {
        ResourceKind::Identity => identities.contains(&r.name),
        ResourceKind::Runtime => runtimes.contains(&r.name),
        ResourceKind::Image => images.contains(&r.name),
    };
    let ledger = store::resources::of(cp.reader(), row.id).await?;
    let mut receipt = Receipt {
        created: 0,
        gone: 0,
        left: Vec::new(),
        kept: Vec::new(),
    };
    for resource in &ledger {
        let line = format!("{} {}", resource.kind.label(), resource.name);
        // An image that nobody asked to go is what a rollback restores.
        let stays = matches!(
            resource.state,
            ResourceState::Retained | ResourceState::Created
        );
        if resource.origin != Origin::Created || stays {
            receipt.kept.push(line);
            continue;
        }
        receipt.created += 1;
        if there(resource) {
            let why = resource
                .last_error
                .as_deref()
                .unwrap_or("still listed by its provider");
            receipt.left.push(format!("{line}: {why}"));
        } else {
            receipt.gone += 1;
        }
    }
    Ok(receipt)
}

/// Keeps a receipt's sentence in the deployment's log and in the audit log.
pub(super) async fn note(
    tx: &Tx,
    ctx: &OpCtx,
    agent: &str,
    row: &deployment::Model,
    receipt: &Receipt,
) -> Result<(), Error> {
    let level = if receipt.left.is_empty() {
        LogLevel::Good
    } else {
        LogLevel::Bad
    };
    store::log::write(
        tx,
        row.id,
        Step::CleanUp,
        &[(level, receipt.sentence())],
        ctx.now(),
    )
    .await?;
    let event = Event::new(
        AuditAction::ReceiptWritten,
        "deployment",
        row.number.to_string(),
    )
    .agent(agent)
    .deployment(row.number)
    .with("receipt", receipt.sentence());
    audit::append(tx, ctx, event).await.map(|_| ())
}
