//! Refusals as events of the log, summed up: the first of a kind are told at once, the others of the same minute with their
//! number, so that a flood fills no log and hides nothing. A process that is killed takes with it what it had not told yet:
//! never the first of a kind, and of each at most a minute's.

use std::collections::BTreeMap;
use std::sync::Mutex;

use chrono::{DateTime, Duration, Utc};
use domain::actor::Actor;
use domain::event::AuditAction;

use super::{Event, spelled};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;

/// How long refusals of one kind are summed up.
const WINDOW: Duration = Duration::minutes(1);
/// How many of somebody whom we know are events of their own in that time: a person who tries again is told of each time.
const OF_SOMEBODY: u64 = 5;
/// How many of strangers.
const OF_STRANGERS: u64 = 1;
/// Most kinds that are told apart; what is more is told at once.
const MOST: usize = 5_000;

/// What makes two refusals the same: who was refused what, for which reason, about which deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Kind {
    actor: (&'static str, String),
    action: AuditAction,
    object: String,
    reason: Option<String>,
    agent: Option<String>,
    deployment: Option<i64>,
}

/// Refusals of one kind that no event tells of yet.
#[derive(Debug)]
struct Untold {
    count: u64,
    since: DateTime<Utc>,
    /// The first of them.
    ctx: OpCtx,
    event: Event,
}

/// One kind in its current minute.
#[derive(Debug)]
struct Sum {
    begun: DateTime<Utc>,
    told: u64,
    untold: Option<Untold>,
}

/// The sums of this process.
#[derive(Debug, Default)]
pub(crate) struct Refusals(Mutex<BTreeMap<Kind, Sum>>);

impl Kind {
    fn of(ctx: &OpCtx, event: &Event) -> Self {
        let actor = ctx.actor();
        Self {
            actor: (actor.audit_kind(), actor.audit_id()),
            action: event.action,
            object: event.object_id.clone(),
            reason: event.reason.clone(),
            agent: event.agent.clone(),
            deployment: event.deployment,
        }
    }
}

impl Untold {
    fn one(ctx: &OpCtx, event: Event) -> Self {
        Self {
            count: 1,
            since: ctx.now(),
            ctx: ctx.clone(),
            event,
        }
    }

    fn and(self, later: &Self) -> Self {
        Self {
            count: self.count + later.count,
            ..self
        }
    }

    /// The event that tells of all of them.
    fn told(&self) -> Event {
        let event = self.event.clone();
        if self.count == 1 {
            return event;
        }
        event
            .with("count", self.count)
            .with("since", spelled(self.since))
    }
}

impl Sum {
    /// Takes one more, and answers what is to be told now.
    fn add(&mut self, one: Untold, at_once: u64) -> Option<Untold> {
        let now = one.ctx.now();
        if now - self.begun >= WINDOW {
            (self.begun, self.told) = (now, 0);
        }
        let all = match self.untold.take() {
            Some(earlier) => earlier.and(&one),
            None => one,
        };
        if self.told < at_once {
            self.told += 1;
            return Some(all);
        }
        self.untold = Some(all);
        None
    }
}

impl Refusals {
    fn add(&self, one: Untold) -> Option<Untold> {
        let Ok(mut sums) = self.0.lock() else {
            return Some(one);
        };
        let now = one.ctx.now();
        let kind = Kind::of(&one.ctx, &one.event);
        if sums.len() >= MOST && !sums.contains_key(&kind) {
            sums.retain(|_, sum| sum.untold.is_some() || now - sum.begun < WINDOW);
            if sums.len() >= MOST {
                return Some(one);
            }
        }
        let at_once = match one.ctx.actor() {
            Actor::Anonymous => OF_STRANGERS,
            Actor::User { .. } | Actor::Token { .. } | Actor::System { .. } => OF_SOMEBODY,
        };
        let sum = sums.entry(kind).or_insert(Sum {
            begun: now,
            told: 0,
            untold: None,
        });
        sum.add(one, at_once)
    }

    /// Everything untold whose minute began before `before`.
    fn rest(&self, before: DateTime<Utc>) -> Vec<Untold> {
        let Ok(mut sums) = self.0.lock() else {
            return Vec::new();
        };
        let ended = sums.values_mut().filter(|sum| sum.begun <= before);
        ended
            .filter_map(|sum| {
                let untold = sum.untold.take()?;
                (sum.begun, sum.told) = (untold.ctx.now(), 1);
                Some(untold)
            })
            .collect()
    }

    /// Takes back what could not be written.
    fn give_back(&self, untold: Untold) {
        let Ok(mut sums) = self.0.lock() else {
            return;
        };
        if let Some(sum) = sums.get_mut(&Kind::of(&untold.ctx, &untold.event)) {
            sum.untold = Some(match sum.untold.take() {
                Some(later) => untold.and(&later),
                None => untold,
            });
        }
    }
}

/// Counts a refusal, and writes it down where it is due, with those of its kind that were not told yet.
///
/// # Errors
/// When the database does not take it; it is told later then.
pub(crate) async fn note(cp: &ControlPlane, ctx: &OpCtx, event: Event) -> Result<(), Error> {
    match cp.refusals().add(Untold::one(ctx, event.refused())) {
        Some(untold) => write(cp, untold).await,
        None => Ok(()),
    }
}

/// Writes down what was counted in minutes that are over. Returns the number of events.
///
/// # Errors
/// When the database does not take it; it is told later then.
pub(crate) async fn tell_rest(cp: &ControlPlane) -> Result<usize, Error> {
    tell(cp, cp.clock().now() - WINDOW).await
}

/// Writes down everything that was counted, at the end of the process.
///
/// # Errors
/// When the database does not take it.
pub async fn tell_all(cp: &ControlPlane) -> Result<(), Error> {
    tell(cp, DateTime::<Utc>::MAX_UTC).await.map(|_| ())
}

async fn tell(cp: &ControlPlane, before: DateTime<Utc>) -> Result<usize, Error> {
    let mut rest = cp.refusals().rest(before).into_iter();
    let mut told = 0;
    while let Some(untold) = rest.next() {
        if let Err(error) = write(cp, untold).await {
            rest.for_each(|untold| cp.refusals().give_back(untold));
            return Err(error);
        }
        told += 1;
    }
    Ok(told)
}

async fn write(cp: &ControlPlane, untold: Untold) -> Result<(), Error> {
    let written = cp.tell_refusal(&untold.ctx, untold.told()).await;
    if written.is_err() {
        cp.refusals().give_back(untold);
    }
    written
}
