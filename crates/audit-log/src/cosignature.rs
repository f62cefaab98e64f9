//! Cosignatures (C2SP tlog-cosignature, version 1): a witness says that at a time the largest tree that it has seen of a log
//! is this one, and that it grew out of all it had seen before.
//!
//! This module owns the bytes that a witness signs, and the rule how many of which witnesses must have signed. It does not
//! own the witness's memory: that is what makes the statement true.

mod key;
mod policy;

pub use key::{WitnessKey, WitnessVerifierKey};
pub use policy::{WitnessError, WitnessPolicy, WitnessPolicyError};

use signed_note::{Note, NoteError, Signature, Verifier, VerifierList};

use crate::checkpoint::{Checkpoint, CheckpointError};

/// Most bytes of a witness's answer that are looked at: a hundred lines are more than a note may have.
const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// What one witness said of a checkpoint. Verified where it comes from this module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cosignature {
    /// The name in the witness's key.
    pub witness: String,
    /// `name+hash` of the witness's key, which tells keys apart.
    pub key_id: String,
    /// When it said so, in seconds since 1970 UTC, by its own clock.
    pub time: u64,
    /// The signature line with its line feed, as it stands in the note.
    pub line: String,
}

impl Cosignature {
    /// The cosignature of one witness in its answer to `add-checkpoint`. Lines of other keys are ignored (C2SP tlog-witness).
    ///
    /// # Errors
    /// [`WitnessError`]: none of this witness is among the lines, or the one that is does not hold.
    pub fn from_answer(
        checkpoint: &Checkpoint,
        answer: &str,
        key: &WitnessVerifierKey,
    ) -> Result<Self, WitnessError> {
        // An empty line would make what stands before it part of the text.
        if answer.len() > MAX_ANSWER_BYTES || answer.starts_with('\n') || answer.contains("\n\n") {
            return Err(WitnessError::Malformed);
        }
        let note = format!("{}\n{answer}", checkpoint.text());
        let found = verified(&note, std::slice::from_ref(key))?;
        found.into_iter().next().ok_or(WitnessError::TooFew {
            found: 0,
            quorum: 1,
        })
    }
}

/// The note with signature lines added: cosignatures go behind the log's own signature.
#[must_use]
pub fn attach<'a>(note: &str, lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut text = note.to_owned();
    text.extend(lines);
    text
}

/// The cosignatures by known witnesses on a note, each once, in the order of the note. The note's text is not judged here.
fn verified(note: &str, keys: &[WitnessVerifierKey]) -> Result<Vec<Cosignature>, WitnessError> {
    let note = Note::from_bytes(note.as_bytes()).map_err(|_| WitnessError::Malformed)?;
    let known: Vec<Box<dyn Verifier>> = keys
        .iter()
        .map(|key| -> Box<dyn Verifier> { Box::new(key.clone()) })
        .collect();
    let signatures = match note.verify(&VerifierList::new(known)) {
        Ok((signatures, _)) => signatures,
        Err(NoteError::UnverifiedNote) => Vec::new(),
        Err(NoteError::InvalidSignature { name, .. }) => {
            return Err(WitnessError::BadSignature { witness: name });
        }
        Err(
            NoteError::MalformedNote
            | NoteError::InvalidSigner
            | NoteError::MismatchedVerifier
            | NoteError::VerificationError(_)
            | NoteError::SignatureError(_),
        ) => return Err(WitnessError::Malformed),
    };
    signatures.iter().map(read).collect()
}

fn read(signature: &Signature) -> Result<Cosignature, WitnessError> {
    let (time, _) = key::split(signature.signature()).ok_or(WitnessError::Malformed)?;
    let line = String::from_utf8(signature.to_bytes()).map_err(|_| WitnessError::Malformed)?;
    Ok(Cosignature {
        witness: signature.name().to_owned(),
        key_id: format!("{}+{:08x}", signature.name(), signature.id()),
        time,
        line,
    })
}

impl From<WitnessError> for CheckpointError {
    fn from(error: WitnessError) -> Self {
        match error {
            WitnessError::BadSignature { witness } => Self::BadSignature { key: witness },
            WitnessError::Malformed => Self::MalformedNote,
            WitnessError::TooFew { found, quorum } => Self::Unwitnessed { found, quorum },
        }
    }
}
