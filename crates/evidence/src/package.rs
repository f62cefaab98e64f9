//! An evidence package: what recorded events support evidence for which controls of one framework, over a period and scope, with
//! everything that it takes to check that without us.
//!
//! ```text
//! INSTRUCTIONS.txt     one page for whoever checks it
//! manifest.json        framework, scope, catalogue, log, sample, and the SHA-256 of every file below but `log/`
//! manifest.sig         the installation's signature of the manifest
//! report.html          for people
//! controls.csv         one row for each control
//! events.csv           one row for each event that supports evidence
//! package.json         the same as the report, for programs
//! oscal.json           the same as OSCAL assessment results
//! catalogue.json       which events support evidence for which control
//! policy.yaml          the policy in force when it was made
//! sample/              some events, chosen by a seed: bytes and proof of each
//! log/                 the whole audit log as an export: entries, hashes, rows, checkpoint, key
//! ```
//!
//! All but the policy is worked out from the entries of the log in it, so whoever has the log's key can work it out again.

mod collect;
mod render;
mod sample;
mod verify;

use std::collections::BTreeMap;

use domain::controls::{Catalogue, Counts, Framework};
use domain::view::controls::{FrameworkView, Scope};
use serde::{Deserialize, Serialize};

pub use collect::Collector;
pub use render::{controls_csv, html, instructions, oscal};
pub use verify::{PackageProblem, PackageReport, verify_package};

/// What the manifest of such a package begins with.
pub const PACKAGE_FORMAT: &str = "clearance-evidence-package/1";
/// The files that the manifest names, beside those of the sample.
pub const FILES: [&str; 8] = [
    "INSTRUCTIONS.txt",
    "catalogue.json",
    "controls.csv",
    "events.csv",
    "oscal.json",
    "package.json",
    "policy.yaml",
    "report.html",
];

/// The signed description of a package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    pub format: String,
    pub framework: Framework,
    /// Version of the catalogue of controls.
    pub catalogue: String,
    pub scope: Scope,
    pub log: LogHead,
    pub sample: Sampled,
    /// SHA-256 of each file in hexadecimal digits, by its path.
    pub files: BTreeMap<String, String>,
}

/// The log that a package was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogHead {
    pub origin: String,
    pub size: u64,
    /// Hexadecimal digits.
    pub root: String,
}

/// How events were chosen for a sample, so that anybody can choose them again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sampled {
    pub seed: String,
    /// How many were asked for; fewer are in it where there are not so many.
    pub asked: usize,
    /// Their indexes in the log, in its order.
    pub events: Vec<u64>,
}

/// What a framework comes to by these counts.
#[must_use]
pub fn weigh(
    catalogue: &Catalogue,
    framework: Framework,
    scope: Scope,
    counts: &Counts,
) -> Option<FrameworkView> {
    let mapped = catalogue.of(framework)?;
    let wanted = catalogue.actions(mapped);
    Some(FrameworkView {
        framework,
        edition: mapped.edition.clone(),
        catalogue: catalogue.version.clone(),
        scope,
        controls: catalogue.weigh(mapped, counts),
        events: wanted
            .iter()
            .filter_map(|action| counts.get(action))
            .map(|found| found.count)
            .sum(),
    })
}
