//! What a policy says about emergencies: who may break the glass, and how long a role may be held for a time.

use serde::Serialize;

use crate::actor::Role;

/// Roles that can be named, and the longest times: a policy is only ever stricter than this.
pub(super) const BREAKERS: [Role; 2] = [Role::Operator, Role::Administrator];
pub(super) const HOURS_MAX: u32 = 24;
pub(super) const REVIEW_HOURS_MAX: u32 = 168;
pub(super) const ELEVATION_HOURS_MAX: u32 = 24;

/// Who may let a deployment go on without its approval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BreakGlassRules {
    /// Empty: nobody.
    pub roles: Vec<Role>,
    /// How long the permission lasts if it is not used.
    pub hours: u32,
    /// Until the post-review is due.
    pub review_hours: u32,
}

impl Default for BreakGlassRules {
    /// Operators, because an emergency does not wait for two administrators; every use is reviewed by somebody else.
    fn default() -> Self {
        Self {
            roles: vec![Role::Operator],
            hours: 4,
            review_hours: 72,
        }
    }
}

/// How long a role may be held for a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ElevationRules {
    /// Most hours of one elevation.
    pub hours: u32,
}

impl Default for ElevationRules {
    fn default() -> Self {
        Self { hours: 8 }
    }
}
