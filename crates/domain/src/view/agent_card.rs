//! The A2A card of an agent's version.

use serde::{Deserialize, Serialize};

use crate::agent_card::AgentCard;
use crate::environment::Environment;

/// The card of one version; without a card where its manifest names none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct VersionCard {
    pub agent: String,
    pub version: String,
    /// Where this version is live; empty for a version that is live nowhere.
    pub live_in: Vec<Environment>,
    pub card: Option<KeptCard>,
}

/// A card as it was read from the commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeptCard {
    pub says: AgentCard,
    /// Byte for byte as it is in the repository.
    pub text: String,
    /// `sha256:` of the text.
    pub digest: String,
}
