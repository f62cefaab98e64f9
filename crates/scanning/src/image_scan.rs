//! Gate *image scan*: vulnerable packages, unsafe files and an unsafe configuration in the image.

mod configuration;
mod entries;
mod files;
mod layer;
mod long_names;
mod source;
mod stream;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use domain::gate::{Finding, Gate, Inconclusive, Report, Severity, Verdict};
use serde::{Deserialize, Serialize};

use crate::inventory::{Component, Distribution};
use crate::matching::{Assessment, Gap, Matcher, without_version};
use crate::report::{
    ENGINE, count, finding, fingerprint, ordered, outcome, plural, settle, standings,
};
use files::Contents;
use layer::{LayerError, Reader};

pub use source::{Image, ImageError};

/// Places and reasons that are listed; more say nothing new.
const MAX_LISTED: usize = 10;

/// A Python package in the image, as its builder knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// As installed or locked; compared after normalisation.
    pub name: String,
    /// Exact version.
    pub version: String,
}

/// What a scan is judged with.
#[derive(Debug, Clone, Copy, Default)]
pub struct ImageOptions<'a> {
    /// The day of the scan: decides what is too old. Without it nothing is.
    pub today: Option<NaiveDate>,
    /// Findings of the live version: those found again do not block.
    pub known: &'a [Finding],
}

/// What was read of an image, good or not.
#[derive(Debug, Default)]
struct Read {
    contents: Contents,
    layers: usize,
    entries: usize,
    manifest: Option<String>,
    broken: Option<Broken>,
}

/// Why the image was not read to its end.
#[derive(Debug)]
enum Broken {
    Image(ImageError),
    Layer(LayerError),
    TooMuch,
}

impl Broken {
    const fn outcome(&self) -> (Verdict, &'static str) {
        match self {
            Self::Image(ImageError::Io(_)) => (Verdict::Errored, "image_missing"),
            Self::Image(ImageError::Invalid(_)) => {
                (Verdict::Inconclusive, Inconclusive::ImageInvalid.as_str())
            }
            Self::Image(ImageError::WrongDigest(_))
            | Self::Layer(LayerError::WrongDigest { .. }) => {
                (Verdict::Inconclusive, Inconclusive::WrongDigest.as_str())
            }
            Self::Layer(LayerError::Open { .. }) => (Verdict::Errored, "layer_missing"),
            Self::Layer(LayerError::Archive { .. }) => (
                Verdict::Inconclusive,
                Inconclusive::LayerUnreadable.as_str(),
            ),
            Self::Layer(LayerError::TooLarge { .. }) | Self::TooMuch => {
                (Verdict::Inconclusive, Inconclusive::TooLarge.as_str())
            }
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Image(error) => error.to_string(),
            Self::Layer(error) => error.to_string(),
            Self::TooMuch => "the image holds more than can be looked at".to_owned(),
        }
    }
}

/// Scans an image. `packages` are those that its builder knows of, beside what its files say.
///
/// Layers are streamed and never unpacked, and compared with their digests. `failed` with a new finding of high or critical
/// severity; `inconclusive` with nothing in it (`nothing_to_check`), a digest that is wrong (`wrong_digest`), an archive that
/// is not valid (`image_invalid`, `layer_unreadable`), something beyond the limits (`too_large`), lists of packages that
/// cannot be read (`packages_unreadable`), or advisories that are missing, too old or silent (`db_missing`, `db_stale`,
/// `not_covered`, `not_scanned`); `errored` where a file cannot be opened; else `passed`, with the lesser findings listed.
/// What is found before a layer breaks still fails the gate.
#[must_use]
pub fn image_scan(
    image: &Image,
    packages: &[Package],
    matcher: &dyn Matcher,
    options: ImageOptions<'_>,
) -> Report {
    let mut read = read(image);
    let mut components = std::mem::take(&mut read.contents.components);
    let distribution = std::mem::take(&mut read.contents.distribution);
    let system = components
        .iter()
        .any(|one| matches!(one.ecosystem.as_str(), "deb" | "apk" | "rpm"));
    place(&mut components, &distribution);
    add_known(&mut components, packages);
    let assessment = matcher.assess(&components, options.today);
    let mut findings = std::mem::take(&mut read.contents.findings);
    findings.extend(assessment.findings.iter().cloned());
    findings.extend(without_version(&components));
    findings.extend(ended(&distribution, options.today));
    if distribution.has_packages() && !system && read.contents.unread.is_empty() {
        read.contents.unread.push((
            "etc/os-release".to_owned(),
            "the image names a distribution, and its list of packages is not there".to_owned(),
        ));
    }
    for one in &mut findings {
        one.fingerprint = fingerprint(&one.rule, &one.location, "");
    }
    let findings = settle(findings, options.known);
    let rest = without_findings(&read, components.len(), &assessment);
    let (verdict, reason) = outcome(&findings, rest);
    let mut basis = basis(&read, &components, &distribution, &assessment);
    basis.extend(standings(&findings));
    Report {
        gate: Gate::ImageScan,
        verdict,
        reason: reason.map(str::to_owned),
        summary: summary(&findings, &read, components.len(), &assessment),
        engine: engine(&assessment),
        basis,
        measures: Vec::new(),
        findings: ordered(findings),
        cases: Vec::new(),
        against_live: None,
    }
}

/// The packages that an image holds, for engines that read a bill of materials.
///
/// # Errors
/// The image cannot be read to its end.
pub fn components(image: &Image) -> Result<Vec<Component>, ImageError> {
    let read = read(image);
    match read.broken {
        Some(Broken::Image(error)) => Err(error),
        Some(broken) => Err(ImageError::Invalid(broken.text())),
        None => {
            let mut components = read.contents.components;
            place(&mut components, &read.contents.distribution);
            Ok(components)
        }
    }
}

