//! Agent identities: the list, and one of them.

mod actions;
mod bindings;
mod detail;
mod list;

pub(crate) use detail::IdentityPage;
pub(crate) use list::IdentitiesPage;
