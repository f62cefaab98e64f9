//! What an export says of one thing, each event with a proof that stands alone.

use std::path::Path;

use super::conclude::{VerifyError, VerifyReport};
use super::tiles::proof_from_tiles;
use super::verify::{VerifyOptions, verify_export_seeing};
use crate::event::{LeafEvent, ScannedLeaf};
use crate::proof::verify_proof;

/// Most events of one report. More are a matter for the export itself.
const MAX_EVENTS: usize = 10_000;

/// What a report is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Everything about one deployment.
    Deployment(u64),
    /// Everything about one agent, by its slug.
    Agent(String),
    /// One entry.
    Entry(u64),
}

/// The events about a subject, from an export that holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What the export as a whole came to.
    pub report: VerifyReport,
    /// The events, in the order of the log.
    pub events: Vec<ProvenEvent>,
}

/// One event with its proof.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenEvent {
    /// The position in the log, from 0.
    pub index: u64,
    /// The exact bytes that were hashed.
    pub leaf: Vec<u8>,
    /// What they say.
    pub event: LeafEvent,
    /// A `.tlog-proof` file, already checked.
    pub proof: String,
}

/// Verifies the export in `dir`, and then collects what it says about the subject.
///
/// # Errors
/// As for [`super::verify_export_with`]; [`VerifyError::Unreadable`] if the events are too many for one report.
pub fn report_export(
    dir: &Path,
    options: &VerifyOptions<'_>,
    about: &Subject,
) -> Result<Evidence, VerifyError> {
    let mut found: Vec<(u64, Vec<u8>)> = Vec::new();
    let wanted = Wanted::new(about);
    let verified = verify_export_seeing(dir, options, &mut |index, leaf| {
        if found.len() <= MAX_EVENTS && wanted.matches(index, leaf) {
            found.push((index, leaf.to_vec()));
        }
    })?;
    if found.len() > MAX_EVENTS {
        let problem = format!("more than {MAX_EVENTS} events: ask for one deployment or entry");
        return Err(VerifyError::unreadable("the report", problem));
    }
    let events = found
        .into_iter()
        .map(|(index, leaf)| {
            let proof = proof_from_tiles(dir, (verified.report.size, &verified.note), index)?;
            let unproven = |error| VerifyError::unreadable(&format!("entry {index}"), error);
            let key = verified.verifier.clone();
            verify_proof(&proof, &leaf, &key).map_err(unproven)?;
            let event = LeafEvent::parse(&leaf)
                .map_err(|error| VerifyError::unreadable(&format!("entry {index}"), error))?;
            Ok(ProvenEvent {
                index,
                leaf,
                event,
                proof,
            })
        })
        .collect::<Result<_, VerifyError>>()?;
    Ok(Evidence {
        report: verified.report,
        events,
    })
}

/// The subject as the leaf spells it, so that millions of others are passed over without being parsed.
enum Wanted {
    Deployment(String),
    Agent(String),
    Entry(u64),
}

impl Wanted {
    fn new(about: &Subject) -> Self {
        match about {
            Subject::Deployment(number) => Self::Deployment(number.to_string()),
            Subject::Agent(slug) => Self::Agent(serde_json::Value::from(slug.as_str()).to_string()),
            Subject::Entry(index) => Self::Entry(*index),
        }
    }

    fn matches(&self, index: u64, leaf: &[u8]) -> bool {
        let scanned = || ScannedLeaf::read(leaf);
        match self {
            Self::Deployment(number) => {
                scanned().and_then(|leaf| leaf.deployment()) == Some(number.as_bytes())
            }
            Self::Agent(slug) => scanned().and_then(|leaf| leaf.agent()) == Some(slug.as_bytes()),
            Self::Entry(wanted) => index == *wanted,
        }
    }
}
