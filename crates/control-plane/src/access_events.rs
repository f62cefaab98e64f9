//! Access events: what agents did, as resources, gateways and agents themselves report it. A report says what a reporter saw;
//! whose act it was, under which deployment and approval, is read from our own rows, and names in a report count for nothing.
//!
//! Keeping a line changes nothing else, so it is not audited and wakes nobody: there may be a thousand of them a second. What
//! no scope covers becomes a finding, which is audited.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::access_event::{EventSource, Reported, Sent, Unacceptable};
use domain::actor::Actor;
use domain::authz::{Action, may_ask};
use domain::error::Conflict;
use domain::id::{TeamId, TokenId};
use domain::view::access_event::{AccessReceipt, RejectedEvent};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::identities;
use crate::store;
use crate::transact::Tx;

mod attribute;
mod limit;
mod raise;
mod read;
mod traces;
mod uses;

pub(crate) use limit::Limits;
pub(crate) use raise::KINDS;
pub use read::{list, of_agent};
pub use traces::{ToolCall, from_traces};
pub(crate) use uses::{last, of_identity};

/// How often a report is taken up again that met another about the same.
const ATTEMPTS: u32 = 5;

/// Who reports, and of whom it may speak.
#[derive(Debug, Clone)]
struct Reporter {
    id: String,
    name: String,
    source: EventSource,
    /// The one identity that it speaks of, where it is an agent.
    own: Option<String>,
}

impl Reporter {
    /// An agent of another team is unknown to a program that may not ask about it: it could make up its acts.
    fn speaks_of(&self, ctx: &OpCtx, client_id: &str, team: TeamId) -> bool {
        match &self.own {
            Some(own) => own == client_id,
            None => may_ask(ctx.actor(), Some(team)),
        }
    }
}

/// Which token reports, if it may.
///
/// # Errors
/// [`Error::Unauthenticated`] for strangers, [`Error::Forbidden`] for everybody but a token with the scope `access`.
pub fn may_report(ctx: &OpCtx) -> Result<TokenId, Error> {
    ctx.signed_in()?;
    match ctx.actor() {
        Actor::Token { id, .. } if may_ask(ctx.actor(), None) => Ok(*id),
        Actor::Token { .. } | Actor::User { .. } | Actor::System { .. } | Actor::Anonymous => {
            let action = Action::Read;
            Err(Error::Forbidden { action })
        }
    }
}

/// Takes a report of a resource or a gateway. Every event is kept or named among the rejected ones with the reason; one that
/// the same token sent before changes nothing.
///
/// # Errors
/// As [`may_report`].
pub async fn report(
    cp: &ControlPlane,
    ctx: &OpCtx,
    sent: Vec<Result<Sent, Unacceptable>>,
) -> Result<AccessReceipt, Error> {
    let id = may_report(ctx)?;
    let token = store::tokens::get(cp.reader(), id).await?;
    let reporter = Reporter {
        id: id.to_string(),
        name: token.map_or_else(|| ctx.actor().name().to_owned(), |token| token.name),
        source: EventSource::Resource,
        own: None,
    };
    take(cp, ctx, &reporter, sent).await
}

/// Takes a report of an agent about what it did itself. It speaks for its own identity alone.
///
/// # Errors
/// [`Error::Unauthenticated`] for an identity that is not usable now.
pub async fn report_own(
    cp: &ControlPlane,
    ctx: &OpCtx,
    client_id: &str,
    source: EventSource,
    sent: Vec<Result<Sent, Unacceptable>>,
) -> Result<AccessReceipt, Error> {
    let grant = identities::active(cp, client_id).await?;
    let grant = grant.ok_or(Error::Unauthenticated)?;
    let own = |sent: Sent| {
        if !sent.identity.is_empty() && sent.identity != grant.client_id {
            return Err(Unacceptable::NotYours);
        }
        Ok(Sent {
            identity: grant.client_id.clone(),
            ..sent
        })
    };
    let sent = sent.into_iter().map(|one| one.and_then(own)).collect();
    let reporter = Reporter {
        id: grant.client_id.clone(),
        name: grant.client_id.clone(),
        source,
        own: Some(grant.client_id.clone()),
    };
    take(cp, ctx, &reporter, sent).await
}

/// Takes a report in.
///
/// # Errors
/// [`Error::TooMany`] where the reporter sends more events than one may.
async fn take(
    cp: &ControlPlane,
    ctx: &OpCtx,
    reporter: &Reporter,
    sent: Vec<Result<Sent, Unacceptable>>,
) -> Result<AccessReceipt, Error> {
    let most = cp.settings().access_events_per_minute;
    let limits = cp.report_limits();
    if !limits.admit(&reporter.id, sent.len(), most, ctx.now()) {
        metrics::counter!("clearance_access_reports_refused_total").increment(1);
        return Err(Error::TooMany);
    }
    let (events, rejected) = checked(sent, ctx.now(), oldest(cp, ctx));
    let came = events.len();
    let accepted = if events.is_empty() {
        0
    } else {
        keep(cp, ctx, reporter, &events).await?
    };
    let word = reporter.source.as_str();
    let kept = u64::try_from(accepted).unwrap_or_default();
    metrics::counter!("clearance_access_events_total", "source" => word).increment(kept);
    Ok(AccessReceipt {
        accepted: kept,
        known: u64::try_from(came.saturating_sub(accepted)).unwrap_or_default(),
        rejected,
    })
}

/// Since when acts are kept.
pub(crate) fn oldest(cp: &ControlPlane, ctx: &OpCtx) -> DateTime<Utc> {
    ctx.now() - TimeDelta::days(i64::from(cp.settings().keep_access_days))
}

fn checked(
    sent: Vec<Result<Sent, Unacceptable>>,
    now: DateTime<Utc>,
    oldest: DateTime<Utc>,
) -> (Vec<Reported>, Vec<RejectedEvent>) {
    let (mut events, mut rejected) = (Vec::new(), Vec::new());
    for (index, one) in (0_u64..).zip(sent) {
        match one.and_then(|one| one.check(now, oldest)) {
            Ok(event) => events.push(event),
            Err(why) => rejected.push(RejectedEvent {
                index,
                code: why.code().to_owned(),
                message: why.to_string(),
            }),
        }
    }
    (events, rejected)
}

/// Writes what is new, with what follows from it, in one transaction. Answers how many were new.
async fn keep(
    cp: &ControlPlane,
    ctx: &OpCtx,
    reporter: &Reporter,
    events: &[Reported],
) -> Result<usize, Error> {
    let system = &deployments::worker(cp, "access_events");
    let mut attempt = 0;
    loop {
        attempt += 1;
        let kept = cp.transact("access_events::report", ctx, |tx: Tx| async move {
            let tx = &tx;
            let rows = attribute::rows(tx, ctx, reporter, events).await?;
            let new = store::access_events::insert(tx, rows.clone()).await?;
            let new: HashSet<_> = new.into_iter().collect();
            let rows: Vec<_> = rows.into_iter().filter(|r| new.contains(&r.id)).collect();
            uses::note(tx, &rows).await?;
            raise::all(tx, system, &rows).await?;
            Ok(rows.len())
        });
        match kept.await {
            // Another report raised the same finding at the same moment.
            Err(Error::Conflict {
                why: Conflict::Changed,
            }) if attempt < ATTEMPTS => {}
            other => return other,
        }
    }
}
