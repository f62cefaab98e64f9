//! Describing a resource in the catalogue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::text;
use crate::access_event::NAME_MAX;
use crate::error::{FieldProblem, ValidationErrors};
use crate::name::{check_slug, is_scope_part};

/// Longest description of a resource, and of one of its actions, characters.
pub const DESCRIPTION_MAX: usize = 500;
/// Most actions of a resource.
pub const ACTIONS_MAX: usize = 200;
/// Longest class of data.
pub const CLASS_MAX: usize = 40;

/// What is said of a resource, as the page posts it: all of it, each time.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ResourceForm {
    /// What scopes begin with; the path's in the API.
    pub resource: String,
    /// Slug of the team that looks after it; empty for none.
    pub owner: String,
    pub description: String,
    /// The class of the data in it, as manifests name it; empty where that is open.
    pub data_class: String,
    /// One action each line: its name, a colon, and what it lets an agent do.
    pub actions: String,
    /// The revision that was shown; empty to overwrite whatever there is.
    pub revision: String,
}

/// What is said of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    pub name: String,
    pub owner: Option<String>,
    pub description: String,
    pub data_class: String,
    pub actions: BTreeMap<String, String>,
    pub revision: Option<i64>,
}

impl ResourceForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Described, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let name = text(&mut errors, "resource", &self.resource, 1, NAME_MAX);
        if !name.is_empty() && !is_scope_part(&name) {
            errors.add("resource", FieldProblem::BadScopePart);
        }
        let owner = self.owner.trim();
        if !owner.is_empty()
            && let Err(problem) = check_slug(owner)
        {
            errors.add("owner", problem);
        }
        let description = text(
            &mut errors,
            "description",
            &self.description,
            0,
            DESCRIPTION_MAX,
        );
        let data_class = text(&mut errors, "data_class", &self.data_class, 0, CLASS_MAX);
        if !data_class.is_empty() && !is_scope_part(&data_class) {
            errors.add("data_class", FieldProblem::BadScopePart);
        }
        let actions = self.actions(&mut errors);
        let revision = self.revision.trim();
        let number = revision.parse().ok();
        if !revision.is_empty() && number.is_none() {
            errors.add("revision", FieldProblem::BadNumber);
        }
        errors.into_result()?;
        Ok(Described {
            name,
            owner: (!owner.is_empty()).then(|| owner.to_owned()),
            description,
            data_class,
            actions,
            revision: number,
        })
    }

    fn actions(&self, errors: &mut ValidationErrors) -> BTreeMap<String, String> {
        let mut actions = BTreeMap::new();
        let lines = self.actions.lines().map(str::trim);
        let mut problem = None;
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, said) = line.split_once(':').unwrap_or((line, ""));
            let (name, said) = (name.trim(), said.trim());
            if !is_scope_part(name) || name.len() > NAME_MAX {
                problem = Some(FieldProblem::BadScopePart);
            }
            if said.chars().count() > DESCRIPTION_MAX {
                problem = Some(FieldProblem::TooLong);
            }
            if actions.insert(name.to_owned(), said.to_owned()).is_some() {
                problem = Some(FieldProblem::Taken);
            }
        }
        if actions.len() > ACTIONS_MAX {
            problem = Some(FieldProblem::TooLong);
        }
        if let Some(problem) = problem {
            errors.add("actions", problem);
        }
        actions
    }
}

/// The resource to be taken out of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ResourceRemovalForm {
    /// What scopes begin with; the path's in the API.
    pub resource: String,
}
