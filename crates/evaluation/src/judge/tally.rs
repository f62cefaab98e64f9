//! Adds up cases to measures and a verdict.

use domain::gate::{CaseResult, Finding, Measure, Verdict};

use super::Thresholds;
use super::answers::Answers;
use super::outcome::{MeasureKind, Outcome, Score};
use crate::statistics::interval::Level;
use crate::statistics::proportion::{share, wilson};
use crate::suite::{Case, Suite};
use crate::text;

/// Characters of a prompt or an answer kept in the evidence.
const KEPT: usize = 2_000;

/// One measure being counted.
#[derive(Debug)]
pub(super) struct Slice {
    kind: MeasureKind,
    threshold: f64,
    passed: u32,
    failed: u32,
    undecided: u32,
}

impl Slice {
    pub(super) fn measure(&self) -> Measure {
        let total = self.passed + self.failed;
        let interval = wilson(self.passed, total, Level::P95);
        let all = total + self.undecided;
        let verdict = if all == 0 {
            Verdict::Inconclusive
        } else if share(self.passed, all) >= self.threshold {
            Verdict::Passed
        } else if share(self.passed + self.undecided, all) < self.threshold {
            Verdict::Failed
        } else {
            Verdict::Inconclusive
        };
        Measure {
            name: self.kind.name().to_owned(),
            passed: self.passed,
            total,
            value: share(self.passed, total),
            low: interval.low,
            high: interval.high,
            threshold: self.threshold,
            verdict,
        }
    }
}

/// Everything judged so far.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) slices: Vec<Slice>,
    pub(super) findings: Vec<Finding>,
    pub(super) cases: Vec<CaseResult>,
}

impl Tally {
    pub(super) fn add(
        &mut self,
        suite: &Suite,
        case: &Case,
        outcome: &Outcome,
        answers: &Answers<'_>,
        thresholds: &Thresholds,
    ) {
        for score in &outcome.scores {
            self.count(*score, thresholds);
        }
        // A case that could not be judged whole may still have taken its time.
        let prompts = case.body.prompts();
        let waited = prompts
            .iter()
            .filter_map(|(variant, _)| answers.find(suite, case, variant));
        let latency_ms = waited.map(|one| one.latency_ms).max().unwrap_or_default();
        self.findings.extend(outcome.findings.iter().cloned());
        self.cases.push(CaseResult {
            id: case.id.clone(),
            suite: suite.file_name().to_owned(),
            asked: text::cut(case.body.asked(), KEPT),
            answered: text::cut(&outcome.answered, KEPT),
            verdict: outcome.verdict,
            why: text::cut(&outcome.why, KEPT),
            latency_ms,
        });
    }

    fn count(&mut self, score: Score, thresholds: &Thresholds) {
        let at = self
            .slices
            .iter()
            .position(|slice| slice.kind == score.measure)
            .unwrap_or_else(|| {
                let threshold = score.measure.threshold(thresholds);
                self.slices.push(Slice {
                    kind: score.measure,
                    threshold,
                    passed: 0,
                    failed: 0,
                    undecided: 0,
                });
                self.slices.len() - 1
            });
        if let Some(slice) = self.slices.get_mut(at) {
            match score.verdict {
                Verdict::Passed | Verdict::Waived => slice.passed += 1,
                Verdict::Failed => slice.failed += 1,
                Verdict::Inconclusive | Verdict::Errored => slice.undecided += 1,
            }
        }
    }

    fn number(&self, verdict: Verdict) -> u32 {
        u32::try_from(
            self.cases
                .iter()
                .filter(|case| case.verdict == verdict)
                .count(),
        )
        .unwrap_or(u32::MAX)
    }

    pub(super) fn conclude(
        &self,
        measures: &[Measure],
        thresholds: &Thresholds,
    ) -> (Verdict, Option<&'static str>) {
        let total = u32::try_from(self.cases.len()).unwrap_or(u32::MAX);
        let errored = self.number(Verdict::Errored);
        let decided = self.number(Verdict::Passed) + self.number(Verdict::Failed);
        let hard = self.slices.iter().zip(measures).any(|(slice, measure)| {
            slice.kind.is_hard() && slice.failed > 0 && measure.verdict == Verdict::Failed
        });
        if total == 0 {
            (Verdict::Inconclusive, Some("no_cases"))
        } else if errored == total {
            (Verdict::Errored, Some("agent_unreachable"))
        } else if share(errored, total) > thresholds.max_errored {
            (Verdict::Inconclusive, Some("too_many_errors"))
        } else if hard && decided < thresholds.min_cases {
            // Accepting the failing cases would not make it a pass.
            (Verdict::Failed, Some("below_threshold_incomplete"))
        } else if hard {
            (Verdict::Failed, Some("below_threshold"))
        } else if decided < thresholds.min_cases {
            (Verdict::Inconclusive, Some("too_few_cases"))
        } else if measures
            .iter()
            .any(|measure| measure.verdict == Verdict::Failed)
        {
            (Verdict::Failed, Some("below_threshold"))
        } else if measures
            .iter()
            .all(|measure| measure.verdict == Verdict::Passed)
            && !measures.is_empty()
        {
            (Verdict::Passed, None)
        } else {
            (Verdict::Inconclusive, Some("undecided_cases"))
        }
    }

    pub(super) fn summary(&self) -> String {
        if self.cases.is_empty() {
            return "There is no case to judge.".to_owned();
        }
        let mut parts = vec![format!(
            "{} of {} cases passed",
            self.number(Verdict::Passed),
            self.cases.len()
        )];
        for (verdict, word) in [
            (Verdict::Failed, "failed"),
            (Verdict::Inconclusive, "undecided"),
            (Verdict::Errored, "errored"),
        ] {
            let number = self.number(verdict);
            if number > 0 {
                parts.push(format!("{number} {word}"));
            }
        }
        format!("{}.", parts.join(", "))
    }
}
