//! What the registry finds agents by, counts them by and compares them by. Everything that decides is here, so what is found and
//! counted does not depend on the database.

mod cell;
mod likeness;
mod meaning;
mod profile;
mod rank;

pub use cell::{Cell, Running, Standings};
pub use likeness::{Corpus, Degree, Shared, likeness, shared, telling};
pub use meaning::{Meaning, likeness_by_meaning, said};
pub use profile::{Field, Profile};
pub use rank::{Hit, Why, rank};

use crate::state::words;

words! {
    /// What an agent uses, as its manifest names it.
    UseKind as "kind of use" {
        Tool = "tool",
        Server = "server",
    }
}

impl UseKind {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Tool => "Tool",
            Self::Server => "MCP server",
        }
    }
}
