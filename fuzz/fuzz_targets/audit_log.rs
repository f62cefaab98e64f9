#![no_main]
//! Parts of an audit export: leaves, proofs, checkpoints, tiles of entries. A leaf has one spelling.

use std::sync::LazyLock;

use audit_log::{CheckpointKey, InclusionProof, LeafEvent, VerifierKey, open, tile, verify_proof};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<[VerifierKey; 1]> = LazyLock::new(|| {
    let key = CheckpointKey::from_seed("log.example", &[7; 32]).expect("a name");
    [key.verifier_key()]
});

fuzz_target!(|bytes: &[u8]| {
    if let Ok(event) = LeafEvent::parse(bytes) {
        assert_eq!(event.to_bytes().expect("it was read"), bytes);
    }
    let _entries = tile::decode_entries(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(proof) = InclusionProof::parse(text) {
        InclusionProof::parse(&proof.to_text()).expect("our own text is readable");
    }
    assert!(open(text, KEYS.as_slice()).is_err(), "nobody signed this");
    assert!(verify_proof(text, bytes, &KEYS[0]).is_err(), "nobody signed this");
});
