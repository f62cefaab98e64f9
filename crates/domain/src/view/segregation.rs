//! Who could approve what in a period, who did, and where that touches the rules of separation.

use serde::{Deserialize, Serialize};

use crate::actor::Role;
use crate::segregation::{ConflictKind, FigureKind, Via};

/// The report. It is made of events of the audit log and of nothing else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SegregationReport {
    /// RFC 3339; what happened at or after it.
    pub from: String,
    /// RFC 3339; what happened before it.
    pub to: String,
    /// Slug of the one team; `None` for all.
    pub team: Option<String>,
    pub could: Vec<Holding>,
    pub did: Vec<Figure>,
    pub conflicts: Vec<Conflict>,
    /// Events about agents of which the log names no team, so that a report of one team leaves them out.
    pub unplaced: u64,
    /// Slugs of the teams that can be asked for.
    pub teams: Vec<String>,
}

/// Where a role holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "kind", content = "team", rename_all = "snake_case")]
pub enum Place {
    EveryTeam,
    /// By its slug.
    Team(String),
    /// The log of an older version does not say.
    NotKnown,
}

impl Place {
    /// As people read it.
    #[must_use]
    pub fn label(&self) -> String {
        match self {
            Self::EveryTeam => "every team".to_owned(),
            Self::Team(slug) => slug.clone(),
            Self::NotKnown => "not known".to_owned(),
        }
    }
}

/// A role that somebody held in the period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Holding {
    pub person: String,
    pub role: Role,
    pub place: Place,
    pub via: Via,
    /// Who gave it: a person, a provider, or whom they stood in for.
    pub by: Option<String>,
    /// `None` where the log does not say.
    pub from: Option<String>,
    /// `None` while it lasts.
    pub until: Option<String>,
    /// Index of the event that it began with.
    pub begun: Option<u64>,
    /// Index of the event that it ended with; a role for a time may end by the clock.
    pub ended: Option<u64>,
    /// When the person left, if they have.
    pub left: Option<String>,
}

/// A number, and the events that it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Figure {
    pub kind: FigureKind,
    /// Indexes, oldest first. Their number is the figure.
    pub events: Vec<u64>,
}

/// One thing that the rules look at, with what was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Conflict {
    pub kind: ConflictKind,
    pub rows: Vec<ConflictRow>,
    /// There may be more: the log does not say of which team some are.
    pub not_known: bool,
}

/// One case of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConflictRow {
    pub person: String,
    pub what: String,
    /// Indexes, oldest first.
    pub events: Vec<u64>,
}
