//! Runs the git program. Owns its environment, its configuration file, its process group and its bounds in time, output
//! and disk; refuses to pass on anything of this process's environment but what git needs to reach a host.

mod bounds;
mod settings;

use std::ffi::OsString;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use control_plane::ports::PortError;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::process::Command;

use self::bounds::{Group, Watched, collect, overfull};
pub(super) use self::bounds::{size, too_large};
use self::settings::{CONFIGURATION, LOCAL_CONFIGURATION, PASSED};
use super::trouble;
use crate::adapters::environment::variable;
use crate::adapters::problem::{disk, unavailable};

/// The git program with everything that is the same in every run.
#[derive(Debug, Clone)]
pub(super) struct Cli {
    home: PathBuf,
    protocols: &'static str,
    limit: Duration,
}

/// One run.
#[derive(Debug)]
pub(super) struct Run<'a> {
    arguments: Vec<OsString>,
    folder: Option<&'a Path>,
    stdin: Option<File>,
    stdout: Option<File>,
    secret: Option<&'a Credential>,
    watched: Option<Watched<'a>>,
}

/// A header for one origin. It is handed over in the environment: command lines can be read by every user.
#[derive(Debug, Clone)]
pub(super) struct Credential {
    /// `https://host/`.
    pub(super) origin: String,
    /// `Authorization: …`.
    pub(super) header: SecretString,
}

/// What a run that ended by itself printed.
#[derive(Debug)]
pub(super) struct Output {
    pub(super) success: bool,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: String,
}

impl Output {
    /// The output of a run that succeeded.
    ///
    /// # Errors
    /// What the complaints mean.
    pub(super) fn ok(self) -> Result<Vec<u8>, PortError> {
        if self.success {
            Ok(self.stdout)
        } else {
            Err(trouble::of(&self.stderr))
        }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self {
            arguments,
            folder: None,
            stdin: None,
            stdout: None,
            secret: None,
            watched: None,
        }
    }

    /// Runs on this bare repository.
    pub(super) fn on(mut self, folder: &'a Path) -> Self {
        self.folder = Some(folder);
        self
    }

    /// Reads this file.
    pub(super) fn reading(mut self, file: File) -> Self {
        self.stdin = Some(file);
        self
    }

    /// Writes to this file instead of handing the output back.
    pub(super) fn writing(mut self, file: File) -> Self {
        self.stdout = Some(file);
        self
    }

    /// With the credential, if there is one.
    pub(super) fn with(mut self, credential: Option<&'a Credential>) -> Self {
        self.secret = credential;
        self
    }

    /// Ends the run when the files under a folder, which had `before` bytes, have grown by more than `growth`.
    pub(super) fn watching(mut self, folder: &'a Path, before: u64, growth: u64) -> Self {
        self.watched = Some(Watched {
            folder,
            before,
            growth,
        });
        self
    }
}

impl Cli {
    /// Writes the configuration file into `home`, which is made.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub(super) fn new(home: PathBuf, local: bool, limit: Duration) -> std::io::Result<Self> {
        crate::keys::create_private_dir(&home)?;
        let mut file = tempfile::NamedTempFile::new_in(&home)?;
        file.write_all(CONFIGURATION.as_bytes())?;
        if local {
            file.write_all(LOCAL_CONFIGURATION.as_bytes())?;
        }
        file.persist(home.join("gitconfig"))
            .map_err(|error| error.error)?;
        let protocols = if local { "https:ssh:file" } else { "https:ssh" };
        Ok(Self {
            home,
            protocols,
            limit,
        })
    }

    /// Runs git to its end.
    ///
    /// # Errors
    /// When it cannot be started, takes too long, prints too much or fills the watched folder. That it failed by itself
    /// is in the output.
    pub(super) async fn run(&self, run: Run<'_>) -> Result<Output, PortError> {
        let watched = run.watched;
        let mut child = self.command(run).spawn().map_err(|error| {
            unavailable("The git program cannot be started: install git on the machine that runs Clearance.").because(error)
        })?;
        // Kills the whole group unless the run ends by itself, also when this future is dropped.
        let group = Group::of(&child);
        let ended = tokio::select! {
            ended = tokio::time::timeout(self.limit, collect(&mut child)) => ended,
            growth = overfull(watched) => return Err(too_large(growth)),
        };
        let output = ended.map_err(|_| {
            unavailable(format!(
                "Git did not finish within {} seconds and was stopped: it is tried again. For a large repository raise `fetch.timeout_seconds`.",
                self.limit.as_secs()
            ))
        })??;
        group.ended();
        Ok(output)
    }

    /// Runs git and expects success.
    ///
    /// # Errors
    /// As [`Cli::run`], and what its complaints mean.
    pub(super) async fn expect(&self, run: Run<'_>) -> Result<Vec<u8>, PortError> {
        self.run(run).await?.ok()
    }

    fn command(&self, run: Run<'_>) -> Command {
        let mut command = Command::new("git");
        command.env_clear().envs(
            PASSED
                .into_iter()
                .filter_map(|name| Some((name, variable(name)?))),
        );
        command
            .env("LC_ALL", "C")
            .env("HOME", &self.home)
            .env("XDG_CONFIG_HOME", &self.home)
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_CONFIG_GLOBAL", self.home.join("gitconfig"))
            .env("GIT_ATTR_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_ASKPASS", "")
            .env("SSH_ASKPASS", "")
            .env("GIT_ALLOW_PROTOCOL", self.protocols)
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_LITERAL_PATHSPECS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_SSH_VARIANT", "ssh")
            .env(
                "GIT_SSH_COMMAND",
                "ssh -o BatchMode=yes -o ConnectTimeout=20 -o StrictHostKeyChecking=yes -o ForwardAgent=no -o ClearAllForwardings=yes -o PermitLocalCommand=no",
            );
        if let Some(credential) = run.secret {
            command
                .env("GIT_CONFIG_COUNT", "1")
                .env(
                    "GIT_CONFIG_KEY_0",
                    format!("http.{}.extraHeader", credential.origin),
                )
                .env("GIT_CONFIG_VALUE_0", credential.header.expose_secret());
        }
        command.args([
            "-c",
            "core.hooksPath=/dev/null",
            "-c",
            "core.fsmonitor=false",
        ]);
        match run.folder {
            Some(folder) => {
                let mut option = OsString::from("--git-dir=");
                option.push(folder);
                command.arg(option).current_dir(folder);
            }
            // No repository may be found around the working folder.
            None => drop(
                command
                    .env("GIT_CEILING_DIRECTORIES", "/")
                    .current_dir(&self.home),
            ),
        }
        command
            .args(run.arguments)
            .stdin(run.stdin.map_or_else(Stdio::null, Stdio::from))
            .stdout(run.stdout.map_or_else(Stdio::piped, Stdio::from))
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true);
        command
    }
}

/// A file without a name that holds `bytes`, to be read from its beginning.
pub(super) fn holding(bytes: &[u8]) -> Result<File, PortError> {
    let make = || {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.seek(SeekFrom::Start(0))?;
        Ok(file)
    };
    make().map_err(|error| disk("written", Path::new("A temporary file"), error))
}
