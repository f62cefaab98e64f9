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

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Part {
    /// `Cargo.lock` matches the manifests
    Lock,
    /// Every file is formatted
    Format,
    /// Rules about the source text that no lint knows
    Text,
    /// What a crate must never depend on
    Direction,
    /// Licences, bans and sources of the dependencies
    Licences,
    /// clippy for the server and its libraries
    Lints,
    /// clippy for what runs in the browser
    BrowserLints,
    /// The browser bundle and its budget
    Bundle,
}

/// Cheapest first; the bundle, which takes longest, is apart.
const WITHOUT_BUNDLE: [Part; 7] = [
    Part::Lock,
    Part::Format,
    Part::Text,
    Part::Direction,
    Part::Licences,
    Part::Lints,
    Part::BrowserLints,
];

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run these only, in this order; all of them if none is named
    #[arg(value_enum)]
    parts: Vec<Part>,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let mut report = Report::default();
    if args.parts.is_empty() {
        all(&mut report);
        budget(&mut report);
    }
    for part in &args.parts {
        run_part(*part, &mut report);
    }
    report.finish()
}

/// Every check but the bundle's.
pub(crate) fn all(report: &mut Report) {
    for part in WITHOUT_BUNDLE {
        run_part(part, report);
    }
}

/// Builds the bundle and weighs it.
pub(crate) fn budget(report: &mut Report) {
    run_part(Part::Bundle, report);
}

fn run_part(part: Part, report: &mut Report) {
    let (name, work): (&str, fn() -> Result<Counts>) = match part {
        Part::Lock => ("Cargo.lock matches the manifests", lock),
        Part::Format => ("format", format),
        Part::Text => ("text rules", || text::check(root())),
        Part::Direction => ("dependency direction", direction::check),
        Part::Licences => ("licences, bans and sources", licences),
        Part::Lints => ("lints, host", lint_host),
        Part::BrowserLints => ("lints, browser", lint_browser),
        Part::Bundle => ("browser bundle and its budget", || {
            bundle::judge_budget(&bundle::build(false)?)
        }),
    };
    report.item(&format!("check: {name}"), work);
}

fn lock() -> Result<Counts> {
    quiet(Cmd::cargo().args(["metadata", "--locked", "--format-version", "1"]))
}

fn format() -> Result<Counts> {
    loud(Cmd::cargo().args(["fmt", "--all", "--", "--check"]))
}

/// Everything but the browser's entry point, in one call: `app` then has the feature `ssr` alone.
fn lint_host() -> Result<Counts> {
    loud(
        Cmd::cargo()
            .args([
                "clippy",
                "--workspace",
                "--exclude",
                "frontend",
                "--all-targets",
            ])
            .args(["--locked", "--", "-D", "warnings"]),
    )
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

fn loud(command: Cmd) -> Result<Counts> {
    command.run().map(|()| Counts::PASSED)
}

fn quiet(command: Cmd) -> Result<Counts> {
    command.output().map(|_| Counts::PASSED)
}
