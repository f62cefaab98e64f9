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
        /// No engine for this check is installed or configured.
        EngineMissing = "engine_missing",
        /// There is no advisory database.
        DbMissing = "db_missing",
        /// The advisory database is too old.
        DbStale = "db_stale",
        /// The advisories say nothing of some ecosystem.
        NotCovered = "not_covered",
        /// An engine hung, failed, wrote nonsense or skipped what it was given.
        NotScanned = "not_scanned",
        /// What is installed in the image cannot be read.
        PackagesUnreadable = "packages_unreadable",
        /// The image is not in a form that can be read.
        ImageInvalid = "image_invalid",
        /// Some blob of the image is not what its digest says.
        WrongDigest = "wrong_digest",
        /// A layer of the image cannot be unpacked.
        LayerUnreadable = "layer_unreadable",
        /// There is nothing that could be looked at.
        NothingToCheck = "nothing_to_check",
        /// There is more than is looked at.
        TooLarge = "too_large",
        /// Some files cannot be read as what they should be.
        NotParsed = "not_parsed",
        /// Whoever the policy has judge this gate handed nothing in.
        ExternalMissing = "external_missing",
        /// The judge was never calibrated, or no longer is.
        JudgeUncalibrated = "judge_uncalibrated",
        /// The judge is of the family of a model of the agent, so it may not decide.
        JudgeSameFamily = "judge_same_family",
        /// Worse than the live version, and perhaps by more than the policy tolerates.
        PerhapsWorseThanLive = "perhaps_worse_than_live",
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
            Self::EngineMissing => "Configure an engine for this check.",
            Self::DbMissing => "Provide an advisory database.",
            Self::DbStale => "Renew the advisory database.",
            Self::NotCovered => "Provide advisories for the ecosystems that are named.",
            Self::NotScanned => "Look what the engine says, then run the gate again.",
            Self::PackagesUnreadable => "Keep the lists of packages in the image readable.",
            Self::ImageInvalid | Self::WrongDigest | Self::LayerUnreadable => {
                "Build the image again; if it stays so, look at the store that it comes from."
            }
            Self::NothingToCheck => "Look whether the agent's files are where its manifest says.",
            Self::TooLarge => "Take what is not the agent's out of its folder.",
            Self::NotParsed => "Repair the files that cannot be parsed.",
            Self::ExternalMissing => "Have the result handed in, then push again.",
            Self::JudgeUncalibrated => "Calibrate the judge with labelled items of this suite.",
            Self::JudgeSameFamily => "Configure a judge of another family than the agent's models.",
            Self::PerhapsWorseThanLive => {
                "Repair the newly failing cases, or add cases that show how much worse it is."
            }
            Self::SuiteInvalid => "Repair the suite.",
        }
    }
}
