//! The projection: the columns that pages filter and show, recomputed from a leaf.

use serde::{Deserialize, Serialize};

use super::{LeafError, LeafEvent, MAX_NUMBER};
use crate::hash::Hash;
use crate::leaf::leaf_hash;

/// What the pages show of one event. An export carries the row as the database had it; the verifier recomputes it from the
/// leaf and compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// The position in the log, from 0.
    pub index: u64,
    /// As in the leaf.
    pub time: String,
    /// As in the leaf.
    pub actor_kind: String,
    /// As in the leaf.
    pub actor_id: String,
    /// As in the leaf.
    pub actor_name: String,
    /// As in the leaf.
    pub action: String,
    /// As in the leaf.
    pub object_type: String,
    /// As in the leaf.
    pub object_id: String,
    /// As in the leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// As in the leaf.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<u64>,
    /// As in the leaf.
    pub outcome: String,
    /// The hash of the leaf.
    pub leaf_hash: Hash,
}

/// The row of the leaf at `index`.
///
/// # Errors
/// [`LeafError`] if the bytes are not a leaf or the index is beyond the largest exact JSON number.
pub fn projection(index: u64, leaf: &[u8]) -> Result<Row, LeafError> {
    if index > MAX_NUMBER {
        let problem = "is beyond the largest exact JSON number";
        return Err(LeafError::Field {
            field: "index",
            problem,
        });
    }
    let event = LeafEvent::parse(leaf)?;
    Ok(Row {
        index,
        time: event.time,
        actor_kind: event.actor.kind,
        actor_id: event.actor.id,
        actor_name: event.actor.name,
        action: event.action,
        object_type: event.object.kind,
        object_id: event.object.id,
        agent: event.agent,
        deployment: event.deployment,
        outcome: event.outcome.as_str().to_owned(),
        leaf_hash: leaf_hash(leaf),
    })
}

impl LeafEvent {
    /// [`projection`], for those who look for it here.
    ///
    /// # Errors
    /// As for [`projection`].
    pub fn projection(index: u64, leaf: &[u8]) -> Result<Row, LeafError> {
        projection(index, leaf)
    }
}

impl Row {
    /// The row as one line of canonical JSON, without the line feed.
    ///
    /// # Errors
    /// [`LeafError::NotAnEvent`] if it cannot be written as JSON, which no row causes.
    pub fn to_line(&self) -> Result<Vec<u8>, LeafError> {
        serde_json_canonicalizer::to_vec(self).map_err(LeafError::NotAnEvent)
    }

    /// The first column in which two rows differ.
    #[must_use]
    pub fn first_difference(&self, other: &Self) -> Option<&'static str> {
        let columns = [
            ("index", self.index == other.index),
            ("time", self.time == other.time),
            ("actor_kind", self.actor_kind == other.actor_kind),
            ("actor_id", self.actor_id == other.actor_id),
            ("actor_name", self.actor_name == other.actor_name),
            ("action", self.action == other.action),
            ("object_type", self.object_type == other.object_type),
            ("object_id", self.object_id == other.object_id),
            ("agent", self.agent == other.agent),
            ("deployment", self.deployment == other.deployment),
            ("outcome", self.outcome == other.outcome),
            ("leaf_hash", self.leaf_hash == other.leaf_hash),
        ];
        columns
            .iter()
            .find(|(_, same)| !same)
            .map(|(column, _)| *column)
    }
}
