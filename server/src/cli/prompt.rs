//! Passwords: from a variable, from a pipe, or typed without being shown. Never from the command line, which other users
//! of the machine can read.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{Context as _, Result};

/// The password for `what`: the variable, else a line of standard input.
pub(super) fn password(variable: &str, what: &str) -> Result<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a password is no setting: it is read where it is used and kept nowhere"
    )]
    if let Ok(value) = std::env::var(variable) {
        return Ok(value);
    }
    let stdin = io::stdin();
    if !stdin.is_terminal() {
        return line().with_context(|| format!("no {what} on standard input; or set {variable}"));
    }
    eprint!("{what}: ");
    io::stderr()
        .flush()
        .context("the terminal does not take the question")?;
    let typed = hidden_line();
    eprintln!();
    typed.with_context(|| format!("no {what}"))
}

/// A line that is typed and seen.
pub(super) fn answer(question: &str) -> Result<String> {
    eprint!("{question}");
    io::stderr()
        .flush()
        .context("the terminal does not take the question")?;
    line().map(|text| text.trim().to_owned())
}

fn line() -> Result<String> {
    let mut text = String::new();
    let read = io::stdin()
        .lock()
        .read_line(&mut text)
        .context("standard input cannot be read")?;
    anyhow::ensure!(read > 0, "standard input ended");
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

#[cfg(unix)]
fn hidden_line() -> Result<String> {
    use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
    let stdin = io::stdin();
    let shown = tcgetattr(&stdin).context("the terminal cannot be asked to hide the password")?;
    let mut hidden = shown.clone();
    hidden.local_modes.remove(LocalModes::ECHO);
    tcsetattr(&stdin, OptionalActions::Flush, &hidden)
        .context("the terminal does not hide the password")?;
    let typed = line();
    tcsetattr(&stdin, OptionalActions::Flush, &shown)
        .context("the terminal could not be set back")?;
    typed
}

#[cfg(not(unix))]
fn hidden_line() -> Result<String> {
    line()
}
