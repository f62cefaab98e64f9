//! Builds evidence packages, one at a time: in a folder of its own first, then kept piece by piece in the database, where every replica
//! finds it. It is there when the last transaction says so, and whatever is killed before leaves pieces under an old fence,
//! which the next claim removes.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::event::AuditAction;
use domain::package::{BY_SCHEDULE, BYTES_MAX, PackageEvent, PackageState, seed_of};

use self::failure::{Failure, words};
use super::step::beating;
use super::{Status, Worker};
use crate::ControlPlane;
use crate::audit::{self, LogExport};
use crate::ctx::OpCtx;
use crate::deployments;
use crate::error::Error;
use crate::packages::{self, Contents, PIECE, Written};
use crate::store;
use crate::store::entity::package;
use crate::transact::Tx;

mod failure;

/// After how many tries a package is given up. With the pauses below that is some two hours.
const ATTEMPTS: i32 = 8;
/// Pages of the log after which the row says how far it is.
const SAID_EVERY: u64 = 20;

/// The worker.
#[derive(Debug)]
pub(crate) struct BuildPackages;

#[async_trait]
impl Worker for BuildPackages {
    fn name(&self) -> &'static str {
        "build_packages"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(5)
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let ctx = deployments::worker(cp, self.name());
        if sweep(cp, &ctx).await? {
            return Ok(Status::Worked);
        }
        let Some(row) = claim(cp, &ctx).await? else {
            return Ok(Status::Idle);
        };
        let tried = tried(cp, &ctx, &row).await;
        clear(&place(cp, &row));
        match tried {
            Ok(made) => finish(cp, &ctx, &row, &made).await?,
            // It is another's by now.
            Err(Failure::Error(Error::Fenced)) => return Err(Error::Fenced),
            Err(failure) => put_off(cp, &ctx, &row, &failure).await?,
        }
        Ok(Status::Worked)
    }
}

/// What a try came to.
struct Made {
    written: Written,
    signature: String,
    bytes: u64,
}

fn failed(error: impl Into<crate::error::Source>) -> Error {
    Error::internal("build_packages", error)
}

/// Removes some bytes of what ended without them. True if there was something to do.
async fn sweep(cp: &ControlPlane, ctx: &OpCtx) -> Result<bool, Error> {
    let Some(row) = store::packages::littered(cp.reader()).await? else {
        return Ok(false);
    };
    let row = &row;
    cp.transact("packages::sweep", ctx, |tx: Tx| async move {
        let tx = &tx;
        if !store::packages::forget_pieces(tx, row.id, row.fence + 1).await? {
            store::packages::swept(tx, row).await?;
        }
        Ok(true)
    })
    .await
}

async fn claim(cp: &ControlPlane, ctx: &OpCtx) -> Result<Option<package::Model>, Error> {
    let now = ctx.now();
    let all = store::packages::at_work(cp.reader()).await?;
    let held = all.iter().any(|row| store::packages::held(row, now));
    if held || all.iter().all(|row| row.next_attempt_at > now) {
        return Ok(None);
    }
    let claimed = cp.transact("packages::claim", ctx, |tx: Tx| async move {
        let tx = &tx;
        let row = store::packages::claim(tx, ctx.request_id(), now).await?;
        if let Some(row) = &row {
            tx.touch(packages::topic(row.number));
        }
        Ok(row)
    });
    let row = claimed.await?;
    let busy: Vec<i64> = all.iter().map(|row| row.number).collect();
    if let Some(row) = &row {
        tidy(cp, row, &busy);
    }
    Ok(row)
}

/// The folder of this claim.
fn place(cp: &ControlPlane, row: &package::Model) -> PathBuf {
    packages::folder(cp).join(format!("{}-{}", row.number, row.fence))
}

fn tar_of(place: &Path) -> PathBuf {
    place.with_extension("tar")
}

/// Removes what a claim wrote. What stays is removed with the next claim.
fn clear(place: &Path) {
    for gone in [fs::remove_dir_all(place), fs::remove_file(tar_of(place))] {
        if let Err(error) = gone
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "what a package was built from could not be removed");
        }
    }
}

/// Removes what claims left that were killed: of this package, and of those that nobody works at any more.
fn tidy(cp: &ControlPlane, row: &package::Model, busy: &[i64]) {
    let Ok(entries) = fs::read_dir(packages::folder(cp)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.split_once('-'));
        let number: Option<i64> = number.and_then(|(number, _)| number.parse().ok());
        if number.is_some_and(|number| number == row.number || !busy.contains(&number)) {
            clear(&entry.path().with_extension(""));
        }
    }
}

