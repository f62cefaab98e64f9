//! The processes of one runtime, read from `/proc`. Owns finding them (by descent, by mark, by session), measuring
//! them and killing what a dead supervisor left; refuses to signal a process whose identity it cannot prove.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, geteuid, getpid, kill_process};

use crate::state::{ProcessId, StoredState};

/// Set in the environment of every agent process, to find it again whatever else happened.
pub(crate) const MARK: &str = "CLEARANCE_RUNTIME_ID";

/// The part of `/proc/<pid>/stat` that matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    pub(crate) pid: i32,
    pub(crate) zombie: bool,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    pub(crate) threads: u64,
    pub(crate) started: u64,
}

impl Stat {
    pub(crate) fn read(pid: i32) -> Option<Self> {
        Self::parse(pid, &fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
    }

    /// The second field is the program's name in brackets and may contain anything, brackets too: the fields are
    /// counted from the last closing one.
    fn parse(pid: i32, text: &str) -> Option<Self> {
        let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
        Some(Self {
            pid,
            zombie: matches!(*fields.first()?, "Z" | "X"),
            parent: fields.get(1)?.parse().ok()?,
            session: fields.get(3)?.parse().ok()?,
            threads: fields.get(17)?.parse().ok()?,
            started: fields.get(19)?.parse().ok()?,
        })
    }

    pub(crate) fn id(self) -> ProcessId {
        ProcessId {
            pid: self.pid,
            started: self.started,
        }
    }
}

/// This process.
pub(crate) fn myself() -> Option<ProcessId> {
    Stat::read(getpid().as_raw_nonzero().get()).map(Stat::id)
}

/// Tells one boot of the machine from the next.
pub(crate) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id")
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// Whether exactly this process lives (a zombie does not).
pub(crate) fn lives(process: ProcessId) -> bool {
    Stat::read(process.pid).is_some_and(|stat| !stat.zombie && stat.started == process.started)
}

pub(crate) fn signal(pid: i32, signal: Signal) {
    // A process that ended meanwhile is the usual and harmless failure; what survives is seen by looking again.
    if let Some(pid) = Pid::from_raw(pid).filter(|_| pid > 1) {
        let _ = kill_process(pid, signal);
    }
}

/// Every process that can be seen.
pub(crate) fn all() -> Vec<Stat> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| Stat::read(entry.file_name().to_str()?.parse().ok()?))
        .collect()
}

/// Every living process below `root`, with its depth (a child is 1). Zombies are left out but looked through.
pub(crate) fn descendants(root: i32) -> Vec<(Stat, usize)> {
    let mut children: BTreeMap<i32, Vec<Stat>> = BTreeMap::new();
    for stat in all() {
        children.entry(stat.parent).or_default().push(stat);
    }
    let mut found = Vec::new();
    let mut queue = vec![(root, 0_usize)];
    while let Some((parent, depth)) = queue.pop() {
        for stat in children.remove(&parent).unwrap_or_default() {
            queue.push((stat.pid, depth + 1));
            if !stat.zombie {
                found.push((stat, depth + 1));
            }
        }
    }
    found
}

/// The same by the kernel's list of children: cheap enough for every half second, but it may miss a process that is
/// being born or dying at the moment.
fn quick_descendants(root: i32) -> Vec<Stat> {
    let mut found = Vec::new();
    let mut queue = vec![root];
    while let Some(parent) = queue.pop() {
        let Ok(threads) = fs::read_dir(format!("/proc/{parent}/task")) else {
            continue;
        };
        for thread in threads.flatten() {
            let text = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
            for stat in text
                .split_ascii_whitespace()
                .filter_map(|pid| Stat::read(pid.parse().ok()?))
            {
                queue.push(stat.pid);
                found.push(stat);
            }
        }
    }
    found
}

/// What a process tree uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    pub(crate) tasks: u64,
    /// Anonymous memory in bytes.
    pub(crate) memory: u64,
}

