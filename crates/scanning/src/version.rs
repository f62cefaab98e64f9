//! The order of versions, which every kind of package has a rule of its own for.
//!
//! Every text is a version somewhere: what a rule does not allow is put somewhere too, the same place each time, because an
//! advisory that cannot be compared would be a package that looks clean.

mod alpine;
mod debian;
mod maven;
mod nuget;
mod packagist;
pub mod pep440;
mod redhat;
mod rubygems;
mod semver;

use std::cmp::Ordering;

/// A rule by which versions are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scheme {
    /// Python packages: PEP 440, and the order of setuptools before it.
    Pep440,
    /// npm, Rust crates, Go modules: semantic versions, numbers of any length, a leading `v` ignored.
    Semver,
    /// Debian and Ubuntu: `epoch:upstream-revision` as dpkg orders it.
    Debian,
    /// Alpine and its relatives: as apk orders it.
    Alpine,
    /// Red Hat, SUSE and their relatives: `epoch:version-release` as rpm orders it.
    RedHat,
    /// Ruby gems.
    RubyGems,
    /// Java packages.
    Maven,
    /// PHP packages.
    Packagist,
    /// .NET packages: semantic versions with a fourth number, letters without case.
    NuGet,
}

impl Scheme {
    /// The rule of an OSV ecosystem such as `PyPI` or `Debian:12`; `None` where we know none.
    #[must_use]
    pub fn of_ecosystem(ecosystem: &str) -> Option<Self> {
        let family = ecosystem.split(':').next().unwrap_or(ecosystem);
        Some(match family {
            "PyPI" => Self::Pep440,
            "npm" | "crates.io" | "Go" | "Hex" | "Pub" | "SwiftURL" | "GitHub Actions"
            | "Bitnami" => Self::Semver,
            "Debian" | "Ubuntu" | "Echo" => Self::Debian,
            "Alpine"
            | "Alpaquita"
            | "BellSoft Hardened Containers"
            | "Chainguard"
            | "MinimOS"
            | "Wolfi" => Self::Alpine,
            "AlmaLinux" | "Azure Linux" | "Mageia" | "Photon OS" | "Red Hat" | "Rocky Linux"
            | "SUSE" | "openEuler" | "openSUSE" => Self::RedHat,
            "RubyGems" => Self::RubyGems,
            "NuGet" => Self::NuGet,
            "Maven" => Self::Maven,
            "Packagist" => Self::Packagist,
            _ => return None,
        })
    }

    /// How two versions stand to each other. A total order for all but Alpine, where apk itself compares two texts that its
    /// grammar does not allow letter by letter, and any other pair by what it can read.
    #[must_use]
    pub fn compare(self, one: &str, two: &str) -> Ordering {
        match self {
            Self::Pep440 => pep440::Version::parse(one).cmp(&pep440::Version::parse(two)),
            Self::Semver => semver::compare(one, two),
            Self::Debian => debian::compare(one, two),
            Self::Alpine => alpine::compare(one, two),
            Self::RedHat => redhat::compare(one, two),
            Self::RubyGems => rubygems::compare(one, two),
            Self::NuGet => nuget::compare(one, two),
            Self::Maven => maven::compare(one, two),
            Self::Packagist => packagist::compare(one, two),
        }
    }
}

/// Two numbers of any length, as digits; no digits are zero.
fn numbers(one: &str, two: &str) -> Ordering {
    let (one, two) = (one.trim_start_matches('0'), two.trim_start_matches('0'));
    one.len().cmp(&two.len()).then_with(|| one.cmp(two))
}

/// The digits that a text begins with, and the rest.
fn split_digits(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at(end)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
