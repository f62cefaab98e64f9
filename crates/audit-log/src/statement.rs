//! Signed statements about a digest: the same key and note format as checkpoints, for evidence that stands outside the log.

use signed_note::{Note, Verifier, VerifierList};

use crate::checkpoint::{CheckpointError, CheckpointKey, VerifierKey};

/// First line of a statement, so that its signature can never be taken for a checkpoint's: a checkpoint's second line is a number.
const HEADER: &str = "clearance evidence v1";

fn text(key_name: &str, digest: &str) -> String {
    format!("{key_name}\n{HEADER}\n{digest}\n")
}

/// A signed note that says: the holder of this key vouches for the content of this digest.
///
/// # Errors
/// [`CheckpointError::MalformedText`] if the digest holds line breaks or control characters.
pub fn sign_digest(key: &CheckpointKey, digest: &str) -> Result<String, CheckpointError> {
    if digest.is_empty() || !digest.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(CheckpointError::MalformedText);
    }
    let body = text(key.name(), digest);
    let mut note = Note::new(body.as_bytes(), &[]).map_err(|_| CheckpointError::MalformedText)?;
    note.add_sigs(&[key]).map_err(|_| CheckpointError::Origin)?;
    String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::MalformedText)
}

/// Is this a statement of `key` about exactly this digest?
#[must_use]
pub fn verify_digest(note_text: &str, digest: &str, key: &VerifierKey) -> bool {
    let Ok(note) = Note::from_bytes(note_text.as_bytes()) else {
        return false;
    };
    let known: Vec<Box<dyn Verifier>> = vec![Box::new(key.clone())];
    note.text() == text(key.name(), digest).as_bytes()
        && note.verify(&VerifierList::new(known)).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_about_one_digest_and_one_key() {
        let key = CheckpointKey::from_seed("log.example/audit", &[7; 32]).unwrap();
        let other = CheckpointKey::from_seed("log.example/audit", &[8; 32]).unwrap();
        let note = sign_digest(&key, "sha256:ab").unwrap();
        assert!(verify_digest(&note, "sha256:ab", &key.verifier_key()));
        assert!(!verify_digest(&note, "sha256:ac", &key.verifier_key()));
        assert!(!verify_digest(&note, "sha256:ab", &other.verifier_key()));
        assert!(
            crate::open(&note, &[key.verifier_key()]).is_err(),
            "never a checkpoint"
        );
        assert!(sign_digest(&key, "a\nb").is_err());
    }
}
