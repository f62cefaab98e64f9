//! Findings: what is not as it should be.

mod actions;
mod detail;
mod list;

pub(crate) use detail::FindingPage;
pub(crate) use list::FindingsPage;
