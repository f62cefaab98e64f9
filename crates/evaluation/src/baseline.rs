//! Is the candidate no worse than what is live? The same cases, judged for both, compared case by case.

use std::collections::BTreeMap;

use domain::gate::{CaseResult, LiveStanding, Verdict};

use crate::statistics::difference::Pairs;
use crate::statistics::interval::{Interval, Level};
use crate::statistics::{mcnemar, sample_size, tango};

/// The exact test of McNemar must say so too before a version is called worse: the score interval is not exact, and with few
/// cases nobody should be stopped by it alone.
const BY_CHANCE: f64 = 0.05;

/// What a comparison came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// What it shows.
    pub standing: LiveStanding,
    /// The cases that both were judged on.
    pub pairs: Pairs,
    /// Share of the candidate minus share of the live version.
    pub difference: f64,
    /// Its two-sided 95 % interval (Tango). The candidate is not worse where it lies above the margin: a test of
    /// non-inferiority at 2.5 %.
    pub interval: Interval,
    /// Exact two-sided p-value of McNemar.
    pub p_value: f64,
    /// Cases that the live version passed and the candidate fails, as (suite, id).
    pub newly_failing: Vec<(String, String)>,
    /// Cases that only one of the two was judged on, or that were rewritten.
    pub unpaired: usize,
    /// About how many cases would decide, where they are too few.
    pub needed: Option<u32>,
}

/// Compares the cases of two reports of one gate. Cases are the same by suite, id, question and expectation; undecided and
/// errored ones are not paired. `margin` is the drop that is tolerated, 0 to 1.
#[must_use]
pub fn compare(candidate: &[CaseResult], live: &[CaseResult], margin: f64) -> Comparison {
    let before: BTreeMap<(&str, &str), &CaseResult> = live
        .iter()
        .map(|case| ((case.suite.as_str(), case.id.as_str()), case))
        .collect();
    let mut pairs = Pairs::default();
    let mut newly_failing = Vec::new();
    for case in candidate {
        let old = before.get(&(case.suite.as_str(), case.id.as_str()));
        let Some(old) = old.filter(|old| same(case, old)) else {
            continue;
        };
        if let (Some(new), Some(old)) = (decided(case), decided(old)) {
            pairs.add(new, old);
            if old && !new {
                newly_failing.push((case.suite.clone(), case.id.clone()));
            }
        }
    }
    let total = usize::try_from(pairs.total()).unwrap_or(usize::MAX);
    let interval = tango::interval(pairs, Level::P95);
    let p_value = mcnemar::exact(pairs);
    let standing = standing(pairs, interval, p_value, margin);
    // Where the two never differed, a tenth of the cases is a cautious guess of how often they would.
    let discordance = pairs.discordance().max(0.1);
    Comparison {
        standing,
        pairs,
        difference: pairs.difference(),
        interval,
        p_value,
        newly_failing,
        unpaired: candidate.len().max(live.len()).saturating_sub(total),
        needed: (standing == LiveStanding::Unclear)
            .then(|| sample_size::non_inferiority(discordance, margin))
            .flatten(),
    }
}

fn standing(pairs: Pairs, interval: Interval, p_value: f64, margin: f64) -> LiveStanding {
    let worse = p_value <= BY_CHANCE && pairs.only_old > pairs.only_new;
    if pairs.total() > 0 && interval.low > -margin {
        LiveStanding::NotWorse
    } else if worse && interval.high < -margin {
        LiveStanding::Worse
    } else if worse {
        LiveStanding::PerhapsWorse
    } else {
        LiveStanding::Unclear
    }
}

/// Evidence from before expectations were kept has none: then the question alone must be the same.
fn same(new: &CaseResult, old: &CaseResult) -> bool {
    new.asked == old.asked && (old.expected.is_none() || new.expected == old.expected)
}

const fn decided(case: &CaseResult) -> Option<bool> {
    match case.verdict {
        Verdict::Passed | Verdict::Waived => Some(true),
        Verdict::Failed => Some(false),
        Verdict::Inconclusive | Verdict::Errored => None,
    }
}
