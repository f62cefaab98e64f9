//! Conditions in Rego over one JSON document. Each is a module `package clearance` with a rule `allow` that is true or false.
//!
//! A condition is written by an administrator and still not trusted: it can reach no network, file, clock or chance (those
//! functions are not compiled in), functions that multiply what they are given are refused when it is read, and it runs on a
//! thread of its own with a time limit. Whatever is not plainly true or false is *inconclusive*; nothing of it is a pass.

mod read;
mod run;

pub use read::{SOURCE_MAX_BYTES, check};
pub use run::evaluate;

/// What is wrong in the text of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// 1-based line of the text; 0 where the whole text is meant.
    pub line: u32,
    /// 1-based column; 0 where the whole line is meant.
    pub column: u32,
    /// What is wrong and what to write instead.
    pub message: String,
}

/// What a condition came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// `allow` is true.
    Met,
    /// `allow` is false.
    Unmet,
    /// It erred, took too long, or said neither true nor false; with why.
    Inconclusive(String),
}
