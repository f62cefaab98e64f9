//! Folders, stamps and the tools from outside: what is needed, how it is installed, and what to do if it cannot be.
//!
//! apt is used only as root on Debian; everywhere else the error names the command to type.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::proc::{Cmd, detail};

pub(crate) mod deny;
pub(crate) mod engines;
pub(crate) mod node;
pub(crate) mod postgres;
pub(crate) mod wasm;

/// The repository's root.
pub(crate) fn root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let own = std::env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        own.parent().map_or(own.clone(), Path::to_path_buf)
    })
}

/// Cargo's target folder: `target`, or what `CARGO_TARGET_DIR` or cargo's own configuration says.
pub(crate) fn target_dir() -> &'static Path {
    static TARGET: OnceLock<PathBuf> = OnceLock::new();
    TARGET.get_or_init(|| ask_cargo_for_target().unwrap_or_else(|| root().join("target")))
}

fn ask_cargo_for_target() -> Option<PathBuf> {
    let text = Cmd::cargo()
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .output()
        .ok()?;
    let metadata: serde_json::Value = serde_json::from_str(&text).ok()?;
    metadata
        .get("target_directory")?
        .as_str()
        .map(PathBuf::from)
}

/// Where this tool keeps what it installs and remembers: `target/xtask`.
pub(crate) fn own_dir() -> PathBuf {
    target_dir().join("xtask")
}

/// The web pages' static files, which the server embeds. It stays in the checkout wherever cargo's target folder is,
/// because the server names it relative to its own manifest.
pub(crate) fn site_dir() -> PathBuf {
    root().join("target/site")
}

/// The browser's own target folder: mixing it with the server's would unify the features `ssr` and `hydrate`.
pub(crate) fn web_target_dir() -> PathBuf {
    target_dir().join("web")
}

/// The built server program.
pub(crate) fn clearance_binary(release: bool) -> PathBuf {
    clearance_binary_of(if release { "release" } else { "dev" })
}

/// The server program as a profile of cargo builds it.
pub(crate) fn clearance_binary_of(profile: &str) -> PathBuf {
    program_in("", profile, "clearance")
}

/// Where cargo puts an example built with that profile.
pub(crate) fn example_of(profile: &str, name: &str) -> PathBuf {
    program_in("examples", profile, name)
}

fn program_in(below: &str, profile: &str, name: &str) -> PathBuf {
    target_dir()
        .join(folder_of(profile))
        .join(below)
        .join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// The folder cargo names after a profile; some have a name of their own.
fn folder_of(profile: &str) -> &str {
    match profile {
        "dev" | "test" => "debug",
        "bench" => "release",
        profile => profile,
    }
}

/// SHA-256 of the parts, each with its length, in hexadecimal.
pub(crate) fn digest<P: AsRef<[u8]>>(parts: impl IntoIterator<Item = P>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        let bytes = part.as_ref();
        hasher.update(bytes.len().to_string());
        hasher.update(b":");
        hasher.update(bytes);
    }
    hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// True if the step `name` was last finished with this very input.
pub(crate) fn is_fresh(name: &str, input: &str) -> bool {
    fs::read_to_string(own_dir().join("stamps").join(name)).is_ok_and(|kept| kept == input)
}

/// Notes that the step `name` was finished with this input.
pub(crate) fn mark_fresh(name: &str, input: &str) -> Result<()> {
    write(&own_dir().join("stamps").join(name), input)
}

/// Keeps other runs of this tool out until it is dropped: two at once would write the same files.
#[derive(Debug)]
pub(crate) struct Turn {
    _file: fs::File,
}

/// Waits for its turn at `name`, and says so if it has to wait.
pub(crate) fn take_turn(name: &str) -> Result<Turn> {
    let path = own_dir().join("locks").join(name);
    write(&path, "")?;
    let file = fs::File::options().write(true).open(&path)?;
    if file.try_lock().is_err() {
        detail(format!("another run is at work on the {name}: waiting"));
        file.lock()
            .with_context(|| format!("could not lock {}", path.display()))?;
    }
    Ok(Turn { _file: file })
}

/// Writes a file and the folders above it.
pub(crate) fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)
            .with_context(|| format!("could not create {}", parent.display()))?;
    }
    fs::write(path, content).with_context(|| format!("could not write {}", path.display()))
}

/// Reads a whole file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("could not read {}", path.display()))
}

