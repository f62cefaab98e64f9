//! Asks witnesses to sign the newest head. All whose turn it is are asked at the same time about the same head, so that one head
//! has the signatures of all who answer. A witness that is down is asked again later and holds nobody up.

use audit_log::{AddCheckpoint, Checkpoint, Cosignature, Hash, WitnessVerifierKey};
use chrono::{DateTime, Utc};
use domain::event::AuditAction;

use super::{Event, append, to_i64, to_u64};
use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ports::witnesses::WitnessAnswer;
use crate::store;
use crate::store::claim::next_attempt;
use crate::store::entity::{checkpoint, cosignature, log_keeper};
use crate::store::log_keepers::Wanted;
use crate::topic::Topic;
use crate::transact::Tx;

/// How often one witness is asked about one head: it may tell a size that it is then asked anew from.
const TRIES: usize = 3;

/// The name of a witness among those who keep heads.
pub(super) fn keeper(key: &WitnessVerifierKey) -> String {
    format!("witness:{}", key.id())
}

/// Asks every witness that has not seen the newest head and may be asked now. True if anybody was asked.
///
/// # Errors
/// When the database does not answer, or somebody else took a witness over meanwhile. What a witness says or does not say is no
/// error: it is kept with the witness.
pub(crate) async fn ask(cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
    let Some(policy) = &cp.settings().witnesses else {
        return Ok(false);
    };
    let Some(target) = store::audit::last_checkpoint(cp.reader()).await? else {
        return Ok(false);
    };
    let names: Vec<String> = policy.keys().iter().map(keeper).collect();
    let claimed = claim(cp, ctx, &names, target.size).await?;
    let each = claimed.iter().filter_map(|row| {
        let key = policy.keys().iter().find(|key| keeper(key) == row.name)?;
        Some(ask_one(cp, ctx, &target, row, key))
    });
    let outcomes = futures::future::join_all(each).await;
    let asked = !outcomes.is_empty();
    outcomes.into_iter().collect::<Result<(), Error>>()?;
    Ok(asked)
}

/// Claims everybody of these names who keeps an older head than that of this size.
pub(super) async fn claim(
    cp: &ControlPlane,
    ctx: &OpCtx,
    names: &[String],
    size: i64,
) -> Result<Vec<log_keeper::Model>, Error> {
    // One moment for both: who is new is due at once.
    let now = ctx.now();
    let wanted = Wanted {
        names,
        origin: &cp.settings().log_origin,
        size,
        now,
    };
    let known = store::log_keepers::named(cp.reader(), names).await?;
    if known.len() == names.len()
        && store::log_keepers::due(cp.reader(), wanted)
            .await?
            .is_empty()
    {
        return Ok(Vec::new());
    }
    cp.transact("log_keepers::claim", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::log_keepers::ensure(tx, names, now).await?;
        store::log_keepers::claim(tx, ctx.request_id(), wanted).await
    })
    .await
}

/// What came of asking one witness.
enum Asked {
    Signed(Cosignature),
    /// It said or did not say something that a person should know.
    Trouble(String),
    /// It has seen more by now: another server was faster.
    Overtaken,
}

async fn ask_one(
    cp: &ControlPlane,
    ctx: &OpCtx,
    target: &checkpoint::Model,
    row: &log_keeper::Model,
    key: &WitnessVerifierKey,
) -> Result<(), Error> {
    match converse(cp, ctx, target, row, key).await? {
        Asked::Signed(said) => keep(cp, ctx, target, row, key, &said).await,
        Asked::Overtaken => fail(cp, ctx, row, "", ctx.now()).await,
        Asked::Trouble(trouble) => {
            metrics::counter!("clearance_witness_failures_total", "witness" => key.name().to_owned())
                .increment(1);
            let next = next_attempt(ctx.now(), row.attempts);
            fail(cp, ctx, row, &trouble, next).await
        }
    }
}

/// Sends the head with the proof from what the witness is thought to have seen, and anew from what it says it has.
async fn converse(
    cp: &ControlPlane,
    ctx: &OpCtx,
    target: &checkpoint::Model,
    row: &log_keeper::Model,
    key: &WitnessVerifierKey,
) -> Result<Asked, Error> {
    let checkpoint = described(cp, target)?;
    let known = remembered(cp, row)?.min(checkpoint.size);
    let mut old = known;
    for _ in 0..TRIES {
        let asked = AddCheckpoint {
            old,
            proof: growth(cp, old, checkpoint.size).await?,
            note: target.note.clone(),
        };
        let port = &cp.ports().witnesses;
        let seen = match port.add_checkpoint(&key.id(), asked.to_body()).await {
            Ok(WitnessAnswer::Signed(lines)) => {
                let said = Cosignature::from_answer(&checkpoint, &lines, key);
                return Ok(said.map_or_else(
                    |error| Asked::Trouble(format!("Its signature is not acceptable: {error}.")),
                    Asked::Signed,
                ));
            }
            Ok(WitnessAnswer::NotGrown) => return Ok(Asked::Trouble(another(checkpoint.size))),
            Ok(WitnessAnswer::Seen(seen)) => seen,
            Err(error) => return Ok(Asked::Trouble(error.message)),
        };
        if seen > checkpoint.size {
            return beyond(cp, seen, checkpoint.size).await;
        }
        if seen == old {
            return Ok(Asked::Trouble(another(seen)));
        }
        if seen < known && old == known {
            note_set_back(cp, ctx, row, key, (known, seen)).await?;
        }
        old = seen;
    }
    Ok(Asked::Trouble(
        "It names another size each time it is asked.".to_owned(),
    ))
}

