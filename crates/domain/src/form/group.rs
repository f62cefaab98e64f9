//! Forms about groups, linked git addresses, and standing in.

use chrono::{DateTime, NaiveDateTime, Utc};
use serde::{Deserialize, Serialize};

use super::person::is_email;
use super::text;
use crate::approval::REASON_MAX;
use crate::error::{FieldProblem, ValidationErrors};
use crate::id::StandInId;
use crate::name::check_slug;

/// Longest time that somebody can be stood in for, days.
pub const STAND_IN_DAYS: i64 = 60;

/// A new group.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GroupForm {
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub name: String,
}

impl GroupForm {
    /// Slug and name.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(String, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let slug = slug(&mut errors, "slug", &self.slug);
        let name = text(&mut errors, "name", &self.name, 1, 80);
        errors.into_result().map(|()| (slug, name))
    }
}

fn slug(errors: &mut ValidationErrors, field: &str, value: &str) -> String {
    let slug = value.trim().to_owned();
    if let Err(problem) = check_slug(&slug) {
        errors.add(field, problem);
    }
    slug
}

fn email(errors: &mut ValidationErrors, field: &str, value: &str) -> String {
    let email = text(errors, field, value, 1, 200).to_lowercase();
    if !email.is_empty() && !is_email(&email) {
        errors.add(field, FieldProblem::BadEmail);
    }
    email
}

/// A person in a group, to be added or removed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MemberForm {
    /// Slug of the group.
    #[serde(default)]
    pub slug: String,
    #[serde(default)]
    pub email: String,
}

impl MemberForm {
    /// The group's slug and the person's address.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(String, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let slug = slug(&mut errors, "slug", &self.slug);
        let email = email(&mut errors, "email", &self.email);
        errors.into_result().map(|()| (slug, email))
    }
}

/// Another address that git knows a person by.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AddressForm {
    #[serde(default)]
    pub email: String,
    #[serde(default)]
    pub git_email: String,
}

impl AddressForm {
    /// The person's address to sign in with, and the one of git.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(String, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let person = email(&mut errors, "email", &self.email);
        let git = email(&mut errors, "git_email", &self.git_email);
        errors.into_result().map(|()| (person, git))
    }
}

/// Who decides while somebody is away.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StandInForm {
    /// Address of the stand-in.
    #[serde(default)]
    pub email: String,
    /// UTC, as a browser's field or RFC 3339 writes it; empty for now.
    #[serde(default)]
    pub from: String,
    #[serde(default)]
    pub until: String,
    #[serde(default)]
    pub reason: String,
}

/// The parsed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameStandIn {
    pub email: String,
    pub from: DateTime<Utc>,
    pub until: DateTime<Utc>,
    pub reason: Option<String>,
}

impl StandInForm {
    /// Parses the form, at a moment.
    ///
    /// # Errors
    /// The fields that are wrong: the time must end after it begins, later than now, within [`STAND_IN_DAYS`].
    pub fn parse(&self, now: DateTime<Utc>) -> Result<NameStandIn, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let email = email(&mut errors, "email", &self.email);
        let from = match self.from.trim() {
            "" => now,
            from => time(&mut errors, "from", from),
        };
        let until = time(&mut errors, "until", self.until.trim());
        let reason = text(&mut errors, "reason", &self.reason, 0, REASON_MAX);
        let longest = chrono::Duration::days(STAND_IN_DAYS);
        if errors.fields.is_empty() && (until <= from || until <= now || until - from > longest) {
            errors.add("until", FieldProblem::BadTime);
        }
        errors.into_result()?;
        Ok(NameStandIn {
            email,
            from,
            until,
            reason: (!reason.is_empty()).then_some(reason),
        })
    }
}

fn time(errors: &mut ValidationErrors, field: &str, value: &str) -> DateTime<Utc> {
    if let Ok(time) = DateTime::parse_from_rfc3339(value) {
        return time.to_utc();
    }
    let forms = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"];
    let found = forms
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(value, form).ok());
    found.map_or_else(
        || {
            errors.add(field, FieldProblem::BadTime);
            DateTime::UNIX_EPOCH
        },
        |time| time.and_utc(),
    )
}

/// Ending it early.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct EndStandInForm {
    #[serde(default)]
    pub id: String,
}

impl EndStandInForm {
    /// Which.
    ///
    /// # Errors
    /// When it is no identifier.
    pub fn parse(&self) -> Result<StandInId, ValidationErrors> {
        let id = self.id.trim().parse();
        id.map_err(|_| ValidationErrors::one("id", FieldProblem::BadId))
    }
}
