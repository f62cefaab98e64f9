//! Groups of people, and who stands in for whom.

use serde::{Deserialize, Serialize};

/// A group with its people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GroupRow {
    pub slug: String,
    pub name: String,
    /// Name and address of each, by name.
    pub people: Vec<(String, String)>,
}

/// Somebody standing in for somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandInRow {
    pub id: String,
    /// Who is away.
    pub absent: String,
    pub stand_in: String,
    pub from: String,
    pub until: String,
    pub reason: Option<String>,
    /// It is now.
    pub running: bool,
    /// The person looking can end it.
    pub can_end: bool,
}
