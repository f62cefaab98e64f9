//! Judges an answer by the checks of a row: every one must hold.

use domain::gate::Verdict;

use super::answers::Given;
use super::hearing::Hearing;
use super::outcome::{MeasureKind, Outcome, Ruling};
use super::relevance::sentence;
use crate::model_judge::{self, Mode, Prompt};
use crate::score;
use crate::suite::{RowCase, RowRules};

pub(super) fn judge(case: &RowCase, given: &[Given<'_>], hearing: &Hearing<'_>) -> Outcome {
    let ruling = holds(&case.rules, given, hearing);
    let must = case.rules.must_pass.then(|| must_pass(&[&ruling]));
    let rulings = [(MeasureKind::Relevant, ruling)].into_iter().chain(must);
    Outcome::ruled(given, rulings.collect())
}

/// The measure of a case that must pass: as good as the worst of its rulings. It says nothing that they do not.
pub(super) fn must_pass(rulings: &[&Ruling]) -> (MeasureKind, Ruling) {
    let any = |wanted| rulings.iter().any(|one| one.verdict == wanted);
    let verdict = [Verdict::Failed, Verdict::Inconclusive]
        .into_iter()
        .find(|wanted| any(*wanted))
        .unwrap_or(Verdict::Passed);
    (MeasureKind::MustPass, Ruling::new(verdict, String::new()))
}

/// What the rules say of the answers.
pub(super) fn holds(rules: &RowRules, given: &[Given<'_>], hearing: &Hearing<'_>) -> Ruling {
    let (mut failed, mut open) = checked(rules, given);
    let by_rule = failed.is_empty();
    let (mut judged, mut wants_judge) = (false, false);
    for (number, graded) in rules.graded.iter().enumerate() {
        match hearing.opinion(Mode::Rubric, number) {
            Some(opinion) => {
                judged = true;
                if !opinion.holds {
                    let reason = sentence(&opinion.why);
                    failed.push(format!(
                        "a judge does not find this met: {} {reason}",
                        crate::text::quote(&graded.criterion)
                    ));
                }
            }
            None => {
                wants_judge = true;
                open.push(graded.why.clone());
            }
        }
    }
    let ruling = if !failed.is_empty() {
        Ruling::new(Verdict::Failed, sentence(&failed.join("; ")))
    } else if !open.is_empty() {
        Ruling::new(Verdict::Inconclusive, sentence(&open.join("; ")))
    } else {
        let number = rules.scorers.len() + rules.graded.len();
        let whom = if judged {
            ", some by the word of a judge"
        } else {
            ""
        };
        Ruling::new(Verdict::Passed, format!("All {number} checks hold{whom}."))
    };
    Ruling {
        // What a rule finds wrong needs no judge, and an open case leans on none.
        judged: judged && by_rule && ruling.verdict != Verdict::Inconclusive,
        wants_judge: wants_judge && ruling.verdict == Verdict::Inconclusive,
        ..ruling
    }
}

/// What the scorers find wrong, and what is open whatever a judge says.
fn checked(rules: &RowRules, given: &[Given<'_>]) -> (Vec<String>, Vec<String>) {
    let (mut failed, mut open) = (Vec::new(), rules.open.clone());
    for one in given {
        let seen = score::Given {
            answer: one.answer,
            latency_ms: one.latency_ms,
            trace: one.trace,
        };
        for scorer in &rules.scorers {
            let score = scorer.score(&seen);
            match score.holds {
                Some(true) => {}
                Some(false) => failed.push(score.why),
                None => open.push(score.why),
            }
        }
    }
    (failed, open)
}

/// What to ask a judge about an answer, each by its number; nothing where a judge could not change how the case ends.
pub(super) fn open(rules: &RowRules, given: &[Given<'_>]) -> Vec<(usize, Prompt)> {
    let (failed, open) = checked(rules, given);
    let Some(one) = given
        .first()
        .filter(|_| failed.is_empty() && open.is_empty())
    else {
        return Vec::new();
    };
    let graded = rules.graded.iter().enumerate();
    let asked = |(number, graded): (usize, &crate::suite::Graded)| {
        let prompt = model_judge::rubric(&graded.criterion, &one.prompt, one.answer)?;
        Some((number, prompt))
    };
    graded.filter_map(asked).collect()
}
