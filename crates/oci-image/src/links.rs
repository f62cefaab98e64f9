//! Whether a symbolic link stays inside a tree, whatever other links its path crosses.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

/// As many links as Linux follows before it gives up.
const MAX_LINKS: usize = 40;

/// Follows the link `root/link` with the text `target`, step by step and only inside `root`.
///
/// False if any step is absolute or climbs above `root`, or if the links form a loop. A lexical check would not do:
/// `a/link/../..` means another place when `a/link` is itself a link. A missing target counts as inside.
pub(crate) fn stays_inside(root: &Path, link: &Path, target: &Path) -> io::Result<bool> {
    let mut position: PathBuf = link.parent().unwrap_or(Path::new("")).to_path_buf();
    let Some(mut pending) = steps(target) else {
        return Ok(false);
    };
    let mut followed = 0;
    while let Some(step) = pending.pop_front() {
        let Step::Down(name) = step else {
            if !position.pop() {
                return Ok(false);
            }
            continue;
        };
        position.push(name);
        let Some(next) = read_link(&root.join(&position))? else {
            continue;
        };
        followed += 1;
        let (true, Some(more)) = (followed <= MAX_LINKS, steps(&next)) else {
            return Ok(false);
        };
        position.pop();
        for step in more.into_iter().rev() {
            pending.push_front(step);
        }
    }
    Ok(true)
}

enum Step {
    Up,
    Down(OsString),
}

/// None for an absolute path.
fn steps(path: &Path) -> Option<VecDeque<Step>> {
    path.components()
        .filter(|c| *c != Component::CurDir)
        .map(|component| match component {
            Component::ParentDir => Some(Step::Up),
            Component::Normal(name) => Some(Step::Down(name.to_owned())),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => None,
        })
        .collect()
}

fn read_link(path: &Path) -> io::Result<Option<PathBuf>> {
    use io::ErrorKind::{InvalidFilename, InvalidInput, NotADirectory, NotFound};
    match fs::read_link(path) {
        Ok(target) => Ok(Some(target)),
        Err(error)
            if [InvalidInput, NotFound, NotADirectory, InvalidFilename].contains(&error.kind()) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}
