//! Agent cards of the `Agent2Agent` protocol (A2A): what an agent tells other agents of itself. A version holds the card of its commit as
//! it was written; here is what we read of it.
//!
//! Format: A2A 1.0, `AgentCard` of `specification/a2a.proto`; of cards for 0.2 and 0.3 the addresses are read too.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "formats")]
mod parse;
#[cfg(feature = "formats")]
mod signing;

#[cfg(feature = "formats")]
pub use signing::{signed_bytes, with_signature};

/// Largest card, bytes; what public registries take.
pub const CARD_MAX_BYTES: usize = 100 * 1024;
/// Names by which a repository's card is found.
pub const CARD_FILES: [&str; 2] = [".well-known/agent-card.json", "agent-card.json"];
/// Where a card is served, below the address of its agent.
pub const CARD_PATH: &str = ".well-known/agent-card.json";

/// What a card says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AgentCard {
    pub name: String,
    pub description: String,
    /// The agent's own word for its version.
    pub version: String,
    /// Who offers it, with an address.
    pub provider: Option<String>,
    /// In the order in which its team prefers them.
    pub interfaces: Vec<CardInterface>,
    /// What it can do beyond answering: `streaming`, `push notifications`, `extended card`.
    pub capabilities: Vec<String>,
    /// Addresses that name extensions; those that a caller must know end in ` (required)`.
    pub extensions: Vec<String>,
    /// Name of a security scheme to its words, such as `OAuth 2.0`.
    pub security: BTreeMap<String, String>,
    pub skills: Vec<CardSkill>,
    pub input_modes: Vec<String>,
    pub output_modes: Vec<String>,
    /// By whom it is signed. The signatures are not checked: a key that a card names itself proves nothing.
    pub signatures: Vec<CardSignature>,
}

/// An address at which the agent is spoken to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardInterface {
    pub url: String,
    /// `JSONRPC`, `GRPC`, `HTTP+JSON` or another word.
    pub binding: String,
    /// Version of the protocol, such as `1.0`.
    pub protocol: String,
}

/// What an agent can be asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardSkill {
    pub id: String,
    pub name: String,
    pub description: String,
    pub tags: Vec<String>,
    pub examples: Vec<String>,
}

/// A signature on a card, as its header describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CardSignature {
    pub algorithm: String,
    pub key: String,
}

impl AgentCard {
    /// What differs between two cards lies in these lines: part, name and text of each. The riskiest come first: how it is protected,
    /// where it is reached, what it can be asked for.
    #[must_use]
    pub fn lines(&self) -> [(&'static str, BTreeMap<String, String>); 4] {
        let interfaces = self.interfaces.iter().map(|one| {
            let told = format!("{} {}", one.binding, one.protocol);
            (one.url.clone(), told.trim().to_owned())
        });
        let skills = self.skills.iter().map(|skill| {
            let tags = skill.tags.join(", ");
            let told = format!("{}: {} [{tags}]", skill.name, skill.description);
            (skill.id.clone(), told)
        });
        [
            ("Card security", self.security.clone()),
            ("Card address", interfaces.collect()),
            ("Card skill", skills.collect()),
            ("Card", self.general()),
        ]
    }

    fn general(&self) -> BTreeMap<String, String> {
        let texts = [
            ("name", self.name.clone()),
            ("description", self.description.clone()),
            ("version", self.version.clone()),
            ("provider", self.provider.clone().unwrap_or_default()),
            ("capabilities", self.capabilities.join(", ")),
            ("extensions", self.extensions.join(", ")),
            ("input", self.input_modes.join(", ")),
            ("output", self.output_modes.join(", ")),
        ];
        let said = texts.into_iter().filter(|(_, text)| !text.is_empty());
        said.map(|(name, text)| (name.to_owned(), text)).collect()
    }
}
