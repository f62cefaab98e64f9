//! The frame around every page for signed-in people: sidebar, top bar, notices, content.

mod elevated;
pub(crate) mod notices;
pub(crate) mod places;
mod shell;
mod sidebar;
mod topbar;

pub(crate) use shell::{Brand, Shell};
