//! Follows values from where they come in to where they do harm, in the order in which a function runs.
//!
//! Every function of a file is walked once, with parameters of which nothing is known but whether a model or a request
//! chooses them. Ways that a constant test rules out are not walked, ways that meet are joined, loops are walked twice,
//! and functions of the same file are walked at their calls where a value from outside is handed to them. What is known
//! of a value is lost rather than guessed: a flow that is told of names each step of its path.
//!
//! The work is bounded by steps and not by time, so the same file has the same findings on every machine.

mod calls;
mod expressions;
mod guards;
mod propagation;
mod sinks;
mod sources;
mod statements;
mod value;
mod walker;

use std::collections::BTreeMap;

use domain::gate::Severity;
use ruff_python_ast::Stmt;
use ruff_text_size::{TextRange, TextSize};

use super::names::Names;
pub(super) use sinks::Sink;
pub(super) use sources::is_closed;
use walker::Walker;

/// A value from outside that reaches a place where it does harm.
#[derive(Debug, Clone)]
pub(super) struct Flow {
    pub(super) rule: &'static str,
    pub(super) severity: Severity,
    pub(super) message: String,
    /// Where the harm is done.
    pub(super) at: TextSize,
    /// The steps from the source to the sink, each with what happens there.
    pub(super) way: Vec<(TextSize, String)>,
}

/// What was seen of one call that may do harm.
#[derive(Debug, Clone)]
struct Seen {
    flow: Option<Flow>,
    /// True where every walk found the value safe.
    safe: bool,
}

/// What the walks of a file came to.
#[derive(Debug, Default)]
pub(super) struct Flows {
    seen: BTreeMap<(TextSize, TextSize, Sink), Seen>,
    /// True where the file has more ways than are walked.
    pub(super) cut: bool,
}

impl Flows {
    /// Walks a file.
    pub(super) fn of(suite: &[Stmt], names: &Names) -> Self {
        Walker::new(suite, names).file(suite)
    }

    fn see(&mut self, call: TextRange, sink: Sink, flow: Option<Flow>, safe: bool) {
        let seen = self
            .seen
            .entry((call.start(), call.end(), sink))
            .or_insert(Seen {
                flow: None,
                safe: true,
            });
        seen.safe &= safe;
        let worse = |flow: &Flow| {
            seen.flow
                .as_ref()
                .is_none_or(|known| known.severity < flow.severity)
        };
        if let Some(flow) = flow.filter(worse) {
            seen.flow = Some(flow);
        }
    }

    /// The flows of the file, by their places.
    pub(super) fn found(&self) -> impl Iterator<Item = &Flow> {
        self.seen.values().filter_map(|seen| seen.flow.as_ref())
    }

    /// True where nothing is left to say of a call by the names in it: it has a flow, or was found safe on every way.
    pub(super) fn settles(&self, call: TextRange, sink: Sink) -> bool {
        self.seen
            .get(&(call.start(), call.end(), sink))
            .is_some_and(|seen| seen.flow.is_some() || (seen.safe && !self.cut))
    }

    /// True where a flow ends within a range.
    pub(super) fn any_within(&self, range: TextRange) -> bool {
        self.found().any(|flow| range.contains(flow.at))
    }
}
