//! Evaluation of what is live: exchanges with the running agent, and how many of them decide.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::gate::{Gate, Verdict};
use crate::state::words;

words! {
    /// Where a scored exchange comes from.
    ExchangeOrigin as "origin of an exchange" {
        /// Clearance asked a case of the version's own suites.
        Probe = "probe",
        /// The agent sent it in a trace of its traffic.
        Traffic = "traffic",
    }
}

impl ExchangeOrigin {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Probe => "Probe",
            Self::Traffic => "Traffic",
        }
    }
}

/// The gates whose engines score exchanges of what is live, in the pipeline's order.
pub const ONLINE_GATES: [Gate; 3] = [Gate::ResponsibleAi, Gate::Hallucination, Gate::Relevance];

/// What a user and an agent said to each other, with what the agent had before it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Traffic {
    pub asked: String,
    pub answered: String,
    /// Outputs of tools and retrieved documents.
    pub evidence: Vec<String>,
}

/// True where a trace is among the sampled ones: the same for every span of it, on every replica and every time. It goes by
/// the last 56 bits of the id, which OpenTelemetry wants to be random. `trace` is 32 hexadecimal digits; anything else is
/// not sampled.
#[must_use]
pub fn sampled(trace: &str, percent: u32) -> bool {
    let bits = trace.get(trace.len().saturating_sub(14)..);
    let whole = trace.len() == 32 && trace.bytes().all(|b| b.is_ascii_hexdigit());
    let value = bits.and_then(|bits| u64::from_str_radix(bits, 16).ok());
    let Some(value) = value.filter(|_| whole) else {
        return false;
    };
    let limit = (u128::from(percent.min(100)) << 56) / 100;
    u128::from(value) < limit
}

/// Cases of a window. The case is the unit, not the exchange: an agent that fails one case fails it every time it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub passed: u32,
    pub failed: u32,
}

/// Counts the exchanges of a window by their case: with `hard`, a case passes when each of its exchanges did, otherwise when
/// more than half of them did. What is neither passed nor failed counts for nothing.
#[must_use]
pub fn tally<'a>(exchanges: impl IntoIterator<Item = (&'a str, Verdict)>, hard: bool) -> Tally {
    let mut cases: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for (case, verdict) in exchanges {
        let (passed, failed) = match verdict {
            Verdict::Passed => (1, 0),
            Verdict::Failed => (0, 1),
            Verdict::Inconclusive | Verdict::Errored | Verdict::Waived => continue,
        };
        let counted = cases.entry(case).or_default();
        counted.0 += passed;
        counted.1 += failed;
    }
    let mut tally = Tally::default();
    for (passed, failed) in cases.into_values() {
        let good = if hard { failed == 0 } else { passed > failed };
        if good {
            tally.passed += 1;
        } else {
            tally.failed += 1;
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sampling_goes_by_the_trace_alone() {
        let trace = |low: u64| format!("{:018x}{low:014x}", 7);
        let half = 1_u64 << 55;
        assert!(sampled(&trace(half - 1), 50));
        assert!(!sampled(&trace(half), 50));
        assert!(sampled(&trace((1 << 56) - 1), 100));
        assert!(!sampled(&trace(0), 0));
        for odd in ["", "0", "zz", &"é".repeat(16), &"g".repeat(32)] {
            assert!(!sampled(odd, 100), "{odd}");
        }
    }

    #[test]
    fn a_case_counts_once_however_often_it_is_asked() {
        use Verdict::{Errored, Failed, Inconclusive, Passed};
        let seen = [
            ("a", Passed),
            ("a", Passed),
            ("a", Failed),
            ("b", Failed),
            ("b", Passed),
            ("c", Errored),
            ("c", Inconclusive),
        ];
        let counted = |passed, failed| Tally { passed, failed };
        assert_eq!(tally(seen, false), counted(1, 1), "a half is not enough");
        assert_eq!(tally(seen, true), counted(0, 2));
        assert_eq!(tally([("c", Errored)], true), Tally::default());
    }
}
