//! Lock files: which packages a source tree pins, as package URLs and for the advisories.

mod go;
mod node;
mod requirements;
mod toml_locks;

use super::Component;

/// Bytes of a lock file that are read.
pub(crate) const MAX_BYTES: u64 = 32 * 1024 * 1024;

/// What is wrong with how a package is pinned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// The package, as the file writes it.
    pub package: String,
    /// 1-based line, where the format has lines that mean something.
    pub line: Option<u32>,
}

/// Kinds of [`Problem`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// No exact version.
    Unpinned,
    /// Fetched from an address and not from a registry.
    FromUrl,
    /// Runs a program of its own when it is installed.
    InstallScript,
}

/// What a lock file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locked {
    /// Packages with an exact version.
    pub components: Vec<Component>,
    /// What is not pinned as it should be.
    pub problems: Vec<Problem>,
}

impl Locked {
    fn add(&mut self, ecosystem: &str, name: &str, version: &str, place: &str) {
        if !name.is_empty() && self.components.len() < super::MAX_COMPONENTS {
            self.components
                .push(Component::new(ecosystem, name, version, place));
        }
    }

    fn problem(&mut self, kind: ProblemKind, package: &str, line: Option<u32>) {
        if self.problems.len() < 1_000 {
            self.problems.push(Problem {
                kind,
                package: package.chars().take(100).collect(),
                line,
            });
        }
    }
}

/// The formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Requirements,
    Poetry,
    Uv,
    Pipfile,
    Cargo,
    PackageLock,
    Pnpm,
    Yarn,
    GoMod,
}

impl Format {
    fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        Some(match name.as_str() {
            "poetry.lock" => Self::Poetry,
            "uv.lock" | "pylock.toml" => Self::Uv,
            "pipfile.lock" => Self::Pipfile,
            "cargo.lock" => Self::Cargo,
            "package-lock.json" | "npm-shrinkwrap.json" => Self::PackageLock,
            "pnpm-lock.yaml" => Self::Pnpm,
            "yarn.lock" => Self::Yarn,
            "go.mod" => Self::GoMod,
            name if name.ends_with(".txt") && name.contains("requirements") => Self::Requirements,
            _ => return None,
        })
    }
}

/// A JSON document that is an object. (A list would pass for a record of which every field is missing.)
fn json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, String> {
    let object = text.trim_start().starts_with('{');
    let parsed = object.then(|| serde_json::from_str(text).ok()).flatten();
    parsed.ok_or_else(|| "the lock file is not valid".to_owned())
}

/// True for a file that [`read`] reads.
#[must_use]
pub fn is_lock_file(path: &str) -> bool {
    Format::of(path).is_some()
}

/// Reads a lock file; `None` where the name is not one of a lock file.
///
/// # Errors
/// One sentence: the file is not what its name says, or too large.
pub fn read(path: &str, text: &str) -> Option<Result<Locked, String>> {
    let format = Format::of(path)?;
    if u64::try_from(text.len()).unwrap_or(u64::MAX) > MAX_BYTES {
        return Some(Err("the lock file is too large to be read".to_owned()));
    }
    Some(match format {
        Format::Requirements => Ok(requirements::read(path, text)),
        Format::Poetry | Format::Uv => toml_locks::python(path, text),
        Format::Cargo => toml_locks::cargo(path, text),
        Format::Pipfile => toml_locks::pipfile(path, text),
        Format::PackageLock => node::package_lock(path, text),
        Format::Pnpm => node::pnpm(path, text),
        Format::Yarn => Ok(node::yarn(path, text)),
        Format::GoMod => Ok(go::module(path, text)),
    })
}
