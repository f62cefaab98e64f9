//! What lies between two commits. Owns the questions to git and the reading of its NUL-separated answers; refuses names
//! with control characters, mail maps (an author could hide behind one) and external diff programs.

use std::collections::BTreeSet;

use control_plane::ports::PortError;
use control_plane::ports::git_host::{Commit, History};
use domain::agent::is_inner_path;
use domain::view::diff::{ChangeKind, CommitLine, FileChange};

use super::mirror::Mirror;
use super::trouble::safe;
use crate::adapters::problem::{protocol, rejected};

const MAX_COMMITS: &str = "--max-count=50";
const MAX_FILES: usize = 200;
const MAX_SUBJECT: usize = 200;
const MAX_NAME: usize = 100;

/// The facts of one commit.
pub(super) async fn commit(mirror: &Mirror<'_>, commit: &str) -> Result<Commit, PortError> {
    let told = mirror
        .git([
            "log",
            "--max-count=1",
            "--format=%H%x00%s%x00%an%x00%ae%x00%cn%x00%ce%x00",
            commit,
        ])
        .await?;
    let fields = fields(&told);
    let [
        id,
        subject,
        author_name,
        author_email,
        committer_name,
        committer_email,
        ..,
    ] = fields.as_slice()
    else {
        return Err(protocol("Git did not describe the commit as expected."));
    };
    if id != commit {
        return Err(protocol(
            "Git described another commit than the one that was asked for.",
        ));
    }
    Ok(Commit {
        id: id.clone(),
        subject: safe(subject, MAX_SUBJECT),
        author_name: safe(author_name, MAX_NAME),
        author_email: email(author_email),
        committer_name: safe(committer_name, MAX_NAME),
        committer_email: email(committer_email),
    })
}

/// Commits, files and config editors of `from..to` under `path`. The range must be complete.
pub(super) async fn between(
    mirror: &Mirror<'_>,
    from: Option<&str>,
    to: &str,
    path: &str,
    config_paths: &[String],
) -> Result<History, PortError> {
    let prefix = if path.is_empty() {
        String::new()
    } else {
        format!("{path}/")
    };
    let config: Vec<String> = config_paths
        .iter()
        .map(|file| format!("{prefix}{file}"))
        .collect();
    if (!path.is_empty() && !is_inner_path(path)) || !config.iter().all(|file| is_inner_path(file))
    {
        return Err(rejected(
            "A path that leads out of the repository cannot be compared.",
        ));
    }
    let without = from.map(|from| format!("^{from}"));
    let range: Vec<&str> = [to].into_iter().chain(without.as_deref()).collect();
    let under = (!path.is_empty()).then_some(path);
    Ok(History {
        commits: commits(mirror, &range, under).await?,
        files: files(mirror, from, to, under).await?,
        config_editors: editors(mirror, &range, &config).await?,
    })
}

async fn commits(
    mirror: &Mirror<'_>,
    range: &[&str],
    under: Option<&str>,
) -> Result<Vec<CommitLine>, PortError> {
    let fixed = ["log", MAX_COMMITS, "--format=%H%x00%an%x00%s%x00"];
    let arguments = fixed
        .into_iter()
        .chain(range.iter().copied())
        .chain(["--"])
        .chain(under);
    let told = mirror.git(arguments).await?;
    let fields = fields(&told);
    let lines = fields.chunks_exact(3).filter_map(|chunk| {
        let [commit, author, subject] = chunk else {
            return None;
        };
        Some(CommitLine {
            commit: commit.clone(),
            author: safe(author, MAX_NAME),
            subject: safe(subject, MAX_SUBJECT),
        })
    });
    Ok(lines.collect())
}

async fn files(
    mirror: &Mirror<'_>,
    from: Option<&str>,
    to: &str,
    under: Option<&str>,
) -> Result<Vec<FileChange>, PortError> {
    let old = from.unwrap_or_else(|| empty_tree(to));
    let fixed = [
        "diff-tree",
        "-r",
        "-z",
        "--raw",
        "--numstat",
        "--no-renames",
        "--no-ext-diff",
        "--no-textconv",
    ];
    let told = mirror
        .git(fixed.into_iter().chain([old, to, "--"]).chain(under))
        .await?;
    read_changes(&told)
}

