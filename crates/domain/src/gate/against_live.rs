//! How the cases of a gate stand to the same cases of the version that is live, and what that does to its verdict.

use serde::{Deserialize, Serialize};

use super::{Report, Verdict};
use crate::state::words;

/// Newly failing cases that a report names; the number says how many there are.
pub const NEWLY_FAILING_MAX: usize = 50;

words! {
    /// What a comparison of the same cases shows, each with 95 % confidence.
    LiveStanding as "standing to the live version" {
        /// Not worse than the live version by the margin or more.
        NotWorse = "not_worse",
        /// Too few cases to tell: it decides nothing.
        Unclear = "unclear",
        /// Worse than the live version, and by how much is not known well enough.
        PerhapsWorse = "perhaps_worse",
        /// Worse than the live version by more than the margin.
        Worse = "worse",
    }
}

impl LiveStanding {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NotWorse => "Not worse than live",
            Self::Unclear => "Too few cases to tell",
            Self::PerhapsWorse => "Worse than live, perhaps by more than the margin",
            Self::Worse => "Worse than live by more than the margin",
        }
    }

    /// The verdict that a page draws beside it.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        match self {
            Self::NotWorse => Verdict::Passed,
            Self::Unclear | Self::PerhapsWorse => Verdict::Inconclusive,
            Self::Worse => Verdict::Failed,
        }
    }
}

/// The same cases of the same gate, judged for this version and for the one that was live when it was judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgainstLive {
    /// The live version.
    pub version: String,
    /// The deployment that made it live.
    pub number: i64,
    /// The report that its cases were taken from.
    pub evidence_digest: String,
    /// Cases that both were judged on.
    pub pairs: u32,
    /// Of them, passed by this version.
    pub passed: u32,
    /// Of them, passed by the live version.
    pub live_passed: u32,
    /// Share of this version minus share of the live one, -1 to 1.
    pub difference: f64,
    /// Lower end of its two-sided 95 % interval.
    pub low: f64,
    /// Upper end.
    pub high: f64,
    /// Exact two-sided p-value of McNemar: do the two differ by more than chance?
    pub p_value: f64,
    /// The drop that the policy tolerates, 0 to 1.
    pub margin: f64,
    /// What it shows.
    pub standing: LiveStanding,
    /// Cases that the live version passed and this one fails.
    pub newly_failing: u32,
    /// The first of them, as suite and id.
    #[serde(default)]
    pub newly_failing_cases: Vec<(String, String)>,
    /// Cases that only one of the two was judged on, or that were rewritten since.
    pub unpaired: u32,
    /// About how many pairs would tell, where they are too few.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needed: Option<u32>,
}

impl AgainstLive {
    /// "live 94.1 %, this 91.0 %, difference -3.1 points (-5.9 to -0.2), 640 pairs".
    #[must_use]
    pub fn sentence(&self) -> String {
        let share = |passed: u32| 100.0 * f64::from(passed) / f64::from(self.pairs.max(1));
        format!(
            "live {:.1} %, this {:.1} %, difference {:+.1} points ({:+.1} to {:+.1}), {} pairs",
            share(self.live_passed),
            share(self.passed),
            100.0 * self.difference,
            100.0 * self.low,
            100.0 * self.high,
            self.pairs
        )
    }
}

impl Report {
    /// The report with its comparison, and the verdict that follows. A gate that failed or erred by itself stays what it is,
    /// and a comparison alone makes nothing pass.
    #[must_use]
    pub fn held_against(mut self, live: AgainstLive) -> Self {
        let (verdict, reason) = match (live.standing, self.verdict) {
            (LiveStanding::Worse, Verdict::Passed) => (Verdict::Failed, "worse_than_live"),
            // Accepting the failing cases would not make it a pass.
            (LiveStanding::Worse, Verdict::Inconclusive) => {
                (Verdict::Failed, "worse_than_live_incomplete")
            }
            (LiveStanding::PerhapsWorse, Verdict::Passed) => (
                Verdict::Inconclusive,
                super::Inconclusive::PerhapsWorseThanLive.as_str(),
            ),
            (
                LiveStanding::NotWorse | LiveStanding::Unclear,
                Verdict::Passed
                | Verdict::Failed
                | Verdict::Inconclusive
                | Verdict::Errored
                | Verdict::Waived,
            )
            | (LiveStanding::Worse, Verdict::Failed | Verdict::Errored | Verdict::Waived)
            | (
                LiveStanding::PerhapsWorse,
                Verdict::Failed | Verdict::Inconclusive | Verdict::Errored | Verdict::Waived,
            ) => {
                self.against_live = Some(live);
                return self;
            }
        };
        self.summary = format!(
            "{}, v{}: {}. {}",
            live.standing.label(),
            live.version,
            live.sentence(),
            self.summary
        );
        self.verdict = verdict;
        self.reason = Some(reason.to_owned());
        self.against_live = Some(live);
        self
    }
}
