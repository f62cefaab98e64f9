//! What to run. Owns the description of a runtime and its validation; refuses names that are not plain folder
//! names, working folders outside of the image, and environment keys that belong to the runtime.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::SpecError;
use crate::limits::Limits;

/// Bytes of command and environment together; the kernel's own bound is far higher.
const MAX_BYTES: usize = 100_000;

/// Keys that the runtime sets itself.
const RESERVED: [&str; 6] = [
    "PORT",
    "HOST",
    "HOME",
    "TMPDIR",
    "CLEARANCE_RUNTIME",
    "CLEARANCE_RUNTIME_ID",
];

/// Everything that is needed to run one agent, and to run it again after a reboot.
///
/// It is stored in the runtime's folder, readable by the owner only. Prefer [`Self::secret_files`] over secrets in
/// [`Self::env`].
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuntimeSpec {
    /// Unique name, also the folder name: 1 to 100 letters, digits, `-`, `_`, `.`.
    pub name: String,
    /// The unpacked image (with `app/` and `deps/`), absolute. The agent may read it and, sandboxed, not write it.
    pub app_dir: PathBuf,
    /// Program and arguments. A program without `/` is looked up on `PATH`; one with `/` from the working folder.
    pub command: Vec<String>,
    /// Working folder, relative to [`Self::app_dir`].
    pub workdir: PathBuf,
    /// The agent's environment, complete but for `PATH`, `LANG`, `TZ` (inherited unless given here) and `PORT`,
    /// `HOST`, `HOME`, `TMPDIR` (set by the runtime). Values are taken as they are.
    pub env: BTreeMap<String, String>,
    /// Files that the agent may read although they lie where the sandbox hides everything. Absolute.
    #[serde(default)]
    pub secret_files: Vec<PathBuf>,
    /// What it may use.
    #[serde(default)]
    pub limits: Limits,
    /// Whether to put it into a sandbox.
    #[serde(default)]
    pub sandbox: SandboxMode,
}

/// Whether the agent runs in a sandbox.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SandboxMode {
    /// In bubblewrap where that works, else without; the status says which, and why.
    #[default]
    Auto,
    /// Never.
    Off,
}

impl RuntimeSpec {
    /// A spec that runs `command` in the folder `app` of the image, with default limits and an empty environment.
    #[must_use]
    pub fn new(name: impl Into<String>, app_dir: impl Into<PathBuf>, command: Vec<String>) -> Self {
        Self {
            name: name.into(),
            app_dir: app_dir.into(),
            command,
            workdir: PathBuf::from("app"),
            env: BTreeMap::new(),
            secret_files: Vec::new(),
            limits: Limits::default(),
            sandbox: SandboxMode::default(),
        }
    }

    /// Checks everything that can be known without the file system.
    ///
    /// # Errors
    /// The first fault found.
    pub fn check(&self) -> Result<(), SpecError> {
        check_name(&self.name)?;
        self.limits.check()?;
        if self.command.first().is_none_or(String::is_empty) {
            return Err(SpecError::EmptyCommand);
        }
        if self.command.iter().any(|word| word.contains('\0')) {
            return Err(SpecError::Nul("the command"));
        }
        for path in std::iter::once(&self.app_dir).chain(&self.secret_files) {
            if !path.is_absolute() {
                return Err(SpecError::Relative(path.clone()));
            }
        }
        if !stays_inside(&self.workdir) {
            return Err(SpecError::Workdir(self.workdir.clone()));
        }
        self.env
            .iter()
            .try_for_each(|(key, value)| check_env(key, value))?;
        let words = self.command.iter().map(String::len).sum::<usize>();
        let variables = self
            .env
            .iter()
            .map(|(key, value)| key.len() + value.len() + 2)
            .sum::<usize>();
        match words + variables {
            total if total > MAX_BYTES => Err(SpecError::TooLarge(total)),
            _ => Ok(()),
        }
    }

