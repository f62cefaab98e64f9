//! Tools and MCP servers, and who uses each.

mod list;
mod users;

pub(crate) use list::ToolsPage;
pub(crate) use users::ToolPage;

use domain::registry::UseKind;

use crate::format::encode;

/// The page of a tool or MCP server.
pub(crate) fn place(kind: UseKind, name: &str) -> String {
    format!("/tools/{kind}/{}", encode(name))
}
