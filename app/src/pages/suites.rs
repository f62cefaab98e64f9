//! "What is this agent judged by, and is it enough?"

mod check;
mod list;

pub(crate) use check::CheckSuitePage;
pub(crate) use list::SuitesPage;
