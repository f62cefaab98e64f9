//! What the policy in force says of agents at work. It is the policy of this moment, not the one that a deployment began
//! with: it holds for what runs already.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::access::{AccessReason, Asked};
use domain::environment::Environment;
use domain::policy::AccessRules;
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::policies;
use crate::store;

/// The rules of one version of the policy.
#[derive(Debug)]
pub(super) struct Rules {
    /// The document that they are of, by its digest; none for the policy that Clearance comes with.
    digest: Option<String>,
    written: AccessRules,
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
        Ok(Arc::new(Self {
            digest,
            written: policy.access.unwrap_or_default(),
        }))
    }

    /// Why the policy says no to what is in scope, and which part of it.
    pub(super) fn narrows(
        &self,
        environment: Environment,
        asked: &Asked,
        now: DateTime<Utc>,
    ) -> Option<(AccessReason, String)> {
        if self.written.windows.is_empty() {
            return None;
        }
        let closed = self
            .written
            .closed(&asked.resource, &asked.scope(), environment, now)?;
        Some((AccessReason::OutsideWindow, closed.reason.clone()))
    }
}
