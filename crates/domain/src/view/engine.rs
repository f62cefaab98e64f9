//! The engines behind the gates, and the catalogues of risks beside the checks that stand for them.

use serde::{Deserialize, Serialize};

use crate::engine::EngineState;
use crate::gate::{AccuracyFigure, Gate};

/// Every engine that judges here.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngineList {
    /// When they were looked at; `None` before the first time.
    pub looked_at: Option<String>,
    pub engines: Vec<EngineRow>,
}

/// One engine as it was found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EngineRow {
    /// Name and version, as evidence names it.
    pub name: String,
    /// The gates that it judges for.
    pub gates: Vec<Gate>,
    /// Ships with Clearance; others are the user's.
    pub own: bool,
    pub state: EngineState,
    /// What it does, or why it cannot, as a sentence.
    pub note: String,
    /// What it judges with, a name and a value each.
    pub basis: Vec<(String, String)>,
    /// What it was measured to do.
    pub figures: Vec<AccuracyFigure>,
}

/// One catalogue of risks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CatalogueView {
    pub title: String,
    pub risks: Vec<RiskRow>,
}

/// One entry of a catalogue with its automatic checks. None means that nothing here tests it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RiskRow {
    pub id: String,
    pub title: String,
    pub checks: Vec<CheckRow>,
}

/// One automatic check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CheckRow {
    /// Stable id, as findings name it.
    pub id: String,
    pub title: String,
    pub gate: Gate,
}
