//! Runs an engine: in a process group of its own, with limits of time, output and memory, a bare environment, and no network
//! where the machine can take it away.

use std::ffi::OsString;
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process_group};
use serde::de::DeserializeOwned;

/// How often an engine is looked at.
const TICK: Duration = Duration::from_millis(20);
/// How long its output may stay open after its end: what holds it is a process that it left behind.
const LEFT_OPEN: Duration = Duration::from_secs(5);
/// Bytes of what it says on the side that are kept.
const MAX_SAID: usize = 64 * 1024;

/// How far an engine may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From its start to its end.
    pub time: Duration,
    /// Bytes that it may write. More make its answer worthless.
    pub output: usize,
    /// Bytes of memory, where the machine has `prlimit`.
    pub memory: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(300),
            output: 64 * 1024 * 1024,
            memory: 4 * 1024 * 1024 * 1024,
        }
    }
}

/// A program with how it is run.
#[derive(Debug, Clone)]
pub struct Program {
    /// Path, or a name on the search path.
    pub path: PathBuf,
    /// How far it may go.
    pub limits: Limits,
    /// May it use the network?
    pub network: bool,
}

/// How an engine ended.
#[derive(Debug)]
pub(super) struct Ended {
    /// Its exit code; `None` where a signal ended it.
    pub(super) code: Option<i32>,
    pub(super) output: Vec<u8>,
    /// The last of what it said on the side.
    pub(super) said: String,
}

impl Ended {
    /// Lines that are not empty.
    pub(super) fn lines(&self) -> usize {
        let text = String::from_utf8_lossy(&self.output);
        text.lines().filter(|line| !line.trim().is_empty()).count()
    }

    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T, String> {
        serde_json::from_slice(&self.output)
            .map_err(|error| format!("its answer cannot be read: {error}"))
    }
}

impl Program {
    /// With the usual limits and without the network.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            limits: Limits::default(),
            network: false,
        }
    }

    /// Runs it in `folder` until its end.
    ///
    /// # Errors
    /// Why there is no answer to look at, as the end of a sentence.
    pub(super) fn run(
        &self,
        folder: &Path,
        arguments: &[OsString],
        variables: &[(&str, &str)],
    ) -> Result<Ended, String> {
        let mut command = self.command(arguments);
        let home = tempfile::tempdir()
            .map_err(|error| format!("no folder for it could be made: {error}"))?;
        command
            .current_dir(folder)
            .env_clear()
            .env("PATH", search_path())
            .env("HOME", home.path())
            .env("TMPDIR", home.path())
            .env("LC_ALL", "C.UTF-8")
            .env("PYTHONDONTWRITEBYTECODE", "1");
        if !self.network {
            // For what listens to it, where the machine cannot take the network away.
            for name in [
                "http_proxy",
                "https_proxy",
                "HTTP_PROXY",
                "HTTPS_PROXY",
                "ALL_PROXY",
            ] {
                command.env(name, "http://127.0.0.1:9");
            }
        }
        for (name, value) in variables {
            command.env(name, value);
        }
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|error| format!("it could not be started: {error}"))?;
        let output = child
            .stdout
            .take()
            .map(|out| keep(out, self.limits.output, false));
        let said = child.stderr.take().map(|err| keep(err, MAX_SAID, true));
        let ended = wait(&mut child, self.limits.time);
        // What it left behind would hold the pipes open.
        end_group(&child);
        let code = ended?;
        let all = |pipe: Option<Receiver<(Vec<u8>, bool)>>| {
            pipe.and_then(|pipe| pipe.recv_timeout(LEFT_OPEN).ok())
                .ok_or("a process that it left behind holds its output open")
        };
        let (output, said) = (all(output)?, all(said)?);
        if output.1 {
            return Err("it wrote more than an answer may have".to_owned());
        }
        Ok(Ended {
            code,
            output: output.0,
            said: String::from_utf8_lossy(&said.0).into_owned(),
        })
    }

    /// The program behind what limits it.
    fn command(&self, arguments: &[OsString]) -> Command {
        let mut words: Vec<OsString> = Vec::new();
        if !self.network && can_isolate() {
            words.extend(["unshare", "--map-root-user", "--net", "--"].map(OsString::from));
        }
        if has_prlimit() {
            words.push("prlimit".into());
            words.push(format!("--as={}", self.limits.memory).into());
            words.push("--".into());
        }
        words.push(self.path.clone().into_os_string());
        words.extend(arguments.iter().cloned());
        let mut words = words.into_iter();
        let mut command = Command::new(words.next().unwrap_or_default());
        command.args(words);
        command
    }
}

/// What is kept of the network, for the evidence.
pub(super) fn network(allowed: bool) -> &'static str {
    if allowed {
        "allowed"
    } else if can_isolate() {
        "none"
    } else {
        "told not to use it"
    }
}

fn wait(child: &mut Child, limit: Duration) -> Result<Option<i32>, String> {
    let began = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status.code()),
            Ok(None) if began.elapsed() >= limit => {
                end_group(child);
                let _status = child.wait();
                return Err(format!("it was ended after {} seconds", limit.as_secs()));
            }
            Ok(None) => thread::park_timeout(TICK),
            Err(error) => return Err(format!("nobody knows how it ended: {error}")),
        }
    }
}

fn end_group(child: &Child) {
    if let Some(pid) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        // It may have ended by itself meanwhile.
        let _gone = kill_process_group(pid, Signal::KILL);
    }
}

/// Reads a pipe to its end and keeps the first or the last bytes. True where there were more.
fn keep(
    mut pipe: impl Read + Send + 'static,
    limit: usize,
    last: bool,
) -> Receiver<(Vec<u8>, bool)> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut kept = Vec::new();
        let mut more = false;
        let mut chunk = vec![0; 64 * 1024];
        while let Ok(read @ 1..) = pipe.read(&mut chunk) {
            kept.extend_from_slice(chunk.get(..read).unwrap_or_default());
            if kept.len() > limit {
                more = true;
                if last {
                    kept.drain(..kept.len() - limit);
                } else {
                    kept.truncate(limit);
                }
            }
        }
        // Nobody waits any more where the engine was given up.
        let _heard = sender.send((kept, more));
    });
    receiver
}

#[expect(
    clippy::disallowed_methods,
    reason = "where programs are is the machine's to say, and no setting of Clearance"
)]
fn search_path() -> OsString {
    std::env::var_os("PATH").unwrap_or_default()
}

/// True where a program can be started without a network.
fn can_isolate() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| succeeds(&["unshare", "--map-root-user", "--net", "--", "true"]))
}

fn has_prlimit() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| succeeds(&["prlimit", "--as=1073741824", "--", "true"]))
}

fn succeeds(words: &[&str]) -> bool {
    let Some((program, arguments)) = words.split_first() else {
        return false;
    };
    let status = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    status.is_ok_and(|status| status.success())
}
