//! The statistics of a gate: intervals, tests, agreement and the number of cases that they need.
//!
//! Everything here is a closed formula or a search over one, with its source named; nothing decides about an agent. What an
//! interval means for a verdict is said in [`crate::criterion`]. The unit is always the **case**: trials of one case are
//! averaged first, and cases that share a document or a conversation are a cluster (Miller 2024, arXiv 2411.00640).

pub mod agreement;
pub mod cluster;
pub mod correction;
pub mod difference;
pub mod holm;
pub mod interval;
pub mod mcnemar;
pub mod permutation;
pub mod proportion;
pub mod repetition;
pub mod sample_size;
pub mod tango;

pub(crate) mod number;
