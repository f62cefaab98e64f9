//! A repository of heads in memory.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;

use super::{Faults, lock};
use crate::ports::PortError;
use crate::ports::anchors::Anchors;

/// The repository, with what was written into it.
#[derive(Debug)]
pub struct FakeAnchors {
    faults: Arc<Faults>,
    notes: Mutex<Vec<String>>,
}

impl FakeAnchors {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            notes: Mutex::default(),
        }
    }

    /// The notes, each once, in the order in which they came.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        lock(&self.notes).clone()
    }
}

#[async_trait]
impl Anchors for FakeAnchors {
    async fn write(&self, origin: &str, size: u64, note: &str) -> Result<String, PortError> {
        let written = || {
            let mut notes = lock(&self.notes);
            if !notes.iter().any(|kept| kept == note) {
                notes.push(note.to_owned());
            }
            Ok(format!("commit-{size}"))
        };
        self.faults.run("anchor.write", origin, written).await
    }
}
