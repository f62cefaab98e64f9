//! Connecting a git host.

use serde::{Deserialize, Serialize};

use super::text;
use crate::connection::ConnectionKind;
use crate::error::{FieldProblem, ValidationErrors};
use crate::name::check_slug;

/// A new connection as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ConnectionForm {
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub kind: String,
    /// `env:NAME` to read the webhook secret from the environment; empty to have one made.
    #[serde(default)]
    pub secret_reference: String,
}

/// A new connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connect {
    pub slug: String,
    pub name: String,
    pub kind: ConnectionKind,
    pub secret_reference: Option<String>,
}

impl ConnectionForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Connect, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let slug = self.slug.trim().to_owned();
        if let Err(problem) = check_slug(&slug) {
            errors.add("slug", problem);
        }
        let name = text(&mut errors, "name", &self.name, 1, 80);
        let kind = self.kind.parse().unwrap_or_else(|_| {
            errors.add("kind", FieldProblem::UnknownChoice);
            ConnectionKind::GitHub
        });
        let reference = self.secret_reference.trim();
        let known = reference.strip_prefix("env:").is_some_and(|n| {
            !n.is_empty()
                && n.len() <= 100
                && n.bytes()
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        });
        if !reference.is_empty() && !known {
            errors.add("secret_reference", FieldProblem::UnknownChoice);
        }
        errors.into_result()?;
        Ok(Connect {
            slug,
            name,
            kind,
            secret_reference: (!reference.is_empty()).then(|| reference.to_owned()),
        })
    }
}

/// What can be changed of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ConnectionChangeForm {
    pub slug: String,
    /// Anything: failed deployments become issues on the git host. Empty: they do not.
    pub opens_issues: String,
}

impl ConnectionChangeForm {
    /// Do failed deployments become issues?
    #[must_use]
    pub fn opens_issues(&self) -> bool {
        !self.opens_issues.trim().is_empty()
    }
}
