//! Node.js and npm packages, installed from lock files that are committed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{apt_install, digest, find, own_dir, read, root, write};
use crate::proc::{Cmd, detail};

/// True if both node and npm can be called.
pub(crate) fn is_there() -> bool {
    find("node").is_some() && (find("npm").is_some() || find("npm.cmd").is_some())
}

/// Makes sure of node and npm, through apt where that may be used.
pub(crate) fn ensure(purpose: &str) -> Result<()> {
    if is_there() {
        return Ok(());
    }
    apt_install(&["nodejs", "npm"], purpose)
}

/// The build tools of `xtask/npm` (wasm-opt), installed below the target folder. Returns their folder.
pub(crate) fn build_tools() -> Result<PathBuf> {
    ensure("the browser code")?;
    install_copy("npm", &["--omit=dev"])
}

/// The same and the drawings of the icons.
pub(crate) fn icon_drawings() -> Result<PathBuf> {
    install_copy("npm-icons", &["--include=dev"])
}

fn install_copy(name: &str, extra: &[&str]) -> Result<PathBuf> {
    let target = own_dir().join(name);
    for file in ["package.json", "package-lock.json"] {
        write(
            &target.join(file),
            read(&root().join("xtask/npm").join(file))?,
        )?;
    }
    install(&target, extra)?;
    Ok(target)
}

/// Runs `npm ci` in `folder` unless its lock file is already installed. No package's install script runs, and no
/// package downloads a browser.
pub(crate) fn install(folder: &Path, extra: &[&str]) -> Result<()> {
    let input = digest([
        read(&folder.join("package.json"))?,
        read(&folder.join("package-lock.json"))?,
    ]);
    let modules = folder.join("node_modules");
    // The mark lies in the installed folder itself, so that it goes when that folder goes.
    let marker = modules.join(".clearance-lock");
    if fs::read_to_string(&marker).is_ok_and(|kept| kept == input) {
        return Ok(());
    }
    if !is_there() {
        bail!("npm was not found: install Node.js 20 or newer");
    }
    detail(format!(
        "installing npm packages into {}",
        modules.display()
    ));
    Cmd::new("npm")
        .dir(folder)
        .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
        .args([
            "ci",
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
        ])
        .args(extra)
        .run()?;
    write(&marker, &input)
}
