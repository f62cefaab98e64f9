//! After a restore: the audit log of the database and what was signed of it are put together again, by a person on the server.

use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use audit_log::{VerifyOptions, read_bundle, verify_export_with};
use control_plane::{OpCtx, audit};
use domain::actor::Actor;

use crate::config::Config;
use crate::keys::Keys;
use crate::wiring::{self, Wired};

/// Entries of a bundle.
const BUNDLE: u64 = 256;

/// What a reconciliation came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reconciled {
    /// Entries that the database had.
    pub from: u64,
    /// Entries that the log has now, with the one about the reconciliation.
    pub to: u64,
}

/// Puts the entries that the database lost back from an export, and ends the recovery mode. What it lost beside the log stays
/// lost: the entries say what it was.
///
/// # Errors
/// When the export is altered, older than what was signed, or of another log; then nothing is put back. Cut off half-way, it
/// goes on where it stood.
pub async fn from_export(wired: &Wired, export: &Path, reason: &str) -> Result<Reconciled> {
    let reason = checked(reason)?;
    let cp = &wired.cp;
    ensure!(
        cp.recovery().is_some(),
        "nothing is wrong: the database is the one whose log was signed"
    );
    let key = wired.keys.checkpoint.verifier_key();
    let needed = audit::needed(cp).await?;
    let from = needed.last().map_or(0, |found| found.size);
    let options = VerifyOptions {
        trusted: Some(&key),
        earlier: &needed,
        ..VerifyOptions::default()
    };
    let verified = verify_export_with(export, &options).context(
        "the export does not hold both what was signed and what the database has: take the newest export, or see `--new-log`",
    )?;
    let ctx = ctx(wired);
    let mut next = from;
    while next < verified.size {
        let number = next / BUNDLE;
        let leaves = read_bundle(export, verified.size, number)?;
        let there = usize::try_from(next - number * BUNDLE)?;
        let missing = leaves.get(there..).unwrap_or_default();
        audit::replay(cp, &ctx, next, missing).await?;
        next += u64::try_from(missing.len())?;
    }
    let to = audit::conclude(cp, &ctx, from, reason).await?;
    Ok(Reconciled { from, to })
}

/// Begins a log of a new name over what the database has, when what was lost is in no export. The old log ends where its last
/// checkpoint says; the first entry of the new one names it.
///
/// # Errors
/// When nothing is wrong, the name cannot be changed, or the database does not answer.
pub async fn new_log(config: &Config, wired: Wired, reason: &str) -> Result<(Reconciled, String)> {
    let reason = checked(reason)?;
    ensure!(
        wired.cp.recovery().is_some(),
        "nothing is wrong: the database is the one whose log was signed"
    );
    // Started under its new name already, if the settings give it or an earlier try was cut off.
    let wired = if wired.renamed()? {
        wired
    } else {
        drop(wired);
        Keys::rename_log(config)?;
        wiring::open(config).await?
    };
    let from = audit::needed(&wired.cp)
        .await?
        .last()
        .map_or(0, |found| found.size);
    let to = audit::begin_anew(&wired.cp, &ctx(&wired), reason).await?;
    let key = wired.keys.checkpoint.verifier_key().to_string();
    Ok((Reconciled { from, to }, key))
}

fn checked(reason: &str) -> Result<&str> {
    let reason = reason.trim();
    ensure!(
        !reason.is_empty(),
        "a reason is needed: it stands in the log for whoever asks later"
    );
    Ok(reason)
}

fn ctx(wired: &Wired) -> OpCtx {
    let actor = Actor::System {
        worker: "command-line".to_owned(),
    };
    OpCtx::new(actor, "command-line", wired.cp.clock())
}
