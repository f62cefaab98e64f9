//! Runs one command in a process group of its own, with a time limit and bounded output.
//!
//! The whole group ends when the limit passes, when the caller is cancelled, or when the watch says so.

use std::future::Future;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;

use crate::log::{LogSink, MAX_LINE, Tail};

/// How a command ended.
#[derive(Debug)]
pub(crate) enum Ended {
    Exited(ExitStatus),
    TimedOut,
    /// The watch completed first.
    Stopped,
}

#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) ended: Ended,
    pub(crate) last_lines: Vec<String>,
}

/// Kills the group when dropped, unless the command is known to have ended.
struct Group(Option<Pid>);

impl Group {
    fn kill(&mut self) {
        if let Some(pid) = self.0.take() {
            // It may have ended by itself meanwhile.
            let _gone = kill_process_group(pid, Signal::KILL);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Runs `command` until it ends, `limit` passes or `watch` completes.
pub(crate) async fn run(
    mut command: Command,
    limit: Duration,
    sink: LogSink,
    watch: impl Future<Output = ()>,
) -> io::Result<Finished> {
    let mut child = command
        .process_group(0)
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let pid = child.id().and_then(|id| i32::try_from(id).ok());
    let mut group = Group(pid.and_then(Pid::from_raw));
    let tail = Mutex::new(Tail::new(sink));
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let ended = {
        // A process left behind in the group may hold the pipes open; then the time limit ends it.
        let all = async {
            let (status, (), ()) = tokio::join!(child.wait(), pump(out, &tail), pump(err, &tail));
            status
        };
        tokio::select! {
            status = all => Ended::Exited(status?),
            () = tokio::time::sleep(limit) => Ended::TimedOut,
            () = watch => Ended::Stopped,
        }
    };
    match ended {
        Ended::Exited(_) => group.0 = None,
        Ended::TimedOut | Ended::Stopped => {
            group.kill();
            let _status = child.wait().await?;
        }
    }
    let last_lines = tail
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner)
        .last_lines();
    Ok(Finished { ended, last_lines })
}

/// Cuts the stream into lines; what exceeds [`MAX_LINE`] is dropped up to the next line.
async fn pump<R: AsyncRead + Unpin>(stream: Option<R>, tail: &Mutex<Tail>) {
    let Some(mut stream) = stream else { return };
    let mut chunk = vec![0; 8192];
    let mut line = Vec::new();
    let emit = |line: &mut Vec<u8>| {
        tail.lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
        line.clear();
    };
    // A broken pipe is the end of the output; the exit status tells the rest.
    while let Ok(n @ 1..) = stream.read(&mut chunk).await {
        for byte in &chunk[..n] {
            match byte {
                b'\n' | b'\r' => emit(&mut line),
                _ if line.len() < MAX_LINE => line.push(*byte),
                _ => {}
            }
        }
    }
    emit(&mut line);
}
