//! Reads the block about production while it runs.

use std::str::FromStr as _;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::Problems;
use crate::policy::online::{
    OnBreach, OnlineRules, OnlineThresholds, PROBE_CASES_MAX, PROBE_MINUTES_MAX, WINDOW_MAX,
    WINDOW_MIN,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOnline {
    probe_minutes: Spanned<u32>,
    probe_cases: Spanned<u32>,
    #[serde(default)]
    sample_percent: Option<Spanned<u32>>,
    window: Spanned<u32>,
    #[serde(default)]
    thresholds: Option<RawThresholds>,
    on_breach: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawThresholds {
    #[serde(default)]
    responsible_ai: Option<Spanned<u32>>,
    #[serde(default)]
    hallucination: Option<Spanned<u32>>,
    #[serde(default)]
    relevance: Option<Spanned<u32>>,
}

pub(super) fn online(raw: &RawOnline, problems: &mut Problems<'_>) -> OnlineRules {
    let on_breach = OnBreach::from_str(&raw.on_breach.value).unwrap_or_else(|_| {
        problems.add(&raw.on_breach, "Write incident or roll_back.");
        OnBreach::Incident
    });
    OnlineRules {
        probe_minutes: problems.range(&raw.probe_minutes, 1, PROBE_MINUTES_MAX),
        probe_cases: problems.range(&raw.probe_cases, 1, PROBE_CASES_MAX),
        sample_percent: percent(raw.sample_percent.as_ref(), problems),
        window: problems.range(&raw.window, WINDOW_MIN, WINDOW_MAX),
        thresholds: raw.thresholds.as_ref().map(|own| OnlineThresholds {
            responsible_ai: percent(own.responsible_ai.as_ref(), problems),
            hallucination: percent(own.hallucination.as_ref(), problems),
            relevance: percent(own.relevance.as_ref(), problems),
        }),
        on_breach,
    }
}

fn percent(raw: Option<&Spanned<u32>>, problems: &mut Problems<'_>) -> Option<u32> {
    raw.map(|at| problems.range(at, 1, 100))
}
