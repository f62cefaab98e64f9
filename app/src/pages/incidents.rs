//! Incidents: what misbehaved, and what is done about it.

mod actions;
mod detail;
mod list;

pub(crate) use detail::IncidentPage;
pub(crate) use list::IncidentsPage;
