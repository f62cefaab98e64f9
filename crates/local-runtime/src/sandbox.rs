//! The sandbox. Owns the probe for bubblewrap and the view of the file system that an agent gets in it; refuses to
//! pretend: where bubblewrap does not work, the status says "none" and why.
//!
//! In the sandbox the whole file system is read-only, and homes, `/run`, the control plane's folders and other
//! runtimes are not there at all. The agent sees its image, its secret files, and may write to its own home and
//! `/tmp`. It keeps the network, because it has to listen on loopback and may have to call out.

use std::env;
use std::fmt;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Component, Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::spec::SandboxMode;
use crate::system;

/// Namespaces and rights, the same for the probe and for the agent.
const ISOLATION: [&str; 13] = [
    "--ro-bind",
    "/",
    "/",
    "--dev",
    "/dev",
    "--proc",
    "/proc",
    "--unshare-pid",
    "--unshare-ipc",
    "--unshare-uts",
    "--die-with-parent",
    "--cap-drop",
    "ALL",
];

/// Replaced by empty folders, where they exist.
const EMPTIED: [&str; 4] = ["/run", "/var/tmp", "/home", "/root"];

/// How the agents of one supervisor are contained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sandbox {
    Bubblewrap(PathBuf),
    None { why: String },
}

impl fmt::Display for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bubblewrap(_) => f.write_str("bubblewrap"),
            Self::None { why } => write!(f, "none: {why}"),
        }
    }
}

impl Sandbox {
    /// Processes of the sandbox itself between the supervisor and the agent: bubblewrap and its first process.
    pub(crate) fn layers(&self) -> usize {
        match self {
            Self::Bubblewrap(_) => 2,
            Self::None { .. } => 0,
        }
    }

    /// Tries bubblewrap out; blocks for the few milliseconds that takes, at most five seconds.
    pub(crate) fn probe(mode: SandboxMode) -> Self {
        let none = |why: String| Self::None { why };
        match mode {
            SandboxMode::Off => return none("switched off".to_owned()),
            SandboxMode::Auto => {}
        }
        let Some(bwrap) = find_on_path("bwrap") else {
            return none("bwrap is not installed (package bubblewrap)".to_owned());
        };
        match try_out(&bwrap) {
            Ok(()) => Self::Bubblewrap(bwrap),
            Err(why) => none(format!("bwrap not usable: {why}")),
        }
    }
}

fn try_out(bwrap: &Path) -> Result<(), String> {
    let mut child = Command::new(bwrap)
        .args(ISOLATION)
        .args(["--tmpfs", "/tmp", "--", "true"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    let ended = wait_bounded(&mut child).map_err(|error| error.to_string())?;
    if ended {
        return Ok(());
    }
    let mut text = Vec::new();
    if let Some(stderr) = child.stderr.take() {
        let _ = stderr.take(500).read_to_end(&mut text);
    }
    Err(crate::agent_log::printable(
        String::from_utf8_lossy(&text).trim(),
        200,
    ))
}

/// Whether the child ended well, within five seconds.
fn wait_bounded(child: &mut Child) -> io::Result<bool> {
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        match child.try_wait()? {
            Some(status) => return Ok(status.success()),
            None if Instant::now() >= deadline => {
                child.kill()?;
                child.wait()?;
                return Err(io::Error::new(io::ErrorKind::TimedOut, "it hangs"));
            }
            None => thread::sleep(Duration::from_millis(2)),
        }
    }
}

fn find_on_path(program: &str) -> Option<PathBuf> {
    let path = system::variable("PATH")?;
    env::split_paths(&path)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(program))
        .find(|file| {
            file.metadata()
                .is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
        })
}

/// What the agent may see. Every path is absolute and free of symbolic links.
#[derive(Debug)]
pub(crate) struct View<'a> {
    pub(crate) image: &'a Path,
    pub(crate) workdir: &'a Path,
    pub(crate) home: &'a Path,
    pub(crate) tmp: &'a Path,
    pub(crate) secret_files: &'a [PathBuf],
    pub(crate) hidden: &'a [PathBuf],
    pub(crate) path: &'a str,
}