/// One try, with the lease kept beside it.
async fn tried(cp: &ControlPlane, ctx: &OpCtx, row: &package::Model) -> Result<Made, Failure> {
    if row.attempts > ATTEMPTS {
        return Err(Failure::Stopped);
    }
    beating(|| say(cp, ctx, row, None), build(cp, ctx, row)).await?
}

/// Keeps the lease, and writes down what is happening if there is something new to say.
async fn say(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &package::Model,
    step: Option<&str>,
) -> Result<(), Error> {
    cp.transact("packages::say", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::packages::beat(tx, row, step, ctx.now()).await?;
        if step.is_some() {
            tx.touch(packages::topic(row.number));
        }
        Ok(())
    })
    .await
}

async fn build(cp: &ControlPlane, ctx: &OpCtx, row: &package::Model) -> Result<Made, Failure> {
    forget(cp, ctx, row).await?;
    let place = place(cp, row);
    fs::create_dir_all(&place).map_err(failed)?;
    let head = audit::export_head(cp).await?;
    let row = &seeded(cp, ctx, row).await?;
    let mut log = LogExport::create(&place.join("log"), &head)?;
    let (size, mut pages) = (head.size, 0_u64);
    while log.go_on(cp, ctx).await? {
        pages += 1;
        if pages % SAID_EVERY == 1 {
            let said = format!("Writing the audit log: {} of {size} events", log.written());
            say(cp, ctx, row, Some(&said)).await?;
        }
    }
    let summary = log.finish()?;
    say(cp, ctx, row, Some("Working out counts and sample")).await?;
    let contents = Contents::read(cp, row, head, &summary).await?;
    let dir = place.clone();
    let writing = move || packages::write(&dir, &contents);
    let written = tokio::task::spawn_blocking(writing)
        .await
        .map_err(failed)??;
    let signature = cp.sign(&written.digest);
    fs::write(place.join("manifest.sig"), &signature).map_err(failed)?;
    let packing = move || audit::pack(&place, File::create_new(tar_of(&place))?);
    let packed = tokio::task::spawn_blocking(packing).await.map_err(failed)?;
    let packed = packed.map_err(failed)?;
    let bytes = packed.metadata().map_err(failed)?.len();
    if bytes > BYTES_MAX {
        return Err(Failure::TooLarge);
    }
    keep(cp, ctx, row, packed, bytes).await?;
    Ok(Made {
        written,
        signature,
        bytes,
    })
}

/// Removes the pieces of earlier claims.
async fn forget(cp: &ControlPlane, ctx: &OpCtx, row: &package::Model) -> Result<(), Error> {
    let some = |tx: Tx| async move {
        let tx = &tx;
        store::packages::beat(tx, row, None, ctx.now()).await?;
        store::packages::forget_pieces(tx, row.id, row.fence).await
    };
    while cp.transact("packages::forget", ctx, some).await? {}
    Ok(())
}

/// The package with the seed of its sample. Of a scheduled one it comes from the first signed head of the log at or after the end of
/// its period, which nobody knew before, and which stays the same for every try.
async fn seeded(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &package::Model,
) -> Result<package::Model, Error> {
    if row.schedule_id.is_none() || !row.seed.is_empty() {
        return Ok(row.clone());
    }
    let first = store::audit::first_checkpoint_since(cp.reader(), row.to_at).await?;
    let first = first.ok_or_else(|| failed("the log has no signed head after the period yet"))?;
    let seed = seed_of(audit::to_u64(first.size)?, &first.root);
    let said = seed.as_str();
    cp.transact("packages::seed", ctx, |tx: Tx| async move {
        store::packages::set_seed(&tx, row, said).await
    })
    .await?;
    Ok(package::Model {
        seed,
        ..row.clone()
    })
}

