//! The alarm when no checkpoint was witnessed for too long: one event when it begins, one when it is over, and the state for
//! metrics and pages. Whether it is on is read from the log itself.

use chrono::{DateTime, TimeDelta, Utc};
use domain::event::AuditAction;

use super::{Event, append};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// How long a checkpoint may go unwitnessed.
const PATIENCE: TimeDelta = TimeDelta::seconds(60);

/// The two events, of which the newer one says whether the alarm is on.
const TURNS: [AuditAction; 2] = [AuditAction::WitnessesMissed, AuditAction::WitnessesReturned];

/// Since when the log has grown without enough witnesses having seen it; nothing while they keep up.
pub(super) async fn unseen_since(cp: &ControlPlane) -> Result<Option<DateTime<Utc>>, Error> {
    if cp.settings().witnesses.is_none() {
        return Ok(None);
    }
    let seen = store::cosignatures::last_witnessed(cp.reader()).await?;
    let seen = seen.map_or(0, |head| head.size);
    let first = store::audit::first_checkpoint_beyond(cp.reader(), seen).await?;
    Ok(first.map(|head| head.at))
}

/// Is that too long?
pub(super) fn is_overdue(since: Option<DateTime<Utc>>, now: DateTime<Utc>) -> bool {
    since.is_some_and(|since| now - since > PATIENCE)
}

/// Records that the alarm begins or is over. True if it turned.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn observe(cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
    if cp.settings().witnesses.is_none() {
        return Ok(false);
    }
    let since = unseen_since(cp).await?;
    let seconds = since.map_or(0, |since| (ctx.now() - since).num_seconds().max(0));
    metrics::gauge!("clearance_audit_unwitnessed_seconds")
        .set(u32::try_from(seconds).unwrap_or(u32::MAX));
    let overdue = is_overdue(since, ctx.now());
    let turn = match (overdue, since) {
        (true, Some(since)) => Event::new(
            AuditAction::WitnessesMissed,
            "log",
            &cp.settings().log_origin,
        )
        .with("since", store::time::text(since)),
        (true | false, _) => Event::new(
            AuditAction::WitnessesReturned,
            "log",
            &cp.settings().log_origin,
        ),
    };
    if is_on(store::audit::last_of(cp.reader(), &TURNS).await?) == overdue {
        return Ok(false);
    }
    cp.transact("audit::observe_witnesses", ctx, |tx: Tx| {
        let turn = turn.clone();
        async move {
            let tx = &tx;
            // Of two servers that see it, the later one finds it written.
            store::audit::lock_size(tx).await?;
            let turns = is_on(store::audit::last_of(&**tx, &TURNS).await?) != overdue;
            if turns {
                append(tx, ctx, turn).await?;
            }
            Ok(turns)
        }
    })
    .await
}

fn is_on(last: Option<(i64, String)>) -> bool {
    last.is_some_and(|(_, action)| action == AuditAction::WitnessesMissed.as_str())
}
