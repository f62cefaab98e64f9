//! Running other programs, and saying what is done with the seconds since the start.
//!
//! Every command that can take long is printed before it runs, so that a reader can repeat it by hand.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

use anyhow::{Context, Result, bail};

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Starts the clock that [`say`] prints; called once, first in `main`.
pub(crate) fn start_clock() {
    STARTED.get_or_init(Instant::now);
}

/// Prints one step with the seconds since the start.
pub(crate) fn say(text: impl AsRef<str>) {
    let seconds = STARTED.get_or_init(Instant::now).elapsed().as_secs_f64();
    println!("[{seconds:7.1} s] {}", text.as_ref());
    // The child processes write to the same place: keep the order.
    let _ = std::io::stdout().flush();
}

/// Prints a detail below the last step.
pub(crate) fn detail(text: impl AsRef<str>) {
    println!("            {}", text.as_ref());
}

/// What a command that ran with [`Cmd::tee`] said, and whether it succeeded.
#[derive(Debug)]
pub(crate) struct Said {
    /// True if the exit code was zero.
    pub(crate) success: bool,
    /// Standard output and standard error, without colours, in order of arrival.
    pub(crate) text: String,
}

/// A program to run. Starts in the repository's root.
#[derive(Debug)]
pub(crate) struct Cmd {
    inner: Command,
}

impl Cmd {
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut inner = Command::new(program);
        inner.current_dir(crate::tools::root());
        // `cargo run` describes this tool to us in its environment; a cargo below us must not take that for its own.
        for (key, _) in std::env::vars_os() {
            let name = key.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                inner.env_remove(&key);
            }
        }
        Self { inner }
    }

    /// The cargo that started this tool.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
    }

    pub(crate) fn args<S: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.inner.args(args);
        self
    }

    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.inner.arg(arg);
        self
    }

    pub(crate) fn dir(mut self, dir: impl AsRef<Path>) -> Self {
        self.inner.current_dir(dir);
        self
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Self {
        self.inner.env(key, value);
        self
    }

    /// The command as a person would type it: program name and arguments.
    fn shown(&self) -> String {
        let program = Path::new(self.inner.get_program());
        let name = program
            .file_name()
            .unwrap_or(program.as_os_str())
            .to_string_lossy()
            .into_owned();
        let mut words = vec![name];
        words.extend(
            self.inner
                .get_args()
                .map(|arg| arg.to_string_lossy().into_owned()),
        );
        words.join(" ")
    }

    /// Runs it with our own input and output; an exit code other than zero is an error.
    pub(crate) fn run(mut self) -> Result<()> {
        detail(format!("$ {}", self.shown()));
        let status = self
            .inner
            .status()
            .with_context(|| format!("could not start `{}`", self.shown()))?;
        if !status.success() {
            bail!("`{}` failed ({status})", self.shown());
        }
        Ok(())
    }

    /// Runs it silently and returns its standard output; the error quotes the end of what it said.
    pub(crate) fn output(mut self) -> Result<String> {
        let output = self
            .inner
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("could not start `{}`", self.shown()))?;
        if !output.status.success() {
            let said = String::from_utf8_lossy(&output.stderr);
            let lines: Vec<&str> = said.trim_end().lines().collect();
            let tail = lines
                .get(lines.len().saturating_sub(20)..)
                .unwrap_or_default()
                .join("\n");
            bail!("`{}` failed ({})\n{tail}", self.shown(), output.status);
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }

    /// True if it can be started and ends with zero. Says nothing.
    pub(crate) fn succeeds(mut self) -> bool {
        let quiet = self
            .inner
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        quiet.status().is_ok_and(|status| status.success())
    }

    /// Runs it, shows what it says as it comes, and returns it as well.
    pub(crate) fn tee(mut self) -> Result<Said> {
        detail(format!("$ {}", self.shown()));
        let mut child = self
            .inner
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("could not start `{}`", self.shown()))?;
        let out = child
            .stdout
            .take()
            .map(|pipe| std::thread::spawn(move || pump(pipe)));
        let err = child
            .stderr
            .take()
            .map(|pipe| std::thread::spawn(move || pump(pipe)));
        let mut text = String::new();
        for thread in [out, err].into_iter().flatten() {
            text.push_str(&thread.join().unwrap_or_default());
        }
        let status = child
            .wait()
            .with_context(|| format!("lost `{}`", self.shown()))?;
        Ok(Said {
            success: status.success(),
            text: without_colours(&text),
        })
    }

    /// Replaces this process, so that signals reach the program itself. Returns only on failure.
    #[cfg(unix)]
    pub(crate) fn replace(mut self) -> Result<()> {
        use std::os::unix::process::CommandExt;
        detail(format!("$ {}", self.shown()));
        let error = self.inner.exec();
        Err(error).with_context(|| format!("could not start `{}`", self.shown()))
    }

    /// Runs it to its end; where a process cannot be replaced this is the nearest thing.
    #[cfg(not(unix))]
    pub(crate) fn replace(self) -> Result<()> {
        self.run()
    }
}

/// Prints a stream line by line and keeps it.
fn pump(pipe: impl Read) -> String {
    let mut kept = String::new();
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(read) = reader.read_until(b'\n', &mut line) {
        if read == 0 {
            break;
        }
        let text = String::from_utf8_lossy(&line);
        print!("{text}");
        let _ = std::io::stdout().flush();
        kept.push_str(&text);
        line.clear();
    }
    kept
}

/// Drops terminal colour sequences (`ESC [ … m`).
fn without_colours(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        rest = after.split_once('m').map_or("", |(_, tail)| tail);
    }
    plain.push_str(rest);
    plain
}

#[cfg(test)]
mod tests {
    use super::without_colours;

    #[test]
    fn colours_are_dropped() {
        assert_eq!(
            without_colours("a \u{1b}[32mgreen\u{1b}[0m word"),
            "a green word"
        );
        assert_eq!(without_colours("plain"), "plain");
    }
}
