//! Checks that need only files: what is insecure in an agent's source, and what is unsafe or vulnerable in its image.
//!
//! The one thing that is run are engines of the user's (`engines`). Everything read here is hostile. Walks are bounded in files and bytes, symbolic links are not followed, archives are
//! streamed and never unpacked, and Python is parsed on a thread of its own after its nesting was measured. What could not
//! be read makes a report `inconclusive`; it never passes for clean.

pub mod advisory;
pub mod catalogue;
pub mod engines;
pub mod image_scan;
pub mod inventory;
pub mod matching;
pub mod sarif;
pub mod secrets;
pub mod static_analysis;
pub mod version;

mod accuracy;
mod detect;
mod docker;
mod hidden_text;
mod instructions;
mod mcp;
mod models;
mod pipelines;
mod python;
mod report;
mod scripts;
mod settings;
mod suppressions;
mod tree;

pub use accuracy::accuracy;
pub use advisory::{AdvisoryError, AdvisorySet};
pub use detect::detect;
pub use engines::{Engine, EngineKind, EngineRun, MatcherKind, Program, ProgramMatcher};
pub use image_scan::{Image, ImageOptions, Package, image_scan};
pub use matching::{Embedded, Gap, Matcher};
pub use report::ENGINE;
pub use secrets::{SecretRules, SecretRulesError};
pub use static_analysis::{Options, static_analysis};
