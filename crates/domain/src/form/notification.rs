//! Adding a channel, and choosing what one hears.

use serde::{Deserialize, Serialize};

use super::text;
use crate::error::{FieldProblem, ValidationErrors};
use crate::name::check_slug;
use crate::notification::{ChannelKind, Subject};

/// Longest address of a webhook.
pub const ADDRESS_MAX: usize = 2_000;
/// How an address is named that the operator keeps in the server's environment. Agents cannot name such a variable.
pub const ADDRESS_VARIABLE: &str = "env:CLEARANCE_CHANNEL_";
/// How such a variable ends, so that no setting is mistaken for one.
pub const ADDRESS_VARIABLE_END: &str = "_SECRET";

/// Which boxes are ticked.
fn subjects(ticked: &[(Subject, &str)]) -> Vec<Subject> {
    let on = ticked.iter().filter(|(_, value)| !value.trim().is_empty());
    on.map(|(subject, _)| *subject).collect()
}

/// A new channel as the page posts it. A box that is not ticked is not sent.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ChannelForm {
    pub name: String,
    /// `slack`, `teams` or `webhook`.
    pub kind: String,
    /// Slug of a team; empty for every team.
    pub team: String,
    /// The webhook's address, kept as a secret and never shown again; or `env:CLEARANCE_CHANNEL_…_SECRET`.
    pub address: String,
    pub waits_for_me: String,
    pub failed: String,
    pub decided: String,
    pub live: String,
    pub governance: String,
}

/// The address is a secret.
impl std::fmt::Debug for ChannelForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelForm")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .field("team", &self.team)
            .finish_non_exhaustive()
    }
}

/// A new channel.
#[derive(Clone, PartialEq, Eq)]
pub struct AddChannel {
    pub name: String,
    pub kind: ChannelKind,
    pub team: Option<String>,
    pub address: Address,
    pub subjects: Vec<Subject>,
}

impl std::fmt::Debug for AddChannel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddChannel")
            .field("name", &self.name)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Where a channel's messages go.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// A value to be kept as a secret.
    Value(String),
    /// A reference of the operator's.
    Reference(String),
}

impl std::fmt::Debug for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Value(_) => f.write_str("Value(…)"),
            Self::Reference(reference) => f.debug_tuple("Reference").field(reference).finish(),
        }
    }
}

impl ChannelForm {
    /// Parses the form. Whether the address may be called is the adapter's to say.
    ///
    /// # Errors
    /// The fields that are wrong.
    pub fn parse(&self) -> Result<AddChannel, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let name = text(&mut errors, "name", &self.name, 1, 80);
        let kind = self.kind.parse().ok();
        let kind = kind.filter(|kind| ChannelKind::ADDED.contains(kind));
        let kind = kind.unwrap_or_else(|| {
            errors.add("kind", FieldProblem::UnknownChoice);
            ChannelKind::Webhook
        });
        let team = self.team.trim();
        if !team.is_empty() && check_slug(team).is_err() {
            errors.add("team", FieldProblem::UnknownChoice);
        }
        let address = text(&mut errors, "address", &self.address, 1, ADDRESS_MAX);
        let address = address_of(&mut errors, address);
        let subjects = subjects(&[
            (Subject::WaitsForMe, &self.waits_for_me),
            (Subject::Failed, &self.failed),
            (Subject::Decided, &self.decided),
            (Subject::Live, &self.live),
            (Subject::Governance, &self.governance),
        ]);
        if subjects.is_empty() {
            errors.add("waits_for_me", FieldProblem::Required);
        }
        errors.into_result()?;
        Ok(AddChannel {
            name,
            kind,
            team: (!team.is_empty()).then(|| team.to_owned()),
            address,
            subjects,
        })
    }
}

fn address_of(errors: &mut ValidationErrors, text: String) -> Address {
    if text.starts_with("https://") || text.starts_with("http://") {
        if text.chars().any(|c| c.is_whitespace() || c.is_control()) {
            errors.add("address", FieldProblem::BadAddress);
        }
        return Address::Value(text);
    }
    let named = text
        .strip_prefix(ADDRESS_VARIABLE)
        .and_then(|rest| rest.strip_suffix(ADDRESS_VARIABLE_END));
    let plain = |name: &str| {
        (1..=60).contains(&name.len())
            && name
                .bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
    };
    if !named.is_some_and(plain) && !text.is_empty() {
        errors.add("address", FieldProblem::BadAddress);
    }
    Address::Reference(text)
}

/// What a person chose, as the page posts it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct ChoiceForm {
    pub waits_for_me: String,
    pub failed: String,
    pub decided: String,
    pub live: String,
    pub governance: String,
}

impl ChoiceForm {
    /// The ticked ones; none is a choice too.
    #[must_use]
    pub fn subjects(&self) -> Vec<Subject> {
        subjects(&[
            (Subject::WaitsForMe, &self.waits_for_me),
            (Subject::Failed, &self.failed),
            (Subject::Decided, &self.decided),
            (Subject::Live, &self.live),
            (Subject::Governance, &self.governance),
        ])
    }
}

/// A channel or a message that is meant, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct MeantForm {
    pub id: String,
}