/// Author and committer, one after the other, of every commit of the range that changed something under one of the paths,
/// also on a branch whose change a merge undid. A merge counts when its result is none of its parents'. Without paths, all.
pub(super) async fn people(
    mirror: &Mirror<'_>,
    range: &[&str],
    paths: &[&str],
) -> Result<Vec<String>, PortError> {
    let fixed = [
        "log",
        "--full-history",
        "--no-renames",
        "--format=%ae%x00%ce%x00",
    ];
    let arguments = fixed
        .into_iter()
        .chain(range.iter().copied())
        .chain(["--"])
        .chain(paths.iter().copied());
    Ok(fields(&mirror.git(arguments).await?))
}

/// Every author and committer of a commit of the range that changed one of the files.
async fn editors(
    mirror: &Mirror<'_>,
    range: &[&str],
    config: &[String],
) -> Result<Vec<String>, PortError> {
    if config.is_empty() {
        return Ok(Vec::new());
    }
    let paths: Vec<&str> = config.iter().map(String::as_str).collect();
    let found: BTreeSet<String> = people(mirror, range, &paths)
        .await?
        .iter()
        .map(|one| email(one))
        .filter(|one| !one.is_empty())
        .collect();
    Ok(found.into_iter().collect())
}

/// The object that every repository has without storing it.
fn empty_tree(like: &str) -> &'static str {
    if like.len() == 64 {
        "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
    } else {
        "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
    }
}

pub(super) fn email(text: &str) -> String {
    safe(text.trim(), 254).to_lowercase()
}

/// Fields that each end with NUL; git puts a newline between two commits.
fn fields(told: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(told);
    let mut fields: Vec<String> = text
        .split('\0')
        .map(|field| field.trim_start_matches('\n').to_owned())
        .collect();
    fields.pop();
    fields
}

/// First all entries of the form `:mode mode id id KIND NUL path NUL`, then `added TAB removed TAB path NUL`, in the same order.
fn read_changes(told: &[u8]) -> Result<Vec<FileChange>, PortError> {
    let text = String::from_utf8_lossy(told);
    let mut parts = text.split('\0').filter(|part| !part.is_empty()).peekable();
    let mut kinds = Vec::new();
    while let Some(entry) = parts.next_if(|part| part.starts_with(':')) {
        let kind = match entry.as_bytes().last() {
            Some(b'A') => ChangeKind::Added,
            Some(b'D') => ChangeKind::Removed,
            Some(_) => ChangeKind::Changed,
            None => return Err(strange()),
        };
        kinds.push((kind, parts.next().ok_or_else(strange)?));
    }
    let counts = parts.map(|part| {
        let mut columns = part.splitn(3, '\t');
        // Binary files have a dash.
        let mut number = || {
            columns
                .next()
                .and_then(|column| column.parse().ok())
                .unwrap_or(0)
        };
        (number(), number())
    });
    let mut changes: Vec<FileChange> = kinds
        .into_iter()
        .zip(counts.chain(std::iter::repeat((0, 0))))
        .map(|((kind, path), (added_lines, removed_lines))| FileChange {
            path: safe(path, 300),
            kind,
            added_lines,
            removed_lines,
        })
        .collect();
    changes.truncate(MAX_FILES);
    Ok(changes)
}

fn strange() -> PortError {
    protocol("Git did not describe the changed files as expected.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_read_with_their_counts() {
        let told = b":000000 100644 0 1 A\0new.py\0:100644 100644 1 2 M\0a\tb.bin\0:100644 000000 1 0 D\0old\0\
                     3\t0\tnew.py\0-\t-\ta\tb.bin\x000\t7\told\0";
        let changes = read_changes(told).unwrap();
        let seen: Vec<_> = changes
            .iter()
            .map(|c| (c.path.as_str(), c.kind, c.added_lines, c.removed_lines))
            .collect();
        assert_eq!(
            seen,
            [
                ("new.py", ChangeKind::Added, 3, 0),
                ("a b.bin", ChangeKind::Changed, 0, 0),
                ("old", ChangeKind::Removed, 0, 7)
            ]
        );
        assert!(read_changes(b"").unwrap().is_empty());
        assert!(read_changes(b":000000 100644 0 1 A\0").is_err());
    }
}
