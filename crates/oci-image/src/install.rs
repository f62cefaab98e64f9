//! Runs pip: installs the understood requirement lines into a scratch folder, wheels only.
//!
//! pip sees an allow-listed environment with an empty home; the operator's index configuration is passed on.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::process::Command;

use crate::environment;
use crate::error::{At, BuildError, Part};
use crate::log::LogSink;
use crate::process::{self, Ended};
use crate::python::{self, Interpreter};
use crate::requirements::Requirements;

/// Variables with the operator's index, proxy and certificate settings.
const PASSED_ON: [&str; 29] = [
    "PATH",
    "LD_LIBRARY_PATH",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_TRUSTED_HOST",
    "PIP_CERT",
    "PIP_CLIENT_CERT",
    "PIP_PROXY",
    "PIP_RETRIES",
    "PIP_TIMEOUT",
    "PIP_DEFAULT_TIMEOUT",
    "PIP_CONFIG_FILE",
    "PIP_KEYRING_PROVIDER",
    "PIP_CACHE_DIR",
    "PIP_NO_CACHE_DIR",
    "NETRC",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "all_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
];

/// How often the size of the folder is looked at while pip runs.
const WATCH_EVERY: Duration = Duration::from_secs(2);

/// One run of pip.
#[derive(Debug)]
pub(crate) struct Install<'a> {
    pub(crate) interpreter: &'a Interpreter,
    pub(crate) requirements: &'a Requirements,
    /// An empty folder of its own, for everything pip writes but its download cache.
    pub(crate) scratch: &'a Path,
    /// pip's download cache.
    pub(crate) downloads: PathBuf,
    pub(crate) limit: Duration,
    pub(crate) max_bytes: u64,
    pub(crate) log: LogSink,
}

impl Install<'_> {
    /// Runs pip and returns the folder with the packages.
    pub(crate) async fn run(self) -> Result<PathBuf, BuildError> {
        let target = self.scratch.join("packages");
        let command = self.command(&target)?;
        let watch = watch(self.scratch.to_path_buf(), self.max_bytes);
        let finished = process::run(command, self.limit, self.log.clone(), watch)
            .await
            .map_err(|error| python::start_failed(&self.interpreter.executable, &error))?;
        match finished.ended {
            Ended::Exited(status) if status.success() => Ok(target),
            Ended::Exited(status) => {
                let full = |line: &String| line.contains("No space left on device");
                if finished.last_lines.iter().any(full) {
                    return Err(BuildError::DiskFull(self.scratch.to_path_buf()));
                }
                Err(BuildError::InstallFailed {
                    exit: status.code(),
                    last_lines: finished.last_lines,
                })
            }
            Ended::TimedOut => Err(BuildError::TimedOut {
                limit_seconds: self.limit.as_secs(),
            }),
            Ended::Stopped => Err(BuildError::TooLarge {
                part: Part::Dependencies,
                limit_bytes: self.max_bytes,
            }),
        }
    }

    fn command(&self, target: &Path) -> Result<Command, BuildError> {
        let requirements = self.write("requirements.txt", &self.requirements.lines)?;
        let home = self.folder("home")?;
        let temporary = self.folder("tmp")?;
        let mut command = Command::new(&self.interpreter.executable);
        command
            .args(["-I", "-m", "pip", "install", "--target"])
            .arg(target)
            .arg("--requirement")
            .arg(requirements);
        if !self.requirements.constraints.is_empty() {
            let constraints = self.write("constraints.txt", &self.requirements.constraints)?;
            command.arg("--constraint").arg(constraints);
        }
        command.args([
            "--only-binary",
            ":all:",
            "--no-compile",
            "--no-input",
            "--no-color",
            "--progress-bar",
            "off",
            "--disable-pip-version-check",
            "--no-warn-script-location",
            // pip would compare with the packages of the machine, which the agent does not see.
            "--no-warn-conflicts",
        ]);
        command
            .env_clear()
            .env("PIP_CACHE_DIR", &self.downloads)
            .envs(operator_settings())
            .env("HOME", home)
            .env("TMPDIR", temporary)
            .env("LC_ALL", "C.UTF-8")
            // The operator's pip configuration may say otherwise for their own use.
            .env("PIP_USER", "0")
            .env("PIP_REQUIRE_VIRTUALENV", "0")
            .env("PIP_ROOT_USER_ACTION", "ignore")
            .current_dir(self.scratch);
        Ok(command)
    }

    fn write(&self, name: &str, lines: &[String]) -> Result<PathBuf, BuildError> {
        let path = self.scratch.join(name);
        fs::write(&path, lines.join("\n") + "\n").at(&path)?;
        Ok(path)
    }

    fn folder(&self, name: &str) -> Result<PathBuf, BuildError> {
        let path = self.scratch.join(name);
        fs::create_dir_all(&path).at(&path)?;
        Ok(path)
    }
}

/// The allow-listed variables, and where pip and its HTTP client would have found their files at home.
fn operator_settings() -> BTreeMap<&'static str, OsString> {
    let mut settings: BTreeMap<_, _> = PASSED_ON
        .iter()
        .filter_map(|name| Some((*name, environment::variable(name)?)))
        .collect();
    let home = environment::variable("HOME")
        .map(PathBuf::from)
        .unwrap_or_default();
    let config = environment::variable("XDG_CONFIG_HOME")
        .map_or_else(|| home.join(".config"), PathBuf::from);
    let pip = [
        config.join("pip/pip.conf"),
        home.join("Library/Application Support/pip/pip.conf"),
        home.join(".pip/pip.conf"),
    ];
    for (name, candidates) in [
        ("PIP_CONFIG_FILE", pip.as_slice()),
        ("NETRC", &[home.join(".netrc")]),
    ] {
        let found = candidates.iter().find(|p| p.is_absolute() && p.is_file());
        if let Some(path) = found {
            settings.entry(name).or_insert_with(|| path.clone().into());
        }
    }
    settings
}

/// Completes when the folder has grown far beyond what can end in a layer of `max_bytes`.
async fn watch(folder: PathBuf, max_bytes: u64) {
    // Downloads and unpacked files are there at the same time.
    let ceiling = max_bytes.saturating_mul(2).saturating_add(64 << 20);
    loop {
        tokio::time::sleep(WATCH_EVERY).await;
        let folder = folder.clone();
        let size = tokio::task::spawn_blocking(move || size_of(&folder)).await;
        if size.is_ok_and(|size| size > ceiling) {
            return;
        }
    }
}

/// Bytes of all files below `folder`; what vanishes meanwhile counts as nothing.
fn size_of(folder: &Path) -> u64 {
    let mut total = 0_u64;
    let mut pending = vec![folder.to_path_buf()];
    while let Some(folder) = pending.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let Ok(found) = entry.metadata() else {
                continue;
            };
            if found.is_dir() {
                pending.push(entry.path());
            } else {
                total = total.saturating_add(found.len());
            }
        }
    }
    total
}
