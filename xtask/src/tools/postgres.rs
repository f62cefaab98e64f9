//! A throw-away PostgreSQL server for one test run: its files in a temporary folder, reached by a socket in it, gone afterwards.
//!
//! The server refuses to run as root, so root runs it as the user `postgres`, which the package makes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{apt_install, find, is_root, may_use_apt};
use crate::proc::{Cmd, detail};

/// Where Debian keeps the server's programs, one folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";
/// A test run survives no power cut, opens a pool for each test, and asks the same small tables again and again: planning a question
/// anew each time, or cleaning up behind databases that are dropped in a minute, takes longer than the answer.
const OPTIONS: [&str; 11] = [
    "listen_addresses=''",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "autovacuum=off",
    "jit=off",
    "plan_cache_mode=force_generic_plan",
    "shared_buffers=256MB",
    "max_connections=300",
];

/// A running server. Stopped and removed when it is dropped.
#[derive(Debug)]
pub(crate) struct Cluster {
    programs: PathBuf,
    folder: PathBuf,
}

/// The folder of the server's programs. Installed where that is safe; `None` where a person would have to do it.
///
/// # Errors
/// When the installation fails.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    if let Some(found) = programs() {
        return Ok(Some(found));
    }
    if !may_use_apt() {
        return Ok(None);
    }
    apt_install(&["postgresql"], "the tests on PostgreSQL")?;
    Ok(programs())
}

fn programs() -> Option<PathBuf> {
    let on_path = find("initdb").and_then(|initdb| initdb.parent().map(Path::to_path_buf));
    on_path.or_else(|| {
        let versions = std::fs::read_dir(DEBIAN).ok()?;
        let newest = versions
            .flatten()
            .filter_map(|entry| {
                let number = entry.file_name().to_str()?.parse::<u32>().ok()?;
                Some((number, entry.path().join("bin")))
            })
            .filter(|(_, bin)| bin.join("initdb").is_file())
            .max()?;
        Some(newest.1)
    })
}

impl Cluster {
    /// Makes a server and starts it.
    ///
    /// # Errors
    /// What the server's programs say.
    pub(crate) fn start(programs: PathBuf) -> Result<Self> {
        let made = as_server("mktemp").args(["-d", "-t", "clearance-postgres.XXXXXX"]);
        let folder = made.output().context("no folder for PostgreSQL")?;
        let cluster = Self {
            programs,
            folder: PathBuf::from(folder.trim()),
        };
        let data = cluster.folder.join("data");
        cluster
            .program("initdb")
            .args(["--no-sync", "--auth=trust", "--username=clearance"])
            .args(["--encoding=UTF8", "--locale=C", "-D"])
            .arg(&data)
            .output()
            .context("PostgreSQL's files could not be made")?;
        let sockets = format!("unix_socket_directories='{}'", cluster.folder.display());
        let options: String = OPTIONS
            .into_iter()
            .chain([sockets.as_str()])
            .map(|option| format!("-c {option} "))
            .collect();
        cluster
            .program("pg_ctl")
            .args(["start", "--wait", "--silent", "-o", &options, "-l"])
            .arg(cluster.folder.join("log"))
            .arg("-D")
            .arg(&data)
            .output()
            .context("PostgreSQL did not start")?;
        detail(format!("PostgreSQL runs in {}", cluster.folder.display()));
        Ok(cluster)
    }

    /// The address for `CLEARANCE_TEST_POSTGRES_URL`.
    pub(crate) fn url(&self) -> String {
        let folder = self.folder.display();
        format!("postgres://clearance@localhost/postgres?host={folder}")
    }

    fn program(&self, name: &str) -> Cmd {
        as_server(self.programs.join(name))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.folder.join("data");
        let stop = self
            .program("pg_ctl")
            .args(["stop", "--mode=immediate", "-D"]);
        let _ = stop.arg(&data).output();
        let _ = as_server("rm")
            .args(["-r", "--"])
            .arg(&self.folder)
            .output();
    }
}

/// A program as the user that the server runs as.
fn as_server(program: impl AsRef<std::ffi::OsStr>) -> Cmd {
    let cmd = if is_root() {
        Cmd::new("runuser")
            .args(["-u", "postgres", "--"])
            .arg(program)
    } else {
        Cmd::new(program)
    };
    // The repository may be closed to the server's user.
    cmd.dir(std::env::temp_dir())
}
