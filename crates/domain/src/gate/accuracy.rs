//! How good an engine was measured to be, so that nobody takes a default for a guarantee.

use serde::{Deserialize, Serialize};

/// What an engine was measured to do on named public data. Written by `cargo xtask bench gates`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AccuracyCard {
    /// The engine as evidence names it.
    pub engine: String,
    /// One entry per check and set of data.
    pub figures: Vec<AccuracyFigure>,
}

/// One measured figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct AccuracyFigure {
    /// Stable id of the check, such as `claims`.
    pub check: String,
    /// What is measured, such as "balanced accuracy".
    pub metric: String,
    /// The figure, 0 to 1.
    pub value: f64,
    /// On how many cases.
    pub cases: u32,
    /// The set of data, with its part.
    pub data: String,
    /// Where the data come from, and under which licence.
    pub source: String,
    /// What others reached on data of that name, in print.
    #[serde(default)]
    pub published: Vec<Published>,
    /// What to know before comparing.
    #[serde(default)]
    pub note: String,
}

/// A figure that somebody published.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// The system.
    pub system: String,
    /// Its figure, 0 to 1.
    pub value: f64,
    /// Where it stands in print.
    pub source: String,
}

impl AccuracyFigure {
    /// One sentence for beside a verdict.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!(
            "{} {:.1} % on {} cases of {}.",
            self.metric,
            self.value * 100.0,
            self.cases,
            self.data
        )
    }
}
