//! Who made what lies between two commits. Nobody is left out by a cut: a bound on the number of commits would let somebody
//! push their own change out of sight with empty commits after it. What is bounded is git's output, by the run's limits.

use std::collections::BTreeSet;

use control_plane::ports::PortError;
use control_plane::ports::git_host::Contributors;
use domain::agent::is_inner_path;

use super::history::{email, people};
use super::mirror::Mirror;
use crate::adapters::problem::rejected;

/// A NUL before each of the two, so that what git prints of the merge's changes ends a group of three.
const MERGE: &str = "--format=%x00%ae%x00%ce%x00";

/// Authors and committers of `from..to` under `path`. The range must be complete.
pub(super) async fn between(
    mirror: &Mirror<'_>,
    from: Option<&str>,
    to: &str,
    path: &str,
) -> Result<Contributors, PortError> {
    if !path.is_empty() && !is_inner_path(path) {
        return Err(rejected(
            "A path that leads out of the repository cannot be compared.",
        ));
    }
    let without = from.map(|from| format!("^{from}"));
    let range: Vec<&str> = [to].into_iter().chain(without.as_deref()).collect();
    let mut found = Found::default();
    changes(mirror, &range, path, &mut found).await?;
    if !path.is_empty() {
        merges(mirror, &range, path, &mut found).await?;
    }
    Ok(Contributors {
        authors: found.authors.into_iter().collect(),
        committers: found.committers.into_iter().collect(),
    })
}

#[derive(Default)]
struct Found {
    authors: BTreeSet<String>,
    committers: BTreeSet<String>,
}

impl Found {
    fn add(&mut self, author: &str, committer: &str) {
        for (set, one) in [
            (&mut self.authors, author),
            (&mut self.committers, committer),
        ] {
            let one = email(one);
            if !one.is_empty() {
                set.insert(one);
            }
        }
    }
}

/// Commits that changed something under the path, also on a branch whose change a merge undid; without a path, all.
async fn changes(
    mirror: &Mirror<'_>,
    range: &[&str],
    path: &str,
    found: &mut Found,
) -> Result<(), PortError> {
    let paths: Vec<&str> = (!path.is_empty()).then_some(path).into_iter().collect();
    for pair in people(mirror, range, &paths).await?.chunks_exact(2) {
        if let [author, committer] = pair {
            found.add(author, committer);
        }
    }
    Ok(())
}

/// Merges whose result under the path differs from one of their parents. Git leaves those out above whose result is
/// another parent's, but to choose between two sides is to decide what runs.
async fn merges(
    mirror: &Mirror<'_>,
    range: &[&str],
    path: &str,
    found: &mut Found,
) -> Result<(), PortError> {
    let relative = format!("--relative={path}/");
    let fixed = [
        "log",
        "--merges",
        "-m",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
        "--shortstat",
        relative.as_str(),
        MERGE,
    ];
    let told = mirror
        .git(fixed.into_iter().chain(range.iter().copied()).chain(["--"]))
        .await?;
    let text = String::from_utf8_lossy(&told);
    let parts: Vec<&str> = text.split('\0').skip(1).collect();
    for group in parts.chunks_exact(3) {
        if let [author, committer, changes] = group
            && !changes.trim().is_empty()
        {
            found.add(author, committer);
        }
    }
    Ok(())
}
