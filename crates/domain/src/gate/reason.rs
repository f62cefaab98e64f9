//! Why a gate could not judge: the words that a report carries beside `inconclusive`.

use crate::state::words;

words! {
    /// Why a verdict is *inconclusive*. A report names one of these; a gate that had nothing to check with never passes.
    Inconclusive as "reason for an inconclusive verdict" {
        /// Too few cases to show the threshold, whatever they came to.
        TooFewCases = "too_few_cases",
        /// There is no case at all.
        NoCases = "no_cases",
        /// Cases that no engine could decide could tip the result.
        UndecidedCases = "undecided_cases",
        /// The agent or the network failed too often.
        TooManyErrors = "too_many_errors",
        /// The same case passes and fails by turns.
        Flaky = "flaky",
        /// The time of the gate ran out.
        Timeout = "timeout",
        /// No engine for this check is installed or configured.
        EngineMissing = "engine_missing",
        /// There is no advisory database.
        DbMissing = "db_missing",
        /// The advisory database is too old.
        DbStale = "db_stale",
        /// The judge was never calibrated, or no longer is.
        JudgeUncalibrated = "judge_uncalibrated",
        /// The suite cannot be read.
        SuiteInvalid = "suite_invalid",
    }
}

impl Inconclusive {
    /// What to do about it, one sentence.
    #[must_use]
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::TooFewCases => "Add cases to the suite.",
            Self::NoCases => "Add a suite with cases for this gate.",
            Self::UndecidedCases => "Let a person or a calibrated judge decide the open cases.",
            Self::TooManyErrors => "Look why the agent did not answer, then run the gate again.",
            Self::Flaky => {
                "Make the agent answer the same way, or take the case out for a time, with a reason."
            }
            Self::Timeout => "Make the suite smaller or the agent faster.",
            Self::EngineMissing => "Configure an engine for this check.",
            Self::DbMissing => "Provide an advisory database.",
            Self::DbStale => "Renew the advisory database.",
            Self::JudgeUncalibrated => "Calibrate the judge with labelled items of this suite.",
            Self::SuiteInvalid => "Repair the suite.",
        }
    }
}
