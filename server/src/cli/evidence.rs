//! `clearance evidence`: the bundle of a deployment, and the offline verifier for whoever does not trust this server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use audit_log::VerifierKey;
use clap::{Args, Subcommand};
use evidence::{Authority, MAX_BUNDLE_BYTES, Problem, Verified};
use serde_json::{Value, json};

mod package;
mod packages;
mod schedules;

pub(super) use package::{Package, VerifyPackage, package, verify as verify_package};
pub(super) use packages::{Packages, list as packages};
pub(super) use schedules::{Schedules, run as schedules};

use super::remote::{READS, Remote, plain};
use super::verdict::{Verdict, read, read_key};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Verify an evidence bundle, without a server or a network
    #[command(
        after_help = "Exit status: 0 the bundle is good, 1 it was tampered with or does not agree with itself, 2 it cannot be read.\n\
        The key is the one on the page Audit, the same as of the audit log."
    )]
    Verify(Verify),
    /// Fetch the evidence bundle of a deployment from a running server
    #[command(
        after_help = "Asks a running server with the API token in CLEARANCE_TOKEN (scope read).\n\
        Exit status: 0 written, 2 not answered or refused."
    )]
    Export(Export),
    /// Order an evidence package for the controls of a framework from a running server, wait for it and fetch it
    #[command(
        after_help = "Asks a running server with the API token in CLEARANCE_TOKEN (scopes read and write), of somebody who may export.\n\
        Exit status: 0 written, 2 not answered, refused or not made."
    )]
    Package(Box<Package>),
    /// List evidence packages, newest first
    #[command(after_help = READS)]
    Packages(Packages),
    /// List schedules of evidence packages, and add, pause, resume or remove one
    #[command(subcommand)]
    Schedules(Schedules),
    /// Verify an evidence package, without a server or a network
    #[command(
        after_help = "Exit status: 0 the package is intact, 1 it was changed, 2 it cannot be read."
    )]
    VerifyPackage(VerifyPackage),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The bundle
    file: PathBuf,
    /// The installation's public key, from somewhere else than the bundle: the key itself or a file. May be given several
    /// times where the key was changed
    #[arg(long, value_name = "KEY|FILE", required = true)]
    key: Vec<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    /// Number of the deployment
    number: i64,
    /// Write into this file; else to the standard output
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    remote: Remote,
}

pub(super) fn verify(args: &Verify) -> Result<ExitCode> {
    Verdict::print(judge(args), args.json)
}

fn judge(args: &Verify) -> Result<Verdict> {
    let keys: Vec<VerifierKey> = args
        .key
        .iter()
        .map(|text| read_key(text))
        .collect::<Result<_>>()?;
    let bytes = read(&args.file, MAX_BUNDLE_BYTES)?;
    Ok(match evidence::verify(&bytes, &keys) {
        Ok(shown) => good(&shown),
        Err(Problem::Unreadable { reason }) => Verdict::unreadable(&reason),
        Err(Problem::Tampered { line, reason }) => Verdict {
            code: 1,
            text: format!("tampered: line {line}: {}", plain(&reason)),
            json: json!({ "verdict": "tampered", "line": line, "problem": reason }),
        },
    })
}

fn good(shown: &Verified) -> Verdict {
    let decision = shown.decision.as_ref().map(|authority| match authority {
        Authority::Approval => "approval",
        Authority::BreakGlass => "break_glass",
    });
    let gates: Vec<Value> = shown
        .gates
        .iter()
        .map(|(gate, verdict)| {
            let signer = shown.external.iter().find(|(g, _)| g == gate);
            json!({ "gate": gate, "verdict": verdict, "external": signer.map(|(_, name)| name) })
        })
        .collect();
    Verdict {
        code: 0,
        text: lines(shown)
            .iter()
            .map(|line| plain(line))
            .collect::<Vec<_>>()
            .join("\n"),
        json: json!({ "verdict": "good", "deployment": shown.deployment, "agent": shown.agent, "version": shown.version,
            "environment": shown.environment, "commit": shown.commit, "image": shown.image, "config_bundle": shown.config_bundle,
            "key": shown.key, "statements": shown.statements, "gates": gates, "decision": decision, "missing": shown.missing }),
    }
}

fn lines(shown: &Verified) -> Vec<String> {
    let mut lines = vec![
        format!(
            "good: #{} {} v{} in {}, {} statements signed by {}",
            shown.deployment,
            shown.agent,
            shown.version,
            shown.environment.label(),
            shown.statements,
            shown.key
        ),
        format!("  commit         {}", shown.commit),
        format!("  image          sha256:{}", shown.image),
        format!("  config bundle  sha256:{}", shown.config_bundle),
    ];
    for (gate, verdict) in &shown.gates {
        let signer = shown.external.iter().find(|(g, _)| g == gate);
        let by = signer.map_or_else(String::new, |(_, name)| format!(", handed in by {name}"));
        lines.push(format!("  {}: {}{by}", gate.label(), verdict.label()));
    }
    lines.push(match &shown.decision {
        Some(Authority::Approval) => "  let go to production by an approval".to_owned(),
        Some(Authority::BreakGlass) => "  let go to production by breaking the glass".to_owned(),
        None => "  no decision for production is in this bundle".to_owned(),
    });
    for one in &shown.missing {
        lines.push(format!("  not shown: {}: {}", one.gate.label(), one.why));
    }
    lines
}

/// Fetches a bundle. It is not verified here: that is for whoever has the key from elsewhere.
pub(super) async fn export(args: Export) -> Result<ExitCode> {
    let server = args.remote.by_token()?;
    let path = format!("/api/v1/deployments/{}/evidence", args.number);
    let bytes = server.fetch(&path, MAX_BUNDLE_BYTES).await?;
    match &args.output {
        Some(file) => {
            std::fs::write(file, &bytes)
                .with_context(|| format!("{} cannot be written", file.display()))?;
            println!(
                "{} bytes were written to {}.\nCheck them with `clearance evidence verify {} --key KEY`.",
                bytes.len(),
                file.display(),
                file.display()
            );
        }
        None => {
            use std::io::Write as _;
            let mut out = std::io::stdout().lock();
            out.write_all(&bytes)
                .context("the bundle cannot be written")?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
