//! Ordering and removing evidence packages, and keeping schedules of them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::query::ControlsQuery;
use super::{number, reason};
use crate::controls::Framework;
use crate::error::{FieldProblem, ValidationErrors};
use crate::package::{Every, SAMPLE_DEFAULT, SAMPLE_MAX, SEED_MAX};

/// What a package is to be about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct OrderPackageForm {
    /// `soc2`, `iso27001`, `iso42001`, `hipaa`, `pci_dss`, `nist_ai_rmf` or `eu_ai_act`.
    #[serde(default)]
    pub framework: String,
    /// A day or a time; 90 days before `to` if empty.
    #[serde(default)]
    pub from: String,
    /// A day, which counts whole, or a time; now if empty.
    #[serde(default)]
    pub to: String,
    /// Slug of an agent; everything if empty.
    #[serde(default)]
    pub agent: String,
    /// By which the events of the sample are chosen.
    #[serde(default)]
    pub seed: String,
    /// How many events are chosen; 25 if empty.
    #[serde(default)]
    pub sample: String,
}

/// A package that can be made. Whether there is such an agent is not known here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrderPackage {
    pub framework: Framework,
    pub from: DateTime<Utc>,
    /// Not in it any more.
    pub to: DateTime<Utc>,
    pub agent: Option<String>,
    pub seed: String,
    pub sample: usize,
}

impl OrderPackageForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self, now: DateTime<Utc>) -> Result<OrderPackage, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let framework = framework(&mut errors, &self.framework);
        let period = ControlsQuery {
            from: self.from.clone(),
            to: self.to.clone(),
            agent: String::new(),
        };
        let period = period.period(now);
        let seed = self.seed.trim().to_owned();
        let printable = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
        if seed.len() > SEED_MAX || !seed.bytes().all(printable) {
            errors.add("seed", FieldProblem::BadSeed);
        }
        let sample = sample(&mut errors, &self.sample);
        if let Err(wrong) = &period {
            errors.add_all(wrong);
        }
        errors.into_result()?;
        let (from, to) = period?;
        Ok(OrderPackage {
            framework,
            from,
            to,
            agent: agent(&self.agent),
            seed,
            sample,
        })
    }

    /// What was asked for, without blanks around it: the very same order says the same.
    #[must_use]
    pub fn trimmed(&self) -> Self {
        let trim = |text: &str| text.trim().to_owned();
        Self {
            framework: trim(&self.framework),
            from: trim(&self.from),
            to: trim(&self.to),
            agent: trim(&self.agent),
            seed: trim(&self.seed),
            sample: trim(&self.sample),
        }
    }
}

fn framework(errors: &mut ValidationErrors, text: &str) -> Framework {
    text.trim().parse().unwrap_or_else(|_| {
        errors.add("framework", FieldProblem::UnknownChoice);
        Framework::Soc2
    })
}

fn agent(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|slug| !slug.is_empty())
}

fn sample(errors: &mut ValidationErrors, text: &str) -> usize {
    let text = text.trim();
    if text.is_empty() {
        return SAMPLE_DEFAULT;
    }
    match text.parse() {
        Ok(sample) if sample <= SAMPLE_MAX => sample,
        Ok(_) | Err(_) => {
            errors.add("sample", FieldProblem::BadSample);
            SAMPLE_DEFAULT
        }
    }
}

/// Which package is removed, and why.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RemovePackageForm {
    /// Of the package; the path's in the API.
    #[serde(default)]
    pub number: String,
    #[serde(default)]
    pub reason: String,
}

impl RemovePackageForm {
    /// Number and reason.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<(i64, String), ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let package = number(&mut errors, "number", &self.number);
        errors.into_result()?;
        Ok((package, reason(&self.reason)?))
    }
}

/// What a schedule has made, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleForm {
    /// `soc2`, `iso27001`, `iso42001`, `hipaa`, `pci_dss`, `nist_ai_rmf` or `eu_ai_act`.
    #[serde(default)]
    pub framework: String,
    /// Slug of an agent; everything if empty.
    #[serde(default)]
    pub agent: String,
    /// `month` or `quarter`, in UTC.
    #[serde(default)]
    pub every: String,
    /// How many events of each package are chosen; 25 if empty.
    #[serde(default)]
    pub sample: String,
}

/// A schedule that can be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddSchedule {
    pub framework: Framework,
    pub agent: Option<String>,
    pub every: Every,
    pub sample: usize,
}

impl ScheduleForm {
    /// Parses the form.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<AddSchedule, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let framework = framework(&mut errors, &self.framework);
        let every = self.every.trim().parse().unwrap_or_else(|_| {
            errors.add("every", FieldProblem::UnknownChoice);
            Every::Quarter
        });
        let sample = sample(&mut errors, &self.sample);
        errors.into_result()?;
        Ok(AddSchedule {
            framework,
            agent: agent(&self.agent),
            every,
            sample,
        })
    }
}

/// Which schedule is meant.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleActForm {
    #[serde(default)]
    pub number: String,
}

impl ScheduleActForm {
    /// The number.
    ///
    /// # Errors
    /// When it is no number.
    pub fn number(&self) -> Result<i64, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let schedule = number(&mut errors, "number", &self.number);
        errors.into_result().map(|()| schedule)
    }
}