    /// The image folder and the working folder with every symbolic link resolved, so that neither `..` nor a link
    /// inside of a hostile image leads out.
    pub(crate) fn resolve(&self) -> Result<(PathBuf, PathBuf), SpecError> {
        let image = self
            .app_dir
            .canonicalize()
            .map_err(|_| SpecError::NoImage(self.app_dir.clone()))?;
        let outside = || SpecError::Workdir(self.workdir.clone());
        let workdir = image
            .join(&self.workdir)
            .canonicalize()
            .map_err(|_| outside())?;
        if workdir.starts_with(&image) && workdir.is_dir() {
            Ok((image, workdir))
        } else {
            Err(outside())
        }
    }
}

/// Keys only: values may be secret.
impl fmt::Debug for RuntimeSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RuntimeSpec")
            .field("name", &self.name)
            .field("app_dir", &self.app_dir)
            .field("command", &self.command)
            .field("workdir", &self.workdir)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("secret_files", &self.secret_files)
            .field("limits", &self.limits)
            .field("sandbox", &self.sandbox)
            .finish()
    }
}

pub(crate) fn check_name(name: &str) -> Result<(), SpecError> {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'));
    let starts_well = name
        .bytes()
        .next()
        .is_some_and(|b| b.is_ascii_alphanumeric());
    if plain && starts_well && name.len() <= 100 {
        Ok(())
    } else {
        Err(SpecError::Name(name.chars().take(120).collect()))
    }
}

fn check_env(key: &str, value: &str) -> Result<(), SpecError> {
    let plain = key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if !plain || key.bytes().next().is_none_or(|b| b.is_ascii_digit()) {
        return Err(SpecError::EnvKey(key.chars().take(120).collect()));
    }
    if RESERVED.contains(&key) {
        return Err(SpecError::ReservedEnvKey(key.to_owned()));
    }
    if value.contains('\0') {
        Err(SpecError::Nul("an environment value"))
    } else {
        Ok(())
    }
}

fn stays_inside(path: &Path) -> bool {
    let text_ok = path.to_str().is_some_and(|text| !text.contains('\0'));
    text_ok
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec() -> RuntimeSpec {
        RuntimeSpec::new("a", "/image", vec!["python3".into()])
    }

    #[test]
    fn names_are_plain_folder_names() {
        for name in ["a", "sales-qualifier-4471", "A.b_c", "9", &"x".repeat(100)] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            ".a",
            "-a",
            "a/b",
            "a b",
            "é",
            "a\0",
            &"x".repeat(101),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn working_folders_cannot_leave_the_image() {
        for workdir in ["..", "app/../..", "/etc"] {
            let spec = RuntimeSpec {
                workdir: workdir.into(),
                ..spec()
            };
            assert_eq!(spec.check(), Err(SpecError::Workdir(workdir.into())));
        }
        assert_eq!(
            RuntimeSpec {
                workdir: "".into(),
                ..spec()
            }
            .check(),
            Ok(())
        );
    }

    #[test]
    fn environment_keys_of_the_runtime_are_refused() {
        for (key, error) in [
            ("PORT", SpecError::ReservedEnvKey("PORT".into())),
            ("", SpecError::EnvKey(String::new())),
            ("A=B", SpecError::EnvKey("A=B".into())),
            ("1A", SpecError::EnvKey("1A".into())),
        ] {
            let env = BTreeMap::from([(key.to_owned(), "x".to_owned())]);
            assert_eq!(RuntimeSpec { env, ..spec() }.check(), Err(error));
        }
    }

    #[test]
    fn debug_output_has_no_environment_values() {
        let env = BTreeMap::from([("TOKEN".to_owned(), "hunter2".to_owned())]);
        let text = format!("{:?}", RuntimeSpec { env, ..spec() });
        assert!(text.contains("TOKEN") && !text.contains("hunter2"));
    }
}
