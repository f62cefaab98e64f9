//! The operation context: who acts, under which request, and what time it is. Every use case takes one first.

use std::net::IpAddr;
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};
use domain::actor::Actor;
use domain::authz::{Access, Action, Facts, can, can_somewhere};

use crate::error::Error;
use crate::ports::clock::Clock;

/// Who acts, for which request, by which clock.
#[derive(Clone)]
pub struct OpCtx {
    actor: Actor,
    request_id: String,
    address: Option<IpAddr>,
    signed_in_at: Option<DateTime<Utc>>,
    session: Option<SessionRef>,
    clock: Arc<dyn Clock>,
}

/// The session behind a request: its name, and the provider that it came through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionRef {
    pub handle: uuid::Uuid,
    pub provider: Option<String>,
}

impl std::fmt::Debug for OpCtx {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OpCtx")
            .field("actor", &self.actor)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}

impl OpCtx {
    /// A context for a request or a worker's activation.
    #[must_use]
    pub fn new(actor: Actor, request_id: impl Into<String>, clock: Arc<dyn Clock>) -> Self {
        Self {
            actor,
            request_id: request_id.into(),
            address: None,
            signed_in_at: None,
            session: None,
            clock,
        }
    }

    /// The same request, with the network address that it comes from.
    #[must_use]
    pub fn coming_from(self, address: Option<IpAddr>) -> Self {
        Self { address, ..self }
    }

    /// The same request, of a person who gave their password at this moment.
    #[must_use]
    pub fn with_sign_in(self, at: Option<DateTime<Utc>>) -> Self {
        Self {
            signed_in_at: at,
            ..self
        }
    }

    /// The same request, out of this session.
    #[must_use]
    pub fn in_session(self, session: Option<SessionRef>) -> Self {
        Self { session, ..self }
    }

    /// The session that the request came out of.
    #[must_use]
    pub const fn session(&self) -> Option<&SessionRef> {
        self.session.as_ref()
    }

    /// When the person last gave their password; `None` for everybody without a session.
    #[must_use]
    pub const fn signed_in_at(&self) -> Option<DateTime<Utc>> {
        self.signed_in_at
    }

    /// Lets pass who gave their password within so many minutes: an open browser must not be enough for a decision.
    ///
    /// # Errors
    /// [`Error::SignInTooOld`].
    pub fn signed_in_within(&self, minutes: u32) -> Result<(), Error> {
        let age = self.signed_in_at.map(|at| self.now() - at);
        let longest = chrono::Duration::minutes(i64::from(minutes));
        if age.is_some_and(|age| age <= longest) {
            Ok(())
        } else {
            Err(Error::SignInTooOld { minutes })
        }
    }

    /// The minutes that a sign-in may be old, where this one is older.
    #[must_use]
    pub fn sign_in_too_old(&self, minutes: u32) -> Option<u32> {
        self.signed_in_within(minutes).is_err().then_some(minutes)
    }

    /// The same request, by somebody else: after sign-in, or for a worker acting inside a request.
    #[must_use]
    pub fn acting_as(&self, actor: Actor) -> Self {
        Self {
            actor,
            request_id: self.request_id.clone(),
            address: self.address,
            signed_in_at: None,
            session: None,
            clock: Arc::clone(&self.clock),
        }
    }

    /// Who acts.
    #[must_use]
    pub const fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The request's id, also in the log and in error pages.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.request_id
    }

    /// The network address that the request comes from, as far as it is known.
    #[must_use]
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Now, to the microsecond: PostgreSQL keeps no more, and the audit log hashes what is kept.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now().trunc_subsecs(6)
    }

    /// Stops strangers before anything is looked up: they must not learn what there is.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] before sign-in.
    pub fn signed_in(&self) -> Result<(), Error> {
        if self.actor == Actor::Anonymous {
            return Err(Error::Unauthenticated);
        }
        Ok(())
    }

    /// Lets the actor pass, or says why not.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] before sign-in; [`Error::Forbidden`] when no role carries the action.
    pub fn authorize(&self, action: Action, facts: Facts) -> Result<(), Error> {
        match can(&self.actor, action, facts) {
            Access::Allowed => Ok(()),
            Access::Unauthenticated => Err(Error::Unauthenticated),
            Access::Refused => Err(Error::Forbidden { action }),
        }
    }

    /// Lets pass who may do it to things of some team, before anything else is said. Each thing is asked for by itself then.
    ///
    /// # Errors
    /// As [`Self::authorize`].
    pub fn authorize_somewhere(&self, action: Action) -> Result<(), Error> {
        match can_somewhere(&self.actor, action) {
            Access::Allowed => Ok(()),
            Access::Unauthenticated => Err(Error::Unauthenticated),
            Access::Refused => Err(Error::Forbidden { action }),
        }
    }

    /// Like [`Self::authorize`], but hides that the thing exists from those who may not read it (404 before 403).
    ///
    /// # Errors
    /// [`Error::NotFound`] for people without read access; else as [`Self::authorize`].
    pub fn authorize_on(
        &self,
        action: Action,
        facts: Facts,
        kind: &'static str,
    ) -> Result<(), Error> {
        match can(&self.actor, Action::Read, facts) {
            Access::Refused => Err(Error::NotFound { kind }),
            Access::Unauthenticated => Err(Error::Unauthenticated),
            Access::Allowed => self.authorize(action, facts),
        }
    }
}
