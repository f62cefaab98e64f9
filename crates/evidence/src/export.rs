//! The same evidence in forms that other programs open: `JUnit` XML and CSV. Neither is signed; a bundle is.

pub(crate) mod cases;
pub(crate) mod cell;
pub(crate) mod junit;
pub(crate) mod registry;
pub(crate) mod trail;
