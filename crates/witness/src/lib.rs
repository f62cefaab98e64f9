//! A witness of audit logs (C2SP tlog-witness), to run where the log's administrators have no account.
//!
//! This crate owns the witness's decision, its memory and its one HTTP call. It refuses to know anything of what is in a log:
//! it sees sizes, roots and proofs. What makes it worth something is that it never signs two histories of one log, whenever
//! it is killed: the new head is on the disk before the signature exists, and two requests at once take turns.

mod config;
mod http;
mod witness;

pub use config::{Config, Folder, FolderError};
pub use http::router;
pub use witness::{Answer, Witness, WitnessFault};
