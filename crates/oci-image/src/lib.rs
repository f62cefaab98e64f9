//! The embedded image builder of Clearance: from a checked-out agent to an OCI image, without a daemon.
//!
//! An image is two layers, the source under `/app` and the installed packages under `/deps`, a configuration and a
//! manifest, kept in an OCI image layout ([`ImageStore`]). The same input gives the same digest. No code of the agent
//! runs while it is built: packages come as wheels only. The SBOM is read from the layer that ships.
//!
//! The image holds no operating system and no interpreter: it runs where a matching Python is installed.

mod build;
mod dependencies;
mod digest;
mod environment;
mod error;
mod install;
mod installed;
mod layer;
mod links;
mod log;
mod package;
mod process;
mod python;
mod requirements;
mod sbom;
mod scratch;
mod spec;
mod store;
mod tree;

pub use build::{BuildLimits, BuildRequest, Built, PYTHON_PLATFORM, PYTHON_VERSION, build};
pub use digest::{Digest, DigestError};
pub use error::{BuildError, Fault, Part, StoreError};
pub use log::LogSink;
pub use package::Package;
pub use python::python_available;
pub use spec::{Descriptor, Execution, ImageConfig, Manifest, RootFs};
pub use store::{ImageStore, Removed, UnpackLimits};
