//! The arguments of `clearance audit verify`.

use std::path::PathBuf;

use anyhow::Result;
use audit_log::WitnessPolicy;
use clap::{Args, Subcommand};

use crate::cli::verdict::read_witness_key;

#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    #[command(subcommand)]
    pub(super) mode: Option<Mode>,
    #[command(flatten)]
    pub(super) bare: Bare,
}

/// Without a mode: an export, or a proof with its event.
#[derive(Debug, Args)]
pub(super) struct Bare {
    /// An export (a folder or a .tar file), or a proof file with --leaf
    #[arg(required = true)]
    pub(super) path: Option<PathBuf>,
    #[command(flatten)]
    pub(super) known: Known,
    /// The event that the proof is about
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) leaf: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

/// What the person who verifies has from elsewhere.
#[derive(Debug, Args)]
pub(super) struct Known {
    /// The log's public key, from somewhere else than the export: the key itself or a file
    #[arg(long, value_name = "KEY|FILE")]
    pub(super) key: Option<String>,
    /// A checkpoint of this log that was kept before; the export must continue it. May be given several times
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) earlier: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) witnesses: Witnesses,
}

/// Which witnesses must have seen the checkpoint.
#[derive(Debug, Args)]
pub(in crate::cli) struct Witnesses {
    /// Public key of a witness, from somewhere else than the export: the key itself or a file. May be given several times
    #[arg(long, value_name = "KEY|FILE", requires = "key")]
    pub(super) witness: Vec<String>,
    /// How many of the witnesses must have seen the checkpoint; all of them without it
    #[arg(long, value_name = "NUMBER", requires = "witness")]
    pub(super) quorum: Option<usize>,
}

impl Witnesses {
    pub(in crate::cli) fn policy(&self) -> Result<Option<WitnessPolicy>> {
        if self.witness.is_empty() {
            return Ok(None);
        }
        let keys = self
            .witness
            .iter()
            .map(|text| read_witness_key(text))
            .collect::<Result<Vec<_>>>()?;
        let quorum = self.quorum.unwrap_or(keys.len());
        Ok(Some(WitnessPolicy::new(keys, quorum)?))
    }
}

#[derive(Debug, Subcommand)]
pub(super) enum Mode {
    /// Everything in an export: entries, hashes, rows, and the signed checkpoint
    Bundle(Bundle),
    /// One event, by its proof file and its bytes
    Proof(Proof),
    /// Two checkpoints: the newer log is the older one, grown
    Consistency(Consistency),
    /// Only whether pages showed what the entries say; nothing of what was signed
    Rows(Rows),
    /// What an export says of one deployment, agent or entry, each event with its own proof
    Report(Report),
}

#[derive(Debug, Args)]
pub(super) struct Bundle {
    /// An export: a folder or a .tar file
    pub(super) path: PathBuf,
    #[command(flatten)]
    pub(super) known: Known,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Proof {
    /// The .tlog-proof file
    pub(super) path: PathBuf,
    /// The event that the proof is about
    #[arg(long, value_name = "FILE")]
    pub(super) leaf: PathBuf,
    /// The log's public key: the key itself or a file
    #[arg(long, value_name = "KEY|FILE")]
    pub(super) key: String,
    #[command(flatten)]
    pub(super) witnesses: Witnesses,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("by").required(true))]
pub(super) struct Consistency {
    /// The checkpoint that was kept before
    pub(super) older: PathBuf,
    /// The later checkpoint
    pub(super) newer: PathBuf,
    /// A folder with the log's tiles, such as an export
    #[arg(long, value_name = "FOLDER", group = "by")]
    pub(super) tiles: Option<PathBuf>,
    /// A consistency proof: hashes in base64, one a line
    #[arg(long, value_name = "FILE", group = "by")]
    pub(super) proof: Option<PathBuf>,
    /// The log's public key: the key itself or a file
    #[arg(long, value_name = "KEY|FILE")]
    pub(super) key: String,
    /// Those who must have seen the later checkpoint
    #[command(flatten)]
    pub(super) witnesses: Witnesses,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Rows {
    /// An export: a folder or a .tar file
    pub(super) path: PathBuf,
    /// The log's public key: the key itself or a file
    #[arg(long, value_name = "KEY|FILE")]
    pub(super) key: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}

#[derive(Debug, Args)]
#[command(group = clap::ArgGroup::new("about").required(true))]
pub(super) struct Report {
    /// An export: a folder or a .tar file
    pub(super) path: PathBuf,
    /// Everything about one deployment
    #[arg(long, value_name = "NUMBER", group = "about")]
    pub(super) deployment: Option<u64>,
    /// Everything about one agent
    #[arg(long, value_name = "SLUG", group = "about")]
    pub(super) agent: Option<String>,
    /// One entry of the log
    #[arg(long, value_name = "INDEX", group = "about")]
    pub(super) entry: Option<u64>,
    #[command(flatten)]
    pub(super) known: Known,
    /// Also write each event and its proof into this folder, which is new or empty
    #[arg(long, value_name = "FOLDER")]
    pub(super) proofs: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    pub(super) json: bool,
}
