//! What a judge is asked about the answers of a case, and what it said.

use super::answers::{Answers, Given};
use super::{Exchange, hallucination, rows, toxicity};
use crate::model_judge::{Judging, Mode, Opinion, Prompt, Question};
use crate::suite::{Case, CaseBody, Suite};

/// The judge's word on one trial of one case.
#[derive(Debug)]
pub(super) struct Hearing<'a> {
    judging: Judging<'a>,
    key: String,
    trial: usize,
}

impl<'a> Hearing<'a> {
    pub(super) fn new(judging: Judging<'a>, suite: &Suite, case: &Case, trial: usize) -> Self {
        Self {
            judging,
            key: suite.key(case),
            trial,
        }
    }

    /// Of an exchange that belongs to no case: nobody is asked.
    pub(super) const fn none() -> Self {
        Self {
            judging: Judging::Nobody,
            key: String::new(),
            trial: 0,
        }
    }

    /// What it said of one question.
    pub(super) fn opinion(&self, mode: Mode, number: usize) -> Option<&'a Opinion> {
        match self.judging {
            Judging::By(_, opinions) => opinions.get(&self.id(mode, number)),
            Judging::Nobody | Judging::Uncalibrated(_) => None,
        }
    }

    fn id(&self, mode: Mode, number: usize) -> String {
        format!("{}#{}#{}{number}", self.key, self.trial, mode.name())
    }
}

/// What the engines leave open that a judge could decide, in the order of the cases: nothing for a case that has failed
/// already, and nothing that is too long to ask.
#[must_use]
pub fn questions(suites: &[Suite], exchanges: &[Exchange]) -> Vec<Question> {
    let suites: Vec<&Suite> = suites.iter().collect();
    let answers = Answers::new(&suites, exchanges);
    let mut found = Vec::new();
    for suite in &suites {
        for case in suite.cases() {
            for trial in 0..answers.trials() {
                let Ok(given) = answers.of(suite, case, trial) else {
                    continue;
                };
                let hearing = Hearing::new(Judging::Nobody, suite, case, trial);
                found.extend(
                    open(case, &given)
                        .into_iter()
                        .map(|(mode, number, prompt)| {
                            let id = hearing.id(mode, number);
                            Question { id, mode, prompt }
                        }),
                );
            }
        }
    }
    found
}

fn open(case: &Case, given: &[Given<'_>]) -> Vec<(Mode, usize, Prompt)> {
    let rubrics = |rules| {
        rows::open(rules, given)
            .into_iter()
            .map(|(number, prompt)| (Mode::Rubric, number, prompt))
            .collect::<Vec<_>>()
    };
    match &case.body {
        CaseBody::Row(row) => rubrics(&row.rules),
        CaseBody::Hallucination(body) => {
            let claims = hallucination::open(body, given).into_iter();
            let claims = claims.map(|(number, prompt)| (Mode::Claim, number, prompt));
            let rubrics = body.rules.as_ref().map(rubrics).unwrap_or_default();
            claims.chain(rubrics).collect()
        }
        CaseBody::ResponsibleAi(body) => {
            let asked = toxicity::open(body, given);
            asked
                .map(|prompt| (Mode::Rubric, 0, prompt))
                .into_iter()
                .collect()
        }
        CaseBody::Relevance(_) | CaseBody::Bbq(_) => Vec::new(),
    }
}
