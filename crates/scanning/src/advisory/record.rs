//! One OSV record as it is read. Fields that do not decide anything are ignored; those that do are typed.

use domain::gate::Severity;
use serde::Deserialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde_json::Value;

use super::cvss;

/// An advisory.
#[derive(Debug, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    #[serde(default)]
    pub(super) modified: String,
    pub(super) withdrawn: Option<String>,
    #[serde(default)]
    pub(super) aliases: Vec<String>,
    #[serde(default)]
    pub(super) related: Vec<String>,
    #[serde(default)]
    pub(super) summary: String,
    #[serde(default)]
    pub(super) details: String,
    #[serde(default, rename = "severity")]
    scores: Vec<Score>,
    #[serde(default)]
    pub(super) affected: Vec<Affected>,
    #[serde(default)]
    database_specific: Value,
}

/// One affected package.
#[derive(Debug, Deserialize)]
#[serde(from = "RawAffected")]
pub(super) struct Affected {
    pub(super) package: Option<Package>,
    pub(super) ranges: Vec<Range>,
    pub(super) versions: Vec<String>,
    pub(super) severity: Option<Severity>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Package {
    pub(super) ecosystem: String,
    pub(super) name: String,
}

/// Events in one order of versions.
#[derive(Debug, Clone)]
pub(super) struct Range {
    /// In the order of semantic versions, not in the ecosystem's own.
    pub(super) semver: bool,
    pub(super) events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
struct RawAffected {
    package: Option<Package>,
    #[serde(default)]
    ranges: Vec<RawRange>,
    #[serde(default)]
    versions: Vec<String>,
    #[serde(default)]
    severity: Vec<Score>,
    #[serde(default)]
    ecosystem_specific: Value,
}

#[derive(Debug, Deserialize)]
struct RawRange {
    #[serde(rename = "type")]
    kind: String,
    events: Vec<Event>,
}

#[derive(Debug, Deserialize)]
struct Score {
    #[serde(rename = "type")]
    kind: String,
    score: String,
}

/// A point at which a range changes.
#[derive(Debug, Clone)]
pub(super) enum Event {
    Introduced(String),
    Fixed(String),
    LastAffected(String),
    Limit(String),
}

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Pairs;
        impl<'de> Visitor<'de> for Pairs {
            type Value = Event;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an event with one of introduced, fixed, last_affected, limit")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Event, A::Error> {
                let (kind, version): (String, String) = map
                    .next_entry()?
                    .ok_or_else(|| A::Error::custom("an event is empty"))?;
                if map.next_key::<String>()?.is_some() {
                    return Err(A::Error::custom("an event has more than one entry"));
                }
                match kind.as_str() {
                    "introduced" => Ok(Event::Introduced(version)),
                    "fixed" => Ok(Event::Fixed(version)),
                    "last_affected" => Ok(Event::LastAffected(version)),
                    "limit" => Ok(Event::Limit(version)),
                    other => Err(A::Error::custom(format!("`{other}` is not an event"))),
                }
            }
        }
        deserializer.deserialize_map(Pairs)
    }
}

impl From<RawAffected> for Affected {
    fn from(raw: RawAffected) -> Self {
        // Commits of a repository say nothing about an installed package.
        let ranges = raw
            .ranges
            .into_iter()
            .filter(|range| range.kind != "GIT")
            .map(|range| Range {
                semver: range.kind == "SEMVER",
                events: range.events,
            })
            .collect();
        Self {
            package: raw.package,
            ranges,
            versions: raw.versions,
            severity: worst(&raw.severity).or_else(|| {
                // Debian's word for a flaw in one release.
                word(raw.ecosystem_specific.get("urgency")?.as_str()?)
            }),
        }
    }
}

impl Record {
    /// By CVSS 3 or 4, else by the word that the database gives.
    pub(super) fn severity(&self) -> Option<Severity> {
        worst(&self.scores).or_else(|| word(self.database_specific.get("severity")?.as_str()?))
    }
}

fn word(word: &str) -> Option<Severity> {
    match word.to_lowercase().as_str() {
        "unimportant" | "low" => Some(Severity::Low),
        "moderate" | "medium" => Some(Severity::Medium),
        "high" | "important" => Some(Severity::High),
        "critical" => Some(Severity::Critical),
        _ => None,
    }
}

fn worst(scores: &[Score]) -> Option<Severity> {
    scores
        .iter()
        .filter(|one| matches!(one.kind.as_str(), "CVSS_V3" | "CVSS_V4"))
        .filter_map(|one| cvss::severity(&one.score))
        .max()
}
