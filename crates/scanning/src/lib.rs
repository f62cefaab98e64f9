//! Checks that need only files: what is insecure in an agent's source, and what is unsafe or vulnerable in its image.
//!
//! Everything read here is hostile. Walks are bounded in files and bytes, symbolic links are not followed, archives are
//! streamed and never unpacked, and Python is parsed on a thread of its own after its nesting was measured. What could not
//! be read makes a report `inconclusive`; it never passes for clean.

pub mod advisory;
pub mod image_scan;
pub mod static_analysis;
pub mod version;

mod hidden_text;
mod mcp;
mod python;
mod report;
mod secrets;
mod tree;

pub use advisory::{AdvisoryError, AdvisorySet};
pub use image_scan::{Package, image_scan};
pub use static_analysis::{Options, static_analysis};
