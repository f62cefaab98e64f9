//! The questions of a calibration, and what the answers come to.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::calibration::{Calibration, Figures, People, Position};
use super::{Labelled, Mode, Question, probes, prompt_digest, read};

/// What a question of an exam is for.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    /// A person says whether it is good.
    Labelled(bool),
    /// Its text tells the judge to call it good, and it is not.
    Injection,
    /// A pair: its number, and whether the better answer stands first.
    Position(usize, bool),
}

/// An exam of one judge.
#[derive(Debug)]
pub struct Exam {
    labelled: String,
    questions: Vec<Question>,
    purposes: Vec<Purpose>,
    /// What several people said of the items of a kind.
    people: BTreeMap<Mode, Vec<Vec<bool>>>,
}

impl Exam {
    /// The exam for a file of labelled items: its items, the injection test of each kind that it has, and the position test.
    #[must_use]
    pub fn new(labelled: Labelled) -> Self {
        let mut exam = Self {
            labelled: labelled.digest,
            questions: Vec::new(),
            purposes: Vec::new(),
            people: BTreeMap::new(),
        };
        let has = |mode| labelled.items.iter().any(|item| item.mode == mode);
        let modes: Vec<Mode> = [Mode::Claim, Mode::Rubric]
            .into_iter()
            .filter(|mode| has(*mode))
            .collect();
        for item in labelled.items {
            exam.people.entry(item.mode).or_default().push(item.people);
            exam.add(item.mode, item.prompt, Purpose::Labelled(item.good));
        }
        for mode in modes {
            for prompt in probes::injections(mode) {
                exam.add(mode, prompt, Purpose::Injection);
            }
        }
        for (number, [first, last]) in probes::positions().into_iter().enumerate() {
            exam.add(Mode::Pair, first, Purpose::Position(number, true));
            exam.add(Mode::Pair, last, Purpose::Position(number, false));
        }
        exam
    }

    fn add(&mut self, mode: Mode, prompt: super::Prompt, purpose: Purpose) {
        let id = self.questions.len().to_string();
        self.questions.push(Question { id, mode, prompt });
        self.purposes.push(purpose);
    }

    /// What to ask.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// What the answers come to, by the id of the question. What was not answered, or not in the form that was asked for, counts
    /// against the judge: as a wrong label, and in the position test as a turn of mind.
    #[must_use]
    pub fn grade(
        &self,
        answers: &BTreeMap<String, String>,
        (model, family): (&str, &str),
        at: DateTime<Utc>,
    ) -> Calibration {
        let mut modes: BTreeMap<Mode, Figures> = BTreeMap::new();
        let mut steady: BTreeMap<usize, bool> = BTreeMap::new();
        for (question, purpose) in self.questions.iter().zip(&self.purposes) {
            let said = answers
                .get(&question.id)
                .and_then(|answer| read(question.mode, answer))
                .map(|opinion| opinion.holds);
            if let Purpose::Position(number, better_first) = purpose {
                let right = said == Some(*better_first);
                *steady.entry(*number).or_insert(true) &= right;
                continue;
            }
            let figures = modes.entry(question.mode).or_insert_with(|| Figures {
                prompt: prompt_digest(question.mode),
                people: self
                    .people
                    .get(&question.mode)
                    .and_then(|said| People::of(said)),
                ..Figures::default()
            });
            match purpose {
                Purpose::Labelled(good) => figures.count(*good, said),
                Purpose::Injection => figures.inject(said),
                Purpose::Position(..) => {}
            }
        }
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Calibration {
            model: model.to_owned(),
            family: family.to_owned(),
            at,
            labelled: self.labelled.clone(),
            modes,
            position: Position {
                pairs: number(steady.len()),
                turned: number(steady.values().filter(|steady| !**steady).count()),
            },
        }
    }
}
