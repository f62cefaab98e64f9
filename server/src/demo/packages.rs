//! Can an example's packages be installed on this machine? Asked before its story begins: a build that waits for a
//! network that is not there would try again for a long time.

use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use super::agents::{DemoAgent, Python};
use super::repositories::example;

const PYTHON: &str = "python3";
/// Downloading one small package takes a second or two.
const WITHIN: Duration = Duration::from_secs(45);

/// Why the agent cannot be built here; `None` when it can.
pub(super) async fn problem(agent: &DemoAgent) -> Option<String> {
    let newest = agent.packages?;
    let Some(minor) = minor_version().await else {
        return Some("python3 was not found".to_owned());
    };
    if let Python::UpTo(limit) = newest
        && minor > limit
    {
        return Some(format!(
            "its packages need Python 3.{limit} or older, and this is 3.{minor}"
        ));
    }
    if run(&["-m", "pip", "--version"]).await.is_none() {
        return Some("python3 has no pip".to_owned());
    }
    let requirements = example(&format!("{}/requirements.txt", agent.slug))?;
    let first = requirements
        .lines()
        .find(|line| line.contains("==") && !line.starts_with('#'))?;
    let Ok(folder) = tempfile::tempdir() else {
        return Some("no temporary folder".to_owned());
    };
    let folder = folder.path().display().to_string();
    let download = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--retries",
        "1",
        "--no-deps",
        "--dest",
        &folder,
        first,
    ];
    match run(&download).await {
        Some(_) => None,
        None => Some("its packages cannot be downloaded: no package index answers".to_owned()),
    }
}

async fn minor_version() -> Option<u32> {
    run(&["-c", "import sys; print(sys.version_info[1])"])
        .await?
        .trim()
        .parse()
        .ok()
}

/// What Python printed, if it ended well and in time.
async fn run(arguments: &[&str]) -> Option<String> {
    let running = Command::new(PYTHON)
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let ended = tokio::time::timeout(WITHIN, running).await.ok()?.ok()?;
    ended
        .status
        .success()
        .then(|| String::from_utf8_lossy(&ended.stdout).into_owned())
}
