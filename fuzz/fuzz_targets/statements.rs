#![no_main]
//! Evidence that somebody else hands in or changed: envelopes, statements and whole bundles.

use std::sync::LazyLock;

use audit_log::{CheckpointKey, VerifierKey};
use evidence::{Envelope, Statement, verify};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<[VerifierKey; 1]> = LazyLock::new(|| {
    let key = CheckpointKey::from_seed("log.example", &[7; 32]).expect("a name");
    [key.verifier_key()]
});

fuzz_target!(|bytes: &[u8]| {
    let _statement = Statement::parse(bytes);
    let _foreign = Envelope::parse_foreign(bytes, KEYS.as_slice());
    if let Ok(envelope) = Envelope::parse_line(bytes) {
        assert_eq!(envelope.line().as_bytes(), bytes);
    }
    assert!(verify(bytes, KEYS.as_slice()).is_err(), "nobody signed this");
});
