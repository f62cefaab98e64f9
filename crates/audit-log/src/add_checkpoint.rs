//! The body of `add-checkpoint` (C2SP tlog-witness): what a log sends to a witness. Both sides use this one reading of it.

use crate::append::MAX_PROOF_HASHES;
use crate::hash::Hash;
use crate::proof::parse_hash_lines;

/// Most bytes of a request: 63 lines of proof, and a note with as many signatures as one may have.
pub const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// Media type of the size in the answer to a request that begins at another size.
pub const SIZE_TYPE: &str = "text/x.tlog.size";

/// A checkpoint for a witness, with the proof that it grew out of the one of size `old`. Nothing in it is verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size that the witness is said to have seen last.
    pub old: u64,
    /// The consistency proof from there (RFC 6962, section 2.1.2).
    pub proof: Vec<Hash>,
    /// The signed checkpoint, verbatim.
    pub note: String,
}

impl AddCheckpoint {
    /// The body of the request.
    #[must_use]
    pub fn to_body(&self) -> String {
        let mut body = format!("old {}\n", self.old);
        for hash in &self.proof {
            body.push_str(&hash.to_base64());
            body.push('\n');
        }
        body.push('\n');
        body.push_str(&self.note);
        body
    }

    /// Reads a body; nothing where it is none: another first line, leading zeroes, more than 63 lines of proof.
    #[must_use]
    pub fn parse(body: &[u8]) -> Option<Self> {
        if body.len() > MAX_REQUEST_BYTES {
            return None;
        }
        let body = std::str::from_utf8(body).ok()?;
        let (head, note) = body.split_once("\n\n")?;
        let (first, proof) = head.split_once('\n').unwrap_or((head, ""));
        let digits = first.strip_prefix("old ")?;
        let old: u64 = digits.parse().ok()?;
        // `lines` would take a carriage return for part of the line's end.
        let canonical = old.to_string() == digits && !head.contains('\r') && !proof.ends_with('\n');
        if !canonical {
            return None;
        }
        let proof = parse_hash_lines(proof)?;
        Some(Self {
            old,
            proof,
            note: note.to_owned(),
        })
    }
}

const _: () = assert!(
    MAX_PROOF_HASHES == 63,
    "a request has at most 63 lines of proof"
);
