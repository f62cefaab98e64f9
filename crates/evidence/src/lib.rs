//! Signed evidence, for readers who do not trust us: in-toto statements in DSSE envelopes, bundles of them in one file, and
//! the verifier that needs nothing but that file and a public key.
//!
//! This crate owns the bytes: what a statement says of a gate run, an SBOM or a decision, how it is signed, how a bundle
//! is spelled, and what makes one acceptable. It refuses to own storage, time and randomness. The formats are described in
//! `docs/evidence.md`.

mod bundle;
mod canonical;
mod dsse;
mod export;
mod external;
pub mod package;
mod predicate;
mod statement;

pub use bundle::verify::{MAX_BUNDLE_BYTES, Problem, Verified, verify};
pub use bundle::{Attested, INDEX_TYPE, Index, IndexEntry, Missing, Origin, write};
pub use canonical::{CanonicalError, digest_of_bytes, to_canonical};
pub use dsse::{Envelope, EnvelopeError, IN_TOTO_PAYLOAD};
pub use export::cases::cases_csv;
pub use export::junit::junit;
pub use export::registry::registry_csv;
pub use export::trail::trail_csv;
pub use external::{ExternalError, Handed, RESULT_TYPE, open_external};
pub use predicate::decision::{
    Authority, Circumstances, DECISION_TYPE, Decided, DecidedGate, Decision, VerifierId, decision,
};
pub use predicate::gate::{External, GATE_TYPE, GateEvidence, GateRun, Named, Resource};
pub use predicate::sbom::{SBOM_TYPE, sbom};
pub use predicate::test_result::{TEST_RESULT_TYPE, test_result};
pub use predicate::vulns::{VULNS_TYPE, vulns};
pub use predicate::{gate_statements, standard_type};
pub use statement::{DigestSet, Statement, StatementError, Subject, Subjects};