/// It has seen more than this head: another server of ours signed more, or somebody else has our key.
async fn beyond(cp: &ControlPlane, seen: u64, size: u64) -> Result<Asked, Error> {
    let newest = store::audit::last_checkpoint(cp.reader()).await?;
    let newest = newest.map_or(Ok(0), |row| to_u64(row.size))?;
    if newest >= seen {
        return Ok(Asked::Overtaken);
    }
    Ok(Asked::Trouble(format!(
        "It has seen {seen} events signed by this log's key, and this log signed {size}: the database was set back, or somebody else has the key."
    )))
}

fn another(size: u64) -> String {
    format!(
        "It says that the {size} events of this log are not those it has seen: the log was rewritten, or the witness was shown another one under the same key."
    )
}

/// The size that this witness signed last of the present log.
fn remembered(cp: &ControlPlane, row: &log_keeper::Model) -> Result<u64, Error> {
    if row.origin == cp.settings().log_origin {
        to_u64(row.size)
    } else {
        Ok(0)
    }
}

fn described(cp: &ControlPlane, row: &checkpoint::Model) -> Result<Checkpoint, Error> {
    let root = Hash::from_hex(&row.root).map_err(|e| Error::internal("audit::witness", e))?;
    Ok(Checkpoint {
        origin: cp.settings().log_origin.clone(),
        size: to_u64(row.size)?,
        root,
    })
}

async fn growth(cp: &ControlPlane, old: u64, size: u64) -> Result<Vec<Hash>, Error> {
    let wanted = audit_log::indexes_for_consistency(old, size);
    let stored = store::audit::hashes(cp.reader(), &wanted).await?;
    audit_log::prove_consistency(old, size, &stored)
        .map_err(|e| Error::internal("audit::witness", e))
}

/// Keeps what the witness said, and notes it if that makes enough of them.
async fn keep(
    cp: &ControlPlane,
    ctx: &OpCtx,
    target: &checkpoint::Model,
    row: &log_keeper::Model,
    key: &WitnessVerifierKey,
    said: &Cosignature,
) -> Result<(), Error> {
    let origin = &cp.settings().log_origin;
    let now = ctx.now();
    let cosigned = cosignature::Model {
        size: target.size,
        key_id: key.id(),
        line: said.line.clone(),
        at: now,
    };
    cp.transact("audit::keep_cosignature", ctx, |tx: Tx| {
        let cosigned = cosigned.clone();
        async move {
            let tx = &tx;
            // One after the other, so that the last of those who are needed counts those before it.
            store::audit::lock_size(tx).await?;
            store::cosignatures::keep(tx, cosigned).await?;
            let head = (origin.as_str(), target.size);
            store::log_keepers::keeps(tx, row, head, None, (now, now)).await?;
            if is_enough(cp, tx, target.size).await? {
                store::cosignatures::note_witnessed(tx, target.size, now).await?;
                tx.touch(Topic::new("checkpoint", target.size.to_string()));
            }
            Ok(())
        }
    })
    .await
}

async fn is_enough(cp: &ControlPlane, tx: &Tx, size: i64) -> Result<bool, Error> {
    let Some(policy) = &cp.settings().witnesses else {
        return Ok(false);
    };
    let said = store::cosignatures::of(&**tx, size).await?;
    let of = |key: &WitnessVerifierKey| said.iter().any(|one| one.key_id == key.id());
    Ok(policy.keys().iter().filter(|key| of(key)).count() >= policy.quorum())
}

pub(super) async fn fail(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &log_keeper::Model,
    trouble: &str,
    next: DateTime<Utc>,
) -> Result<(), Error> {
    cp.transact("log_keepers::fail", ctx, |tx: Tx| async move {
        store::log_keepers::fails(&tx, row, trouble, next).await
    })
    .await
}

/// The witness remembers less than it signed: its memory came out of a backup. It goes on from there, and people are told.
async fn note_set_back(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &log_keeper::Model,
    key: &WitnessVerifierKey,
    (signed, remembers): (u64, u64),
) -> Result<(), Error> {
    tracing::error!(witness = %key.name(), signed, remembers, "a witness has forgotten what it signed");
    let event = Event::new(AuditAction::WitnessSetBack, "witness", key.name())
        .with("signed", signed)
        .with("remembers", remembers);
    let size = to_i64(remembers)?;
    cp.transact("audit::witness_set_back", ctx, |tx: Tx| {
        let event = event.clone();
        async move {
            let tx = &tx;
            // It is told once: from now on this is what the witness is thought to have seen.
            store::log_keepers::forgets(tx, row, size).await?;
            append(tx, ctx, event).await.map(|_| ())
        }
    })
    .await
}
