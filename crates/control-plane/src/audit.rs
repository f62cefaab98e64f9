//! The audit log: the one function that appends, and the use cases that read and prove.

use std::collections::BTreeMap;

use audit_log::{Hash, LeafActor, LeafEvent, LeafObject, Outcome, fit_line, fit_text};
use chrono::{DateTime, Utc};
use domain::event::AuditAction;
use domain::view::audit::{AuditDetail, AuditRow, ProofView};
use domain::view::session::ChainState;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::reading;
use crate::store;
use crate::store::entity::audit_leaf;
use crate::topic::Topic;
use crate::transact::Tx;

mod alarm;
mod anchor;
mod export;
mod head;
mod keepers;
mod log;
mod publish;
mod recovery;
mod refusals;
mod trail;
mod witness;
mod words;
mod write;

pub(crate) use alarm::observe as observe_witnesses;
pub(crate) use anchor::write as write_anchors;
pub(crate) use export::export_head;
pub use export::{ExportHead, LogExport, begin_export, export_items, pack};
pub use log::{checkpoint_note, entries, tile};
pub use publish::publish;
pub use recovery::{Recovery, begin_anew, conclude, examine, needed, replay};
pub use refusals::tell_all as tell_all_refusals;
pub(crate) use refusals::{Refusals, note as note_refusal, tell_rest as tell_refusals};
pub use trail::{lines, trail};
pub(crate) use witness::ask as ask_witnesses;
pub(crate) use write::Edge;

/// A fact to be recorded. Details are short words and digests, never secrets.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    action: AuditAction,
    object_type: &'static str,
    object_id: String,
    agent: Option<String>,
    deployment: Option<i64>,
    subject_digest: Option<String>,
    refused: bool,
    reason: Option<String>,
    detail: BTreeMap<String, String>,
}

impl Event {
    /// `action` done to an object.
    pub(crate) fn new(
        action: AuditAction,
        object_type: &'static str,
        object_id: impl Into<String>,
    ) -> Self {
        Self {
            action,
            object_type,
            object_id: object_id.into(),
            agent: None,
            deployment: None,
            subject_digest: None,
            refused: false,
            reason: None,
            detail: BTreeMap::new(),
        }
    }

    /// About an agent.
    pub(crate) fn agent(mut self, slug: &str) -> Self {
        self.agent = Some(slug.to_owned());
        self
    }

    /// About a deployment.
    pub(crate) fn deployment(mut self, number: i64) -> Self {
        self.deployment = Some(number);
        self
    }

    /// Bound to a digest.
    pub(crate) fn digest(mut self, digest: Option<&str>) -> Self {
        self.subject_digest = digest.map(str::to_owned);
        self
    }

    /// It was refused.
    pub(crate) fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    /// In whose words.
    pub(crate) fn reason(mut self, reason: &str) -> Self {
        self.reason = Some(fit_text(reason, 2_000));
        self
    }

    /// One more word.
    pub(crate) fn with(mut self, key: &str, value: impl ToString) -> Self {
        self.detail
            .insert(key.to_owned(), fit_text(&value.to_string(), 2_000));
        self
    }

    fn topics(&self, index: i64) -> Vec<Topic> {
        let mut topics = vec![Topic::new("audit", index.to_string())];
        topics.extend(
            self.deployment
                .map(|n| Topic::new("deployment", n.to_string())),
        );
        topics.extend(
            self.agent
                .as_ref()
                .map(|slug| Topic::new("agent", slug.as_str())),
        );
        if self.action == AuditAction::PolicyDecided {
            topics.push(Topic::new("policy", self.object_id.clone()));
        }
        if matches!(
            self.action,
            AuditAction::ApprovalOpened
                | AuditAction::ApprovalDecided
                | AuditAction::ApprovalSettled
                | AuditAction::ApprovalCommented
                | AuditAction::ApprovalReminded
                | AuditAction::ApprovalEscalated
        ) {
            topics.push(Topic::new("approval", self.object_id.clone()));
        }
        topics
    }

    fn leaf(&self, ctx: &OpCtx) -> LeafEvent {
        let actor = ctx.actor();
        LeafEvent {
            v: 1,
            id: ids::new().to_string(),
            time: spelled(ctx.now()),
            actor: LeafActor {
                kind: actor.audit_kind().to_owned(),
                id: actor.audit_id(),
                name: fit_line(actor.name(), 200),
            },
            action: self.action.as_str().to_owned(),
            object: LeafObject {
                kind: self.object_type.to_owned(),
                id: fit_line(&self.object_id, 200),
            },
            agent: self.agent.clone(),
            deployment: self.deployment.and_then(|n| u64::try_from(n).ok()),
            subject_digest: self.subject_digest.clone(),
            outcome: if self.refused {
                Outcome::Refused
            } else {
                Outcome::Done
            },
            reason: self.reason.clone(),
            request_id: ctx.request_id().to_owned(),
            detail: self.detail.clone(),
        }
    }
}