impl View<'_> {
    /// Bubblewrap's arguments up to and including `--`. Later mounts cover earlier ones.
    pub(crate) fn arguments(&self, program: &str) -> Vec<String> {
        let mut mounts = Mounts(ISOLATION.iter().map(ToString::to_string).collect());
        for folder in EMPTIED
            .into_iter()
            .map(Path::new)
            .filter(|folder| is_real_dir(folder))
        {
            mounts.empty(folder);
        }
        mounts.write(self.tmp, Path::new("/tmp"));
        for folder in self.toolchains(program) {
            mounts.read(&folder);
        }
        // Usually a link into `/run`, which is emptied.
        if let Ok(resolver) = Path::new("/etc/resolv.conf").canonicalize()
            && resolver.starts_with("/run")
        {
            mounts.read(&resolver);
        }
        for folder in self
            .hidden
            .iter()
            .filter_map(|folder| folder.canonicalize().ok())
            .filter(|f| f != Path::new("/"))
        {
            mounts.empty(&folder);
        }
        mounts.read(self.image);
        for file in self.secret_files {
            mounts.read(file);
        }
        mounts.write(self.home, self.home);
        let Mounts(mut arguments) = mounts;
        arguments.extend(["--chdir".to_owned(), text(self.workdir), "--".to_owned()]);
        arguments
    }

    /// Interpreters in somebody's home (pyenv, uv, a virtual environment) would be hidden with it: their own folders
    /// are shown again, the rest of the home is not.
    fn toolchains(&self, program: &str) -> Vec<PathBuf> {
        let found = if program.contains('/') {
            Some(self.workdir.join(program))
        } else {
            env::split_paths(self.path)
                .map(|folder| folder.join(program))
                .find(|file| file.is_file())
        };
        let Some(found) = found else {
            return Vec::new();
        };
        let mut folders: Vec<PathBuf> = [Some(found.clone()), found.canonicalize().ok()]
            .into_iter()
            .flatten()
            .filter_map(prefix_in_home)
            .collect();
        folders.dedup();
        folders
    }
}

/// `<prefix>` of `<prefix>/bin/program`, or the program's folder where the prefix would be a whole home or `.local`.
fn prefix_in_home(program: PathBuf) -> Option<PathBuf> {
    let folder = program.parent()?.canonicalize().ok()?;
    let parts: Vec<Component<'_>> = folder.components().collect();
    let home_parts = match parts.get(1)?.as_os_str().to_str()? {
        "root" => 2,
        "home" => 3,
        _ => return None,
    };
    let prefix = folder.parent()?;
    let too_wide = prefix.components().count() <= home_parts
        || prefix.file_name().is_some_and(|n| n == ".local");
    Some(if too_wide { folder } else { prefix.to_owned() })
}

struct Mounts(Vec<String>);

impl Mounts {
    fn empty(&mut self, at: &Path) {
        self.0.extend(["--tmpfs".to_owned(), text(at)]);
    }

    fn read(&mut self, path: &Path) {
        self.0
            .extend(["--ro-bind".to_owned(), text(path), text(path)]);
    }

    fn write(&mut self, from: &Path, at: &Path) {
        self.0.extend(["--bind".to_owned(), text(from), text(at)]);
    }
}

/// All paths went through `JSON`, which holds UTF-8 only.
fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

fn is_real_dir(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_dir())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_outside_of_homes_needs_no_mount() {
        assert_eq!(prefix_in_home(PathBuf::from("/usr/bin/env")), None);
        assert_eq!(prefix_in_home(PathBuf::from("/nowhere/bin/python3")), None);
    }

    #[test]
    fn a_sandbox_that_is_off_says_so() {
        assert_eq!(
            Sandbox::probe(SandboxMode::Off).to_string(),
            "none: switched off"
        );
    }

    #[test]
    fn the_image_is_mounted_after_what_hides_it() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().canonicalize().unwrap();
        let image = data.join("image");
        std::fs::create_dir(&image).unwrap();
        let view = View {
            image: &image,
            workdir: &image,
            home: &data.join("home"),
            tmp: &data.join("tmp"),
            secret_files: &[],
            hidden: std::slice::from_ref(&data),
            path: "/usr/bin",
        };
        let arguments = view.arguments("python3");
        let position = |what: &Path| arguments.iter().position(|a| Path::new(a) == what).unwrap();
        assert!(position(&data) < position(&image));
        assert_eq!(arguments.last().unwrap(), "--");
    }
}
