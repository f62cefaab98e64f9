//! Agent identities: the list, and one of them.

mod actions;
mod bindings;
mod detail;
mod list;
mod scopes;

pub(crate) use detail::IdentityPage;
pub(crate) use list::IdentitiesPage;
pub(crate) use scopes::ScopesPage;
