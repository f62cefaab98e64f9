//! Evaluation suites, what they ask, and how the answers are judged.
//!
//! Three steps, all pure: [`Suite::parse`] reads a suite file of an agent's repository, [`Suite::requests`] says what to
//! ask the agent, and [`judge`] turns the [`Exchange`]s into a [`domain::gate::Report`]. Whoever talks to the agent does it
//! elsewhere: nothing here reads a file, a clock or the network.
//!
//! The engines are model-free. Where they cannot tell, they say `inconclusive`; they never guess in the agent's favour. A model
//! may be asked what they leave open ([`model_judge`]), and counts as far as it was calibrated.

pub mod accuracy;
pub mod baseline;
pub mod bias;
pub mod catalogue;
pub mod criterion;
pub mod formats;
pub mod judge;
pub mod live;
pub mod model_judge;
pub mod personal_data;
pub mod refusal;
pub mod row;
pub mod score;
pub mod statistics;
pub mod suite;
pub mod verify;

mod amount;
mod canary;
mod decision;
mod json_path;
mod text;

pub use judge::{Exchange, Thresholds, judge, judge_with};
pub use suite::{Request, Suite, SuiteProblem};

/// The engine as evidence names it.
pub const ENGINE: &str = concat!("clearance-evaluation ", env!("CARGO_PKG_VERSION"));
