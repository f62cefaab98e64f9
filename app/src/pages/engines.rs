//! "What judges our agents, how good is it, and what does nothing here test?"

mod coverage;
mod list;

pub(crate) use coverage::CoveragePage;
pub(crate) use list::EnginesPage;
