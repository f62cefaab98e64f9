//! Making a service account, and saying which tokens of a CI it trusts.

use serde::{Deserialize, Serialize};

use super::text;
use crate::actor::TokenScope;
use crate::error::{FieldProblem, ValidationErrors};
use crate::form::person::is_email;
use crate::name::check_slug;
use crate::service_account::{Bound, CLAIM_MAX, CLAIMS_MAX, ISSUER_MAX, VALUE_MAX, is_anchored};

/// A service account to be made, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ServiceAccountForm {
    /// Its short name.
    pub slug: String,
    /// Slug of its team.
    pub team: String,
    /// Address of the person whose roles it has at the most; empty for whoever makes it.
    pub owner: String,
    /// `read`, `read write`, or `access`.
    pub scopes: String,
}

/// A service account to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    pub slug: String,
    pub team: String,
    pub owner: Option<String>,
    pub scopes: Vec<TokenScope>,
}

impl ServiceAccountForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<Made, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let slug = self.slug.trim();
        if let Err(problem) = check_slug(slug) {
            errors.add("slug", problem);
        }
        let team = self.team.trim();
        if let Err(problem) = check_slug(team) {
            errors.add("team", problem);
        }
        let owner = self.owner.trim().to_lowercase();
        if !owner.is_empty() && !is_email(&owner) {
            errors.add("owner", FieldProblem::BadEmail);
        }
        let words: Vec<&str> = self.scopes.split_whitespace().collect();
        let scopes: Vec<TokenScope> = words.iter().filter_map(|word| word.parse().ok()).collect();
        if scopes.is_empty() || scopes.len() != words.len() {
            errors.add("scopes", FieldProblem::UnknownChoice);
        }
        errors.into_result()?;
        Ok(Made {
            slug: slug.to_owned(),
            team: team.to_owned(),
            owner: (!owner.is_empty()).then_some(owner),
            scopes,
        })
    }
}

/// A service account that something is done to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct NamedAccountForm {
    pub slug: String,
}

/// A trust rule to be added, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct TrustForm {
    /// The account.
    pub slug: String,
    /// Who signs the tokens.
    pub issuer: String,
    /// One claim each line: `repository_id=1296269`.
    pub claims: String,
}

impl TrustForm {
    /// The issuer, and what must be in its tokens.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(String, Bound), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let issuer = text(&mut errors, "issuer", &self.issuer, 1, ISSUER_MAX);
        let mut bound = Bound::new();
        let mut problem = None;
        let lines = self.claims.lines().map(str::trim);
        for line in lines.filter(|line| !line.is_empty()) {
            let (name, value) = line.split_once('=').unwrap_or((line, ""));
            let (name, value) = (name.trim(), value.trim());
            if let Some(found) = wrong(name, value) {
                problem = problem.or(Some(found));
            }
            if bound.insert(name.to_owned(), value.to_owned()).is_some() {
                problem = problem.or(Some(FieldProblem::Taken));
            }
        }
        if bound.len() > CLAIMS_MAX {
            problem = problem.or(Some(FieldProblem::TooLong));
        } else if problem.is_none() && bound.is_empty() {
            problem = Some(FieldProblem::Required);
        } else if problem.is_none() && !is_anchored(&bound) {
            problem = Some(FieldProblem::NotAnchored);
        }
        if let Some(problem) = problem {
            errors.add("claims", problem);
        }
        errors.into_result()?;
        Ok((issuer, bound))
    }
}

/// A claim is named and has its whole value: a star would be compared letter by letter, and let nobody in.
fn wrong(name: &str, value: &str) -> Option<FieldProblem> {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    let named = !name.is_empty() && name.bytes().all(plain);
    if !named || value.is_empty() || value.contains(['*', '?']) || value.contains(char::is_control)
    {
        Some(FieldProblem::BadClaim)
    } else if name.len() > CLAIM_MAX || value.len() > VALUE_MAX {
        Some(FieldProblem::TooLong)
    } else {
        None
    }
}
