//! Frameworks, their controls, and what recorded events support evidence for.

use serde::{Deserialize, Serialize};

use crate::controls::Framework;

/// Every framework, over a period and scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Frameworks {
    /// Version of the catalogue of controls.
    pub catalogue: String,
    pub scope: Scope,
    pub rows: Vec<FrameworkRow>,
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Scope {
    /// RFC 3339; events at or after it.
    pub from: String,
    /// RFC 3339; events before it.
    pub to: String,
    /// Slug of the one agent; `None` for everything.
    pub agent: Option<String>,
}

/// One framework in the list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrameworkRow {
    pub framework: Framework,
    pub edition: String,
    /// Controls in the catalogue.
    pub controls: usize,
    /// Those of them for which nothing was recorded.
    pub gaps: usize,
}

/// One framework with its controls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FrameworkView {
    pub framework: Framework,
    pub edition: String,
    pub catalogue: String,
    pub scope: Scope,
    pub controls: Vec<ControlView>,
    /// Events that support evidence for any of them, each counted once.
    pub events: u64,
}

impl FrameworkView {
    /// Controls for which nothing was recorded.
    #[must_use]
    pub fn gaps(&self) -> usize {
        self.controls.iter().filter(|c| c.gap.is_some()).count()
    }
}

/// One control, and what supports evidence for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ControlView {
    pub id: String,
    pub title: String,
    pub evidence: Vec<EvidenceCount>,
    /// Events, each counted once.
    pub total: u64,
    /// Why nothing supports evidence for it; `None` where something does.
    pub gap: Option<String>,
}

/// Events of one kind of evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EvidenceCount {
    pub key: String,
    pub title: String,
    pub count: u64,
    /// Index of the newest event.
    pub newest: Option<u64>,
}
