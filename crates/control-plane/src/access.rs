//! Access decisions: may this agent do this, now? Asked by the programs that agents call, at every call, so it is answered
//! from memory.
//!
//! Every answer rests on a reading of the tables that began at most [`memory::FRESH`] before it was asked; a change that this
//! process commits is seen by the next question. Where the tables cannot be read in time, there is no answer: who asks must
//! take that for a no.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::{AccessReason, Asked, decide};
use domain::authz::may_ask;
use domain::environment::Environment;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::identities::Grant;

mod callers;
mod memory;
mod rules;

pub use callers::caller;
pub(crate) use memory::Memory;

use memory::Snapshot;
use rules::Allowed;

/// One answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub reason: AccessReason,
    /// Which window of the policy said no, for whoever runs the resource.
    pub detail: Option<String>,
    /// What the identity acts under, where it is known and the caller may know it.
    pub grant: Option<Grant>,
}

/// What the questions of one call are answered from: all of them by the same state.
#[derive(Debug)]
pub struct Desk<'a> {
    ctx: &'a OpCtx,
    now: DateTime<Utc>,
    snapshot: Arc<Snapshot>,
}

/// Lets a program ask.
///
/// # Errors
/// [`Error::Unauthenticated`] for strangers, [`Error::Forbidden`] for everybody but a token with the scope `access`,
/// [`Error::Unavailable`] when the tables cannot be read in time.
pub async fn open<'a>(cp: &ControlPlane, ctx: &'a OpCtx) -> Result<Desk<'a>, Error> {
    ctx.signed_in()?;
    if !may_ask(ctx.actor(), None) {
        let action = domain::authz::Action::Read;
        return Err(Error::Forbidden { action });
    }
    let snapshot = memory::current(cp).await?;
    let now = ctx.now();
    Ok(Desk { ctx, now, snapshot })
}

/// Does the policy in force give access tokens there for a proof of a key alone?
///
/// # Errors
/// [`Error::Unavailable`] when the tables cannot be read in time.
pub async fn must_bind(cp: &ControlPlane, environment: Environment) -> Result<bool, Error> {
    Ok(memory::current(cp).await?.rules.binds(environment))
}

impl Desk<'_> {
    /// Answers one question. An identity of a team that the caller does not see is answered as one that does not exist.
    #[must_use]
    pub fn decide(&self, asked: &Asked) -> Decision {
        let known = self.snapshot.of(&asked.subject);
        let known = known.filter(|one| may_ask(self.ctx.actor(), Some(one.team)));
        let mut reason = decide(known.map(memory::Known::standing), asked);
        let mut detail = None;
        // Entitlement and scope come first; the policy can only say no to what they allow.
        if let (AccessReason::Granted, Some(known)) = (reason, known)
            && let Some((why, said)) = self.snapshot.rules.narrows(&Allowed {
                known,
                asked,
                surroundings: &self.snapshot.surroundings,
                now: self.now,
            })
        {
            (reason, detail) = (why, Some(said));
        }
        let word = if reason.allows() { "allow" } else { "deny" };
        metrics::counter!("clearance_access_decisions_total", "decision" => word).increment(1);
        let shown = known.filter(|_| reason != AccessReason::UnknownSubject);
        Decision {
            reason,
            detail,
            grant: shown.map(|one| one.grant.clone()),
        }
    }
}
