//! Everything that can be judged without running the product, cheapest first.
//!
//! Host and browser are linted apart: in one call their features `ssr` and `hydrate` would unify.

use anyhow::Result;

use crate::proc::Cmd;
use crate::report::{Counts, Report};
use crate::tools::wasm::{self, Toolchain};
use crate::tools::{deny, root};
use crate::{bundle, proc};

mod direction;
mod text;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Leave out the browser bundle and its budget
    #[arg(long)]
    quick: bool,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut report = Report::default();
    all(&mut report);
    if !args.quick {
        budget(&mut report);
    }
    report.finish()
}

/// Every check but the bundle's.
pub(crate) fn all(report: &mut Report) {
    report.item("check: Cargo.lock matches the manifests", || {
        quiet(cargo(&["metadata", "--locked", "--format-version", "1"]))
    });
    report.item("check: format", || {
        loud(cargo(&["fmt", "--all", "--", "--check"]))
    });
    report.item("check: text rules", || text::check(root()));
    report.item("check: dependency direction", direction::check);
    report.item("check: licences, bans and sources", licences);
    report.item("check: lints, host", || {
        loud(cargo(&[
            "clippy",
            "--workspace",
            "--exclude",
            "frontend",
            "--all-targets",
            "--locked",
            "--",
            "-D",
            "warnings",
        ]))
    });
    report.item("check: lints, browser", lint_browser);
}

/// Builds the bundle and weighs it.
pub(crate) fn budget(report: &mut Report) {
    report.item("check: browser bundle and its budget", || {
        bundle::judge_budget(&bundle::build(false)?)
    });
}

fn lint_browser() -> Result<Counts> {
    let toolchain = wasm::ensure()?;
    // The bundle's own profile, so that its proc macros and build scripts are compiled once.
    let what = [
        "--package",
        "frontend",
        "--target",
        wasm::TARGET,
        "--profile",
        "wasm-release",
    ];
    match toolchain {
        Toolchain::Own => loud(
            toolchain
                .cargo()
                .arg("clippy")
                .args(what)
                .args(["--", "-D", "warnings"]),
        ),
        Toolchain::Debian => {
            proc::detail(
                "Debian's compiler for the browser comes without clippy: compiling instead",
            );
            loud(
                toolchain
                    .cargo()
                    .arg("check")
                    .args(what)
                    .env("RUSTFLAGS", "-D warnings"),
            )
        }
    }
}

fn licences() -> Result<Counts> {
    let program = deny::ensure()?;
    loud(Cmd::new(program).args([
        "--locked",
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]))
}

fn cargo(args: &[&str]) -> Cmd {
    Cmd::cargo().args(args)
}

fn loud(command: Cmd) -> Result<Counts> {
    command.run().map(|()| Counts::PASSED)
}

fn quiet(command: Cmd) -> Result<Counts> {
    command.output().map(|_| Counts::PASSED)
}
