//! Reads the blocks about emergencies.

use std::str::FromStr as _;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::Problems;
use crate::actor::Role;
use crate::policy::emergency::{
    BREAKERS, BreakGlassRules, ELEVATION_HOURS_MAX, ElevationRules, HOURS_MAX, REVIEW_HOURS_MAX,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBreakGlass {
    roles: Vec<Spanned<String>>,
    hours: Spanned<u32>,
    review_hours: Spanned<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawElevation {
    hours: Spanned<u32>,
}

/// Roles in a fixed order, so that the order in which they are written means nothing.
pub(super) fn break_glass(raw: &RawBreakGlass, problems: &mut Problems<'_>) -> BreakGlassRules {
    let mut roles = Vec::new();
    for word in &raw.roles {
        match Role::from_str(&word.value) {
            Ok(role) if roles.contains(&role) => problems.add(word, "This role stands here twice."),
            Ok(role) if BREAKERS.contains(&role) => roles.push(role),
            Ok(_) | Err(_) => problems.add(
                word,
                "Write operator, administrator, both, or none to switch it off.",
            ),
        }
    }
    roles.sort_unstable();
    BreakGlassRules {
        roles,
        hours: problems.range(&raw.hours, 1, HOURS_MAX),
        review_hours: problems.range(&raw.review_hours, 1, REVIEW_HOURS_MAX),
    }
}

pub(super) fn elevation(raw: &RawElevation, problems: &mut Problems<'_>) -> ElevationRules {
    ElevationRules {
        hours: problems.range(&raw.hours, 1, ELEVATION_HOURS_MAX),
    }
}
