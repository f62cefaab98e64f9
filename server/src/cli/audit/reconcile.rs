//! `clearance audit reconcile`: ends the recovery mode after a restore.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgGroup, Args};
use serde_json::json;

use crate::cli::print_json;
use crate::config::Config;
use crate::reconcile::{from_export, new_log};
use crate::wiring;

#[derive(Debug, Args)]
#[command(group = ArgGroup::new("how").required(true))]
pub(in crate::cli) struct Reconcile {
    /// Put the entries that the database lost back from this export of the log
    #[arg(long, value_name = "FOLDER", group = "how")]
    from: Option<PathBuf>,
    /// Begin a log of a new name over what the database has: what was lost is in no export
    #[arg(long, group = "how")]
    new_log: bool,
    /// Why, for whoever reads the log later
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

pub(in crate::cli) async fn reconcile(config: &Config, args: &Reconcile) -> Result<ExitCode> {
    let wired = wiring::open(config).await?;
    let (done, key) = match &args.from {
        Some(export) => (from_export(&wired, export, &args.reason).await?, None),
        None => {
            let (done, key) = new_log(config, wired, &args.reason).await?;
            (done, Some(key))
        }
    };
    if args.json {
        print_json(&json!({ "from": done.from, "to": done.to, "new_key": key }))?;
    } else {
        println!(
            "reconciled: the database had {} events, the log has {} now.",
            done.from, done.to
        );
        if let Some(key) = key {
            println!("This is a new log. Give its key to whoever verifies: {key}");
        }
    }
    Ok(ExitCode::SUCCESS)
}
