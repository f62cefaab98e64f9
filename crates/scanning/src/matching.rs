//! Whether installed packages are vulnerable: asked of our own advisories, or of an engine of the user's.

use chrono::NaiveDate;
use domain::gate::{Finding, Inconclusive, Severity};

use crate::advisory::{AdvisorySet, Match};
use crate::inventory::Component;
use crate::report::{ENGINE, finding};

/// Why the answer is not the whole one. The order is the one in which they matter.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// There is no database to ask.
    DatabaseMissing,
    /// The database is so old (in days) that new flaws are not in it.
    DatabaseStale(Option<u64>),
    /// The engine hung, failed, wrote nonsense or skipped what it was given. Says what happened.
    NotScanned(String),
    /// The database says nothing of these ecosystems.
    NotCovered(Vec<String>),
}

impl Gap {
    /// The reason code of an inconclusive gate.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        let reason = match self {
            Self::DatabaseMissing => Inconclusive::DbMissing,
            Self::DatabaseStale(_) => Inconclusive::DbStale,
            Self::NotScanned(_) => Inconclusive::NotScanned,
            Self::NotCovered(_) => Inconclusive::NotCovered,
        };
        reason.as_str()
    }

    /// The same for people, as the end of a sentence.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::DatabaseMissing => {
                "there are no advisories to match the packages with".to_owned()
            }
            Self::DatabaseStale(Some(days)) => format!("the advisories are {days} days old"),
            Self::DatabaseStale(None) => "nobody knows how old the advisories are".to_owned(),
            Self::NotScanned(why) => format!("the packages were not scanned: {why}"),
            Self::NotCovered(ecosystems) => format!(
                "the advisories say nothing about packages of {}",
                ecosystems.join(", ")
            ),
        }
    }
}

/// What an engine says about a list of packages.
#[derive(Debug, Clone, Default)]
pub struct Assessment {
    /// Vulnerable packages.
    pub findings: Vec<Finding>,
    /// Engine and version.
    pub engine: String,
    /// What it judged with, a name and a value each.
    pub basis: Vec<(String, String)>,
    /// Why it is not the whole answer.
    pub gap: Option<Gap>,
}

/// Says which packages are vulnerable.
pub trait Matcher: Send + Sync + std::fmt::Debug {
    /// Judges the packages. `today` decides whether the engine's data is too old; without it nothing is.
    fn assess(&self, components: &[Component], today: Option<NaiveDate>) -> Assessment;
}

/// The embedded matcher with its advisories.
#[derive(Debug, Clone)]
pub struct Embedded<'a> {
    /// What is matched with.
    pub advisories: &'a AdvisorySet,
    /// Days after which the advisories are too old.
    pub max_age_days: u64,
}

impl Matcher for Embedded<'_> {
    fn assess(&self, components: &[Component], today: Option<NaiveDate>) -> Assessment {
        let set = self.advisories;
        let mut findings: Vec<Finding> = Vec::new();
        for component in components {
            let (name, version) = component.matched_by();
            for one in set.matches_in(&component.ecosystem, name, version) {
                findings.push(of_match(component, &one));
            }
        }
        let mut open: Vec<String> = components
            .iter()
            .filter(|one| !set.covers(&one.ecosystem))
            .map(|one| one.ecosystem.clone())
            .collect();
        open.sort();
        open.dedup();
        Assessment {
            findings,
            engine: ENGINE.to_owned(),
            basis: self.basis(today, &open),
            gap: self.gap(today, open),
        }
    }
}

impl Embedded<'_> {
    fn gap(&self, today: Option<NaiveDate>, open: Vec<String>) -> Option<Gap> {
        let set = self.advisories;
        if set.is_empty() {
            return Some(Gap::DatabaseMissing);
        }
        // The sample is for showing, and says so; it was old when it was chosen.
        if let Some(today) = today.filter(|_| !set.is_sample()) {
            let age = set.age_days(today);
            if age.is_none_or(|age| age > self.max_age_days) {
                return Some(Gap::DatabaseStale(age));
            }
        }
        (!open.is_empty()).then_some(Gap::NotCovered(open))
    }

    fn basis(&self, today: Option<NaiveDate>, open: &[String]) -> Vec<(String, String)> {
        let set = self.advisories;
        let as_of = match set.as_of() {
            "" => "unknown",
            date => date,
        };
        let mut basis = vec![
            (
                "advisories".to_owned(),
                format!("{} ({})", set.len(), set.name()),
            ),
            ("advisories as of".to_owned(), as_of.to_owned()),
        ];
        let mut add = |name: &str, value: String| basis.push((name.to_owned(), value));
        if let Some(age) = today.and_then(|today| set.age_days(today)) {
            add("age of the advisories in days", age.to_string());
        }
        if !set.digest().is_empty() {
            add(
                "digest of the advisories",
                format!("sha256:{}", set.digest()),
            );
        }
        if !open.is_empty() {
            add("not assessed: no advisories for", open.join(", "));
        }
        basis
    }
}

fn of_match(component: &Component, one: &Match) -> Finding {
    let advice = one.fixed.as_ref().map_or_else(
        || "No version is known to be fixed: replace the package.".to_owned(),
        |fixed| format!("Upgrade to {fixed} or later."),
    );
    let names = if one.aliases.is_empty() {
        String::new()
    } else {
        let few: Vec<&str> = one.aliases.iter().take(8).map(String::as_str).collect();
        format!(" ({})", few.join(", "))
    };
    let message = format!("{}{names}. {advice}", one.summary.trim_end_matches('.'));
    let location = format!("{} {}", component.name, component.version);
    finding(&one.id, one.severity, message, &location, None)
}

/// A package without a version matches nothing, and that is not because it is well.
pub(crate) fn without_version(components: &[Component]) -> Vec<Finding> {
    components
        .iter()
        .filter(|one| one.version.is_empty())
        .map(|one| {
            let message = "The package has no version, so no advisory can be matched: pin it.";
            finding(
                "package-without-version",
                Severity::Medium,
                message,
                &one.name,
                None,
            )
        })
        .collect()
}