/// Keeps the file, a piece in each transaction.
async fn keep(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &package::Model,
    mut file: File,
    bytes: u64,
) -> Result<(), Error> {
    let total = bytes.div_ceil(u64::try_from(PIECE).unwrap_or(u64::MAX));
    for number in 0..total {
        let mut piece = Vec::with_capacity(PIECE);
        let most = u64::try_from(PIECE).unwrap_or(u64::MAX);
        (&mut file)
            .take(most)
            .read_to_end(&mut piece)
            .map_err(failed)?;
        let (piece, at) = (&piece, audit::to_i64(number)?);
        let said = number
            .is_multiple_of(SAID_EVERY)
            .then(|| format!("Keeping it: {number} of {total} MiB"));
        let said = said.as_deref();
        cp.transact("packages::keep", ctx, |tx: Tx| async move {
            let tx = &tx;
            store::packages::beat(tx, row, said, ctx.now()).await?;
            store::packages::keep_piece(tx, row, at, piece.clone()).await?;
            if said.is_some() {
                tx.touch(packages::topic(row.number));
            }
            Ok(())
        })
        .await?;
    }
    Ok(())
}

fn next(row: &package::Model, event: PackageEvent) -> Result<PackageState, Error> {
    row.state.apply(event).map_err(failed)
}

async fn finish(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &package::Model,
    made: &Made,
) -> Result<(), Error> {
    let (written, bytes) = (&made.written, made.bytes);
    let after = &package::Model {
        state: next(row, PackageEvent::Made)?,
        open_key: None,
        step: None,
        problem: None,
        events: Some(audit::to_i64(written.events)?),
        files: Some(audit::to_i64(written.files)?),
        bytes: Some(audit::to_i64(bytes)?),
        digest: Some(written.digest.clone()),
        signature: Some(made.signature.clone()),
        log_size: Some(audit::to_i64(written.log.size)?),
        log_root: Some(written.log.root.clone()),
        ended_at: Some(ctx.now()),
        ..row.clone()
    };
    cp.transact("packages::finish", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::packages::settle(tx, row, after).await?;
        let event = ended(AuditAction::PackageMade, row)
            .digest(after.digest.as_deref())
            .with("size", written.log.size)
            .with("root", &written.log.root)
            .with("events", written.events)
            .with("bytes", bytes);
        audit::append(tx, ctx, event).await?;
        tx.touch(packages::topic(row.number));
        Ok(())
    })
    .await
}

/// The event of an end, which says whom it concerns and how it was ordered.
fn ended(action: AuditAction, row: &package::Model) -> audit::Event {
    let by = if row.schedule_id.is_some() {
        BY_SCHEDULE
    } else {
        "person"
    };
    let event = packages::about(action, row).with("ordered_as", by);
    match row.ordered_by {
        Some(id) => event.with("ordered_by_id", id),
        None => event,
    }
}

/// Lets it be tried again, or gives it up.
async fn put_off(
    cp: &ControlPlane,
    ctx: &OpCtx,
    row: &package::Model,
    failure: &Failure,
) -> Result<(), Error> {
    let problem = words(failure);
    if let Failure::Error(error) = failure {
        tracing::warn!(package = row.number, error = %error.chain(), "a package could not be built");
    }
    let last = row.attempts >= ATTEMPTS || !matches!(failure, Failure::Error(_));
    let event = if last {
        PackageEvent::GivenUp
    } else {
        PackageEvent::PutOff
    };
    let after = &package::Model {
        state: next(row, event)?,
        open_key: if last { None } else { row.open_key.clone() },
        step: None,
        problem: Some(problem.to_owned()),
        ended_at: last.then(|| ctx.now()),
        next_attempt_at: pause(ctx.now(), row.attempts),
        ..row.clone()
    };
    cp.transact("packages::put_off", ctx, |tx: Tx| async move {
        let tx = &tx;
        store::packages::settle(tx, row, after).await?;
        if last {
            let event = ended(AuditAction::PackageFailed, row).reason(problem);
            audit::append(tx, ctx, event).await?;
        }
        tx.touch(packages::topic(row.number));
        Ok(())
    })
    .await
}

/// A minute, 4, 9, …: room on a disk is made by people.
fn pause(now: DateTime<Utc>, attempts: i32) -> DateTime<Utc> {
    let tries = i64::from(attempts.clamp(1, ATTEMPTS));
    now + TimeDelta::minutes(tries * tries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trying_ends_within_hours_and_every_pause_is_longer() {
        let start = DateTime::UNIX_EPOCH;
        let pauses: Vec<TimeDelta> = (1..ATTEMPTS).map(|n| pause(start, n) - start).collect();
        assert!(pauses.is_sorted() && pauses.first() == Some(&TimeDelta::minutes(1)));
        assert!(pauses.iter().sum::<TimeDelta>() < TimeDelta::hours(4));
    }
}
