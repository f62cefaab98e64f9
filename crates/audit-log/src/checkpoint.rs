//! The signed tree head (C2SP tlog-checkpoint in a signed note).
//!
//! This module owns the note text and what makes it acceptable: canonical lines, no extension lines, a signature by a
//! known key whose name is the origin. It refuses everything else, and reads the lines only after the signature held.

pub(crate) mod key;

pub use key::{CheckpointKey, KeyError, VerifierKey};

use signed_note::{Note, NoteError, Verifier, VerifierList};

use crate::append::MAX_TREE_SIZE;
use crate::hash::Hash;

/// The longest origin, in bytes.
pub const MAX_ORIGIN_BYTES: usize = 255;

/// The state of a log at one moment: `size` entries, whose root is `root`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// The log's identity, a URL without a scheme such as `clearance.example/log`. Equal to the name of the log's key.
    pub origin: String,
    /// How many entries the tree has.
    pub size: u64,
    /// The RFC 6962 root of the tree.
    pub root: Hash,
}

/// Why a checkpoint cannot be signed, or a note is not an acceptable checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The origin breaks the naming rules.
    #[error("an origin has 1 to 255 bytes and no spaces, control characters or plus signs")]
    Origin,
    /// A key may only sign for the log it is named after.
    #[error("the key is named {key}, which is not the origin of the checkpoint")]
    KeyName {
        /// The key's name.
        key: String,
    },
    /// The text is not a signed note: bad encoding, control characters such as a carriage return, or bad signature lines.
    #[error("not a signed note")]
    MalformedNote,
    /// The note carries no signature by a key that was given.
    #[error("no signature by a known key")]
    UnknownKey,
    /// A signature by a known key does not fit the text.
    #[error("the signature by {key} does not hold")]
    BadSignature {
        /// The key's name.
        key: String,
    },
    /// The same key was given twice with different contents.
    #[error("two known keys share one name and id")]
    AmbiguousKeys,
    /// A validly signed text that is not exactly origin, size and root.
    #[error(
        "the signed text is not a checkpoint of this log: origin, size without leading zeros, root, nothing else"
    )]
    MalformedText,
    /// Too few of the witnesses that are asked for have seen it.
    #[error(
        "{found} of the {quorum} witnesses that are needed have seen the checkpoint: it may be shown to nobody else"
    )]
    Unwitnessed {
        /// Cosignatures that hold.
        found: usize,
        /// How many are needed.
        quorum: usize,
    },
    /// Signed, but by a known key of another log.
    #[error("the checkpoint of {origin} is not signed by a key of that name")]
    ForeignOrigin {
        /// The origin in the checkpoint.
        origin: String,
    },
}

impl Checkpoint {
    /// The signed note, ready to be published.
    ///
    /// # Errors
    /// [`CheckpointError::KeyName`] if the key is another log's; [`CheckpointError::Origin`].
    pub fn sign(&self, key: &CheckpointKey) -> Result<String, CheckpointError> {
        if !is_valid_origin(&self.origin) {
            return Err(CheckpointError::Origin);
        }
        if key.name() != self.origin {
            return Err(CheckpointError::KeyName {
                key: key.name().to_owned(),
            });
        }
        let mut note =
            Note::new(self.text().as_bytes(), &[]).map_err(|_| CheckpointError::MalformedText)?;
        note.add_sigs(&[key]).map_err(|_| CheckpointError::Origin)?;
        String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::MalformedText)
    }

    /// The text that is signed: three lines.
    pub(crate) fn text(&self) -> String {
        format!(
            "{}\n{}\n{}\n",
            self.origin,
            self.size,
            self.root.to_base64()
        )
    }

    /// The three lines, and only in the one spelling that [`Checkpoint::text`] gives.
    fn parse(text: &[u8]) -> Option<Self> {
        let parsed = tlog_tiles::Checkpoint::from_bytes(text).ok()?;
        let checkpoint = Self {
            origin: parsed.origin().to_owned(),
            size: parsed.size(),
            root: (*parsed.hash()).into(),
        };
        (checkpoint.is_plausible() && checkpoint.text().as_bytes() == text).then_some(checkpoint)
    }

    /// Whether there can be such a log at all.
    pub(crate) fn is_plausible(&self) -> bool {
        is_valid_origin(&self.origin)
            && self.size <= MAX_TREE_SIZE
            && (self.size > 0 || self.root == Hash::EMPTY_TREE)
    }
}

/// Checks the signature of a note and returns the checkpoint in it. Signatures by unknown keys are ignored, as the
/// signed-note format asks; a wrong signature by a known key refuses the note.
///
/// # Errors
/// [`CheckpointError`] says which rule the note breaks.
pub fn open(note_text: &str, keys: &[VerifierKey]) -> Result<Checkpoint, CheckpointError> {
    let note =
        Note::from_bytes(note_text.as_bytes()).map_err(|_| CheckpointError::MalformedNote)?;
    let mut known: Vec<Box<dyn Verifier>> = Vec::new();
    for (position, key) in keys.iter().enumerate() {
        // The same key given twice is no ambiguity.
        if !keys.iter().take(position).any(|earlier| earlier == key) {
            known.push(Box::new(key.clone()));
        }
    }
    let (verified, _) = note.verify(&VerifierList::new(known)).map_err(refusal)?;
    let checkpoint = Checkpoint::parse(note.text()).ok_or(CheckpointError::MalformedText)?;
    if !verified
        .iter()
        .any(|signature| signature.name() == checkpoint.origin)
    {
        return Err(CheckpointError::ForeignOrigin {
            origin: checkpoint.origin,
        });
    }
    Ok(checkpoint)
}

fn refusal(error: NoteError) -> CheckpointError {
    match error {
        NoteError::InvalidSignature { name, .. } => CheckpointError::BadSignature { key: name },
        NoteError::UnverifiedNote => CheckpointError::UnknownKey,
        NoteError::VerificationError(_) => CheckpointError::AmbiguousKeys,
        NoteError::MalformedNote
        | NoteError::InvalidSigner
        | NoteError::MismatchedVerifier
        | NoteError::SignatureError(_) => CheckpointError::MalformedNote,
    }
}

/// Key names and origins are one and the same here, so the stricter rules of both apply.
pub(crate) fn is_valid_origin(origin: &str) -> bool {
    origin.len() <= MAX_ORIGIN_BYTES
        && signed_note::is_key_name_valid(origin)
        && !origin.chars().any(char::is_control)
}
