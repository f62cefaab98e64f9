//! Loopback ports. Owns the choice of a runtime's port, once, such that two runtimes never record the same one;
//! refuses the system's ephemeral range, where any outgoing connection may sit on a port while an agent restarts.

use std::collections::BTreeSet;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::SuperviseError;
use crate::folder::Folder;
use crate::lock::Lock;
use crate::random;

/// Below Linux's default ephemeral range (32768 and up).
const FIRST: u16 = 20_000;
const COUNT: u16 = 12_000;

/// Whether an agent could listen on the port now.
pub(crate) fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Keeps `wanted` if it is free, else picks another; `record` is to store it before anybody else picks.
pub(crate) fn claim(
    folder: &Folder,
    wanted: Option<u16>,
    record: impl FnOnce(u16) -> Result<(), SuperviseError>,
) -> Result<u16, SuperviseError> {
    if let Some(port) = wanted.filter(|port| is_free(*port)) {
        return record(port).map(|()| port);
    }
    let root = folder.path().parent().unwrap_or_else(|| Path::new("/"));
    let _lock = wait_for_lock(root)?;
    let taken = recorded_beside(folder, root);
    let failed = |source| SuperviseError::System {
        action: "get a random number",
        source,
    };
    let start = u16::from_le_bytes(random::bytes().map_err(failed)?) % COUNT;
    let port = (0..COUNT)
        .map(|step| FIRST + (start + step) % COUNT)
        .find(|port| !taken.contains(port) && is_free(*port))
        .ok_or(SuperviseError::NoPort)?;
    record(port).map(|()| port)
}

fn wait_for_lock(root: &Path) -> Result<Lock, SuperviseError> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match Lock::try_take(&root.join(".ports.lock"))? {
            Some(lock) => return Ok(lock),
            None if Instant::now() >= deadline => return Err(SuperviseError::NoPort),
            None => thread::sleep(Duration::from_millis(5)),
        }
    }
}

fn recorded_beside(folder: &Folder, root: &Path) -> BTreeSet<u16> {
    let Ok(entries) = fs::read_dir(root) else {
        return BTreeSet::new();
    };
    let others = entries
        .flatten()
        .map(|entry| Folder::new(entry.path()))
        .filter(|other| other.path() != folder.path());
    others
        .filter_map(|other| other.read_state().ok().flatten())
        .map(|state| state.port)
        .collect()
}
