//! Is the candidate no worse than what is live? The same cases, judged for both, compared case by case.

use std::collections::BTreeMap;

use domain::gate::{CaseResult, Inconclusive, Verdict};

use crate::statistics::difference::Pairs;
use crate::statistics::interval::{Interval, Level};
use crate::statistics::{sample_size, tango};

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Passed: not worse by the margin or more. Failed: worse by more than the margin. Else inconclusive.
    pub verdict: Verdict,
    /// Why it is inconclusive.
    pub reason: Option<Inconclusive>,
    /// The cases that both were judged on.
    pub pairs: Pairs,
    /// Share of the candidate minus share of the live version.
    pub difference: f64,
    /// Its interval (Tango), 90 %: each side keeps 5 %.
    pub interval: Interval,
    /// One-sided p-value of "worse by the margin or more".
    pub p_value: f64,
    /// Cases that the live version passed and the candidate fails, as (suite, id).
    pub newly_failing: Vec<(String, String)>,
    /// Cases that only one of the two was judged on.
    pub unpaired: usize,
    /// About how many cases would decide, where they are too few.
    pub needed: Option<u32>,
}

/// Compares the cases of two reports of one gate. Cases are the same by suite and id; undecided and errored ones are not
/// paired. `margin` is the drop that is tolerated, 0 to 1.
#[must_use]
pub fn compare(candidate: &[CaseResult], live: &[CaseResult], margin: f64) -> Comparison {
    let decided = |case: &CaseResult| match case.verdict {
        Verdict::Passed | Verdict::Waived => Some(true),
        Verdict::Failed => Some(false),
        Verdict::Inconclusive | Verdict::Errored => None,
    };
    let before: BTreeMap<(&str, &str), bool> = live
        .iter()
        .filter_map(|case| Some(((case.suite.as_str(), case.id.as_str()), decided(case)?)))
        .collect();
    let mut pairs = Pairs::default();
    let mut newly_failing = Vec::new();
    for case in candidate {
        let key = (case.suite.as_str(), case.id.as_str());
        if let (Some(new), Some(old)) = (decided(case), before.get(&key).copied()) {
            pairs.add(new, old);
            if old && !new {
                newly_failing.push((case.suite.clone(), case.id.clone()));
            }
        }
    }
    let total = usize::try_from(pairs.total()).unwrap_or(usize::MAX);
    let p_value = tango::non_inferiority(pairs, margin);
    let interval = tango::interval(pairs, Level::P90);
    let (verdict, reason) = if total == 0 {
        (Verdict::Inconclusive, Some(Inconclusive::NoCases))
    } else if p_value <= 0.05 {
        (Verdict::Passed, None)
    } else if interval.high < -margin {
        (Verdict::Failed, None)
    } else {
        (Verdict::Inconclusive, Some(Inconclusive::TooFewCases))
    };
    // Where the two never differed, a tenth of the cases is a cautious guess of how often they would.
    let discordance = pairs.discordance().max(0.1);
    Comparison {
        verdict,
        reason,
        pairs,
        difference: pairs.difference(),
        interval,
        p_value,
        newly_failing,
        unpaired: candidate.len().max(live.len()).saturating_sub(total),
        needed: reason.and_then(|_| sample_size::non_inferiority(discordance, margin)),
    }
}
