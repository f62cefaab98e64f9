//! Service accounts as the page and the API show them.

use serde::{Deserialize, Serialize};

use crate::service_account::{Bound, TrustWarning};

/// One service account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceAccountRow {
    pub slug: String,
    /// Slug of its team.
    pub team: String,
    /// Address of the person whose roles it has at the most.
    pub owner: String,
    pub scopes: String,
    pub disabled: bool,
    /// Does its owner still have a role in its team? Without one it gets no token.
    pub backed: bool,
    pub created_at: String,
    /// When it last got a token.
    pub last_used_at: Option<String>,
    pub rules: Vec<TrustRow>,
    /// May the reader change it?
    pub can_change: bool,
}

/// One trust rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TrustRow {
    pub id: String,
    pub issuer: String,
    /// The audience that its tokens must be for.
    pub audience: String,
    /// The claims, with exactly these values.
    #[cfg_attr(feature = "openapi", schema(value_type = std::collections::BTreeMap<String, String>))]
    pub claims: Bound,
    #[cfg_attr(feature = "openapi", schema(value_type = Vec<String>))]
    pub warnings: Vec<TrustWarning>,
    pub last_used_at: Option<String>,
}

/// The accounts that the reader sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServiceAccountList {
    pub rows: Vec<ServiceAccountRow>,
    /// Issuers that the configuration adds to GitHub Actions and Azure DevOps.
    pub issuers: Vec<String>,
    /// Slugs of the teams in which the reader may make one.
    pub teams: Vec<String>,
}
