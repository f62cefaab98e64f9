//! Writes signed heads down outside: into a branch of a git repository, and by mail. Whoever keeps these can show later that the
//! log was another one then. Only the newest head is written; with witnesses, the newest that enough of them have seen.

use chrono::{Duration, TimeDelta};
use domain::notification::message::{Line, Message, MessageTone};

use super::head::{self, Head};
use super::to_i64;
use super::witness::{claim, fail};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::PortError;
use crate::ports::notifier::{Destination, Letter};
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::entity::log_keeper;
use crate::transact::Tx;

pub(super) const GIT: &str = "git";
pub(super) const MAIL: &str = "mail";
/// How often a head is sent by mail.
const MAIL_EVERY: TimeDelta = TimeDelta::days(1);

/// The anchors that are configured, by their names among those who keep heads, each with its least pause.
fn configured(cp: &ControlPlane) -> Vec<(String, TimeDelta)> {
    let settings = &cp.settings().anchors;
    let git = settings
        .git_minutes
        .map(|minutes| (GIT, Duration::minutes(i64::from(minutes))));
    let mail = (!settings.mail.is_empty()).then_some((MAIL, MAIL_EVERY));
    git.into_iter()
        .chain(mail)
        .map(|(name, pause)| (name.to_owned(), pause))
        .collect()
}

/// Writes the newest head down wherever its turn is. True if anything was tried.
///
/// # Errors
/// When the database does not answer, or another server took the anchor over. That an anchor cannot be reached is kept with it.
pub(crate) async fn write(cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
    let anchors = configured(cp);
    if anchors.is_empty() {
        return Ok(false);
    }
    let head = match cp.settings().witnesses {
        Some(_) => head::witnessed(cp).await?,
        None => head::newest(cp).await?,
    };
    let Some(head) = head else {
        return Ok(false);
    };
    let names: Vec<String> = anchors.iter().map(|(name, _)| name.clone()).collect();
    let size = to_i64(head.checkpoint.size)?;
    let claimed = claim(cp, ctx, &names, size).await?;
    for row in &claimed {
        let pause = anchors.iter().find(|(name, _)| *name == row.name);
        let pause = pause.map_or(MAIL_EVERY, |(_, pause)| *pause);
        settle(cp, ctx, row, &head, pause).await?;
    }
    Ok(!claimed.is_empty())
}

async fn settle(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &log_keeper::Model,
    head: &Head,
    pause: TimeDelta,
) -> Result<(), Error> {
    let written = if row.name == GIT {
        let (origin, size) = (&head.checkpoint.origin, head.checkpoint.size);
        let port = &cp.ports().anchors;
        port.write(origin, size, &head.note).await.map(Some)
    } else {
        mail(cp, ctx, head).await.map(|()| None)
    };
    let now = ctx.now();
    let kept_as = match written {
        Ok(kept_as) => kept_as,
        Err(error) => {
            metrics::counter!("clearance_anchor_failures_total", "anchor" => row.name.clone())
                .increment(1);
            let next = next_attempt(now, row.attempts);
            return fail(cp, ctx, row, &error.message, next).await;
        }
    };
    let head = (
        head.checkpoint.origin.as_str(),
        to_i64(head.checkpoint.size)?,
    );
    let kept_as = kept_as.as_deref();
    cp.transact("audit::note_anchor", ctx, |tx: Tx| async move {
        store::log_keepers::keeps(&tx, row, head, kept_as, (now, now + pause)).await
    })
    .await
}

/// The head to every address. A receiver knows a repeated one by its key.
async fn mail(cp: &ControlPlane, ctx: &OpCtx, head: &Head) -> Result<(), PortError> {
    let lines: Vec<Line> = head.note.lines().map(Line::plain).collect();
    let (origin, size) = (&head.checkpoint.origin, head.checkpoint.size);
    let message = Message::new(
        MessageTone::Ok,
        &format!("Audit log checkpoint over {size} events"),
        "Keep this message where administrators of Clearance cannot change it. An auditor compares it with a later export of the audit log.",
        ("Open the audit trail", format!("{}/audit", cp.settings().base_url)),
    )
    .section("Signed checkpoint", lines);
    for address in &cp.settings().anchors.mail {
        let letter = Letter {
            key: format!("checkpoint-{origin}-{size}-{address}"),
            to: Destination::Person {
                name: address.clone(),
                email: address.clone(),
            },
            action: "checkpoint".to_owned(),
            at: head.at,
            sending_at: ctx.now(),
            event: None,
            agent: None,
            deployment: None,
            message: message.clone(),
            choose_at: cp.settings().base_url.clone(),
        };
        cp.ports().notifier.send(&letter).await?;
    }
    Ok(())
}
