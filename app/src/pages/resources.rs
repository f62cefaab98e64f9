//! Resources: what scopes name, whose it is, and who touched it.

mod detail;
mod form;
mod list;

pub(crate) use detail::ResourcePage;
pub(crate) use list::ResourcesPage;
