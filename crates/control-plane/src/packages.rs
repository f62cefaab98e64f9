//! Evidence packages: somebody orders one, or a schedule does; a worker builds it; whoever may export gets it. A package holds the
//! whole audit log, so all of this is for who may export evidence of every team, asked again at each download.

use domain::actor::{Actor, TokenScope};
use domain::authz::{Access, Action, Facts, can};
use domain::canonical;
use domain::controls::Framework;
use domain::error::{Conflict, FieldProblem, ValidationErrors};
use domain::event::AuditAction;
use domain::form::package::{OrderPackage, OrderPackageForm, RemovePackageForm};
use domain::id::PackageId;
use domain::package::PackageState;
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::legal_holds::Held;
use crate::store;
use crate::store::entity::package;
use crate::topic::Topic;
use crate::transact::Tx;

mod contents;
mod download;
mod due;
mod read;
mod schedules;

pub(crate) use contents::{Contents, Written, folder, write};
pub use download::{Download, download, piece};
pub(crate) use due::order_due;
pub use read::{get, list};
pub use schedules::{act, add, list as schedules};

/// Bytes that are kept, and sent, at a time.
pub(crate) const PIECE: usize = 1_048_576;
/// Most packages that people have waiting at a time: each is as large as the log.
const OPEN_MAX: usize = 20;

/// What changes when a package does.
pub(crate) fn topic(number: i64) -> Topic {
    Topic::new("package", number.to_string())
}

/// Lets pass whoever may export evidence of every team.
fn reads(ctx: &OpCtx) -> Result<(), Error> {
    ctx.authorize(Action::Export, Facts::default())
}

/// The same, of a token only if it may write: an order lasts longer than its answer.
fn orders(ctx: &OpCtx) -> Result<(), Error> {
    reads(ctx)?;
    match ctx.actor() {
        Actor::Token { scopes, .. } if !scopes.contains(&TokenScope::Write) => {
            Err(Error::Forbidden {
                action: Action::Export,
            })
        }
        Actor::User { .. } | Actor::Token { .. } | Actor::System { .. } | Actor::Anonymous => {
            Ok(())
        }
    }
}

/// Orders a package. While the very same is not made yet, it is that one. Answers its number.
///
/// # Errors
/// [`Error::Forbidden`] for who may not export evidence of every team, and for tokens that may not write; the fields that are wrong;
/// [`Conflict::Full`] while too many wait.
pub async fn order(cp: &ControlPlane, ctx: &OpCtx, form: &OrderPackageForm) -> Result<i64, Error> {
    cp.noted("packages::order", ctx, orders(ctx)).await?;
    let asked = form.parse(ctx.now())?;
    let key = canonical::digest_of(&form.trimmed());
    let key = key.map_err(|e| Error::internal("packages::order", e))?;
    cp.transact("packages::order", ctx, |tx: Tx| {
        let (asked, key) = (&asked, &key);
        async move {
            let tx = &tx;
            // The log lets one transaction at a time go on from here, so that two clicks are one order.
            store::audit::lock_size(tx).await?;
            if let Some(open) = store::packages::open(&**tx, key).await? {
                return Ok(open.number);
            }
            known(&**tx, asked.agent.as_deref()).await?;
            if store::packages::at_work(&**tx).await?.len() >= OPEN_MAX {
                return Err(Error::conflict(Conflict::Full));
            }
            let row = package::Model {
                open_key: Some(key.clone()),
                ordered_by: ctx.actor().user(),
                ordered_by_name: ctx.actor().name().to_owned(),
                ..fresh(tx, ctx, asked).await?
            };
            write_order(tx, ctx, &row, None).await
        }
    })
    .await
}

/// An agent that a package is narrowed to must be one.
async fn known(db: &impl ConnectionTrait, agent: Option<&str>) -> Result<(), Error> {
    let Some(slug) = agent else {
        return Ok(());
    };
    match store::agents::by_slug(db, slug).await {
        Ok(_) => Ok(()),
        Err(Error::NotFound { .. }) => {
            Err(ValidationErrors::one("agent", FieldProblem::UnknownChoice).into())
        }
        Err(error) => Err(error),
    }
}

