//! Judges a case by the checks of its row: every one must hold.

use domain::gate::Verdict;

use super::answers::Given;
use super::outcome::{MeasureKind, Outcome};
use super::relevance::sentence;
use crate::score;
use crate::suite::RowCase;

pub(super) fn judge(case: &RowCase, given: &[Given<'_>]) -> Outcome {
    let (mut failed, mut open) = (Vec::new(), case.open.clone());
    for one in given {
        let seen = score::Given {
            answer: one.answer,
            latency_ms: one.latency_ms,
            trace: one.trace,
        };
        for scorer in case.scorers.iter() {
            let score = scorer.score(&seen);
            match score.holds {
                Some(true) => {}
                Some(false) => failed.push(score.why),
                None => open.push(score.why),
            }
        }
    }
    let (verdict, why) = if !failed.is_empty() {
        (Verdict::Failed, sentence(&failed.join("; ")))
    } else if !open.is_empty() {
        (Verdict::Inconclusive, sentence(&open.join("; ")))
    } else {
        let number = case.scorers.len();
        (Verdict::Passed, format!("All {number} checks hold."))
    };
    let outcome = Outcome::answered(given, verdict, why).scored(MeasureKind::Relevant);
    if case.must_pass {
        outcome.scored(MeasureKind::MustPass)
    } else {
        outcome
    }
}
