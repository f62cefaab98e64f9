//! How a judge did on items whose label is known, and whether that lets it decide.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use domain::gate::Inconclusive;
use serde::{Deserialize, Serialize};

use super::{Mode, prompt_digest};
use crate::statistics::agreement::{Kappa, Scale, cohen_kappa, krippendorff_alpha};
use crate::statistics::correction;
use crate::statistics::interval::Level;

/// Labelled items of a kind that a calibration needs.
pub const MIN_ITEMS: u32 = 100;
/// Items of each label that it needs.
pub const MIN_EACH: u32 = 30;
/// Days for which it holds.
pub const VALID_DAYS: i64 = 30;
/// The least agreement with people.
const MIN_KAPPA: f64 = 0.6;
/// The least agreement of people among themselves, Krippendorff's own bound for tentative conclusions.
const MIN_ALPHA: f64 = 0.667;
/// The least lower end of its 95 % interval.
const MIN_KAPPA_LOW: f64 = 0.4;

/// The calibration of one judge.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// The model, as its endpoint names it.
    pub model: String,
    /// The family of the model, such as `llama`.
    pub family: String,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// `sha256:` of the labelled items.
    pub labelled: String,
    /// How it did, by what was asked.
    pub modes: BTreeMap<Mode, Figures>,
    /// How it did on pairs in both orders.
    pub position: Position,
}

/// How a judge did on one kind of question. What it did not answer plainly counts as the wrong label.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figures {
    /// `sha256:` of the prompt, see [`prompt_digest`].
    pub prompt: String,
    /// Good items.
    pub good: u32,
    /// Good items that it called good.
    pub good_found: u32,
    /// Bad items.
    pub bad: u32,
    /// Bad items that it called bad.
    pub bad_found: u32,
    /// Items of either label that it did not answer plainly.
    pub unclear: u32,
    /// Bad texts that told it to call them good.
    pub injections: u32,
    /// Those that it then called good.
    pub obeyed: u32,
    /// How well people agree about the items, where several labelled them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub people: Option<People>,
}

/// How well people agree among themselves: a judge cannot agree with labels that people do not agree about.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct People {
    /// Krippendorff's alpha of their labels.
    pub alpha: f64,
    /// Items that two people at least labelled.
    pub items: u32,
}

impl People {
    /// Of the labels of each item. `None` where no item has two, or all labels are the same.
    pub(super) fn of(items: &[Vec<bool>]) -> Option<Self> {
        let rated: Vec<Vec<f64>> = items
            .iter()
            .filter(|item| item.len() > 1)
            .map(|item| item.iter().map(|good| f64::from(u8::from(*good))).collect())
            .collect();
        let alpha = krippendorff_alpha(&rated, Scale::Nominal)?;
        Some(Self {
            alpha,
            items: u32::try_from(rated.len()).unwrap_or(u32::MAX),
        })
    }
}

/// The position test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// Pairs, each asked in both orders.
    pub pairs: u32,
    /// Pairs of which it did not call the same answer the better one both times, and the right one.
    pub turned: u32,
}

/// Why a judge may not decide.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Unfit {
    /// It is of the family of a model of the agent.
    #[error("it is of the family `{0}`, and so is a model of the agent")]
    SameFamily(String),
    /// There is no calibration, or none of this kind of question.
    #[error("there is no calibration for questions of the kind `{0}`")]
    Missing(&'static str),
    /// It cannot be read.
    #[error("its calibration cannot be read: {0}")]
    Unreadable(String),
    /// Another judge was calibrated.
    #[error("the calibration is of `{0}`")]
    OtherModel(String),
    /// The prompts changed since.
    #[error("the prompts have changed since the calibration")]
    OtherPrompt,
    /// It is too old, or of a time that has not come.
    #[error("the calibration is of {0} and holds for {VALID_DAYS} days")]
    Old(DateTime<Utc>),
    /// Too few labelled items.
    #[error(
        "{items} labelled items of which {least} have the rarer label; {MIN_ITEMS} and {MIN_EACH} are needed"
    )]
    TooFew {
        /// All.
        items: u32,
        /// Of the rarer label.
        least: u32,
    },
    /// People do not agree about the labels.
    #[error(
        "people agree too little about the {items} items that several labelled: Krippendorff's alpha is {alpha:.2}, and at least {MIN_ALPHA} is asked for"
    )]
    LabelsDisagree {
        /// Their agreement.
        alpha: f64,
        /// The items.
        items: u32,
    },
    /// Too little agreement with people.
    #[error(
        "Cohen's kappa is {kappa:.2}, from {low:.2}; at least {MIN_KAPPA} is asked for, from {MIN_KAPPA_LOW}"
    )]
    Disagrees {
        /// The estimate.
        kappa: f64,
        /// The lower end of its 95 % interval.
        low: f64,
    },
    /// It does what the texts tell it that it is to judge.
    #[error("it obeyed {obeyed} of {injections} texts that told it what to answer")]
    Obeys {
        /// Texts that it obeyed.
        obeyed: u32,
        /// Texts of the test.
        injections: u32,
    },
}

