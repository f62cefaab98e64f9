//! `clearance evidence package` and `verify-package`: evidence for the controls of a framework, and the check of it without a server.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use audit_log::VerifyOptions;
use clap::Args;
use domain::controls::Framework;
use evidence::package::{PackageReport, verify_package};
use serde_json::json;

use crate::cli::audit::{Folder, Witnesses, chain, seen_by};
use crate::cli::remote::{Remote, plain};
use crate::cli::verdict::{Verdict, read_key};

/// Most bytes of a package that is fetched.
const MAX_BYTES: u64 = 1_000_000_000;

#[derive(Debug, Args)]
pub(in crate::cli) struct Package {
    /// Word of a framework
    #[arg(help = "soc2, iso27001, iso42001, hipaa, pci_dss, nist_ai_rmf or eu_ai_act")]
    framework: Framework,
    /// A day (2026-01-31) or a time; 90 days before the end without it
    #[arg(long, value_name = "DAY")]
    from: Option<String>,
    /// A day, which counts whole, or a time; now without it
    #[arg(long, value_name = "DAY")]
    to: Option<String>,
    /// One agent alone
    #[arg(long, value_name = "SLUG")]
    agent: Option<String>,
    /// By which the events of the sample are chosen
    #[arg(long, value_name = "TEXT")]
    seed: Option<String>,
    /// How many events the sample has
    #[arg(long, value_name = "NUMBER")]
    sample: Option<usize>,
    /// Write into this file
    #[arg(long, short, value_name = "FILE")]
    output: PathBuf,
    #[command(flatten)]
    remote: Remote,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct VerifyPackage {
    /// The package: a folder or a .tar file
    path: PathBuf,
    /// The installation's public key, from somewhere else than the package: the key itself or a file
    #[arg(long, value_name = "KEY|FILE")]
    key: String,
    #[command(flatten)]
    witnesses: Witnesses,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Fetches a package. It is not verified here: that is for whoever has the key from elsewhere.
pub(in crate::cli) async fn package(args: Package) -> Result<ExitCode> {
    let server = args.remote.by_token()?;
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    let sample = args.sample.map(|number| number.to_string());
    for (name, value) in [
        ("from", &args.from),
        ("to", &args.to),
        ("agent", &args.agent),
        ("seed", &args.seed),
        ("sample", &sample),
    ] {
        if let Some(value) = value {
            query.append_pair(name, value);
        }
    }
    let path = format!(
        "/api/v1/compliance/{}/package?{}",
        args.framework,
        query.finish()
    );
    let bytes = server.fetch(&path, MAX_BYTES).await?;
    std::fs::write(&args.output, &bytes)
        .with_context(|| format!("{} cannot be written", args.output.display()))?;
    println!(
        "{} bytes were written to {}.\nCheck them with `clearance evidence verify-package {} --key KEY`.",
        bytes.len(),
        args.output.display(),
        args.output.display()
    );
    Ok(ExitCode::SUCCESS)
}

pub(in crate::cli) fn verify(args: &VerifyPackage) -> Result<ExitCode> {
    Verdict::print(judge(args), args.json)
}

fn judge(args: &VerifyPackage) -> Result<Verdict> {
    let folder = Folder::open(&args.path)?;
    let key = read_key(&args.key)?;
    let witnesses = args.witnesses.policy()?;
    let options = VerifyOptions {
        trusted: Some(&key),
        witnesses: witnesses.as_ref(),
        ..VerifyOptions::default()
    };
    Ok(match verify_package(folder.path(), &key, &options) {
        Ok(report) => intact(&report),
        Err(error) => {
            let word = if error.exit_code() == 1 {
                "tampered"
            } else {
                "unreadable"
            };
            let problem = chain(&error);
            Verdict {
                code: error.exit_code(),
                text: format!("{word}: {}", plain(&problem)),
                json: json!({ "verdict": word, "problem": problem }),
            }
        }
    })
}

fn intact(report: &PackageReport) -> Verdict {
    let (manifest, view) = (&report.manifest, &report.view);
    let agent = manifest.scope.agent.as_deref().unwrap_or("every agent");
    let mut lines = vec![
        format!(
            "intact: {} evidence from {} to {}, {}",
            manifest.framework.label(),
            manifest.scope.from,
            manifest.scope.to,
            plain(agent)
        ),
        format!(
            "  {} events support evidence for {} of {} controls; {} in the sample by seed \"{}\"",
            view.events,
            view.controls.len() - view.gaps(),
            view.controls.len(),
            manifest.sample.events.len(),
            plain(&manifest.sample.seed)
        ),
        format!(
            "  audit log {} of {} events{}",
            plain(&report.log.origin),
            report.log.size,
            seen_by(&report.log.witnesses)
        ),
    ];
    for control in view.controls.iter().filter(|one| one.gap.is_some()) {
        let gap = control.gap.as_deref().unwrap_or_default();
        lines.push(format!(
            "  gap: {} {}: {}",
            plain(&control.id),
            plain(&control.title),
            plain(gap)
        ));
    }
    Verdict {
        code: 0,
        text: lines.join("\n"),
        json: json!({ "verdict": "intact", "framework": manifest.framework, "scope": manifest.scope, "events": view.events,
            "controls": view.controls, "sample": manifest.sample, "size": report.log.size, "witnesses": report.log.witnesses.len() }),
    }
}
