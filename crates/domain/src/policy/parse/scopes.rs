//! Reads which scopes may go to production.

use serde::Deserialize;

use crate::policy::ScopeRules;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawScopes {
    catalogued: bool,
}

pub(super) const fn scopes(raw: &RawScopes) -> ScopeRules {
    ScopeRules {
        catalogued: raw.catalogued,
    }
}
