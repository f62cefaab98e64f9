//! Which tools or MCP servers a list is about.

use serde::{Deserialize, Serialize};

use crate::error::{FieldProblem, ValidationErrors};
use crate::registry::UseKind;

/// Longest beginning of a name, characters.
const TEXT_MAX: usize = 200;

/// Filters of the list of tools and MCP servers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct UseQuery {
    /// `tool` or `server`; tools if empty.
    pub kind: String,
    /// The beginning of a name, as it is written.
    pub q: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

impl UseQuery {
    /// What kind is meant.
    ///
    /// # Errors
    /// For a kind that is none, and a text that is too long.
    pub fn parse(&self) -> Result<UseKind, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let kind = match self.kind.trim() {
            "" => Some(UseKind::Tool),
            word => word.parse().ok(),
        };
        if kind.is_none() {
            errors.add("kind", FieldProblem::UnknownChoice);
        }
        if self.q.chars().count() > TEXT_MAX {
            errors.add("q", FieldProblem::TooLong);
        }
        errors.into_result().map(|()| kind.unwrap_or(UseKind::Tool))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_meant_where_nothing_is_said() {
        let of = |kind: &str| UseQuery {
            kind: kind.to_owned(),
            ..UseQuery::default()
        };
        assert_eq!(of("").parse(), Ok(UseKind::Tool));
        assert_eq!(of("server").parse(), Ok(UseKind::Server));
        assert!(of("hammer").parse().is_err());
        let long = UseQuery {
            q: "x".repeat(201),
            ..UseQuery::default()
        };
        assert!(long.parse().is_err());
    }
}
