//! What a company's directory tells over SCIM 2.0 (RFC 7643, 7644): its people, its groups, and changes of both. Read
//! leniently where the large directories deviate from the standard, and within bounds. The grammar of filters and paths is the
//! library's (`scim_v2`); what they mean here is this module's.

mod filter;
mod group;
mod patch;
mod user;

pub use filter::{GroupTerm, UserTerm, group_terms, user_terms};
pub use group::GroupFields;
pub use patch::{Operation, Patch};
pub use user::{Email, PersonName, UserFields};

use serde_json::Value;

use crate::state::words;
use crate::text::is_hidden;

/// Most people of an installation that a directory may add to: lists of people are read whole elsewhere.
pub const PEOPLE_MAX: u64 = 1_000;
/// Most groups of one directory.
pub const GROUPS_MAX: u64 = 500;
/// Most rows of one answer.
pub const PAGE_MAX: u64 = 100;
/// Most operations of one change (RFC 7644, section 3.5.2).
pub const OPERATIONS_MAX: usize = 500;
/// Most valid tokens of one directory: one in use, and others while it is changed.
pub const TOKENS_MAX: usize = 4;
/// Most calls of one directory in a minute. Microsoft Entra asks for 25 a second.
pub const CALLS_PER_MINUTE: u32 = 3_000;

/// The core schema of a person (RFC 7643, section 4.1).
pub const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The core schema of a group (RFC 7643, section 4.2).
pub const GROUP_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Longest text of an attribute.
const TEXT_MAX: usize = 255;

words! {
    /// What kind of mistake it is. Those of RFC 7644, table 9, have its word.
    ProblemKind as "directory problem" {
        InvalidFilter = "invalidFilter",
        InvalidSyntax = "invalidSyntax",
        InvalidPath = "invalidPath",
        InvalidValue = "invalidValue",
        Mutability = "mutability",
        Uniqueness = "uniqueness",
        TooMany = "tooMany",
        /// The resource is not the version that the directory read.
        Changed = "changed",
        /// Nobody else would administer.
        LastAdministrator = "last_administrator",
    }
}

/// Why a directory's call cannot be done. The text says what to do, and holds nothing of the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    pub kind: ProblemKind,
    pub detail: &'static str,
}

impl Problem {
    /// A problem with its sentence.
    #[must_use]
    pub const fn new(kind: ProblemKind, detail: &'static str) -> Self {
        Self { kind, detail }
    }

    pub(crate) const fn value(detail: &'static str) -> Self {
        Self::new(ProblemKind::InvalidValue, detail)
    }
}

/// How names are compared that differ in case alone (`caseExact` is false, RFC 7643, section 4.1.1).
#[must_use]
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// Text of an attribute: trimmed and bounded; nothing in it hides or reorders what stands beside it.
fn text(value: &Value) -> Result<String, Problem> {
    let text = match value {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            return Err(Problem::value(
                "An attribute that is a text has another type.",
            ));
        }
    };
    if text.chars().count() > TEXT_MAX {
        return Err(Problem::value("A text is longer than 255 characters."));
    }
    if text.chars().any(|c| is_hidden(c) || c.is_control()) {
        return Err(Problem::value(
            "A text has control or invisible characters.",
        ));
    }
    Ok(text)
}

/// The same, where nothing and an empty text are the same.
fn optional(value: &Value) -> Result<Option<String>, Problem> {
    if value.is_null() {
        return Ok(None);
    }
    Ok(Some(text(value)?).filter(|text| !text.is_empty()))
}

/// A yes or no. Microsoft Entra writes it as the text `"True"` or `"False"`.
fn yes_or_no(value: &Value) -> Result<bool, Problem> {
    let word = match value {
        Value::Bool(word) => return Ok(*word),
        Value::String(word) => word.trim(),
        Value::Null | Value::Number(_) | Value::Array(_) | Value::Object(_) => "",
    };
    if word.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if word.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err(Problem::value("`active` is true or false."))
    }
}

/// An attribute of an object, whatever the case of its name (RFC 7643, section 2.1).
fn attribute<'v>(of: &'v Value, name: &str) -> Option<&'v Value> {
    let object = of.as_object()?;
    let mut found = object.iter();
    found
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value)
}

fn object(body: &Value) -> Result<(), Problem> {
    if body.is_object() {
        Ok(())
    } else {
        Err(Problem::new(
            ProblemKind::InvalidSyntax,
            "The body is no JSON object.",
        ))
    }
}
