//! Sends messages: claimed by lease and fence, tried again with growing pauses, given up with a reason. Each is sent at
//! least once, and by a key that stays the same, so a receiver that knows keys has it once.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::id::MessageId;

use super::{Status, Worker};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::notifications::changed;
use crate::ports::notifier::{Destination, Letter};
use crate::ports::{PortError, PortErrorKind};
use crate::store;
use crate::store::entity::message;
use crate::store::messages::Attempt;
use crate::transact::Tx;

/// After how many tries a message is given up. With the pauses below that is some six hours.
const ATTEMPTS: i32 = 12;
/// How old a message may grow before a failure ends it: the tries of many messages to one receiver share its pauses.
const OLDEST: TimeDelta = TimeDelta::hours(24);
/// How long the other messages of a channel wait for the next try of one.
const PROBE: TimeDelta = TimeDelta::minutes(1);
/// Longest time of one try, less than a lease.
const WITHIN: Duration = Duration::from_secs(20);

/// The worker.
#[derive(Debug)]
pub(crate) struct SendNotifications;

#[async_trait]
impl Worker for SendNotifications {
    fn name(&self) -> &'static str {
        "send_notifications"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(2)
    }

    /// A receiver that is slow does not hold up the others.
    fn parallel(&self, _: &ControlPlane) -> usize {
        4
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        if !store::messages::any_due(cp.reader(), ctx.now()).await? {
            return Ok(Status::Idle);
        }
        let claimed = cp
            .transact("messages::claim", &ctx, |tx: Tx| {
                let ctx = &ctx;
                async move {
                    let tx = &tx;
                    store::messages::claim(tx, ctx.request_id(), ctx.now()).await
                }
            })
            .await?;
        let Some(row) = claimed else {
            return Ok(Status::Idle);
        };
        let sent = send(cp, &row, ctx.now()).await?;
        settle(cp, &ctx, &row, sent).await?;
        Ok(Status::Worked)
    }
}

async fn send(
    cp: &ControlPlane,
    row: &message::Model,
    now: DateTime<Utc>,
) -> Result<Result<(), PortError>, Error> {
    let notice = store::notices::get(cp.reader(), row.notice_id).await?;
    let to = match destination(cp, row).await? {
        Ok(to) => to,
        Err(gone) => return Ok(Err(PortError::new(PortErrorKind::NotFound, gone))),
    };
    let letter = Letter {
        key: row.id.to_string(),
        to,
        action: notice.action,
        at: notice.at,
        sending_at: now,
        event: notice.event,
        agent: notice.agent,
        deployment: notice.deployment,
        message: store::from_json(&notice.message)?,
        choose_at: format!("{}/settings#notifications", cp.settings().base_url),
    };
    let sending = cp.ports().notifier.send(&letter);
    let outcome = tokio::time::timeout(WITHIN, sending).await;
    Ok(outcome.unwrap_or_else(|_| {
        Err(PortError::new(
            PortErrorKind::Unavailable,
            "The receiver did not answer in time.",
        ))
    }))
}

/// Where it goes now; or why it goes nowhere.
async fn destination(
    cp: &ControlPlane,
    row: &message::Model,
) -> Result<Result<Destination, &'static str>, Error> {
    let db = cp.reader();
    if let Some(id) = row.channel_id {
        return match store::channels::get(db, id).await {
            Ok(channel) => Ok(Ok(Destination::Channel {
                kind: channel.kind,
                address: channel.address_reference,
                key: channel.key_reference,
            })),
            Err(Error::NotFound { .. }) => Ok(Err("The channel was removed.")),
            Err(error) => Err(error),
        };
    }
    let person = match row.user_id {
        Some(id) => store::people::get(db, id).await?,
        None => None,
    };
    Ok(person
        .map(|person| Destination::Person {
            name: person.name,
            email: person.email,
        })
        .ok_or("The person is gone."))
}

async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &message::Model,
    sent: Result<(), PortError>,
) -> Result<(), Error> {
    let now = ctx.now();
    let attempt = match sent {
        Ok(()) => Attempt::Taken,
        Err(error)
            if error.retryable() && row.attempts < ATTEMPTS && now - row.created_at < OLDEST =>
        {
            Attempt::Later {
                why: error.message,
                at: now + pause(row.id, row.attempts),
            }
        }
        Err(error) => Attempt::GivenUp { why: error.message },
    };
    let outcome = match &attempt {
        Attempt::Taken => "sent",
        Attempt::Later { .. } => "later",
        Attempt::GivenUp { .. } => "given_up",
    };
    cp.transact("messages::settle", ctx, |tx: Tx| {
        let attempt = &attempt;
        async move {
            let tx = &tx;
            store::messages::settle(tx, row, attempt.clone(), now).await?;
            if let Attempt::Later { at, .. } = attempt {
                let until = (*at).min(now + PROBE);
                store::messages::postpone(tx, row, until).await?;
            }
            tx.touch(changed());
            Ok(())
        }
    })
    .await?;
    metrics::counter!("clearance_messages_total", "kind" => row.kind.as_str(), "outcome" => outcome)
        .increment(1);
    Ok(())
}

/// 10 s, 30 s, 90 s, … at most an hour, each a fifth shorter or longer: messages that failed together are not tried again
/// all at the same moment.
fn pause(id: MessageId, attempts: i32) -> TimeDelta {
    let tries = u32::try_from(attempts.clamp(1, 8)).unwrap_or(1);
    let seconds = (10 * 3_i64.pow(tries - 1)).min(3_600);
    let [.., a, b] = *id.0.as_bytes();
    // The last bytes of an id are random. Another try turns them differently.
    let spread = (u32::from(a) * 256 + u32::from(b)).wrapping_mul(2 * tries + 1) % 401;
    TimeDelta::milliseconds(seconds * (800 + i64::from(spread)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_are_bounded_and_differ() {
        let id = |n: u128| MessageId(uuid::Uuid::from_u128(n));
        for n in 0..200_u128 {
            let mut before = TimeDelta::zero();
            for attempts in 1..=ATTEMPTS {
                let next = pause(id(n * 7_919), attempts);
                assert!(next >= TimeDelta::seconds(8) && next <= TimeDelta::seconds(4_320));
                assert!(attempts > 6 || next > before, "{n} {attempts}");
                before = next;
            }
        }
        let firsts: std::collections::BTreeSet<_> =
            (0..50).map(|n| pause(id(n * 7_919), 1)).collect();
        assert!(firsts.len() > 40);
    }

    #[test]
    fn trying_ends_within_a_day() {
        let total: TimeDelta = (1..ATTEMPTS)
            .map(|n| pause(MessageId(uuid::Uuid::from_u128(400)), n))
            .fold(TimeDelta::zero(), |sum, next| sum + next);
        assert!(total > TimeDelta::hours(4) && total < OLDEST, "{total}");
    }
}
