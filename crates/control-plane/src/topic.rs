//! What a committed change was about, for pages that update themselves.

use serde::{Deserialize, Serialize};

/// Something changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// `deployment`, `approval`, `agent` or `audit`.
    pub topic: String,
    /// Number, slug or index.
    pub id: String,
}

impl Topic {
    /// A topic with its id.
    pub fn new(topic: &str, id: impl Into<String>) -> Self {
        Self {
            topic: topic.to_owned(),
            id: id.into(),
        }
    }
}
