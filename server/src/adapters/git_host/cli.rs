//! Runs the git program. Owns its environment, its configuration file, its process group and its bounds in time, output
//! and disk; refuses to pass on anything of this process's environment but what git needs to reach a host.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use control_plane::ports::PortError;
use rustix::process::{Pid, Signal, kill_process_group};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::{Child, Command};

use super::trouble;
use crate::adapters::environment::variable;
use crate::adapters::problem::{disk, protocol, rejected, unavailable};

/// Most of what git prints that is kept, unless a run asks for less.
pub(super) const MAX_OUTPUT: usize = 64 << 20;
/// Most of its complaints that are kept.
const MAX_COMPLAINT: usize = 16 << 10;
/// How often a growing folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Variables of this process that git and ssh need to find programs, proxies, agents and certificates.
const PASSED: [&str; 13] = [
    "PATH", "TMPDIR", "SSH_AUTH_SOCK", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy",
    "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_EXEC_PATH",
];

/// What stands in git's only configuration file. A repository's own configuration can change neither the protocols nor
/// the hooks: those are set in the environment and on the command line as well.
const CONFIGURATION: &str = "[core]
\thooksPath = /dev/null
\tattributesFile = /dev/null
\texcludesFile = /dev/null
\tfsmonitor = false
\taskPass =
\tbigFileThreshold = 16m
[credential]
\thelper =
[protocol]
\tversion = 2
\tallow = never
[protocol \"https\"]
\tallow = always
[protocol \"ssh\"]
\tallow = always
[protocol \"ext\"]
\tallow = never
[http]
\tfollowRedirects = false
\tlowSpeedLimit = 1000
\tlowSpeedTime = 30
[transfer]
\tfsckObjects = true
[fetch]
\trecurseSubmodules = false
\tunpackLimit = 1
\twriteCommitGraph = false
[fetch \"fsck\"]
\tzeroPaddedFilemode = warn
\tmissingSpaceBeforeDate = warn
\tbadTimezone = warn
\tmissingEmail = warn
\tmissingNameBeforeEmail = warn
\tbadEmail = warn
\tbadName = warn
[submodule]
\trecurse = false
[push]
\tdefault = nothing
\tgpgSign = false
\trecurseSubmodules = no
[gc]
\tauto = 0
[maintenance]
\tauto = false
[log]
\tmailmap = false
\tshowSignature = false
[init]
\tdefaultBranch = main
[user]
\tname = Clearance
\temail = clearance@localhost
[commit]
\tgpgSign = false
[tag]
\tgpgSign = false
";
const LOCAL_CONFIGURATION: &str = "[protocol \"file\"]
\tallow = always
[safe]
\tdirectory = *
";

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

/// A folder that must not grow by more than so many bytes.
#[derive(Debug, Clone, Copy)]
struct Watched<'a> {
    folder: &'a Path,
    before: u64,
    growth: u64,
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
        if self.success { Ok(self.stdout) } else { Err(trouble::of(&self.stderr)) }
    }
}

impl<'a> Run<'a> {
    pub(super) fn new<A: Into<OsString>>(arguments: impl IntoIterator<Item = A>) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        Self { arguments, folder: None, stdin: None, stdout: None, secret: None, watched: None }
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
        self.watched = Some(Watched { folder, before, growth });
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
        file.persist(home.join("gitconfig")).map_err(|error| error.error)?;
        let protocols = if local { "https:ssh:file" } else { "https:ssh" };
        Ok(Self { home, protocols, limit })
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
        let mut group = Group::of(&child);
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
        group.0 = None;
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
        command.env_clear().envs(PASSED.into_iter().filter_map(|name| Some((name, variable(name)?))));
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
                .env("GIT_CONFIG_KEY_0", format!("http.{}.extraHeader", credential.origin))
                .env("GIT_CONFIG_VALUE_0", credential.header.expose_secret());
        }
        command.args(["-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false"]);
        match run.folder {
            Some(folder) => {
                let mut option = OsString::from("--git-dir=");
                option.push(folder);
                command.arg(option).current_dir(folder);
            }
            // No repository may be found around the working folder.
            None => drop(command.env("GIT_CEILING_DIRECTORIES", "/").current_dir(&self.home)),
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

/// The process group of a run, killed when this goes.
struct Group(Option<Pid>);

impl Group {
    fn of(child: &Child) -> Self {
        Self(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // It may have ended in this moment.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

async fn collect(child: &mut Child) -> Result<Output, PortError> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::join!(all(stdout), beginning(stderr));
    let stdout = stdout?;
    let status = child.wait().await.map_err(|error| protocol("Git ended in an unknown way.").because(error))?;
    Ok(Output { success: status.success(), stdout, stderr })
}

async fn all(from: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, PortError> {
    let Some(from) = from else { return Ok(Vec::new()) };
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_OUTPUT).unwrap_or(u64::MAX);
    let read = from.take(most).read_to_end(&mut bytes).await;
    read.map_err(|error| protocol("Git's output could not be read.").because(error))?;
    if bytes.len() >= MAX_OUTPUT {
        return Err(rejected("The repository has more files or commits than can be read: split it, or give agents one of their own."));
    }
    Ok(bytes)
}

/// Keeps the beginning, and reads on so that git does not wait for us.
async fn beginning(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else { return String::new() };
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let room = MAX_COMPLAINT.saturating_sub(kept.len());
        kept.extend_from_slice(buffer.get(..count.min(room)).unwrap_or_default());
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Returns when the watched folder has grown too large, and never without one.
async fn overfull(watched: Option<Watched<'_>>) -> u64 {
    let Some(Watched { folder, before, growth }) = watched else { return std::future::pending().await };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let here = folder.to_owned();
        if tokio::task::spawn_blocking(move || size(&here)).await.unwrap_or(0) > before.saturating_add(growth) {
            return growth;
        }
    }
}

pub(super) fn too_large(most: u64) -> PortError {
    rejected(format!(
        "The repository is larger than {} MB: remove large files from its history, or raise `fetch.max_bytes`.",
        most / 1_000_000
    ))
}

/// Bytes of all files under a folder; what cannot be read counts nothing.
pub(super) fn size(folder: &Path) -> u64 {
    let mut total: u64 = 0;
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(found) if found.is_dir() => folders.push(entry.path()),
                Ok(found) => total = total.saturating_add(found.len()),
                Err(_) => {}
            }
        }
    }
    total
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
