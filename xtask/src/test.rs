//! The whole test run: set-up, checks, Rust tests, the bundle, and the journeys in a real browser.
//!
//! A stage that fails does not stop the others; the summary names each, and the totals come last.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::proc::{Cmd, detail};
use crate::report::{Counts, Outcome, Report, count_rust_tests, journeys_that_failed, panics};
use crate::tools::{self, engines, node, postgres, root, wasm};
use crate::{bundle, check};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Run one part only
    #[arg(long, value_enum)]
    only: Option<Part>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// Format, lints, dependency direction, text rules, licences, bundle budget
    Check,
    /// Unit and integration tests
    Unit,
    /// The journeys in a browser
    E2e,
}

pub(crate) fn run(args: &Args) -> Result<()> {
    let wanted = |part| args.only.is_none_or(|only| only == part);
    let mut report = Report::default();
    report.item("set-up: what is needed", || {
        set_up(wanted(Part::Unit), wanted(Part::E2e))
    });
    if wanted(Part::Check) {
        check::all(&mut report);
    }
    if wanted(Part::Unit) {
        report.item("tests: the build tool", || {
            count(runner(&["--package", "xtask"]))
        });
        report.item("tests: unit and integration", rust_tests);
        report.item("tests: use cases on PostgreSQL", on_postgres);
    }
    if wanted(Part::Check) {
        check::budget(&mut report);
    }
    if wanted(Part::E2e) {
        journeys(&mut report, !wanted(Part::Check), wanted(Part::Unit));
    }
    report.finish()
}

/// Installs what the stages need, before any of them has used time.
fn set_up(with_tests: bool, with_browser: bool) -> Result<Counts> {
    for tool in ["rustc", "git"] {
        let version = tools::version_of(tool)
            .with_context(|| format!("{tool} is needed and was not found"))?;
        detail(version);
    }
    wasm::ensure()?;
    if tools::python_with_pip().is_none() {
        detail("python3 with pip was not found: the tests that build Python agents will say so");
    }
    if with_tests && let Some(programs) = engines::ensure()? {
        detail(format!("engines: {}", programs.display()));
    }
    if with_browser {
        node::ensure("the browser tests")?;
        node::install(&root().join("end2end"), &[])?;
        detail(format!("browser: {}", tools::ensure_chromium()?.display()));
    }
    Ok(Counts::PASSED)
}

/// Everything but the browser's package and this tool, which are built apart.
const PACKAGES: [&str; 5] = ["--workspace", "--exclude", "frontend", "--exclude", "xtask"];
/// Names a PostgreSQL server for the tests of the use cases, which make and drop databases of their own on it.
const POSTGRES_URL: &str = "CLEARANCE_TEST_POSTGRES_URL";

/// Runs the tests of the use cases once more, on a PostgreSQL server made for them or the one that is named.
fn on_postgres() -> Result<Outcome> {
    if let Some(url) = std::env::var_os(POSTGRES_URL) {
        return use_cases_on(&url);
    }
    if let Some(programs) = postgres::ensure()? {
        let cluster = postgres::Cluster::start(programs)?;
        return use_cases_on(OsStr::new(&cluster.url()));
    }
    detail(format!(
        "PostgreSQL was not found, so these did not run: install it, or set {POSTGRES_URL}"
    ));
    Ok(Counts::SKIPPED.into())
}

fn use_cases_on(url: &OsStr) -> Result<Outcome> {
    // With nextest everything is built as for the run before and then chosen from, so nothing is compiled twice.
    let chosen: Vec<&str> = if has_nextest() {
        [&PACKAGES[..], &["-E", "package(control-plane)"]].concat()
    } else {
        vec!["--package", "control-plane", "--all-features"]
    };
    count(runner(&chosen).env(POSTGRES_URL, url))
}

/// Runs the tests of the packages, on SQLite whatever the environment says, with the engines that are installed.
fn rust_tests() -> Result<Outcome> {
    let tests = runner(&PACKAGES).env(POSTGRES_URL, "");
    count(match engines::ensure()? {
        Some(programs) => tests.env(engines::VARIABLE, programs),
        None => tests,
    })
}

fn has_nextest() -> bool {
    tools::find("cargo-nextest").is_some()
}

/// Tests with nextest where it is installed, else with plain cargo.
fn runner(packages: &[&str]) -> Cmd {
    let words: &[&str] = if has_nextest() {
        &["nextest", "run", "--no-fail-fast"]
    } else {
        &["test", "--no-fail-fast", "--all-targets"]
    };
    Cmd::cargo().args(words).arg("--locked").args(packages)
}

fn count(tests: Cmd) -> Result<Outcome> {
    let said = tests.tee()?;
    let counts = count_rust_tests(&said.text);
    if !said.success && counts.failed == 0 {
        bail!("the tests did not run to their end: see above");
    }
    if counts.passed + counts.failed == 0 {
        bail!("no test ran");
    }
    let why = panics(&said.text);
    Ok(Outcome { counts, why })
}

fn journeys(report: &mut Report, with_bundle: bool, after_tests: bool) {
    let built = report.item("journeys: the server", || {
        if with_bundle {
            bundle::build(false)?;
        }
        // With the tests as targets the dependencies have the features that the tests were built with: without them, all of
        // our packages are compiled once more.
        let targets = if after_tests {
            "--all-targets"
        } else {
            "--bins"
        };
        server(targets).map(|()| Counts::PASSED)
    });
    if built {
        report.item("journeys: in the browser", browser_tests);
    }
}

/// Builds the server, with what else `targets` names.
pub(crate) fn server(targets: &str) -> Result<()> {
    let build = Cmd::cargo().args(["build", "--locked", targets]);
    build.args(PACKAGES).run()
}

/// Playwright on the server that was built, with these words.
pub(crate) fn browser(words: &[&str]) -> Result<Cmd> {
    node::ensure("the browser tests")?;
    let folder = root().join("end2end");
    node::install(&folder, &[])?;
    Ok(Cmd::new("node")
        .dir(&folder)
        .args(["node_modules/@playwright/test/cli.js", "test"])
        .args(words)
        .env("CHROMIUM_PATH", tools::ensure_chromium()?)
        .env("CLEARANCE_BIN", tools::clearance_binary(false)))
}

fn browser_tests() -> Result<Outcome> {
    let results = tools::own_dir().join("end2end.json");
    // An old file must not stand in for a run that did not happen.
    let _ = std::fs::remove_file(&results);
    let said = browser(&[])?
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &results)
        .tee()?;
    let outcome = count_journeys(&results)?;
    if !said.success && outcome.counts.failed == 0 {
        bail!("the browser tests did not run to their end: see above");
    }
    Ok(outcome)
}

/// Reads Playwright's JSON report. A test that passed only on a second try counts as failed.
fn count_journeys(results: &Path) -> Result<Outcome> {
    let text = tools::read(results).context("the browser tests wrote no results: see above")?;
    let report: Value =
        serde_json::from_slice(&text).context("the browser tests' results are not readable")?;
    let figure = |name: &str| {
        report
            .get("stats")
            .and_then(|stats| stats.get(name))
            .and_then(Value::as_u64)
            .unwrap_or_default()
    };
    let counts = Counts {
        passed: figure("expected"),
        failed: figure("unexpected") + figure("flaky"),
        skipped: figure("skipped"),
    };
    let why = journeys_that_failed(&report);
    Ok(Outcome { counts, why })
}
