//! The engines of static analysis that the tests run for real: Ruff and Bandit from `PyPI`, where Python's pip is there.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::{digest, is_fresh, mark_fresh, own_dir, python_with_pip, read, root};
use crate::proc::{Cmd, detail};

/// Names the folder of their programs for the tests.
pub(crate) const VARIABLE: &str = "CLEARANCE_TEST_ENGINES";

/// The folder of the programs, installed if they are missing. `None` where they cannot be had, which is said.
pub(crate) fn ensure() -> Result<Option<PathBuf>> {
    let Some(python) = python_with_pip() else {
        detail("python3 with pip was not found: the tests of engines run without Ruff and Bandit");
        return Ok(None);
    };
    let list = root().join("xtask/pypi/engines.txt");
    let folder = own_dir().join("engines");
    let programs = folder.join("programs");
    let wanted = digest([read(&list)?, python.as_bytes().to_vec()]);
    if programs.join("bandit").is_file() && is_fresh("engines", &wanted) {
        return Ok(Some(programs));
    }
    detail("installing Ruff and Bandit from PyPI, for the tests of engines");
    if let Err(error) = install(python, &list, &folder) {
        detail(format!(
            "Ruff and Bandit could not be installed ({error:#}): the tests of engines run without them"
        ));
        return Ok(None);
    }
    write_programs(python, &folder, &programs)?;
    mark_fresh("engines", &wanted)?;
    Ok(Some(programs))
}

fn install(python: &str, list: &Path, folder: &Path) -> Result<()> {
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

/// Scripts that find what was installed without a variable of their caller's: engines are run with a bare environment.
fn write_programs(python: &str, folder: &Path, programs: &Path) -> Result<()> {
    let path = folder.display();
    for (name, start) in [
        (
            "bandit",
            format!("PYTHONPATH='{path}' exec {python} -m bandit"),
        ),
        ("ruff", format!("exec '{path}/bin/ruff'")),
    ] {
        let script = programs.join(name);
        super::write(&script, format!("#!/bin/sh\n{start} \"$@\"\n"))?;
        make_executable(&script)?;
    }
    make_executable(&folder.join("bin/ruff"))
}

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
