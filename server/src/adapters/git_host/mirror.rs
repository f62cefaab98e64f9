//! The bare copy of one repository that makes repeated work fast. Owns its folder, its lock, and what is fetched into
//! it; refuses hooks, submodules, tags and every ref but the commits that were asked for.

use std::collections::HashSet;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use control_plane::ports::{PortError, PortErrorKind};
use sha2::{Digest as _, Sha256};

use super::address::Address;
use super::cli::{Cli, Credential, Output, Run, size, too_large};
use crate::adapters::problem::{blocking, disk, not_found, protocol, rejected, unavailable};

/// How often a busy mirror is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// As many packs are joined into one.
const MANY_PACKS: usize = 60;
/// A mirror that grew beyond so many times the limit of one fetch is made anew.
const TIMES_LIMIT: u64 = 4;
/// Git's word for "everything".
const WHOLE_DEPTH: &str = "--depth=2147483647";

/// A locked mirror.
#[derive(Debug)]
pub(super) struct Mirror<'a> {
    pub(super) dir: PathBuf,
    pub(super) address: &'a Address,
    pub(super) credential: Option<&'a Credential>,
    cli: &'a Cli,
    lock: File,
    max_bytes: u64,
}

/// How much history is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Depth {
    One,
    AsNeeded,
    Whole,
}

impl<'a> Mirror<'a> {
    /// Opens the mirror of a repository, made if there is none, and waits until nobody else works on it.
    ///
    /// # Errors
    /// `Unavailable` when the wait is too long or the disk refuses.
    pub(super) async fn open(
        cli: &'a Cli,
        root: &Path,
        address: &'a Address,
        credential: Option<&'a Credential>,
        commit: &str,
        (max_bytes, patience): (u64, Duration),
    ) -> Result<Self, PortError> {
        // A repository with SHA-256 names needs a mirror of its kind.
        let format = if commit.len() == 64 { "sha256" } else { "sha1" };
        let name = hex::encode(Sha256::digest(format!("{format} {}", address.url)));
        let dir = root.join(name);
        let lock = lock(&dir.with_extension("lock"), patience).await?;
        let mirror = Self {
            dir,
            address,
            credential,
            cli,
            lock,
            max_bytes,
        };
        mirror.prepare(format).await?;
        Ok(mirror)
    }

