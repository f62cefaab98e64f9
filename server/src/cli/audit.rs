//! `clearance audit`: an export of the log, and the offline verifier for whoever does not trust this server.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Subcommand};
use serde_json::json;

use super::print_json;
use crate::config::Config;
use crate::{http, wiring};

mod reconcile;
mod verify;

pub(super) use reconcile::{Reconcile, reconcile};
pub(super) use verify::{Folder, Verify, Witnesses, chain, seen_by, verify};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Verify an export, or a proof of one event, without a server or a network
    #[command(
        args_conflicts_with_subcommands = true,
        subcommand_negates_reqs = true,
        after_help = "Without a mode it is `bundle`, or `proof` with --leaf.\n\
        Exit status: 0 the log is intact, 1 it was tampered with, 2 it cannot be read.\n\
        Without --key the key inside the export is used; the export then only agrees with itself."
    )]
    Verify(Box<Verify>),
    /// Write the whole log, its hashes and its signed checkpoint into a folder
    Export(Export),
    /// End the recovery mode after a restore, while no server runs
    #[command(
        after_help = "The database is older than the log that was signed, or differs from it. With --from, lost events come back;\n\
        what else the database lost does not, and the events say what it was."
    )]
    Reconcile(Reconcile),
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// A folder that does not exist or is empty
    dir: PathBuf,
    /// Write the log's public key into this file too, to be given to verifiers by another way than the export
    #[arg(long, value_name = "FILE", num_args = 0..=1, default_missing_value = "clearance.vkey")]
    with_key: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(super) async fn export(config: &Config, args: &Export) -> Result<ExitCode> {
    let wired = wiring::open(config).await?;
    let summary = http::write_export(&wired.cp, &args.dir)
        .await
        .with_context(|| format!("the export into {} failed", args.dir.display()))?;
    let key = wired.keys.checkpoint.verifier_key().to_string();
    if let Some(file) = &args.with_key {
        fs::write(file, format!("{key}\n"))
            .with_context(|| format!("{} cannot be written", file.display()))?;
    }
    let size = summary.checkpoint.size;
    if args.json {
        print_json(
            &json!({ "dir": args.dir, "origin": summary.checkpoint.origin, "size": size, "key": key }),
        )?;
    } else {
        println!(
            "{size} events were written to {}.\nCheck them with `clearance audit verify {} --key '{key}'`.",
            args.dir.display(),
            args.dir.display()
        );
    }
    Ok(ExitCode::SUCCESS)
}
