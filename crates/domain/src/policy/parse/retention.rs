//! Reads how long evidence is kept.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::Problems;
use crate::policy::retention::{EVIDENCE_DAYS_MAX, EVIDENCE_DAYS_MIN, RetentionRules};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRetention {
    evidence_days: Spanned<u32>,
}

pub(super) fn retention(raw: &RawRetention, problems: &mut Problems<'_>) -> RetentionRules {
    RetentionRules {
        evidence_days: problems.range(&raw.evidence_days, EVIDENCE_DAYS_MIN, EVIDENCE_DAYS_MAX),
    }
}
