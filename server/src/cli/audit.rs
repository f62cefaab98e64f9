//! `clearance audit`: an export of the log, and the offline verifier for whoever does not trust this server.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use audit_log::{
    Checkpoint, InclusionProof, VerifierKey, VerifyError, VerifyOptions, VerifyReport,
    verify_export_with, verify_proof,
};
use clap::{Args, Subcommand};
use serde_json::json;

use super::print_json;
use super::verdict::{Verdict, read_key, read_text};
use crate::config::Config;
use crate::{http, wiring};

/// Files of an export that are looked at whole.
const SMALL: u64 = 1_000_000;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Verify an export, or a proof of one event, without a server or a network
    #[command(
        after_help = "Exit status: 0 the log is intact, 1 it was tampered with, 2 it cannot be read.\n\
        Without --key the key inside the export is used; the export then only agrees with itself."
    )]
    Verify(Verify),
    /// Write the whole log, its hashes and its signed checkpoint into a folder
    Export(Export),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An export (a folder or a .tar file), or a proof file with --leaf
    path: PathBuf,
    /// The log's public key, from somewhere else than the export: the key itself or a file
    #[arg(long, value_name = "KEY|FILE")]
    key: Option<String>,
    /// A checkpoint of this log that was kept before; the export must continue it. May be given several times
    #[arg(long, value_name = "FILE", requires = "key")]
    earlier: Vec<PathBuf>,
    /// The event that the proof is about
    #[arg(long, value_name = "FILE", requires = "key")]
    leaf: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
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

pub(super) fn verify(args: &Verify) -> Result<ExitCode> {
    Verdict::print(judge(args), args.json)
}

fn judge(args: &Verify) -> Result<Verdict> {
    let key = args.key.as_deref().map(read_key).transpose()?;
    if let (Some(leaf), Some(key)) = (&args.leaf, &key) {
        return judge_proof(&args.path, leaf, key);
    }
    let earlier = args
        .earlier
        .iter()
        .map(|path| read_checkpoint(path, key.as_ref()))
        .collect::<Result<Vec<_>>>()?;
    let options = VerifyOptions {
        trusted: key.as_ref(),
        earlier: &earlier,
    };
    if args.path.is_dir() {
        return Ok(verdict(verify_export_with(&args.path, &options)));
    }
    let unpacked = unpack(&args.path)?;
    Ok(verdict(verify_export_with(unpacked.path(), &options)))
}

fn verdict(outcome: Result<VerifyReport, VerifyError>) -> Verdict {
    match outcome {
        Ok(report) => {
            let trust = if report.key_is_trusted {
                ""
            } else {
                "\nThe key came with the export: compare it with one you got elsewhere (--key)."
            };
            Verdict {
                code: 0,
                text: format!(
                    "intact: {} events of {}, root {}\nkey {}{trust}",
                    report.size,
                    report.origin,
                    report.root.to_hex(),
                    report.key
                ),
                json: json!({ "verdict": "intact", "origin": report.origin, "size": report.size, "root": report.root.to_hex(), "key": report.key,
                    "key_is_trusted": report.key_is_trusted, "earlier_checkpoints": report.earlier_checkpoints }),
            }
        }
        Err(error) => {
            let word = if error.exit_code() == 1 {
                "tampered"
            } else {
                "unreadable"
            };
            let problem = chain(&error);
            Verdict {
                code: error.exit_code(),
                text: format!("{word}: {problem}"),
                json: json!({ "verdict": word, "problem": problem, "index": error.index() }),
            }
        }
    }
}

fn judge_proof(proof: &Path, leaf: &Path, key: &VerifierKey) -> Result<Verdict> {
    let text = read_text(proof, SMALL)?;
    let leaf = fs::read(leaf).with_context(|| format!("{} cannot be read", leaf.display()))?;
    InclusionProof::parse(&text).context("this is no proof")?;
    Ok(match verify_proof(&text, &leaf, key) {
        Ok(proven) => Verdict {
            code: 0,
            text: format!(
                "proven: event {} is in the log of {} events",
                proven.index, proven.checkpoint.size
            ),
            json: json!({ "verdict": "intact", "index": proven.index, "size": proven.checkpoint.size }),
        },
        Err(error) => Verdict {
            code: 1,
            text: format!("not proven: {error}"),
            json: json!({ "verdict": "tampered", "problem": error.to_string() }),
        },
    })
}

fn read_checkpoint(path: &Path, key: Option<&VerifierKey>) -> Result<Checkpoint> {
    let keys: Vec<VerifierKey> = key.into_iter().cloned().collect();
    audit_log::open(&read_text(path, SMALL)?, &keys)
        .with_context(|| format!("{} is no checkpoint of this key", path.display()))
}

/// Unpacks a tar file. Only plain files and folders inside it are taken, and nothing leaves the new folder.
fn unpack(file: &Path) -> Result<tempfile::TempDir> {
    let cannot = || {
        format!(
            "{} is neither a folder nor a tar file of an export",
            file.display()
        )
    };
    let dir = tempfile::tempdir().context("no temporary folder")?;
    let mut archive = tar::Archive::new(fs::File::open(file).with_context(cannot)?);
    for entry in archive.entries().with_context(cannot)? {
        let mut entry = entry.with_context(cannot)?;
        let kind = entry.header().entry_type();
        anyhow::ensure!(
            kind.is_file() || kind.is_dir(),
            "the export holds something that is no plain file"
        );
        anyhow::ensure!(
            entry.unpack_in(dir.path()).with_context(cannot)?,
            "the export names a file outside itself"
        );
    }
    Ok(dir)
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

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}
