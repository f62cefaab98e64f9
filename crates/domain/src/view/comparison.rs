//! The evidence of a proposed version against that of the live one.

use serde::{Deserialize, Serialize};

use crate::gate::{CaseResult, Finding, Gate, Measure};

/// What differs in the gates' reports.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvidenceDiff {
    /// The live deployment that is compared with; `None` when nothing was live.
    pub live_number: Option<i64>,
    /// Scores in the order of the gates.
    pub measures: Vec<MeasureDelta>,
    /// Cases that passed in the live version and fail now, at most 50.
    pub newly_failing: Vec<CaseResult>,
    /// How many they are.
    pub newly_failing_count: u32,
    /// How many failed in the live version and pass now.
    pub newly_passing: u32,
    /// Findings of the image scan; `None` unless both versions were scanned.
    pub vulnerabilities: Option<FindingsDiff>,
    /// What could not be compared, in sentences.
    pub missing: Vec<String>,
}

/// One score, then and now.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MeasureDelta {
    pub gate: Gate,
    pub live: Option<Measure>,
    pub proposed: Measure,
    /// `None` where there is nothing to compare.
    pub change: Option<Delta>,
}

/// A difference with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Delta {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}

impl Delta {
    /// Better or worse, or (`None`) neither can be said: the interval includes 0.
    #[must_use]
    pub fn better(&self) -> Option<bool> {
        if self.low > 0.0 {
            Some(true)
        } else if self.high < 0.0 {
            Some(false)
        } else {
            None
        }
    }
}

/// What an image scan found against another one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FindingsDiff {
    /// New ones, worst first, at most 50.
    pub added: Vec<Finding>,
    /// How many they are.
    pub added_count: u32,
    pub gone: u32,
    pub kept: u32,
}
