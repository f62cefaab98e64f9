//! Keeping filters of the audit trail or of the registry under a name.

use serde::{Deserialize, Serialize};

use super::query::{AgentQuery, AuditQuery};
use super::text;
use crate::error::{FieldProblem, ValidationErrors};
use crate::id::SavedViewId;

/// Longest name, characters.
pub const NAME_MAX: usize = 80;
/// What a form says it is of where that is a view of the registry.
pub const REGISTRY: &str = "registry";
/// Most that one person keeps.
pub const VIEWS_MAX: usize = 50;

/// A new one.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct SavedViewForm {
    pub name: String,
    /// `yes`: whoever may read the list finds it.
    pub shared: String,
    /// The filters of the audit trail; place and length of a page are not kept.
    pub filters: AuditQuery,
    /// The filters of the registry: then it is a view of the registry.
    pub agents: Option<AgentQuery>,
}

/// What a view is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filters {
    Trail(AuditQuery),
    Registry(AgentQuery),
}

impl SavedViewForm {
    /// Its name, whether it is shared, and the filters.
    ///
    /// # Errors
    /// For a name that is none or too long, and for filters that cannot be meant.
    pub fn parse(&self) -> Result<(String, bool, Filters), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let name = name(&mut errors, &self.name);
        let wrong = match &self.agents {
            Some(agents) => agents.parse().is_err(),
            None => self.filters.parse().is_err(),
        };
        if wrong {
            errors.add("filters", FieldProblem::UnknownChoice);
        }
        let filters = match &self.agents {
            Some(agents) => Filters::Registry(agents.kept()),
            None => Filters::Trail(self.filters.without("")),
        };
        errors
            .into_result()
            .map(|()| (name, is_shared(&self.shared), filters))
    }
}

/// Another name, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ChangeViewForm {
    /// The view; the path's in the API.
    pub id: String,
    /// The page to go back to: [`REGISTRY`], or the audit trail.
    pub of: String,
    pub name: String,
    /// `yes`: whoever may read the list finds it.
    pub shared: String,
}

impl ChangeViewForm {
    /// The view, its name, and whether it is shared.
    ///
    /// # Errors
    /// For what is no id, and a name that is none or too long.
    pub fn parse(&self) -> Result<(SavedViewId, String, bool), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let name = name(&mut errors, &self.name);
        let Some(id) = id(&mut errors, &self.id) else {
            return Err(errors);
        };
        errors
            .into_result()
            .map(|()| (id, name, is_shared(&self.shared)))
    }
}

/// Which one goes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct RemoveViewForm {
    pub id: String,
    /// The page to go back to: [`REGISTRY`], or the audit trail.
    pub of: String,
}

impl RemoveViewForm {
    /// The view.
    ///
    /// # Errors
    /// For what is no id.
    pub fn parse(&self) -> Result<SavedViewId, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        id(&mut errors, &self.id).ok_or(errors)
    }
}

fn name(errors: &mut ValidationErrors, value: &str) -> String {
    text(errors, "name", value, 1, NAME_MAX)
}

fn id(errors: &mut ValidationErrors, value: &str) -> Option<SavedViewId> {
    let id = value.trim().parse().ok();
    if id.is_none() {
        errors.add("id", FieldProblem::BadId);
    }
    id
}

fn is_shared(value: &str) -> bool {
    value.trim() == "yes"
}