/// Measures everything below `root`. The exact figure, in which pages shared by forked processes count once, is
/// dear; it is taken only when the estimate is over `limit`.
pub(crate) fn usage_below(root: i32, limit: u64) -> Usage {
    let tree = quick_descendants(root);
    let tasks = tree.iter().map(|stat| stat.threads).sum();
    let estimate: u64 = tree.iter().map(|stat| resident(stat.pid)).sum();
    if estimate <= limit {
        return Usage {
            tasks,
            memory: estimate,
        };
    }
    let exact = tree
        .iter()
        .map(|stat| proportional(stat.pid).unwrap_or_else(|| resident(stat.pid)))
        .sum();
    Usage {
        tasks,
        memory: exact,
    }
}

fn resident(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let mut pages = text
        .split_ascii_whitespace()
        .skip(1)
        .map(|field| field.parse::<u64>().unwrap_or(0));
    let (resident, shared) = (pages.next().unwrap_or(0), pages.next().unwrap_or(0));
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    resident.saturating_sub(shared).saturating_mul(page)
}

fn proportional(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("Pss_Anon:"))?;
    line.split_ascii_whitespace()
        .next()?
        .parse::<u64>()
        .ok()
        .map(|kib| kib.saturating_mul(1024))
}

/// Processes and threads that this user runs already (the kernel counts its limit over all of them).
pub(crate) fn tasks_of_this_user() -> u64 {
    let mine = geteuid().as_raw();
    let owned = |stat: &Stat| {
        fs::metadata(format!("/proc/{}", stat.pid)).is_ok_and(|meta| meta.uid() == mine)
    };
    all()
        .iter()
        .filter(|stat| owned(stat))
        .map(|stat| stat.threads)
        .sum()
}

/// Kills what an earlier supervisor of this runtime left, and waits until it is gone. Returns what is still there.
///
/// It blocks, up to five seconds.
pub(crate) fn kill_leftovers(state: &StoredState) -> Vec<i32> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let left = leftovers(state);
        if left.is_empty() || Instant::now() >= deadline {
            return left.into_iter().collect();
        }
        for pid in left {
            signal(pid, Signal::KILL);
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// Whether anything of this runtime lives.
pub(crate) fn any_left(state: &StoredState) -> bool {
    !leftovers(state).is_empty()
}

fn leftovers(state: &StoredState) -> BTreeSet<i32> {
    let me = getpid().as_raw_nonzero().get();
    let everyone = all();
    let agent = state.agent.filter(|_| state.boot_id == boot_id());
    // A number stays taken while a session has it, so a session without a leader that is as young as our agent, or
    // younger, is ours: unless the number came round again, and then its leader is another process.
    let session = agent.filter(|agent| {
        everyone
            .iter()
            .find(|stat| stat.pid == agent.pid)
            .is_none_or(|leader| leader.started == agent.started)
    });
    let ours = |stat: &&Stat| {
        let in_session =
            session.is_some_and(|agent| stat.session == agent.pid && stat.started >= agent.started);
        stat.pid != me && !stat.zombie && (in_session || is_marked(stat.pid, &state.runtime_id))
    };
    everyone.iter().filter(ours).map(|stat| stat.pid).collect()
}

fn is_marked(pid: i32, runtime_id: &str) -> bool {
    let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
        return false;
    };
    let mark = format!("{MARK}={runtime_id}");
    !runtime_id.is_empty()
        && environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_name_with_brackets_does_not_shift_the_fields() {
        let rest = "S 1 42 43 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 7 0 9876 1 1";
        let stat = Stat::parse(42, &format!("42 (a) S 9 (b)) {rest}")).unwrap();
        assert_eq!(
            stat,
            Stat {
                pid: 42,
                zombie: false,
                parent: 1,
                session: 43,
                threads: 7,
                started: 9876
            }
        );
    }

    #[test]
    fn garbage_is_no_process() {
        for text in ["", "42", "42 (a)", "42 (a) S x", ") ) )"] {
            assert_eq!(Stat::parse(42, text), None, "{text:?}");
        }
    }

    #[test]
    fn this_process_is_found_and_lives() {
        let me = myself().unwrap();
        assert!(lives(me));
        assert!(!lives(ProcessId {
            started: me.started + 1,
            ..me
        }));
    }
}
