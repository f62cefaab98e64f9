//! Gate *image scan*: vulnerable packages and unsafe files in the image.

mod entries;
mod layer;
mod long_names;

use std::path::PathBuf;

use domain::gate::{Finding, Gate, Report, Severity, Verdict};
use serde::{Deserialize, Serialize};

use crate::advisory::AdvisorySet;
use crate::report::{ENGINE, any_blocking, count, finding, ordered, plural};
use layer::{Image, LayerError};

/// A Python package in the image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// As installed or locked; compared after normalisation.
    pub name: String,
    /// Exact version.
    pub version: String,
}

/// Scans an image: its layers, lowest first, each a gzip-compressed (or plain) tar file, and its Python packages.
///
/// The layers are streamed and never unpacked. `failed` with a finding of high or critical severity; `inconclusive` with an
/// empty advisory set (`db_missing`), with neither a layer nor a package (`nothing_to_check`), with a layer that is no
/// valid archive (`layer_unreadable`) or beyond the limits (`too_large`); `errored` where a layer file cannot be opened;
/// else `passed`, with the lesser findings listed. What is found before a layer breaks still fails the gate.
#[must_use]
pub fn image_scan(layers: &[PathBuf], packages: &[Package], advisories: &AdvisorySet) -> Report {
    let mut findings = vulnerable(packages, advisories);
    let mut image = Image::default();
    let broken = layers.iter().find_map(|path| image.add(path).err());
    let entries = image.entries();
    findings.extend(image.into_findings());
    let (verdict, reason) = conclude(
        &findings,
        broken.as_ref(),
        layers.len() + packages.len(),
        advisories,
    );
    let basis = basis(layers.len(), packages.len(), entries, advisories);
    let summary = summary(
        &findings,
        layers.len(),
        packages.len(),
        broken.as_ref(),
        advisories,
    );
    Report {
        gate: Gate::ImageScan,
        verdict,
        reason: reason.map(str::to_owned),
        summary,
        engine: ENGINE.to_owned(),
        basis,
        measures: Vec::new(),
        findings: ordered(findings),
        cases: Vec::new(),
    }
}

fn conclude(
    findings: &[Finding],
    broken: Option<&LayerError>,
    inputs: usize,
    advisories: &AdvisorySet,
) -> (Verdict, Option<&'static str>) {
    let rest = without_findings(broken, inputs, advisories);
    match (any_blocking(findings), rest.0) {
        (true, Verdict::Passed) => (Verdict::Failed, Some("findings")),
        // Accepting the findings would not make it a pass.
        (true, _) => (Verdict::Failed, Some("findings_incomplete")),
        (false, _) => rest,
    }
}

/// What it comes to where nothing blocks.
fn without_findings(
    broken: Option<&LayerError>,
    inputs: usize,
    advisories: &AdvisorySet,
) -> (Verdict, Option<&'static str>) {
    match broken {
        Some(LayerError::Open { .. }) => return (Verdict::Errored, Some("layer_missing")),
        Some(LayerError::Archive { .. }) => {
            return (Verdict::Inconclusive, Some("layer_unreadable"));
        }
        Some(LayerError::TooLarge { .. }) => return (Verdict::Inconclusive, Some("too_large")),
        None => {}
    }
    if inputs == 0 {
        (Verdict::Inconclusive, Some("nothing_to_check"))
    } else if advisories.is_empty() {
        (Verdict::Inconclusive, Some("db_missing"))
    } else {
        (Verdict::Passed, None)
    }
}

fn vulnerable(packages: &[Package], advisories: &AdvisorySet) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for package in packages {
        let location = format!("{} {}", package.name, package.version);
        for one in advisories.matches(&package.name, &package.version) {
            let advice = one.fixed.map_or_else(
                || "No version is known to be fixed: replace the package.".to_owned(),
                |fixed| format!("Upgrade to {fixed} or later."),
            );
            let names = if one.aliases.is_empty() {
                String::new()
            } else {
                format!(" ({})", one.aliases.join(", "))
            };
            let message = format!("{}{names}. {advice}", one.summary.trim_end_matches('.'));
            findings.push(finding(&one.id, one.severity, message, &location, None));
        }
        if package.version.trim().is_empty() {
            let message = "The package has no version, so no advisory can be matched: pin it.";
            findings.push(finding(
                "package-without-version",
                Severity::Medium,
                message,
                &package.name,
                None,
            ));
        }
    }
    findings
}

fn basis(
    layers: usize,
    packages: usize,
    entries: usize,
    advisories: &AdvisorySet,
) -> Vec<(String, String)> {
    vec![
        (
            "advisories".to_owned(),
            format!("{} ({})", advisories.len(), advisories.name()),
        ),
        (
            "advisories as of".to_owned(),
            if advisories.as_of().is_empty() {
                "unknown"
            } else {
                advisories.as_of()
            }
            .to_owned(),
        ),
        ("packages".to_owned(), packages.to_string()),
        ("layers".to_owned(), layers.to_string()),
        ("files in the layers".to_owned(), entries.to_string()),
        (
            "not assessed".to_owned(),
            "packages of the operating system".to_owned(),
        ),
    ]
}

fn summary(
    findings: &[Finding],
    layers: usize,
    packages: usize,
    broken: Option<&LayerError>,
    advisories: &AdvisorySet,
) -> String {
    let total = count(findings);
    let mut summary = format!(
        "{}{} in {} and {}",
        total.get(..1).unwrap_or_default().to_uppercase(),
        total.get(1..).unwrap_or_default(),
        plural(packages, "package"),
        plural(layers, "layer")
    );
    if let Some(error) = broken {
        summary.push_str(&format!("; {error}"));
    } else if advisories.is_empty() {
        summary.push_str("; there are no advisories to match the packages with");
    }
    summary.push('.');
    summary
}
