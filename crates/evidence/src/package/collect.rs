//! The walk over the entries of a log: which of them support evidence, how many, and a row for each.

use std::collections::BTreeSet;
use std::io::{self, Write};

use audit_log::LeafEvent;
use domain::controls::{Catalogue, Counts, Framework};
use domain::event::AuditAction;
use domain::view::controls::Scope;

use super::sample::Sample;
use crate::export::cell::cell;

/// Collects what a package says of events, entry by entry, in constant memory. Rows go to `W` as CSV.
pub struct Collector<W: Write> {
    wanted: BTreeSet<AuditAction>,
    scope: Scope,
    counts: Counts,
    sample: Sample,
    rows: csv::Writer<W>,
}

impl<W: Write> std::fmt::Debug for Collector<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Collector")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

impl<W: Write> Collector<W> {
    /// A collector for one framework, period and scope.
    ///
    /// # Errors
    /// When the head of the table cannot be written.
    pub fn new(
        catalogue: &Catalogue,
        framework: Framework,
        scope: Scope,
        (seed, most): (&str, usize),
        rows: W,
    ) -> io::Result<Self> {
        let actions = catalogue
            .of(framework)
            .map(|mapped| catalogue.actions(mapped));
        let mut rows = csv::WriterBuilder::new()
            .terminator(csv::Terminator::CRLF)
            .quote_style(csv::QuoteStyle::Always)
            .from_writer(rows);
        rows.write_record([
            "event",
            "time",
            "action",
            "outcome",
            "actor",
            "object_type",
            "object",
            "agent",
            "deployment",
            "reason",
            "leaf_sha256",
        ])?;
        Ok(Self {
            wanted: actions.unwrap_or_default().into_iter().collect(),
            scope,
            counts: Counts::new(),
            sample: Sample::new(seed, most),
            rows,
        })
    }

    /// Looks at one entry of the log. What is no event, or of no known action, supports nothing.
    ///
    /// # Errors
    /// When its row cannot be written.
    pub fn see(&mut self, index: u64, leaf: &[u8]) -> io::Result<()> {
        let Ok(event) = LeafEvent::parse(leaf) else {
            return Ok(());
        };
        let Ok(action) = event.action.parse::<AuditAction>() else {
            return Ok(());
        };
        // Times are spelled in one way and of one length, so their order is that of their texts.
        let inside = event.time >= self.scope.from && event.time < self.scope.to;
        let about = self.scope.agent.is_none() || event.agent == self.scope.agent;
        if !self.wanted.contains(&action) || !inside || !about {
            return Ok(());
        }
        self.counts.entry(action).or_default().add(index);
        self.sample.see(index);
        let deployment = event.deployment.map(|number| number.to_string());
        self.rows.write_record([
            index.to_string(),
            event.time.clone(),
            action.to_string(),
            event.outcome.as_str().to_owned(),
            cell(&event.actor.name),
            cell(&event.object.kind),
            cell(&event.object.id),
            cell(event.agent.as_deref().unwrap_or_default()),
            deployment.unwrap_or_default(),
            cell(event.reason.as_deref().unwrap_or_default()),
            audit_log::leaf_hash(leaf).to_hex(),
        ])?;
        Ok(())
    }

    /// What came of it: events by action, and the indexes of the sample.
    ///
    /// # Errors
    /// When the last rows cannot be written.
    pub fn finish(mut self) -> io::Result<(Counts, Vec<u64>)> {
        self.rows.flush()?;
        Ok((self.counts, self.sample.indexes()))
    }
}
