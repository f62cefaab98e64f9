//! What the histories of this process came to, counted in the audit log: nothing is a transition that left no event.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use audit_log::LeafEvent;

/// What is counted, and the events that are one transition of it each.
const KINDS: [(&str, &[&str]); 6] = [
    ("deployments", &["deployment_moved"]),
    ("approvals", &["approval_opened", "approval_settled"]),
    (
        "rollbacks and holds",
        &["rolled_back", "hold_set", "hold_lifted"],
    ),
    (
        "waivers and compliance",
        &["waiver_given", "waiver_revoked", "compliance_changed"],
    ),
    (
        "elevations",
        &[
            "elevation_requested",
            "elevation_decided",
            "elevation_ended",
        ],
    ),
    (
        "broken glass",
        &["glass_broken", "post_reviewed", "post_review_overdue"],
    ),
];
/// Steps, of which each is one transition of the model or a refusal.
const STEPS: &str = "steps";

static COUNTS: Mutex<BTreeMap<&str, usize>> = Mutex::new(BTreeMap::new());

fn add(kind: &'static str, more: usize) {
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    *counts.entry(kind).or_default() += more;
}

/// Counts a step.
pub(super) fn step() {
    add(STEPS, 1);
}

/// Counts a history by its audit log.
pub(super) fn history(log: &[LeafEvent]) {
    for (kind, words) in KINDS {
        let counts = |event: &&LeafEvent| words.contains(&event.action.as_str());
        add(kind, log.iter().filter(counts).count());
    }
}

/// Transitions of every kind, in words, and their sum.
pub(super) struct Counted {
    pub(super) words: String,
    pub(super) transitions: usize,
    /// The rarest kind, and how many there were of it.
    pub(super) rarest: (&'static str, usize),
}

/// What was counted so far.
pub(super) fn so_far() -> Counted {
    let counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let of = |kind: &str| counts.get(kind).copied().unwrap_or(0);
    let kinds = KINDS.map(|(kind, _)| (kind, of(kind)));
    let words = kinds.map(|(kind, count)| format!("{count} of {kind}"));
    let transitions = kinds.iter().map(|(_, count)| count).sum();
    let steps = of(STEPS);
    let rarest = kinds.into_iter().min_by_key(|(_, count)| *count);
    Counted {
        words: format!(
            "{transitions} transitions in {steps} steps: {}",
            words.join(", ")
        ),
        transitions,
        rarest: rarest.unwrap_or(("nothing", 0)),
    }
}
