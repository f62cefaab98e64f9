//! How much memory the server holds while nobody asks it anything.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result};

use super::figures::{Figures, number};
use super::server::Program;
use crate::proc::detail;

/// Megabytes.
const GOAL: f64 = 80.0;
/// Until what the start left behind is done.
const QUIET: Duration = Duration::from_secs(5);

pub(super) fn measure(figures: &mut Figures, program: &Program, when: &str) -> Result<()> {
    let pid = program.pid().context("the server does not run")?;
    std::thread::sleep(QUIET);
    let Ok(text) = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")) else {
        detail("the memory of a process can be read on Linux only: not measured");
        return Ok(());
    };
    let kilobytes = |name: &str| -> u64 {
        let rest = text.lines().find_map(|line| line.strip_prefix(name));
        let word = rest.and_then(|rest| rest.split_whitespace().next());
        word.and_then(|word| word.parse().ok()).unwrap_or(0)
    };
    // The kernel counts 1,024 bytes a kilobyte.
    let megabytes = |kilobytes: u64| number(kilobytes) * 1.024 / 1_000.0;
    let private = kilobytes("Private_Clean:") + kilobytes("Private_Dirty:");
    let resident = megabytes(kilobytes("Rss:"));
    figures.add("idle memory, resident", resident, "MB", Some(GOAL), when);
    figures.add(
        "idle memory, private",
        megabytes(private),
        "MB",
        Some(GOAL),
        when,
    );
    Ok(())
}