fn read(image: &Image) -> Read {
    let opened = match source::open(image) {
        Ok(opened) => opened,
        Err(error) => {
            return Read {
                broken: Some(Broken::Image(error)),
                ..Read::default()
            };
        }
    };
    let mut reader = Reader::default();
    let mut broken = None;
    for layer in &opened.layers {
        if let Err(error) = reader.add(&opened, layer) {
            broken = Some(Broken::Layer(error));
            break;
        }
    }
    let entries = reader.entries();
    let overflow = reader.files.overflow;
    let mut contents = reader.files.into_contents();
    if let Some(config) = &opened.config {
        contents.findings.extend(configuration::judge(config));
    }
    Read {
        contents,
        layers: opened.layers.len(),
        entries,
        manifest: opened.manifest,
        broken: broken.or_else(|| overflow.then_some(Broken::TooMuch)),
    }
}

/// Packages of the operating system are those of its distribution.
fn place(components: &mut [Component], distribution: &Distribution) {
    for one in components {
        if matches!(one.ecosystem.as_str(), "deb" | "apk" | "rpm")
            && let Some(ecosystem) = distribution.ecosystem(&one.ecosystem)
        {
            one.ecosystem = ecosystem;
        }
    }
}

/// Packages that the builder knows of and that no file named.
fn add_known(components: &mut Vec<Component>, packages: &[Package]) {
    let mut seen: BTreeSet<String> = components
        .iter()
        .filter(|one| one.ecosystem == "PyPI")
        .map(Component::purl)
        .collect();
    for package in packages {
        let new = Component::new(
            "PyPI",
            &package.name,
            &package.version,
            "packages of the build",
        );
        if seen.insert(new.purl()) {
            components.push(new);
        }
    }
}

/// A distribution that nobody mends any more has flaws without advisories.
fn ended(distribution: &Distribution, today: Option<NaiveDate>) -> Option<Finding> {
    let (year, month) = distribution.end_of_life()?;
    let today = today?;
    ((today.year(), today.month()) >= (year, month)).then(|| {
        let message = format!(
            "{} is no longer mended since {year}-{month:02}, so its flaws have no advisories: build on a newer release.",
            distribution.name()
        );
        finding("image-distribution-ended", Severity::High, message, "etc/os-release", None)
    })
}

/// What it comes to where nothing blocks.
fn without_findings(
    read: &Read,
    components: usize,
    assessment: &Assessment,
) -> (Verdict, Option<&'static str>) {
    if let Some(broken) = &read.broken {
        let (verdict, reason) = broken.outcome();
        return (verdict, Some(reason));
    }
    if read.layers + components == 0 {
        return (
            Verdict::Inconclusive,
            Some(Inconclusive::NothingToCheck.as_str()),
        );
    }
    match &assessment.gap {
        Some(gap @ (Gap::DatabaseMissing | Gap::DatabaseStale(_) | Gap::NotScanned(_))) => {
            (Verdict::Inconclusive, Some(gap.code()))
        }
        _ if !read.contents.unread.is_empty() => (
            Verdict::Inconclusive,
            Some(Inconclusive::PackagesUnreadable.as_str()),
        ),
        Some(gap @ Gap::NotCovered(_)) => (Verdict::Inconclusive, Some(gap.code())),
        None => (Verdict::Passed, None),
    }
}

fn engine(assessment: &Assessment) -> String {
    if assessment.engine == ENGINE || assessment.engine.is_empty() {
        ENGINE.to_owned()
    } else {
        format!("{ENGINE}, {}", assessment.engine)
    }
}

fn basis(
    read: &Read,
    components: &[Component],
    distribution: &Distribution,
    assessment: &Assessment,
) -> Vec<(String, String)> {
    let mut basis = assessment.basis.clone();
    let mut add = |name: &str, value: String| basis.push((name.to_owned(), value));
    if let Some(manifest) = &read.manifest {
        add("image", manifest.clone());
    }
    add("packages", components.len().to_string());
    let mut by_ecosystem = BTreeMap::<&str, usize>::new();
    for one in components {
        *by_ecosystem.entry(&one.ecosystem).or_default() += 1;
    }
    for (ecosystem, number) in by_ecosystem {
        add(&format!("packages of {ecosystem}"), number.to_string());
    }
    if distribution.has_packages() {
        add("distribution", distribution.name());
    }
    add("layers", read.layers.to_string());
    add("files in the layers", read.entries.to_string());
    for (path, why) in read.contents.unread.iter().take(MAX_LISTED) {
        add("not assessed", format!("{path}: {why}"));
    }
    if read.contents.unread.len() > MAX_LISTED {
        add(
            "not assessed as well",
            plural(read.contents.unread.len() - MAX_LISTED, "file"),
        );
    }
    basis
}

fn summary(
    findings: &[Finding],
    read: &Read,
    components: usize,
    assessment: &Assessment,
) -> String {
    let mut summary = format!(
        "{} in {} and {}",
        count(findings),
        plural(components, "package"),
        plural(read.layers, "layer")
    );
    if let Some(broken) = &read.broken {
        summary.push_str(&format!("; {}", broken.text()));
    } else if let Some(gap) = &assessment.gap {
        summary.push_str(&format!("; {}", gap.text()));
    } else if !read.contents.unread.is_empty() {
        summary.push_str(&format!(
            "; {} about what is installed could not be read",
            plural(read.contents.unread.len(), "file")
        ));
    }
    summary.push('.');
    summary
}