/// The program's path, if it is on `PATH`.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let name = format!("{program}{}", std::env::consts::EXE_SUFFIX);
    std::env::split_paths(&std::env::var_os("PATH")?)
        .map(|dir| dir.join(&name))
        .find(|path| path.is_file())
}

/// The first line of `program --version`, if it runs.
pub(crate) fn version_of(program: &str) -> Option<String> {
    let text = Cmd::new(program).arg("--version").output().ok()?;
    text.lines().next().map(|line| line.trim().to_owned())
}

/// The Python with pip that builds agents' dependency layers, if there is one.
pub(crate) fn python_with_pip() -> Option<&'static str> {
    ["python3", "python"]
        .into_iter()
        .find(|python| Cmd::new(python).args(["-m", "pip", "--version"]).succeeds())
}

/// Installs what a list pins, each by its digest, into a folder of its own.
fn pip_install(python: &str, list: &Path, folder: &Path) -> Result<()> {
    Cmd::new(python)
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-input",
            "--no-deps",
        ])
        .args([
            "--only-binary=:all:",
            "--require-hashes",
            "--upgrade",
            "--target",
        ])
        .arg(folder)
        .arg("--requirement")
        .arg(list)
        .env("PIP_ROOT_USER_ACTION", "ignore")
        .output()
        .map(drop)
}

/// pip's `--target` drops the executable bit of scripts in some versions.
#[cfg(unix)]
fn make_executable(program: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(program, fs::Permissions::from_mode(0o755))
        .with_context(|| format!("{} was not installed", program.display()))
}

#[cfg(not(unix))]
fn make_executable(program: &Path) -> Result<()> {
    fs::metadata(program)
        .map(drop)
        .with_context(|| format!("{} was not installed", program.display()))
}

/// True where apt may be used without asking: Debian or a relative of it, as root.
pub(crate) fn may_use_apt() -> bool {
    Path::new("/etc/debian_version").exists() && find("apt-get").is_some() && is_root()
}

/// True for the user who may do everything.
pub(crate) fn is_root() -> bool {
    let id = Cmd::new("id").arg("-u").output();
    id.is_ok_and(|id| id.trim() == "0")
}

/// Installs Debian packages, or says what to type. `purpose` completes "is needed for …".
pub(crate) fn apt_install(packages: &[&str], purpose: &str) -> Result<()> {
    let list = packages.join(" ");
    if !may_use_apt() {
        bail!("{list} is needed for {purpose}. On Debian or Ubuntu: sudo apt-get install {list}");
    }
    detail(format!("installing {list} with apt, needed for {purpose}"));
    let apt = || {
        Cmd::new("apt-get")
            .env("DEBIAN_FRONTEND", "noninteractive")
            .arg("-qq")
    };
    apt().arg("update").run()?;
    apt()
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .run()
}

/// A Chromium for the browser tests: `CHROMIUM_PATH`, or one that is installed, or Debian's.
pub(crate) fn ensure_chromium() -> Result<PathBuf> {
    if let Some(path) = std::env::var_os("CHROMIUM_PATH").map(PathBuf::from) {
        if path.is_file() {
            return Ok(path);
        }
        bail!("CHROMIUM_PATH names {}, which is not there", path.display());
    }
    if let Some(path) = find_chromium() {
        return Ok(path);
    }
    apt_install(&["chromium"], "the browser tests").context(
        "no Chromium found: install Chromium or Chrome, or set CHROMIUM_PATH to its program",
    )?;
    find_chromium().context("chromium was installed, but its program was not found")
}

fn find_chromium() -> Option<PathBuf> {
    const NAMES: [&str; 4] = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ];
    const MAC: &str = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
    NAMES
        .into_iter()
        .find_map(find)
        .or_else(|| Some(PathBuf::from(MAC)).filter(|path| path.is_file()))
}

#[cfg(test)]
mod tests {
    use super::{digest, find, version_of};

    #[test]
    fn a_digest_tells_where_a_part_ends() {
        assert_ne!(digest(["ab", "c"]), digest(["a", "bc"]));
        assert_eq!(digest(["ab"]).len(), 64);
    }

    #[test]
    fn tools_are_found_or_missing() {
        assert!(find("no-such-program-here").is_none());
        assert!(version_of("git").is_some_and(|line| line.starts_with("git version")));
    }
}
