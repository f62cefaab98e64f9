//! The WebAssembly standard library: rustup's, or Debian's where rustup cannot fetch it.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::{Context, Result, bail};

use super::{apt_install, find, may_use_apt, own_dir, write};
use crate::proc::{Cmd, detail};

/// The target triple of the browser.
pub(crate) const TARGET: &str = "wasm32-unknown-unknown";

/// Which compiler can build for the browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The compiler that built this tool.
    Own,
    /// Debian's `rustc-web` beside it, with a standard library built from `rust-web-src`.
    Debian,
}

impl Toolchain {
    /// A cargo that compiles for the browser into the folder kept for it.
    pub(crate) fn cargo(self) -> Cmd {
        let command = match self {
            Self::Own => Cmd::cargo(),
            Self::Debian => Cmd::new(DEBIAN_CARGO)
                .env("RUSTC", DEBIAN_RUSTC)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", DEBIAN_LINKER),
        };
        command.env("CARGO_TARGET_DIR", super::web_target_dir())
    }
}

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_LINKER: &str = "/usr/bin/rust-lld";
const DEBIAN_LIB: &str = "/usr/lib/rustlib/wasm32-unknown-unknown/lib";

/// Makes sure that something here can compile for the browser. Asked once a run.
pub(crate) fn ensure() -> Result<Toolchain> {
    static FOUND: OnceLock<Toolchain> = OnceLock::new();
    if let Some(found) = FOUND.get() {
        return Ok(*found);
    }
    let found = look_or_install()?;
    Ok(*FOUND.get_or_init(|| found))
}

fn look_or_install() -> Result<Toolchain> {
    if own_has_it() {
        return Ok(Toolchain::Own);
    }
    if find("rustup").is_some() {
        detail(format!("adding the target {TARGET}"));
        match Cmd::new("rustup").args(["target", "add", TARGET]).run() {
            Ok(()) if own_has_it() => return Ok(Toolchain::Own),
            Ok(()) => detail("rustup added it to another toolchain than the one in use"),
            Err(error) => detail(format!("{error:#}")),
        }
    }
    if has_std(Path::new(DEBIAN_LIB)) && Path::new(DEBIAN_CARGO).is_file() {
        return Ok(Toolchain::Debian);
    }
    if !may_use_apt() {
        bail!(
            "the WebAssembly standard library is missing and could not be added. Run `rustup target add {TARGET}` \
             where static.rust-lang.org can be reached, then run this again"
        );
    }
    build_debian_std()
        .context("building the WebAssembly standard library from Debian's sources")?;
    Ok(Toolchain::Debian)
}

fn own_has_it() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    Cmd::new(rustc)
        .args(["--print", "target-libdir", "--target", TARGET])
        .output()
        .is_ok_and(|path| has_std(Path::new(path.trim())))
}

fn has_std(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else {
        return false;
    };
    entries
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// Debian ships the sources of the standard library but not the compiled one for the browser: compile it, 45 s.
fn build_debian_std() -> Result<()> {
    apt_install(
        &["rustc-web", "cargo-web", "rust-web-src", "lld-22"],
        "the browser bundle, since rustup cannot fetch it",
    )?;
    if !Path::new(DEBIAN_LINKER).exists() {
        link(Path::new("/usr/bin/lld-22"), Path::new(DEBIAN_LINKER))?;
    }
    let empty = own_dir().join("wasm-std");
    write(
        &empty.join("Cargo.toml"),
        "[package]\nname = \"empty\"\nedition = \"2021\"\n[lib]\npath = \"lib.rs\"\n[workspace]\n",
    )?;
    write(&empty.join("lib.rs"), "")?;
    Cmd::new(DEBIAN_CARGO)
        .dir(&empty)
        .env("RUSTC", DEBIAN_RUSTC)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", empty.join("target"))
        .args([
            "build",
            "--release",
            "--target",
            TARGET,
            "-Zbuild-std=std,panic_abort,panic_unwind",
        ])
        .run()?;
    let built = empty.join("target").join(TARGET).join("release/deps");
    for entry in
        fs::read_dir(&built).with_context(|| format!("no libraries in {}", built.display()))?
    {
        let path: PathBuf = entry?.path();
        let own = path
            .file_name()
            .is_some_and(|name| name.to_string_lossy().starts_with("libempty"));
        if path
            .extension()
            .is_some_and(|extension| extension == "rlib")
            && !own
        {
            let name = path.file_name().unwrap_or_default();
            write(&Path::new(DEBIAN_LIB).join(name), super::read(&path)?)?;
        }
    }
    Ok(())
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).with_context(|| format!("could not link {}", to.display()))
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to)
        .map(drop)
        .with_context(|| format!("could not copy {}", to.display()))
}