    async fn prepare(&self, format: &str) -> Result<(), PortError> {
        let (dir, most) = (self.dir.clone(), self.max_bytes.saturating_mul(TIMES_LIMIT));
        let ready = blocking(move || {
            if dir.join("HEAD").exists() && size(&dir) <= most {
                sweep(&dir);
                return Ok(true);
            }
            match fs::remove_dir_all(&dir) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    Err(disk("removed", &dir, error))
                }
                _ => fs::create_dir_all(&dir)
                    .map_err(|error| disk("made", &dir, error))
                    .map(|()| false),
            }
        });
        if ready.await? {
            return Ok(());
        }
        let format = format!("--object-format={format}");
        self.git(["init", "--quiet", "--bare", "--template=", format.as_str()])
            .await?;
        Ok(())
    }

    /// Runs git on the mirror and expects success.
    pub(super) async fn git<'b>(
        &self,
        arguments: impl IntoIterator<Item = &'b str>,
    ) -> Result<Vec<u8>, PortError> {
        self.cli.expect(self.command(arguments)?).await
    }

    /// Runs git on the mirror, whether it succeeds or not.
    pub(super) async fn attempt<'b>(
        &self,
        arguments: impl IntoIterator<Item = &'b str>,
    ) -> Result<Output, PortError> {
        self.cli.run(self.command(arguments)?).await
    }

    /// Runs what [`Mirror::command`] made.
    pub(super) async fn run(&self, run: Run<'_>) -> Result<Output, PortError> {
        self.cli.run(run).await
    }

    /// A run on the mirror. Its standard input is the lock: if this process is killed, the mirror stays locked until git
    /// has ended too.
    pub(super) fn command<'b>(
        &self,
        arguments: impl IntoIterator<Item = &'b str>,
    ) -> Result<Run<'_>, PortError> {
        let lock = self
            .lock
            .try_clone()
            .map_err(|error| disk("shared", &self.dir, error))?;
        Ok(Run::new(arguments).on(&self.dir).reading(lock))
    }

    /// Whether the commit is here. Anything else of that name is refused.
    pub(super) async fn has(&self, commit: &str) -> Result<bool, PortError> {
        let output = self.attempt(["cat-file", "-t", commit]).await?;
        if !output.success {
            return Ok(false);
        }
        if output.stdout.trim_ascii() == b"commit" {
            Ok(true)
        } else {
            Err(rejected("The id that was given is not the id of a commit."))
        }
    }

    /// Makes sure that the commit with its files is here; its history need not be.
    ///
    /// # Errors
    /// `NotFound` when the repository does not have it; what the host or the limits say.
    pub(super) async fn ensure(&self, commit: &str) -> Result<(), PortError> {
        if self.has(commit).await? {
            return Ok(());
        }
        let depth = if self.is_whole().await? {
            Depth::AsNeeded
        } else {
            Depth::One
        };
        match self.fetch(&[commit], depth).await {
            Err(error) if may_be_unadvertised(&error) => {
                // The host gives out only what a branch points at, or the commit is gone.
                self.fetch_ref("+refs/heads/*:refs/clearance/heads/*")
                    .await?;
            }
            outcome => outcome?,
        }
        if self.has(commit).await? {
            return Ok(());
        }
        Err(not_found(
            "The commit is not in the repository any more: the branch was rewritten. Push again.",
        ))
    }

    /// Makes sure that every commit of `from..to` is here. `false`: the repository does not have `from` any more.
    pub(super) async fn ensure_range(
        &self,
        from: Option<&str>,
        to: &str,
    ) -> Result<bool, PortError> {
        self.ensure(to).await?;
        let from = match from {
            None => None,
            Some(from) => match self.ensure(from).await {
                Ok(()) => Some(from),
                Err(error) if error.kind == PortErrorKind::NotFound => None,
                Err(error) => return Err(error),
            },
        };
        if !self.is_complete(from, to).await? {
            let wanted: Vec<&str> = from.into_iter().chain([to]).collect();
            self.fetch(&wanted, Depth::Whole).await?;
            if !self.is_complete(from, to).await? {
                return Err(protocol(
                    "The git host did not hand over the whole history between the two commits.",
                ));
            }
        }
        Ok(from.is_some())
    }

    /// Whether no commit of the range had its parents cut off.
    async fn is_complete(&self, from: Option<&str>, to: &str) -> Result<bool, PortError> {
        let cut = self.cut_off().await?;
        if cut.is_empty() {
            return Ok(true);
        }
        if let Some(from) = from
            && !self.attempt(["merge-base", from, to]).await?.success
        {
            return Ok(false);
        }
        let without = from.map(|from| format!("^{from}"));
        let arguments = ["rev-list", to].into_iter().chain(without.as_deref());
        let range = self.git(arguments).await?;
        Ok(!String::from_utf8_lossy(&range)
            .lines()
            .any(|commit| cut.contains(commit)))
    }

    /// Commits whose parents were not fetched.
    async fn cut_off(&self) -> Result<HashSet<String>, PortError> {
        let path = self.dir.join("shallow");
        blocking(move || match fs::read_to_string(&path) {
            Ok(text) => Ok(text.lines().map(str::to_owned).collect()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(HashSet::new()),
            Err(error) => Err(disk("read", &path, error)),
        })
        .await
    }

    /// Something was fetched, and with its whole history.
    async fn is_whole(&self) -> Result<bool, PortError> {
        if !self.cut_off().await?.is_empty() {
            return Ok(false);
        }
        Ok(!self
            .git(["for-each-ref", "--count=1", "refs/clearance"])
            .await?
            .is_empty())
    }

    async fn fetch(&self, commits: &[&str], depth: Depth) -> Result<(), PortError> {
        let refs: Vec<String> = commits
            .iter()
            .map(|commit| format!("+{commit}:refs/clearance/commits/{commit}"))
            .collect();
        let refs: Vec<&str> = refs.iter().map(String::as_str).collect();
        self.fetch_refs(&refs, depth).await
    }

    /// Fetches a ref of the repository into one of ours.
    pub(super) async fn fetch_ref(&self, refspec: &str) -> Result<(), PortError> {
        self.fetch_refs(&[refspec], Depth::AsNeeded).await
    }

    async fn fetch_refs(&self, refspecs: &[&str], depth: Depth) -> Result<(), PortError> {
        let depth = match depth {
            Depth::One => Some("--depth=1"),
            Depth::AsNeeded => None,
            Depth::Whole => Some(WHOLE_DEPTH),
        };
        let fixed = [
            "fetch",
            "--quiet",
            "--no-tags",
            "--no-write-fetch-head",
            "--no-recurse-submodules",
        ];
        let arguments = fixed
            .into_iter()
            .chain(depth)
            .chain(["--", self.address.url.as_str()])
            .chain(refspecs.iter().copied());
        let packs = self.dir.join("objects");
        let before = {
            let packs = packs.clone();
            blocking(move || Ok(size(&packs))).await?
        };
        let run =
            self.command(arguments)?
                .with(self.credential)
                .watching(&packs, before, self.max_bytes);
        let fetched = self.cli.expect(run).await;
        // A fetch may be faster than the watch.
        let dir = self.dir.clone();
        let after = blocking(move || {
            sweep(&dir);
            Ok(size(&dir.join("objects")))
        })
        .await?;
        fetched?;
        if after > before.saturating_add(self.max_bytes) {
            return Err(too_large(self.max_bytes));
        }
        self.tidy().await
    }

    /// Every fetch leaves a pack.
    async fn tidy(&self) -> Result<(), PortError> {
        let packs = self.dir.join("objects/pack");
        let count = blocking(move || Ok(fs::read_dir(packs).into_iter().flatten().count())).await?;
        // A pack, its index and its reverse index.
        if count > MANY_PACKS * 3 {
            self.git(["repack", "-a", "-d", "-q"]).await?;
        }
        Ok(())
    }
}

/// A host that hides objects, or does not have one, says so in one of these ways.
fn may_be_unadvertised(error: &PortError) -> bool {
    [
        "unadvertised object",
        "not our ref",
        "no such remote ref",
        "couldn't find remote ref",
    ]
    .iter()
    .any(|sign| error.message.contains(sign))
}

/// What a killed git left: its locks, which nobody holds while we hold ours, and half a pack.
fn sweep(dir: &Path) {
    let mut folders = vec![dir.join("refs"), dir.join("objects/pack")];
    for name in [
        "shallow.lock",
        "packed-refs.lock",
        "config.lock",
        "HEAD.lock",
    ] {
        let _ = fs::remove_file(dir.join(name));
    }
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(entry.path());
            } else if name.ends_with(".lock") || name.starts_with("tmp_") {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

async fn lock(path: &Path, patience: Duration) -> Result<File, PortError> {
    let open = || {
        File::options()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
    };
    let file = open().map_err(|error| disk("opened", path, error))?;
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                tokio::time::sleep(LOOK_EVERY).await
            }
            Err(TryLockError::WouldBlock) => {
                return Err(unavailable(
                    "The repository is being fetched by somebody else: it is tried again.",
                ));
            }
            Err(TryLockError::Error(error)) => return Err(disk("locked", path, error)),
        }
    }
}
