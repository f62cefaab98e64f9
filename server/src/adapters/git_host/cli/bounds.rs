//! The bounds of a run: its process group, its output, and the folder that it fills. Owns ending what goes beyond them.

use std::fs;
use std::path::Path;
use std::time::Duration;

use control_plane::ports::PortError;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;

use super::Output;
use crate::adapters::problem::{protocol, rejected};

/// Most of what git prints that is kept.
const MAX_OUTPUT: usize = 64 << 20;
/// Most of its complaints that are kept.
const MAX_COMPLAINT: usize = 16 << 10;
/// How often a growing folder is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// A folder that must not grow by more than so many bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Watched<'a> {
    pub(super) folder: &'a Path,
    pub(super) before: u64,
    pub(super) growth: u64,
}

/// The process group of a run, killed when this goes.
pub(super) struct Group(Option<Pid>);

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        Self(
            child
                .id()
                .and_then(|id| i32::try_from(id).ok())
                .and_then(Pid::from_raw),
        )
    }

    /// The run ended by itself: its number may belong to another process soon.
    pub(super) fn ended(mut self) {
        self.0 = None;
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

pub(super) async fn collect(child: &mut Child) -> Result<Output, PortError> {
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = tokio::join!(all(stdout), beginning(stderr));
    let stdout = stdout?;
    let status = child
        .wait()
        .await
        .map_err(|error| protocol("Git ended in an unknown way.").because(error))?;
    Ok(Output {
        success: status.success(),
        stdout,
        stderr,
    })
}

async fn all(from: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, PortError> {
    let Some(from) = from else {
        return Ok(Vec::new());
    };
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_OUTPUT).unwrap_or(u64::MAX);
    let read = from.take(most).read_to_end(&mut bytes).await;
    read.map_err(|error| protocol("Git's output could not be read.").because(error))?;
    if bytes.len() >= MAX_OUTPUT {
        return Err(rejected(
            "The repository has more files or commits than can be read: split it, or give agents one of their own.",
        ));
    }
    Ok(bytes)
}

/// Keeps the beginning, and reads on so that git does not wait for us.
async fn beginning(from: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut from) = from else {
        return String::new();
    };
    let mut kept = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(count @ 1..) = from.read(&mut buffer).await {
        let room = MAX_COMPLAINT.saturating_sub(kept.len());
        kept.extend_from_slice(buffer.get(..count.min(room)).unwrap_or_default());
    }
    String::from_utf8_lossy(&kept).into_owned()
}

/// Returns when the watched folder has grown too large, and never without one.
pub(super) async fn overfull(watched: Option<Watched<'_>>) -> u64 {
    let Some(Watched {
        folder,
        before,
        growth,
    }) = watched
    else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        let here = folder.to_owned();
        if tokio::task::spawn_blocking(move || size(&here))
            .await
            .unwrap_or(0)
            > before.saturating_add(growth)
        {
            return growth;
        }
    }
}

pub(in crate::adapters::git_host) fn too_large(most: u64) -> PortError {
    rejected(format!(
        "The repository is larger than {} MB: remove large files from its history, or raise `fetch.max_bytes`.",
        most / 1_000_000
    ))
}

/// Bytes of all files under a folder; what cannot be read counts nothing.
pub(in crate::adapters::git_host) fn size(folder: &Path) -> u64 {
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