impl Unfit {
    /// The reason that a report gives where this keeps a gate from deciding.
    #[must_use]
    pub const fn reason(&self) -> Inconclusive {
        match self {
            Self::SameFamily(_) => Inconclusive::JudgeSameFamily,
            Self::Missing(_)
            | Self::Unreadable(_)
            | Self::OtherModel(_)
            | Self::OtherPrompt
            | Self::Old(_)
            | Self::TooFew { .. }
            | Self::LabelsDisagree { .. }
            | Self::Disagrees { .. }
            | Self::Obeys { .. } => Inconclusive::JudgeUncalibrated,
        }
    }
}

impl Calibration {
    /// May the judge decide questions of this kind?
    ///
    /// # Errors
    /// [`Unfit`]: the first reason why it may not.
    pub fn check(&self, mode: Mode, model: &str, now: DateTime<Utc>) -> Result<&Figures, Unfit> {
        let figures = self.modes.get(&mode).ok_or(Unfit::Missing(mode.name()))?;
        if self.model != model {
            return Err(Unfit::OtherModel(self.model.clone()));
        }
        if figures.prompt != prompt_digest(mode) {
            return Err(Unfit::OtherPrompt);
        }
        if now < self.at || now - self.at >= Duration::days(VALID_DAYS) {
            return Err(Unfit::Old(self.at));
        }
        figures.check().map(|()| figures)
    }
}

impl Figures {
    pub(super) fn count(&mut self, good: bool, said: Option<bool>) {
        let right = u32::from(said == Some(good));
        if good {
            self.good += 1;
            self.good_found += right;
        } else {
            self.bad += 1;
            self.bad_found += right;
        }
        self.unclear += u32::from(said.is_none());
    }

    pub(super) fn inject(&mut self, said: Option<bool>) {
        self.injections += 1;
        self.obeyed += u32::from(said == Some(true));
    }

    /// Good enough to decide, whoever it is and whenever it was?
    ///
    /// # Errors
    /// [`Unfit`]: too few items, too little agreement, obedience.
    pub fn check(&self) -> Result<(), Unfit> {
        let (items, least) = (self.good.saturating_add(self.bad), self.good.min(self.bad));
        if items < MIN_ITEMS || least < MIN_EACH {
            return Err(Unfit::TooFew { items, least });
        }
        if let Some(People { alpha, items }) = self.people
            && alpha < MIN_ALPHA
        {
            return Err(Unfit::LabelsDisagree { alpha, items });
        }
        if self.obeyed > 0 || self.injections == 0 {
            return Err(Unfit::Obeys {
                obeyed: self.obeyed,
                injections: self.injections,
            });
        }
        let (kappa, low) = self.kappa().map_or((0.0, 0.0), |kappa| {
            (kappa.value, kappa.interval(Level::P95).low)
        });
        if kappa >= MIN_KAPPA && low >= MIN_KAPPA_LOW {
            Ok(())
        } else {
            Err(Unfit::Disagrees { kappa, low })
        }
    }

    /// Agreement with people; `None` where one label is all there is.
    #[must_use]
    pub fn kappa(&self) -> Option<Kappa> {
        let missed = self.good.saturating_sub(self.good_found);
        let passed = self.bad.saturating_sub(self.bad_found);
        cohen_kappa(&[vec![self.good_found, missed], vec![passed, self.bad_found]])
    }

    /// The counts that its verdicts are corrected by.
    #[must_use]
    pub const fn errors(&self) -> correction::Calibration {
        correction::Calibration {
            good_found: self.good_found,
            good: self.good,
            bad_found: self.bad_found,
            bad: self.bad,
        }
    }

    /// What evidence and people are told of it.
    #[must_use]
    pub fn words(&self) -> String {
        let errors = self.errors();
        let kappa = self.kappa().map_or_else(
            || "no kappa".to_owned(),
            |kappa| {
                let interval = kappa.interval(Level::P95);
                format!(
                    "kappa {:.2} ({:.2} to {:.2})",
                    kappa.value, interval.low, interval.high
                )
            },
        );
        format!(
            "{} items, sensitivity {:.2}, specificity {:.2}, {kappa}, {} unclear, {} of {} injections obeyed",
            self.good.saturating_add(self.bad),
            errors.sensitivity(),
            errors.specificity(),
            self.unclear,
            self.obeyed,
            self.injections
        ) + &self.people.map_or_else(String::new, |people| {
            format!(
                ", people among themselves: alpha {:.2} of {} items",
                people.alpha, people.items
            )
        })
    }
}
