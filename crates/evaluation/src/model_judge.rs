//! Judges that are models: what is left to them, how they are asked, how far their word goes.
//!
//! Pure. [`questions`] says what a set of exchanges leaves open that a judge could decide: claims that the verifier calls
//! uncertain, and criteria of imported suites that only a model can hold an answer against. Whoever speaks to the model asks
//! each [`Prompt`] and hands the texts back; [`read`] takes them strictly, and what is no plain answer decides nothing.
//!
//! A judge of the family of a model of the agent is not asked ([`shared`]).
//!
//! A judge counts only with a [`Calibration`] that is good enough and not too old: what it said of items whose label is known.
//! Its verdicts are then not taken as they are. The share of good cases among those that it decided is corrected for its errors
//! (Rogan and Gladen), and only as many count as passed or failed as the ends of that interval carry; the rest stays undecided.

mod calibration;
mod criterion;
mod exam;
mod family;
mod fold;
mod labelled;
mod probes;
mod prompt;
mod reading;

use std::collections::BTreeMap;

pub use crate::judge::questions;
pub use calibration::{
    Calibration, Figures, MIN_EACH, MIN_ITEMS, People, Position, Unfit, VALID_DAYS,
};
pub use exam::Exam;
pub use family::{families, shared};
pub use labelled::{Labelled, LabelledProblem};
pub use prompt::{Prompt, prompt_digest};
pub use reading::read;

pub(crate) use criterion::criterion;
pub(crate) use fold::folded;
pub(crate) use prompt::{claim, rubric};

use serde::{Deserialize, Serialize};

/// What a judge is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Does a claim follow from a document? Yes or No.
    Claim,
    /// Does an answer meet a criterion? JSON.
    Rubric,
    /// Which of two answers is better? A or B. Asked in the position test alone: no gate compares answers yet.
    Pair,
}

impl Mode {
    /// The word for it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claim => "claim",
            Self::Rubric => "rubric",
            Self::Pair => "pair",
        }
    }
}

/// One question to a judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Names the question among those of one set. Hand the opinion back under it.
    pub id: String,
    /// What kind it is, which says how the answer is read.
    pub mode: Mode,
    /// What to send.
    pub prompt: Prompt,
}

/// What a judge said, where it was plain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opinion {
    /// The claim is supported, the criterion met, the first answer the better one.
    pub holds: bool,
    /// Its reason, in its own words, cut; empty where it gave none.
    pub why: String,
}

/// Who decides what the engines leave open.
#[derive(Debug, Clone, Copy)]
pub enum Judging<'a> {
    /// No judge is configured.
    Nobody,
    /// There is one, and it may not decide.
    Uncalibrated(&'a Unfit),
    /// A calibrated one, with what it said by the id of the question. Questions without a plain answer are not in it.
    By(&'a Calibration, &'a BTreeMap<String, Opinion>),
}
