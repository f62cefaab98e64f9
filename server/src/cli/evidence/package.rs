//! `clearance evidence package` and `verify-package`: evidence for the controls of a framework, and the check of it without a server.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use audit_log::VerifyOptions;
use clap::Args;
use domain::controls::Framework;
use domain::form::package::OrderPackageForm;
use domain::package::{BYTES_MAX, PackageState};
use domain::view::package::PackageDetail;
use evidence::package::{PackageReport, verify_package};
use serde_json::json;

use crate::cli::audit::{Folder, Witnesses, chain, seen_by};
use crate::cli::remote::{Remote, Server, number_of, plain};
use crate::cli::verdict::{Verdict, read_key};

pub(super) const LIST: &str = "/api/v1/packages";
/// How long to wait before asking again how far a package is.
const LOOK: Duration = Duration::from_secs(1);

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
    #[arg(long, short, value_name = "FILE", required_unless_present = "no_wait")]
    output: Option<PathBuf>,
    /// Order it and say its number, without waiting for it
    #[arg(long, conflicts_with = "output")]
    no_wait: bool,
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

/// Orders a package, waits until it is made, and fetches it. It is not verified here: that is for whoever has the key from elsewhere.
pub(in crate::cli) async fn package(args: Package) -> Result<ExitCode> {
    let server = args.remote.by_token()?;
    let form = OrderPackageForm {
        framework: args.framework.to_string(),
        from: args.from.unwrap_or_default(),
        to: args.to.unwrap_or_default(),
        agent: args.agent.unwrap_or_default(),
        seed: args.seed.unwrap_or_default(),
        sample: args
            .sample
            .map_or_else(String::new, |number| number.to_string()),
    };
    let number = number_of(&server.post(LIST, &form).await?)?;
    let Some(output) = args.output.filter(|_| !args.no_wait) else {
        println!("Ordered, as package {number}.");
        return Ok(ExitCode::SUCCESS);
    };
    let made = wait(&server, number).await?;
    let path = format!("{LIST}/{number}/download");
    let bytes = server.save(&path, &output, BYTES_MAX).await?;
    println!(
        "{bytes} bytes of package {number} were written to {}. Its manifest has {}.\nCheck them with `clearance evidence verify-package {} --key KEY`.",
        output.display(),
        plain(made.row.digest.as_deref().unwrap_or_default()),
        output.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Asks how far a package is until it is made, and says each change once.
async fn wait(server: &Server, number: i64) -> Result<PackageDetail> {
    let mut said = String::new();
    loop {
        let found: PackageDetail = server.get(&format!("{LIST}/{number}")).await?;
        let row = &found.row;
        let now = row.step.as_deref().or(row.problem.as_deref());
        let now = plain(now.unwrap_or(row.state.label()));
        if now != said {
            eprintln!("package {number}: {now}");
            said = now;
        }
        match row.state {
            PackageState::Ready => return Ok(found),
            PackageState::Failed | PackageState::Removed => {
                bail!("package {number} was not made: {said}")
            }
            PackageState::Ordered | PackageState::Building => tokio::time::sleep(LOOK).await,
        }
    }
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
