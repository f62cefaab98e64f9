//! Setting up, signing in, adding people, making tokens.

use serde::{Deserialize, Serialize};

use super::text;
use crate::actor::{Role, TokenScope};
use crate::approval::{REASON_MAX, REASON_MIN};
use crate::error::{FieldProblem, ValidationErrors};
use crate::name::check_slug;

/// Shortest password of the embedded sign-in.
pub const PASSWORD_MIN: usize = 12;
/// Longest password: a bound on the work of one attempt.
pub const PASSWORD_MAX: usize = 200;

/// Sign-in, or the first administrator.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SignInForm {
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub password: String,
    /// Where to go afterwards; only a path of this site is followed.
    #[serde(default)]
    pub next: String,
}

// The password never appears in a log.
impl std::fmt::Debug for SignInForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInForm")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

/// A person to add: the first administrator, or another.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PersonForm {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub password: String,
    #[serde(default)]
    pub role: String,
    /// Team slug; empty for every team.
    #[serde(default)]
    pub team: String,
}

impl std::fmt::Debug for PersonForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PersonForm")
            .field("email", &self.email)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A person to add.
#[derive(Clone, PartialEq, Eq)]
pub struct AddPerson {
    pub name: String,
    /// Lower case.
    pub email: String,
    pub password: String,
    pub role: Role,
    pub team: Option<String>,
}

impl std::fmt::Debug for AddPerson {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddPerson")
            .field("email", &self.email)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// True for something that can be an e-mail address. Delivery is the only real check.
#[must_use]
pub fn is_email(value: &str) -> bool {
    value.len() <= 200
        && !value.chars().any(|c| c.is_whitespace() || c.is_control())
        && value.split_once('@').is_some_and(|(local, host)| {
            !local.is_empty() && host.len() >= 3 && host.contains('.') && !host.contains('@')
        })
}

impl PersonForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<AddPerson, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let name = text(&mut errors, "name", &self.name, 1, 80);
        let email = text(&mut errors, "email", &self.email, 1, 200).to_lowercase();
        if !email.is_empty() && !is_email(&email) {
            errors.add("email", FieldProblem::BadEmail);
        }
        match self.password.chars().count() {
            0 => errors.add("password", FieldProblem::Required),
            n if n < PASSWORD_MIN => errors.add("password", FieldProblem::TooShort),
            n if n > PASSWORD_MAX => errors.add("password", FieldProblem::TooLong),
            _ => {}
        }
        let (role, team) = place(&mut errors, &self.role, &self.team);
        errors.into_result()?;
        Ok(AddPerson {
            name,
            email,
            password: self.password.clone(),
            role,
            team,
        })
    }
}

/// A further role for a person, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RoleForm {
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub role: String,
    /// Team slug; empty for every team.
    #[serde(default)]
    pub team: String,
    #[serde(default)]
    pub reason: String,
}

/// A role to give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiveRole {
    /// Lower case.
    pub email: String,
    pub role: Role,
    pub team: Option<String>,
    pub reason: String,
}

impl RoleForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<GiveRole, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let email = text(&mut errors, "email", &self.email, 1, 200).to_lowercase();
        let (role, team) = place(&mut errors, &self.role, &self.team);
        let reason = text(&mut errors, "reason", &self.reason, REASON_MIN, REASON_MAX);
        errors.into_result()?;
        Ok(GiveRole {
            email,
            role,
            team,
            reason,
        })
    }
}

/// A role, and the team that it is for.
fn place(errors: &mut ValidationErrors, role: &str, team: &str) -> (Role, Option<String>) {
    let role = role.parse().unwrap_or_else(|_| {
        errors.add("role", FieldProblem::UnknownChoice);
        Role::Viewer
    });
    let team = team.trim();
    if !team.is_empty()
        && let Err(problem) = check_slug(team)
    {
        errors.add("team", problem);
    }
    (role, (!team.is_empty()).then(|| team.to_owned()))
}

/// A new team.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TeamForm {
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub name: String,
}

impl TeamForm {
    /// Slug and name.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(String, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let slug = self.slug.trim().to_owned();
        if let Err(problem) = check_slug(&slug) {
            errors.add("slug", problem);
        }
        let name = text(&mut errors, "name", &self.name, 1, 80);
        errors.into_result()?;
        Ok((slug, name))
    }
}

/// A new API token.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TokenForm {
    #[serde(default)]
    pub name: String,
    /// `read`, `read write`, or `access` for a program that agents call.
    #[serde(default)]
    pub scopes: String,
    /// Days until it ends, 1 to 90.
    #[serde(default)]
    pub days: String,
}

impl TokenForm {
    /// Name, scopes, days.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(String, Vec<TokenScope>, i64), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let name = text(&mut errors, "name", &self.name, 1, 80);
        let scopes: Vec<TokenScope> = self
            .scopes
            .split_whitespace()
            .filter_map(|s| s.parse().ok())
            .collect();
        if scopes.is_empty() {
            errors.add("scopes", FieldProblem::UnknownChoice);
        }
        let days = self.days.trim().parse().unwrap_or(0);
        if !(1..=90).contains(&days) {
            errors.add("days", FieldProblem::BadNumber);
        }
        errors.into_result()?;
        Ok((name, scopes, days))
    }
}

/// A session or a token to end, or everything of the kind, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EndForm {
    #[serde(default)]
    pub id: String,
}

impl EndForm {
    /// Which one.
    ///
    /// # Errors
    /// When it is no identifier.
    pub fn parse(&self) -> Result<uuid::Uuid, ValidationErrors> {
        uuid::Uuid::parse_str(self.id.trim())
            .map_err(|_| ValidationErrors::one("id", FieldProblem::BadId))
    }
}
