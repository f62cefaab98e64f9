//! The engines of static analysis that the tests run for real: Ruff and Bandit from `PyPI`, where Python's pip is there.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use anyhow::Result;

use super::{
    digest, is_fresh, make_executable, mark_fresh, own_dir, pip_install, python_with_pip, read,
    root,
};
use crate::proc::detail;

/// Names the folder of their programs for the tests.
pub(crate) const VARIABLE: &str = "CLEARANCE_TEST_ENGINES";

/// The folder of the programs, installed if they are missing. `None` where they cannot be had, which is said. Looked at once
/// in a run.
pub(crate) fn ensure() -> Result<Option<&'static Path>> {
    static PROGRAMS: OnceLock<Option<PathBuf>> = OnceLock::new();
    if let Some(known) = PROGRAMS.get() {
        return Ok(known.as_deref());
    }
    let found = look()?;
    Ok(PROGRAMS.get_or_init(|| found).as_deref())
}

fn look() -> Result<Option<PathBuf>> {
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
    if let Err(error) = pip_install(python, &list, &folder) {
        detail(format!(
            "Ruff and Bandit could not be installed ({error:#}): the tests of engines run without them"
        ));
        return Ok(None);
    }
    write_programs(python, &folder, &programs)?;
    mark_fresh("engines", &wanted)?;
    Ok(Some(programs))
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
