//! Version numbers and the tags that carry them into git.

use std::fmt;
use std::str::FromStr;

use crate::environment::Environment;

/// `major.minor`, which the team declares in its manifest. The patch number is ours to give.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct VersionLine {
    pub major: u32,
    pub minor: u32,
}

/// A version number, `2.3.0`.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(try_from = "String", into = "String")]
pub struct VersionNumber {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

/// The text is not a version number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a version number such as 2.3.0")]
pub struct BadVersion(pub String);

impl VersionLine {
    /// The number after the highest patch of this line among `existing`.
    #[must_use]
    pub fn next(self, existing: &[VersionNumber]) -> VersionNumber {
        let patch = existing
            .iter()
            .filter(|v| v.major == self.major && v.minor == self.minor)
            .map(|v| v.patch.saturating_add(1))
            .max()
            .unwrap_or(0);
        VersionNumber {
            major: self.major,
            minor: self.minor,
            patch,
        }
    }
}

fn number(text: &str) -> Option<u32> {
    let plain = !text.is_empty() && text.len() <= 6 && text.bytes().all(|b| b.is_ascii_digit());
    (plain && (text == "0" || !text.starts_with('0')))
        .then(|| text.parse().ok())
        .flatten()
}

impl FromStr for VersionLine {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let bad = || BadVersion(text.to_owned());
        let (major, minor) = text.split_once('.').ok_or_else(bad)?;
        Ok(Self {
            major: number(major).ok_or_else(bad)?,
            minor: number(minor).ok_or_else(bad)?,
        })
    }
}

impl fmt::Display for VersionLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for VersionNumber {
    type Err = BadVersion;

    fn from_str(text: &str) -> Result<Self, BadVersion> {
        let bad = || BadVersion(text.to_owned());
        let (line, patch) = text.rsplit_once('.').ok_or_else(bad)?;
        let line: VersionLine = line.parse().map_err(|_| bad())?;
        Ok(Self {
            major: line.major,
            minor: line.minor,
            patch: number(patch).ok_or_else(bad)?,
        })
    }
}

impl fmt::Display for VersionNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

impl TryFrom<String> for VersionNumber {
    type Error = BadVersion;

    fn try_from(text: String) -> Result<Self, BadVersion> {
        text.parse()
    }
}

impl From<VersionNumber> for String {
    fn from(version: VersionNumber) -> Self {
        version.to_string()
    }
}

/// The git tag of a stage: `clearance/sales-qualifier/v2.3.0`, `…-non_prod`, `…-production`.
#[must_use]
pub fn tag(agent: &str, version: &str, stage: Option<Environment>) -> String {
    match stage {
        None => format!("clearance/{agent}/v{version}"),
        Some(environment) => format!("clearance/{agent}/v{version}-{environment}"),
    }
}
