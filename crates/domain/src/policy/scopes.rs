//! What a policy says about the scopes that agents ask for.

use serde::Serialize;

/// Which scopes may go to production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ScopeRules {
    /// Only those whose resource and action are described in the catalogue.
    pub catalogued: bool,
}
