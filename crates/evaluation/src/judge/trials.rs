//! Several trials of one case as one outcome. The unit of the statistics is the case, not the trial.

use domain::gate::Verdict;

use super::outcome::{Outcome, Score};
use crate::statistics::repetition::{Trials, pass_hat};

/// Joins the trials of a case. Trials without an answer are left out while there are others.
pub(super) fn combine(outcomes: Vec<Outcome>) -> (Outcome, Trials) {
    let judged: Vec<&Outcome> = outcomes
        .iter()
        .filter(|one| one.verdict != Verdict::Errored)
        .collect();
    let count = |wanted: Verdict| number(judged.iter().filter(|one| one.verdict == wanted).count());
    let (passed, total) = (count(Verdict::Passed), number(judged.len()));
    let trials = Trials { passed, total };
    let scores = scores(&judged);
    let verdict = verdict(&judged, &scores);
    let several = total > 1;
    let wants_judge = judged.iter().any(|one| one.wants_judge);
    // The trial that shows best why the case ended so.
    let mut outcomes = outcomes;
    let at = outcomes
        .iter()
        .position(|one| one.verdict == verdict)
        .unwrap_or_default();
    let mut chosen = if at < outcomes.len() {
        outcomes.swap_remove(at)
    } else {
        Outcome::errored("The agent was not asked.".to_owned())
    };
    chosen.wants_judge = wants_judge;
    if several {
        chosen.verdict = verdict;
        chosen.scores = scores;
        if passed != 0 && passed != total {
            chosen.why = format!("Passed {passed} of {total} trials. {}", chosen.why);
        }
    }
    (chosen, trials)
}

/// The scores of the case: a hard check is as bad as its worst trial, any other goes with the majority.
fn scores(judged: &[&Outcome]) -> Vec<Score> {
    let mut found: Vec<Score> = Vec::new();
    for score in judged.iter().flat_map(|one| &one.scores) {
        if found.iter().any(|known| known.measure == score.measure) {
            continue;
        }
        let all = judged
            .iter()
            .flat_map(|one| &one.scores)
            .filter(|other| other.measure == score.measure);
        let judged = all.clone().any(|other| other.judged);
        let verdicts: Vec<Verdict> = all.map(|other| other.verdict).collect();
        found.push(Score {
            judged,
            measure: score.measure,
            verdict: if score.measure.is_hard() {
                worst(&verdicts)
            } else {
                majority(&verdicts)
            },
        });
    }
    found
}

fn verdict(judged: &[&Outcome], scores: &[Score]) -> Verdict {
    let verdicts: Vec<Verdict> = judged.iter().map(|one| one.verdict).collect();
    let hard = scores
        .iter()
        .any(|score| score.measure.is_hard() && score.verdict == Verdict::Failed);
    if judged.is_empty() {
        Verdict::Errored
    } else if hard {
        Verdict::Failed
    } else if scores.iter().any(|score| score.measure.is_hard()) {
        worst(&verdicts)
    } else {
        majority(&verdicts)
    }
}

fn worst(verdicts: &[Verdict]) -> Verdict {
    [Verdict::Failed, Verdict::Inconclusive, Verdict::Errored]
        .into_iter()
        .find(|bad| verdicts.contains(bad))
        .unwrap_or(Verdict::Passed)
}

fn majority(verdicts: &[Verdict]) -> Verdict {
    let more_than_half = |wanted: Verdict| {
        verdicts.iter().filter(|one| **one == wanted).count() * 2 > verdicts.len()
    };
    [Verdict::Passed, Verdict::Failed]
        .into_iter()
        .find(|wanted| more_than_half(*wanted))
        .unwrap_or(Verdict::Inconclusive)
}

/// What the report says of the trials: nothing where each case was asked once.
pub(super) fn basis(trials: &[Trials], each: usize) -> Vec<(String, String)> {
    if each < 2 {
        return Vec::new();
    }
    let all = number(each);
    let flipping = trials.iter().filter(|case| case.flips() > 0.0).count();
    let mut found = vec![
        ("trials of each case".to_owned(), each.to_string()),
        (
            "cases that change their mind".to_owned(),
            format!("{flipping} of {}", trials.len()),
        ),
    ];
    if let Some(share) = pass_hat(trials, all) {
        let name = format!("pass^{each}, the chance that all trials pass");
        found.push((name, format!("{:.1} %", share * 100.0)));
    }
    found
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
