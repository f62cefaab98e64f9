//! What was, at a moment of the past, as the audit log tells it. A worker reads the log once, in order, and keeps which fact held in
//! which stretch of it; an answer is made of those facts, of events of the log, and of manifests whose digest the log names.

use audit_log::Outcome;
use chrono::{SecondsFormat, TimeDelta};
use domain::error::{FieldProblem, ValidationErrors};
use domain::event::AuditAction as A;
use domain::history::{BY_PERSON, BY_QUARANTINE, SpanKind, moment};
use domain::view::history::Moment;

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::store;
use crate::store::entity::{audit_leaf, span};
use crate::store::history::Which;
use crate::store::log_cursors::LogCursor;
use crate::transact::Tx;
use crate::workers::names;

mod read;

pub use read::{agent, agents, identity, policy};

/// How far behind the log the history may be for a moment that is just now.
const JUST_NOW: TimeDelta = TimeDelta::seconds(10);

/// Takes one event of the log into the history.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few events begin or end what is kept here"
)]
pub(crate) async fn keep(tx: &Tx, row: &audit_leaf::Model) -> Result<(), Error> {
    let Ok(action) = row.action.parse::<A>() else {
        // Of a newer version of Clearance; it tells this one nothing.
        return Ok(());
    };
    if row.outcome != Outcome::Done.as_str() {
        return Ok(());
    }
    match action {
        A::AgentOnboarded => begin(tx, row, (SpanKind::Agent, &row.object_id, ""), "").await,
        A::AgentDecommissioned => end(tx, row, &all(SpanKind::Agent, &row.object_id)).await,
        A::DeploymentMoved => moved(tx, row).await,
        A::IdentityProvisioned => {
            let deployment = row.deployment.unwrap_or_default().to_string();
            let what = (SpanKind::Identity, row.object_id.as_str(), "");
            begin(tx, row, what, &deployment).await
        }
        A::IdentityRevoked => {
            end(tx, row, &all(SpanKind::Hold, &row.object_id)).await?;
            end(tx, row, &all(SpanKind::Identity, &row.object_id)).await
        }
        A::IdentitySuspended => {
            begin(tx, row, (SpanKind::Hold, &row.object_id, BY_PERSON), "").await
        }
        A::IdentityResumed => {
            let held = Which {
                place: Some(BY_PERSON),
                ..all(SpanKind::Hold, &row.object_id)
            };
            end(tx, row, &held).await
        }
        A::QuarantineBegun => {
            begin(
                tx,
                row,
                (SpanKind::Hold, &client_of(row), BY_QUARANTINE),
                "",
            )
            .await
        }
        A::QuarantineReleased | A::QuarantineOver => {
            let client = client_of(row);
            let held = Which {
                place: Some(BY_QUARANTINE),
                ..all(SpanKind::Hold, &client)
            };
            end(tx, row, &held).await
        }
        A::PolicyDecided => {
            let leaf = audit::parsed(row)?;
            if leaf
                .detail
                .get("verdict")
                .is_some_and(|verdict| verdict == "approve")
            {
                begin(tx, row, (SpanKind::Policy, "", ""), &row.object_id).await
            } else {
                Ok(())
            }
        }
        _ => Ok(()),
    }
}

/// A deployment went live, or was live and is not any more. Where, its row says: that never changes.
async fn moved(tx: &Tx, row: &audit_leaf::Model) -> Result<(), Error> {
    let leaf = audit::parsed(row)?;
    let says = |key: &str, word: &str| leaf.detail.get(key).is_some_and(|found| found == word);
    let (to_live, from_live) = (says("to", "live"), says("from", "live"));
    let (Some(number), Some(agent)) = (row.deployment, row.agent.as_ref()) else {
        return Ok(());
    };
    if to_live == from_live {
        return Ok(());
    }
    let deployment = store::deployments::by_number(&**tx, number).await?;
    let (place, fact) = (deployment.environment.as_str(), number.to_string());
    if to_live {
        return begin(tx, row, (SpanKind::Live, agent, place), &fact).await;
    }
    let over = Which {
        kind: SpanKind::Live,
        subject: agent,
        place: Some(place),
        fact: Some(&fact),
    };
    end(tx, row, &over).await
}

/// The identity of the deployment that an event is about.
fn client_of(row: &audit_leaf::Model) -> String {
    let agent = row.agent.as_deref().unwrap_or_default();
    names::client(agent, row.deployment.unwrap_or_default())
}

const fn all(kind: SpanKind, subject: &str) -> Which<'_> {
    Which {
        kind,
        subject,
        place: None,
        fact: None,
    }
}

async fn begin(
    tx: &Tx,
    row: &audit_leaf::Model,
    (kind, subject, place): (SpanKind, &str, &str),
    fact: &str,
) -> Result<(), Error> {
    let span = span::Model {
        begun: row.idx,
        ended: None,
        kind,
        subject: subject.to_owned(),
        place: place.to_owned(),
        fact: fact.to_owned(),
        begun_at: row.time.clone(),
        ended_at: None,
    };
    store::history::begin(tx, span).await
}

async fn end(tx: &Tx, row: &audit_leaf::Model, which: &Which<'_>) -> Result<(), Error> {
    store::history::end(tx, which, row.idx, &row.time).await
}

/// The place in the log of a moment.
///
/// # Errors
/// [`Error::Invalid`] for what is no moment; [`Error::Unavailable`] while the history has not been read so far.
async fn place(cp: &ControlPlane, ctx: &OpCtx, as_of: &str) -> Result<(Moment, i64), Error> {
    let db = cp.reader();
    let at = moment(as_of)
        .map_err(|_| Error::Invalid(ValidationErrors::one("as_of", FieldProblem::BadTime)))?;
    let events = store::history::events_at(db, &audit::spelled(at)).await?;
    let read = store::log_cursors::at(db, LogCursor::History).await?;
    let events = if read >= events {
        events
    } else if ctx.now() - at < JUST_NOW {
        read
    } else {
        return Err(Error::Unavailable {
            dependency: "history",
            source: "the log is being read for what was when".into(),
        });
    };
    let moment = Moment {
        at: at.to_rfc3339_opts(SecondsFormat::Micros, true),
        events: audit::to_u64(events)?,
    };
    Ok((moment, events))
}
