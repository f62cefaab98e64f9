//! The supervisor's control socket: one line of `JSON` in, one out. Owns both ends; refuses long lines and slow
//! callers.
//!
//! A socket's path may have 107 bytes, which a data folder easily exceeds. Both ends therefore go through an open
//! handle of the folder, `/proc/self/fd/<n>/control.sock`, which is short wherever the folder is.

use std::fs::{self, File};
use std::io;
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};
use tokio::time::timeout;

use crate::folder::Folder;
use crate::state::RuntimeState;

const SOCKET: &str = "control.sock";
const MAX_LINE: u64 = 4096;

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub(crate) enum Request {
    Status,
    Stop,
}

/// What is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reply {
    pub(crate) state: RuntimeState,
    pub(crate) pid: Option<i32>,
}

/// The supervisor's end. The folder's handle must stay open as long as the path is used, so it is kept.
#[derive(Debug)]
pub(crate) struct Control {
    listener: UnixListener,
    _folder: File,
}

impl Control {
    pub(crate) fn bind(folder: &Folder) -> io::Result<Self> {
        match fs::remove_file(folder.file(SOCKET)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (handle, path) = short_path(folder)?;
        Ok(Self {
            listener: UnixListener::bind(path)?,
            _folder: handle,
        })
    }

    /// The next request that makes sense, and where to send the reply. It can be dropped and called again.
    pub(crate) async fn next(&self) -> io::Result<UnixStream> {
        Ok(self.listener.accept().await?.0)
    }
}

/// Reads one request; `None` if the caller is slow, gone or talks nonsense.
pub(crate) async fn read_request(stream: &mut UnixStream) -> Option<Request> {
    read_line(stream, Duration::from_millis(500))
        .await
        .and_then(|line| serde_json::from_str(&line).ok())
}

/// Sends the reply; a caller that has gone away does not matter.
pub(crate) async fn reply(stream: &mut UnixStream, reply: Reply) {
    if let Ok(mut line) = serde_json::to_vec(&reply) {
        line.push(b'\n');
        let _ = timeout(Duration::from_millis(500), stream.write_all(&line)).await;
    }
}

/// Asks the supervisor of `folder`. `None`: it does not answer (or not in time, or nonsense).
pub(crate) async fn ask(folder: &Folder, request: Request, patience: Duration) -> Option<Reply> {
    let exchange = async {
        let (_handle, path) = short_path(folder).ok()?;
        let mut stream = UnixStream::connect(path).await.ok()?;
        let mut line = serde_json::to_vec(&request).ok()?;
        line.push(b'\n');
        stream.write_all(&line).await.ok()?;
        serde_json::from_str(&read_line(&mut stream, patience).await?).ok()
    };
    timeout(patience, exchange).await.ok().flatten()
}

async fn read_line(stream: &mut UnixStream, patience: Duration) -> Option<String> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream.take(MAX_LINE));
    match timeout(patience, reader.read_line(&mut line)).await {
        Ok(Ok(read)) if read > 0 => Some(line),
        _ => None,
    }
}

fn short_path(folder: &Folder) -> io::Result<(File, PathBuf)> {
    let handle = File::open(folder.path())?;
    let path = PathBuf::from(format!("/proc/self/fd/{}/{SOCKET}", handle.as_raw_fd()));
    Ok((handle, path))
}
