//! Engines of the user's, run beside our own: each a program with limits, whose answer is only believed when it says what it
//! looked at.

use domain::gate::Finding;

/// What an engine came to on a source tree.
#[derive(Debug, Clone)]
pub struct EngineRun {
    /// Name and version.
    pub engine: String,
    /// What it judged with, a name and a value each.
    pub basis: Vec<(String, String)>,
    /// Its findings, or why it did not come to an end: it hung, failed, wrote nonsense, or skipped what it was given.
    pub outcome: Result<Vec<Finding>, String>,
}

impl EngineRun {
    /// True where it has looked at languages that we have no rules for.
    pub(crate) fn covers_scripts(&self) -> bool {
        self.outcome.is_ok() && self.engine.starts_with("semgrep")
    }
}
