//! The offline export: a folder that holds the whole log and everything needed to check it without us.
//!
//! ```text
//! format                     clearance-audit-export/1
//! checkpoint                 the signed tree head
//! vkey                       the log's public key, name+hash+base64
//! tile/entries/<N>[.p/<W>]   the leaves, 256 per file
//! tile/<L>/<N>[.p/<W>]       the hashes, as they were stored
//! rows.jsonl                 the rows that pages show, one canonical JSON object per line
//! ```
//!
//! `checkpoint` and `tile/` are the files that a C2SP tlog-tiles log serves, so the folder is also a static mirror. Apart
//! from what a signer remembers, this is the only module that touches files. Writing refuses to judge: an export carries what the database has, also when it was
//! altered, so that the verifier can say where.

mod conclude;
mod files;
mod report;
mod rows;
mod tiles;
mod verify;
mod write;

pub use conclude::{Tampering, VerifyError, VerifyReport};
pub use report::{Evidence, ProvenEvent, Subject, report_export};
pub use tiles::{consistency_from_tiles, proof_from_tiles, read_bundle};
pub use verify::{VerifyOptions, verify_export, verify_export_with, verify_rows};
pub use write::{ExportError, ExportItem, ExportSummary, ExportWriter, write_export};

/// The first line of every export: what it is, and the version of its layout.
pub const FORMAT: &str = "clearance-audit-export/1";

const FORMAT_FILE: &str = "format";
const CHECKPOINT_FILE: &str = "checkpoint";
const KEY_FILE: &str = "vkey";
const ROWS_FILE: &str = "rows.jsonl";
const TILE_FOLDER: &str = "tile";
