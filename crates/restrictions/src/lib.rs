//! Restrictions in Cedar: what an agent may not do although a scope allows it. Every statement is a `forbid` with a
//! `@reason`; what may be done is a matter of approved scopes, so nothing here can allow.
//!
//! The text is written by an administrator and checked against a schema when it is read, so that a misspelt attribute is
//! found then and not at night. What cannot be worked out when it is asked counts as forbidden. Cedar has no loops and
//! reaches nothing outside, so an answer takes a bounded time.

mod ask;
mod depth;
mod read;
mod schema;

pub use ask::{Question, Value};
pub use read::{POLICIES_MAX, SOURCE_MAX_BYTES};

use cedar_policy::PolicySet;

/// The type of what callers may say beside a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number of 64 bits.
    Long,
    String,
    Bool,
    /// A set of strings.
    Strings,
}

impl Kind {
    /// In Cedar's words.
    #[must_use]
    pub const fn cedar(self) -> &'static str {
        match self {
            Self::Long => "Long",
            Self::String => "String",
            Self::Bool => "Bool",
            Self::Strings => "Set<String>",
        }
    }
}

/// What is wrong in a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// 1-based line of the text; 0 where the whole text is meant.
    pub line: u32,
    /// What is wrong, or what to write instead.
    pub message: String,
}

/// Restrictions that were read and checked.
#[derive(Debug, Clone)]
pub struct Restrictions {
    /// The statements, and one that permits everything: only they say no.
    set: PolicySet,
    context: Vec<(String, Kind)>,
}
