//! YAML with bounds: a few kilobytes of aliases must not become gigabytes.

use serde_json::Value;
use serde_saphyr::options::AliasLimits;
use serde_saphyr::{Budget, Options};

use super::Unreadable;

/// Nested collections.
const MAX_DEPTH: usize = 48;
/// Scalars, lists and maps, aliases followed.
const MAX_NODES: usize = 400_000;

/// One YAML document as JSON. Numbers that JSON does not have, tags and several documents are refused.
pub(super) fn read(text: &str) -> Result<Value, Unreadable> {
    let mut budget = Budget::default();
    budget.max_depth = MAX_DEPTH;
    budget.flow_nesting_limit = MAX_DEPTH;
    budget.max_nodes = MAX_NODES;
    budget.max_events = 2 * MAX_NODES;
    budget.max_documents = 1;
    let mut limits = AliasLimits::default();
    limits.max_total_replayed_events = MAX_NODES;
    limits.max_replay_stack_depth = 16;
    let mut options = Options::default();
    options.budget = Some(budget);
    options.alias_limits = limits;
    // `Yes` and `on` are words, as in YAML 1.2.
    options.strict_booleans = true;
    options.with_snippet = false;
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location().map_or_else(
            || "file".to_owned(),
            |at| format!("line {}, column {}", at.line(), at.column()),
        );
        Unreadable::new(place, crate::text::cut(&error.to_string(), 300))
    })
}

/// A value as YAML.
pub(super) fn write(value: &Value) -> Result<String, Unreadable> {
    serde_saphyr::to_string(value).map_err(|error| Unreadable::new("file", error.to_string()))
}
