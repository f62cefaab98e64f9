//! What the policy in force says of agents at work. It is the policy of this moment, not the one that a deployment began
//! with: it holds for what runs already.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::access::{AccessReason, Asked, ContextValue};
use domain::environment::Environment;
use domain::policy::AccessRules;
use domain::policy::access::read_restrictions;
use restrictions::{Question, Restrictions, Value};
use sea_orm::ConnectionTrait;

use super::memory::{Known, Surroundings};
use crate::error::Error;
use crate::policies;
use crate::store;

/// The rules of one version of the policy.
#[derive(Debug)]
pub(super) struct Rules {
    /// The document that they are of, by its digest; none for the policy that Clearance comes with.
    digest: Option<String>,
    written: AccessRules,
    restrictions: Option<Restrictions>,
}

/// A question about an identity that is entitled and in scope.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allowed<'a> {
    pub(super) known: &'a Known,
    pub(super) asked: &'a Asked,
    pub(super) surroundings: &'a Surroundings,
    pub(super) now: DateTime<Utc>,
}

impl Rules {
    /// The rules of the policy in force. Those of before are kept where it is the same document still: reading a document takes
    /// longer than all the rest.
    pub(super) async fn read(
        db: &impl ConnectionTrait,
        before: Option<Arc<Self>>,
    ) -> Result<Arc<Self>, Error> {
        let active = store::policies::active(db).await?;
        let digest = active.as_ref().map(|row| row.digest.clone());
        if let Some(before) = before.filter(|before| before.digest == digest) {
            return Ok(before);
        }
        let policy = policies::read_document(active.as_ref())?;
        let written = policy.access.unwrap_or_default();
        // They were read when they were proposed. Should they be unreadable now, there is no answer, and so no yes.
        let restrictions = written.restrictions.as_ref().map(|all| {
            let read = read_restrictions(&all.cedar, &all.context);
            let why = "the policy's restrictions cannot be read";
            read.map_err(|_| Error::internal("access::rules", std::io::Error::other(why)))
        });
        Ok(Arc::new(Self {
            digest,
            restrictions: restrictions.transpose()?,
            written,
        }))
    }

    /// Must tokens there be bound to a key?
    pub(super) fn binds(&self, environment: Environment) -> bool {
        self.written.bound_tokens.contains(&environment)
    }

    pub(super) const fn are_restricted(&self) -> bool {
        self.restrictions.is_some()
    }

    /// Why the policy says no to what is in scope, and which part of it.
    pub(super) fn narrows(&self, allowed: &Allowed<'_>) -> Option<(AccessReason, String)> {
        let asked = allowed.asked;
        let environment = allowed.known.grant.environment;
        let scope = asked.scope();
        let windows = &self.written;
        if !windows.windows.is_empty()
            && let Some(closed) = windows.closed(&asked.resource, &scope, environment, allowed.now)
        {
            return Some((AccessReason::OutsideWindow, closed.reason.clone()));
        }
        let restrictions = self.restrictions.as_ref()?;
        let why = restrictions.forbids(&Question {
            agent: &allowed.known.grant.agent,
            team: allowed.surroundings.team(allowed.known.team),
            version: &allowed.known.grant.version,
            environment: environment.as_str(),
            deployment: allowed.known.grant.deployment,
            scopes: &allowed.known.grant.scopes,
            action: &scope,
            resource: &asked.resource,
            resource_id: &asked.resource_id,
            class: allowed.surroundings.class(&asked.resource),
            at: asked.environment.as_deref(),
            now: &allowed.now.to_rfc3339_opts(SecondsFormat::Millis, true),
            context: &asked.context.iter().map(said).collect::<Vec<_>>(),
        })?;
        Some((AccessReason::Restricted, why))
    }
}

fn said((name, value): &(String, ContextValue)) -> (&str, Value<'_>) {
    let value = match value {
        ContextValue::Long(number) => Value::Long(*number),
        ContextValue::String(text) => Value::String(text),
        ContextValue::Bool(said) => Value::Bool(*said),
        ContextValue::Strings(all) => Value::Strings(all),
        ContextValue::Other => Value::Other,
    };
    (name, value)
}
