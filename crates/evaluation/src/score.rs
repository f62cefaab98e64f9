//! Deterministic scorers: text, structure, and what an agent did. No model, no network, no code from a suite.
//!
//! A scorer is a [`Check`] that was understood. What is not (a judge's criterion, a script) is said to be so by
//! [`Scorer::of`]; a case with such a check stays undecided and is never a pass.

mod instruction;
mod kind;
mod names;
mod overlap;
mod structure;
mod trace;
mod traced;
mod typed;
mod values;
mod words;

pub use names::is_known;
pub use overlap::{bleu, chrf, levenshtein, rouge_l, rouge_n, token_f1};
pub use trace::{Call, Trace};

pub(crate) use structure::json_of;

use crate::row::Check;
use kind::Kind;

/// What a scorer looks at.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The agent's answer.
    pub answer: &'a str,
    /// Milliseconds from request to answer.
    pub latency_ms: u64,
    /// What the agent did, where it says so.
    pub trace: Option<&'a Trace>,
}

/// What a scorer says.
#[derive(Debug, Clone, PartialEq)]
pub struct Score {
    /// 0 to 1.
    pub value: f64,
    /// Whether it holds; `None` where there was nothing to tell it by, such as no trace.
    pub holds: Option<bool>,
    /// Why, a sentence without its full stop.
    pub why: String,
}

impl Score {
    fn yes(why: impl Into<String>) -> Self {
        Self {
            value: 1.0,
            holds: Some(true),
            why: why.into(),
        }
    }

    fn no(why: impl Into<String>) -> Self {
        Self {
            value: 0.0,
            holds: Some(false),
            why: why.into(),
        }
    }

    fn unknown(why: impl Into<String>) -> Self {
        Self {
            value: 0.0,
            holds: None,
            why: why.into(),
        }
    }

    fn graded(value: f64, least: f64, what: &str) -> Self {
        Self {
            value,
            holds: Some(value >= least),
            why: format!("{what} is {value:.2}, and at least {least:.2} is asked for"),
        }
    }
}

/// A check that is understood.
#[derive(Debug)]
pub struct Scorer {
    kind: Kind,
    negated: bool,
    name: String,
}

impl Scorer {
    /// Understands a check.
    ///
    /// # Errors
    /// Why it cannot be scored, for people: an unknown scorer, one that needs a judge or runs code, a value it cannot use.
    pub fn of(check: &Check) -> Result<Self, String> {
        Ok(Self {
            kind: Kind::of(check)?,
            negated: check.negated,
            name: check.scorer.clone(),
        })
    }

    /// The scorer's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Scores an answer.
    #[must_use]
    pub fn score(&self, given: &Given<'_>) -> Score {
        let score = self.kind.score(given);
        if !self.negated {
            return score;
        }
        Score {
            value: 1.0 - score.value,
            holds: score.holds.map(|holds| !holds),
            why: format!("asked for the opposite: {}", score.why),
        }
    }
}