/// Appends an event to the log, inside the transaction of the change it tells of.
///
/// # Errors
/// When the database does not take it; then the change is not made either (invariant 3).
pub(crate) async fn append(tx: &Tx, ctx: &OpCtx, event: Event) -> Result<u64, Error> {
    let leaf = event.leaf(ctx);
    let bytes = leaf
        .to_bytes()
        .map_err(|e| Error::internal("audit::append", e))?;
    let index = write::write(tx, bytes, &leaf, None).await?;
    for topic in event.topics(index) {
        tx.touch(topic);
    }
    metrics::counter!("clearance_audit_events_total", "action" => event.action.as_str())
        .increment(1);
    to_u64(index)
}

pub(crate) fn to_i64(number: u64) -> Result<i64, Error> {
    i64::try_from(number).map_err(|e| Error::internal("audit", e))
}

/// A time as the leaves of the log spell it; such times compare as texts.
pub(crate) fn spelled(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string()
}

/// What an event of the log says.
///
/// # Errors
/// When its bytes are no event, which the log never holds.
pub(crate) fn parsed(row: &audit_leaf::Model) -> Result<LeafEvent, Error> {
    LeafEvent::parse(&row.leaf).map_err(|e| Error::internal("audit::parsed", e))
}

pub(crate) fn to_u64(number: i64) -> Result<u64, Error> {
    u64::try_from(number).map_err(|e| Error::internal("audit", e))
}

/// One event with its bytes and its proof against the newest checkpoint that covers it.
///
/// # Errors
/// [`Error::NotFound`] past the end of the log, and for what the actor may not see.
pub async fn get(cp: &ControlPlane, ctx: &OpCtx, index: u64) -> Result<AuditDetail, Error> {
    let seen = reading::teams(ctx)?;
    let idx = i64::try_from(index).map_err(|_| Error::NotFound { kind: "event" })?;
    let row = store::audit::leaf(cp.reader(), idx, seen.as_deref())
        .await?
        .ok_or(Error::NotFound { kind: "event" })?;
    let event = parsed(&row)?;
    let proof = prove(cp, index, &row.leaf).await?;
    Ok(AuditDetail {
        leaf_hash: audit_log::leaf_hash(&row.leaf).to_hex(),
        leaf: String::from_utf8_lossy(&row.leaf).into_owned(),
        reason: event.reason,
        request_id: Some(event.request_id),
        detail: event.detail.into_iter().collect(),
        row: row_view(&row)?,
        proof,
    })
}

async fn prove(cp: &ControlPlane, index: u64, leaf: &[u8]) -> Result<Option<ProofView>, Error> {
    let Some(head) = head::covering(cp, index).await? else {
        return Ok(None);
    };
    let size = head.checkpoint.size;
    if index >= size {
        return Ok(None);
    }
    let internal = |e| Error::internal("audit::prove", e);
    let stored =
        store::audit::hashes(cp.reader(), &audit_log::indexes_for_inclusion(size, index)).await?;
    let path = audit_log::prove_inclusion(size, index, &stored).map_err(internal)?;
    let verifier = cp.checkpoint_key().verifier_key();
    let proof = audit_log::InclusionProof {
        index,
        hashes: path.clone(),
        checkpoint_note: head.note.clone(),
    };
    let file = proof.to_text();
    let valid = audit_log::verify_proof(&file, leaf, &verifier).is_ok();
    Ok(Some(ProofView {
        tree_size: size,
        root: head.checkpoint.root.to_hex(),
        path: path.iter().map(Hash::to_hex).collect(),
        seen: head.seen_by(),
        witnessing: keepers::policy(cp),
        checkpoint: head.note,
        public_key: verifier.to_string(),
        file,
        valid,
    }))
}

/// The state of the log for the foot of every page.
///
/// # Errors
/// When the database does not answer.
pub async fn chain(cp: &ControlPlane) -> Result<ChainState, Error> {
    let size = to_u64(store::audit::size(cp.reader()).await?)?;
    let checkpoint = store::audit::last_checkpoint(cp.reader()).await?;
    let (checkpoint_size, checkpoint_at) = match &checkpoint {
        Some(c) => (to_u64(c.size)?, Some(store::time::text(c.at))),
        None => (0, None),
    };
    // A log shorter than its own signed head lost events, and so did one that the signer does not know again.
    let intact = checkpoint_size <= size && cp.recovery().is_none();
    Ok(ChainState {
        size,
        checkpoint_size,
        checkpoint_at,
        intact,
        broken_at: (!intact).then_some(size),
        witnessed: keepers::witnessed(cp).await?,
    })
}

pub(crate) fn row_view(row: &audit_leaf::Model) -> Result<AuditRow, Error> {
    Ok(AuditRow {
        index: to_u64(row.idx)?,
        time: row.time.clone(),
        actor_kind: row.actor_kind.clone(),
        actor: row.actor_name.clone(),
        action: row.action.clone(),
        object_type: row.object_type.clone(),
        object_id: row.object_id.clone(),
        agent: row.agent.clone(),
        deployment: row.deployment,
        outcome: row.outcome.clone(),
    })
}
