//! Refused tokens of a CI, summed up: each kind is written down once a minute with its number, so that a flood fills
//! no log and hides nothing.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};
use domain::actor::Actor;
use domain::event::AuditAction;

use super::KIND;
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// How long refusals of one kind are summed up.
const WINDOW: Duration = Duration::minutes(1);
/// Most kinds that are told apart: each reason for each account.
const MOST: usize = 2_000;
/// How long a token of an account stays after its end, for whoever looks a record up.
const KEPT: Duration = Duration::days(7);

/// Why a CI's token gave none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refusal {
    UnknownIssuer,
    Untrusted,
    Replayed,
    NoRule,
    SeveralRules,
    Disabled,
    OwnerGone,
    OtherScope,
}

impl Refusal {
    const fn word(self) -> &'static str {
        match self {
            Self::UnknownIssuer => "unknown_issuer",
            Self::Untrusted => "untrusted",
            Self::Replayed => "used_before",
            Self::NoRule => "no_rule",
            Self::SeveralRules => "several_accounts",
            Self::Disabled => "disabled",
            Self::OwnerGone => "owner_without_role",
            Self::OtherScope => "other_scope",
        }
    }
}

/// What was said in the token of the first refusal of a sum.
type Details = Vec<(&'static str, String)>;

#[derive(Debug, Default)]
struct Sum {
    count: u64,
    noted: Option<DateTime<Utc>>,
    first: Details,
}

/// The sums of this process.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<(Refusal, String), Sum>>);

impl Refusals {
    /// Adds one, and answers the sum where it is due.
    fn add(
        &self,
        why: Refusal,
        account: &str,
        details: Details,
        now: DateTime<Utc>,
    ) -> Option<(u64, Details)> {
        let mut sums = self.0.lock().ok()?;
        if sums.len() >= MOST {
            sums.retain(|_, sum| sum.noted.is_none_or(|at| now - at < WINDOW));
        }
        let sum = sums.entry((why, account.to_owned())).or_default();
        if sum.count == 0 {
            sum.first = details;
        }
        sum.count += 1;
        due(sum, now)
    }

    /// Every sum that is due, without adding anything.
    fn rest(&self, now: DateTime<Utc>) -> Vec<(Refusal, String, u64, Details)> {
        let Ok(mut sums) = self.0.lock() else {
            return Vec::new();
        };
        let all = sums.iter_mut().filter(|(_, sum)| sum.count > 0);
        all.filter_map(|((why, account), sum)| {
            let (count, details) = due(sum, now)?;
            Some((*why, account.clone(), count, details))
        })
        .collect()
    }
}

fn due(sum: &mut Sum, now: DateTime<Utc>) -> Option<(u64, Details)> {
    if sum.noted.is_some_and(|at| now - at < WINDOW) {
        return None;
    }
    sum.noted = Some(now);
    Some((
        std::mem::take(&mut sum.count),
        std::mem::take(&mut sum.first),
    ))
}

/// Counts a refusal and, where its sum is due, writes it down.
pub(super) async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    why: Refusal,
    account: &str,
    details: Details,
) -> Result<(), Error> {
    metrics::counter!("clearance_service_tokens_total", "outcome" => why.word()).increment(1);
    let due = cp.ci_refusals().add(why, account, details, ctx.now());
    match due {
        Some((count, details)) => write(cp, ctx, why, account, count, &details).await,
        None => Ok(()),
    }
}

async fn write(
    cp: &ControlPlane,
    ctx: &OpCtx,
    why: Refusal,
    account: &str,
    count: u64,
    details: &Details,
) -> Result<(), Error> {
    let account = if account.is_empty() { "none" } else { account };
    cp.transact("service_accounts::refuse", ctx, |tx: Tx| async move {
        let mut event = Event::new(AuditAction::ServiceTokenRefused, KIND, account)
            .refused()
            .with("why", why.word())
            .with("count", count);
        for (name, value) in details {
            event = event.with(name, value);
        }
        audit::append(&tx, ctx, event).await.map(|_| ())
    })
    .await
}

/// Writes down what was counted since, and forgets the tokens of accounts that ended long ago.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    let actor = Actor::System {
        worker: "sweep".to_owned(),
    };
    let ctx = &OpCtx::new(actor, "sweep", cp.clock());
    for (why, account, count, details) in cp.ci_refusals().rest(ctx.now()) {
        write(cp, ctx, why, &account, count, &details).await?;
    }
    let before = ctx.now() - KEPT;
    cp.transact("service_accounts::sweep", ctx, |tx: Tx| async move {
        store::tokens::sweep(&tx, before).await
    })
    .await
}
