//! Looking at a suite file before it is committed.

use serde::{Deserialize, Serialize};

use super::text;
use crate::error::{FieldProblem, ValidationErrors};
use crate::gate::Gate;

/// Longest text that is looked at, in characters. What is larger is looked at on the command line.
pub const SUITE_MAX: usize = 200_000;

/// A file as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SuiteForm {
    /// The gate that it is for: `responsible_ai`, `hallucination` or `relevance`.
    #[serde(default)]
    pub gate: String,
    /// Its name in the repository: the ending says which format it is in.
    #[serde(default)]
    pub name: String,
    /// Its text.
    #[serde(default)]
    pub text: String,
}

/// A file to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckSuite {
    pub gate: Gate,
    pub name: String,
    pub text: String,
}

impl SuiteForm {
    /// The parsed form. The file itself is the evaluator's to read.
    ///
    /// # Errors
    /// An unknown gate or one that asks no agent, no name, no text, or too much of it.
    pub fn parse(&self) -> Result<CheckSuite, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let gate = self.gate.parse::<Gate>().ok();
        let gate = gate.filter(|gate| gate.has_suites()).unwrap_or_else(|| {
            errors.add("gate", FieldProblem::UnknownChoice);
            Gate::Relevance
        });
        let name = text(&mut errors, "name", &self.name, 1, 200);
        text(&mut errors, "text", &self.text, 1, SUITE_MAX);
        errors.into_result().map(|()| CheckSuite {
            gate,
            name,
            // Browsers send other line ends than files have.
            text: self.text.replace("\r\n", "\n"),
        })
    }
}
