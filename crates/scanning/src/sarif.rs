//! SARIF 2.1.0 (OASIS): reports written for other tools, and reports of other tools read.

mod read;
mod write;

pub use read::{SarifError, read};
pub use write::{sarif_of, write};
