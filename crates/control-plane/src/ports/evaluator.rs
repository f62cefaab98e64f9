//! Evaluators: the gates that ask the running agent.

use async_trait::async_trait;
use chrono::NaiveDate;
use domain::agent::Model;
use domain::gate::{AgainstLive, CaseResult, Gate, Measure, Report, TaggedCheck, Verdict};
use domain::online::{Tally, Traffic};
use domain::policy::Bar;
use domain::view::engine::EngineRow;
use domain::view::suite::SuiteProblem;

use super::PortError;

/// A suite file as it stands in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteFile {
    pub name: String,
    pub text: String,
}

/// One question to the agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    pub case_id: String,
    /// Several questions belong to one case where answers are compared.
    pub variant: u32,
    pub prompt: String,
}

/// One answer, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exchange {
    pub case_id: String,
    pub variant: u32,
    pub outcome: Result<String, String>,
    /// What the agent reports of how it came to the answer, as JSON: see the crate `evaluation`.
    pub trace: Option<serde_json::Value>,
    pub latency_ms: u64,
}

/// What a suite file holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examined {
    /// The format that it was read as.
    pub format: String,
    pub cases: u32,
    /// What keeps it from being read.
    pub problems: Vec<SuiteProblem>,
    /// What is in it and not judged, with its place.
    pub unsupported: Vec<(String, String)>,
    /// The same cases in our own rows, where it is in another tool's format.
    pub rows: Option<String>,
}

/// What one engine says of one exchange of an agent's traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    pub gate: Gate,
    /// Passed, failed, or inconclusive where the engine cannot tell.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub why: String,
    /// What was answered, without personal data.
    pub answered: String,
}

/// What the live version came to at a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCases {
    pub version: String,
    /// The deployment that made it live.
    pub number: i64,
    /// The report that has the cases.
    pub evidence_digest: String,
    pub cases: Vec<CaseResult>,
}

/// Prepares questions and judges answers. Asking is the caller's: it knows the runtime and shows the progress.
#[async_trait]
pub trait Evaluator: Send + Sync {
    /// The questions of a gate's suites. `bar` is what the policy holds the cases against. Suites with errors come back as a
    /// finished report.
    async fn questions(
        &self,
        gate: Gate,
        bar: Bar,
        suites: &[SuiteFile],
    ) -> Result<Result<Vec<Question>, Report>, PortError>;

    /// Judges the answers. No suites, or too few answers, is *inconclusive*. Several answers to one question are trials of
    /// it. A judge of the family of one of `models`, those that the agent names, is not asked.
    async fn judge(
        &self,
        gate: Gate,
        bar: Bar,
        suites: &[SuiteFile],
        exchanges: &[Exchange],
        models: &[Model],
    ) -> Result<Report, PortError>;

    /// What a file is worth as a suite of a gate.
    async fn examine(&self, gate: Gate, suite: &SuiteFile) -> Result<Examined, PortError>;

    /// The fewest cases with which a clean run passes; `None` where no number does.
    fn needed(&self, gate: Gate, bar: Bar) -> Option<u32>;

    /// The engines that it judges with, as they are today.
    async fn engines(&self, today: NaiveDate) -> Vec<EngineRow>;

    /// Every check of its own, with its gate.
    fn checks(&self) -> Vec<(Gate, TaggedCheck)>;

    /// Scores traffic, for which there is no case that says what is right: the answer is held against what the agent had
    /// before it. In the order of `traffic`, with no score of an engine that does not apply.
    async fn score(&self, traffic: Vec<Traffic>) -> Result<Vec<Vec<Scored>>, PortError>;

    /// Holds counted cases against a threshold of 0 to 1 by the interval of the share, without slack: *failed* is shown to
    /// be below it. A threshold of 1 fails with the first failed case.
    fn hold(&self, tally: Tally, threshold: f64) -> Measure;

    /// The judged cases as a log of Inspect AI, JSON.
    fn inspect_log(&self, reports: &[Report]) -> Result<String, PortError>;

    /// Holds cases against the same ones of the live version. `margin` is the drop that is tolerated, 0 to 1. `None` where no
    /// case was judged for both.
    fn compare(&self, cases: &[CaseResult], live: LiveCases, margin: f64) -> Option<AgainstLive>;
}
