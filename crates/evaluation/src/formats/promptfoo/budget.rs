//! How much a configuration may grow while its tests, scenarios and templates are written out. A small file that multiplies
//! itself must not fill the memory: what is copied or filled in is counted before it is made.

use serde_json::{Map, Value};

use crate::formats::Unreadable;

/// Bytes that one file may grow to beyond itself.
pub(in crate::formats) const MAX_EXPANDED: usize = 16 * 1024 * 1024;
/// What a value takes beside its text, whatever it holds.
const VALUE: usize = 32;

/// What is left of [`MAX_EXPANDED`].
#[derive(Debug)]
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) const fn new() -> Self {
        Self { left: MAX_EXPANDED }
    }

    /// Takes so many bytes.
    ///
    /// # Errors
    /// [`Unreadable`] where there are not so many left.
    pub(super) fn spend(&mut self, place: &str, bytes: usize) -> Result<(), Unreadable> {
        self.left = self.left.checked_sub(bytes).ok_or_else(|| {
            Unreadable::new(
                crate::text::cut(place, 80),
                format!(
                    "its variables, tests and templates multiply to more than {} MiB: split the file",
                    MAX_EXPANDED / (1024 * 1024)
                ),
            )
        })?;
        Ok(())
    }

    /// Takes what a copy of the value needs.
    pub(super) fn copy(&mut self, place: &str, value: &Value) -> Result<(), Unreadable> {
        self.spend(place, size(value))
    }
}

/// Roughly the bytes of a value in memory.
pub(super) fn size(value: &Value) -> usize {
    let inner = match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 0,
        Value::String(text) => text.len(),
        Value::Array(list) => list.iter().map(size).sum(),
        Value::Object(map) => size_of_map(map),
    };
    inner.saturating_add(VALUE)
}

/// The same for the values of a map and their names.
pub(super) fn size_of_map(map: &Map<String, Value>) -> usize {
    map.iter()
        .map(|(name, value)| name.len().saturating_add(size(value)))
        .sum()
}
