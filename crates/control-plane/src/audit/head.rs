//! Which signed head of the log is shown, and which witnesses have seen it. What the database has of witnesses counts only as far
//! as it verifies under the keys that are configured now.

use audit_log::{Checkpoint, Cosignature, Hash, attach};
use chrono::{DateTime, Utc};
use domain::view::audit::Seen;

use super::to_u64;
use crate::ControlPlane;
use crate::error::Error;
use crate::store;
use crate::store::entity::checkpoint;

/// A signed head with what witnesses said of it.
#[derive(Debug, Clone)]
pub(crate) struct Head {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) at: DateTime<Utc>,
    /// The note with the cosignatures of configured witnesses, each verified.
    pub(crate) note: String,
    pub(crate) seen: Vec<Cosignature>,
}

impl Head {
    /// Enough of the configured witnesses have seen it.
    pub(crate) fn is_witnessed(&self, cp: &ControlPlane) -> bool {
        let policy = cp.settings().witnesses.as_ref();
        policy.is_some_and(|policy| self.seen.len() >= policy.quorum())
    }

    /// For pages: who has seen it, and when.
    pub(crate) fn seen_by(&self) -> Vec<Seen> {
        self.seen
            .iter()
            .map(|one| Seen {
                name: one.witness.clone(),
                at: time(one.time),
            })
            .collect()
    }
}

/// A witness's own time; nothing if it is none.
fn time(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds).ok()?;
    DateTime::from_timestamp(seconds, 0).map(store::time::text)
}

/// The newest head.
pub(crate) async fn newest(cp: &ControlPlane) -> Result<Option<Head>, Error> {
    match store::audit::last_checkpoint(cp.reader()).await? {
        Some(row) => of(cp, row).await.map(Some),
        None => Ok(None),
    }
}

/// The newest head that enough witnesses have seen.
pub(crate) async fn witnessed(cp: &ControlPlane) -> Result<Option<Head>, Error> {
    if cp.settings().witnesses.is_none() {
        return Ok(None);
    }
    let Some(noted) = store::cosignatures::last_witnessed(cp.reader()).await? else {
        return Ok(None);
    };
    let Some(row) = store::audit::checkpoint(cp.reader(), noted.size).await? else {
        return Ok(None);
    };
    let head = of(cp, row).await?;
    Ok(Some(head).filter(|head| head.is_witnessed(cp)))
}

/// The newest head that enough witnesses have seen and that includes this entry; else the newest, whoever has seen it.
pub(crate) async fn covering(cp: &ControlPlane, index: u64) -> Result<Option<Head>, Error> {
    match witnessed(cp).await? {
        Some(head) if index < head.checkpoint.size => Ok(Some(head)),
        Some(_) | None => newest(cp).await,
    }
}

/// A row with what witnesses said of it.
async fn of(cp: &ControlPlane, row: checkpoint::Model) -> Result<Head, Error> {
    let failed = |e| Error::internal("audit::head", e);
    let checkpoint = Checkpoint {
        origin: cp.settings().log_origin.clone(),
        size: to_u64(row.size)?,
        root: Hash::from_hex(&row.root).map_err(failed)?,
    };
    let mut seen = Vec::new();
    if let Some(policy) = &cp.settings().witnesses {
        for said in store::cosignatures::of(cp.reader(), row.size).await? {
            let key = policy.keys().iter().find(|key| key.id() == said.key_id);
            let held =
                key.and_then(|key| Cosignature::from_answer(&checkpoint, &said.line, key).ok());
            seen.extend(held);
        }
    }
    let lines = seen.iter().map(|one| one.line.as_str());
    Ok(Head {
        note: attach(&row.note, lines),
        checkpoint,
        at: row.at,
        seen,
    })
}