/// A package that waits from now on.
async fn fresh(tx: &Tx, ctx: &OpCtx, asked: &OrderPackage) -> Result<package::Model, Error> {
    Ok(package::Model {
        id: PackageId(ids::new()),
        number: store::packages::next_number(tx).await?,
        open_key: None,
        period_key: None,
        schedule_id: None,
        framework: asked.framework,
        from_at: asked.from,
        to_at: asked.to,
        agent: asked.agent.clone(),
        seed: asked.seed.clone(),
        sample: i32::try_from(asked.sample).unwrap_or(i32::MAX),
        ordered_by: None,
        ordered_by_name: String::new(),
        ordered_at: ctx.now(),
        state: PackageState::Ordered,
        step: None,
        problem: None,
        kept: false,
        events: None,
        files: None,
        bytes: None,
        digest: None,
        signature: None,
        log_size: None,
        log_root: None,
        ended_at: None,
        removed_by: None,
        removed_at: None,
        remove_reason: None,
        lease_owner: None,
        lease_until: None,
        fence: 0,
        attempts: 0,
        next_attempt_at: ctx.now(),
    })
}

/// Writes an order with its event.
async fn write_order(
    tx: &Tx,
    ctx: &OpCtx,
    row: &package::Model,
    schedule: Option<(i64, usize)>,
) -> Result<i64, Error> {
    store::packages::insert(tx, row.clone()).await?;
    let mut event = about(AuditAction::PackageOrdered, row)
        .with("from", audit::spelled(row.from_at))
        .with("to", audit::spelled(row.to_at))
        .with("sample", row.sample)
        .with("ordered_by", &row.ordered_by_name);
    if let Some((schedule, skipped)) = schedule {
        event = event.with("schedule", schedule).with("skipped", skipped);
    } else {
        event = event.with("seed", &row.seed);
    }
    audit::append(tx, ctx, event).await?;
    tx.touch(topic(row.number));
    Ok(row.number)
}

/// An event about a package. It names the agent in its details: what a package holds is no team's alone.
pub(crate) fn about(action: AuditAction, row: &package::Model) -> Event {
    let scope = row.agent.as_deref().unwrap_or("every agent");
    Event::new(action, "package", row.number.to_string())
        .with("framework", row.framework)
        .with("title", row.framework.label())
        .with("scope", scope)
}

/// Removes a package that is not being built. Its row, its digest and its events stay; its bytes go at once for whoever asks.
///
/// # Errors
/// [`Error::Forbidden`] for who does not administer every team, [`Conflict::OnHold`] while a legal hold is in force,
/// [`Conflict::WrongState`] for one that is being built or was removed.
pub async fn remove(cp: &ControlPlane, ctx: &OpCtx, form: &RemovePackageForm) -> Result<(), Error> {
    let may = ctx.authorize(Action::Administer, Facts::default());
    cp.noted("packages::remove", ctx, may).await?;
    let (number, reason) = form.parse()?;
    let reason = &reason;
    cp.transact("packages::remove", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::packages::by_number(&**tx, number).await?;
        // Whatever it was narrowed to, the whole log is in it.
        if Held::read(&**tx).await?.any() {
            return Err(Error::conflict(Conflict::OnHold));
        }
        let by = ctx.actor().name();
        store::packages::remove(tx, &row, (by, reason), ctx.now()).await?;
        let event = about(AuditAction::PackageRemoved, &row)
            .digest(row.digest.as_deref())
            .reason(reason);
        audit::append(tx, ctx, event).await?;
        tx.touch(topic(number));
        Ok(())
    })
    .await
}

/// Name of the tar file.
fn file_name(framework: Framework, number: i64) -> String {
    format!("clearance-evidence-{framework}-{number}.tar")
}

/// May whoever this is export evidence of every team?
fn may_export(actor: &Actor) -> bool {
    can(actor, Action::Export, Facts::default()) == Access::Allowed
}
