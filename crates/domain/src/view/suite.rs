//! Evaluation suites: those of an agent, and what a file would be worth as one.

use serde::{Deserialize, Serialize};

use crate::gate::{Gate, Verdict};

/// The suites of an agent's newest version that was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentSuites {
    pub agent: String,
    /// Version and deployment to non-prod that they were read for; `None` before the first.
    pub judged: Option<(String, i64)>,
    /// One for each gate that asks the agent, in their order.
    pub gates: Vec<GateSuites>,
}

/// The suites of one gate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GateSuites {
    pub gate: Gate,
    pub files: Vec<SuiteFileRow>,
    /// What the gate came to with them.
    pub verdict: Option<Verdict>,
    pub advice: SuiteAdvice,
}

/// One file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuiteFileRow {
    pub file: String,
    /// Cases in it; `None` where the report does not say.
    pub cases: Option<u32>,
    /// `sha256:` of its text, as evidence names it.
    pub digest: Option<String>,
}

/// What a number of cases can show under a policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuiteAdvice {
    pub cases: u32,
    /// The share that the policy asks for, 0 to 1.
    pub threshold: f64,
    /// The fewest cases with which a clean run passes; `None` where no number does.
    pub needed: Option<u32>,
}

impl SuiteAdvice {
    /// Can a clean run of these cases pass?
    #[must_use]
    pub fn enough(&self) -> bool {
        self.needed.is_some_and(|needed| self.cases >= needed)
    }

    /// The same in two words.
    #[must_use]
    pub fn label(&self) -> &'static str {
        if self.enough() {
            "Enough cases"
        } else {
            "Too few cases"
        }
    }

    /// A sentence for whoever keeps the suite.
    #[must_use]
    pub fn words(&self) -> String {
        let percent = format!("{:.0} %", self.threshold * 100.0);
        let cases = match self.cases {
            1 => "1 case".to_owned(),
            many => format!("{many} cases"),
        };
        match self.needed {
            None => format!("No number of cases can show {percent}: the policy asks too much."),
            Some(needed) if self.cases >= needed => {
                format!("{cases}; a clean run needs {needed} to show {percent}.")
            }
            Some(needed) => format!(
                "{cases}. To show {percent}, the policy needs {needed}, all passed; until then the gate is inconclusive."
            ),
        }
    }
}

/// What a file is worth as a suite.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuiteCheck {
    /// The format that it was read as, as people call it.
    pub format: String,
    /// What keeps it from being read, with places; empty where it is a suite.
    pub problems: Vec<SuiteProblem>,
    /// What is in it and not judged here, with its place.
    pub unsupported: Vec<(String, String)>,
    pub advice: SuiteAdvice,
    /// The same cases as Clearance's own rows, where the file is of another tool: to be committed in its place.
    pub rows: Option<String>,
}

/// Something in a suite file that cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SuiteProblem {
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    pub message: String,
}
