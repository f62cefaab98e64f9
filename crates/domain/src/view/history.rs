//! What was, at a moment of the past, as the audit log tells it.

use serde::{Deserialize, Serialize};

use crate::environment::Environment;
use crate::gate::{Gate, Verdict};

/// The moment that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Moment {
    /// RFC 3339.
    pub at: String,
    /// The first so many events of the log tell it.
    pub events: u64,
}

/// The registry as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentsThen {
    pub moment: Moment,
    /// By slug.
    pub rows: Vec<AgentRowThen>,
    /// Where the next page begins; none on the last.
    pub next: Option<String>,
}

/// One agent that was registered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentRowThen {
    pub slug: String,
    pub live: Vec<LiveCellThen>,
}

/// What was live in an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveCellThen {
    pub environment: Environment,
    pub deployment: i64,
    pub version: String,
    /// When it went live, RFC 3339.
    pub since: String,
}

/// One agent as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentThen {
    pub moment: Moment,
    pub slug: String,
    /// Was it registered? Else it was not yet, or not any more.
    pub registered: bool,
    pub live: Vec<LiveThen>,
}

/// What was live in an environment, with all that it was authorised by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct LiveThen {
    pub environment: Environment,
    pub deployment: i64,
    /// The stretch of the log in which it was live.
    pub since: Told,
    /// None where it still is.
    pub until: Option<Told>,
    /// `sha256:` of its release manifest, as the log has it.
    pub manifest_digest: String,
    /// What the manifest says; none where the kept one is not the one that the log names.
    pub manifest: Option<ManifestThen>,
    /// Who said what about it up to then, oldest first.
    pub decisions: Vec<DecisionThen>,
    /// Its identities: one, or none where it was revoked.
    pub identity: Option<IdentityCellThen>,
}

/// What a release manifest says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ManifestThen {
    pub version: String,
    pub commit: String,
    pub config_digest: String,
    pub image_digest: String,
    pub scopes: Vec<String>,
    /// Gate, verdict, and digest of the evidence.
    pub gates: Vec<GateThen>,
    pub policy_version: u32,
}

/// What a gate came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct GateThen {
    pub gate: Gate,
    pub verdict: Verdict,
    pub evidence_digest: String,
}

/// An event of the log that tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Told {
    /// RFC 3339.
    pub at: String,
    /// Number of the event.
    pub event: u64,
}

/// What somebody decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DecisionThen {
    pub by: String,
    /// `approve` or `reject`.
    pub verdict: String,
    pub told: Told,
}

/// An identity that stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityCellThen {
    pub client_id: String,
    pub standing: StandingThen,
}

/// How an identity stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StandingThen {
    /// It could act, as far as its deployment entitled it.
    Active,
    /// A person held it.
    Suspended,
    /// Its deployment was in quarantine.
    Quarantined,
    /// It was not made yet, or revoked.
    Gone,
}

impl StandingThen {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Suspended => "Suspended",
            Self::Quarantined => "In quarantine",
            Self::Gone => "Not there",
        }
    }
}

/// An identity as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct IdentityThen {
    pub moment: Moment,
    pub client_id: String,
    pub agent: String,
    pub standing: StandingThen,
    /// Since when it was there; none where it was not.
    pub since: Option<Told>,
    pub deployment: i64,
    /// The scopes of its deployment's manifest; none where it was not there.
    pub scopes: Vec<String>,
}

/// The policy that was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PolicyThen {
    pub moment: Moment,
    pub version: i64,
    /// Since when; none for the one that Clearance comes with.
    pub since: Option<Told>,
}
