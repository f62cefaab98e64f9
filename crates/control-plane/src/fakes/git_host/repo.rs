//! One repository in memory, and what lies between two of its commits.

use std::collections::{BTreeMap, BTreeSet};

use domain::view::diff::{ChangeKind, CommitLine, FileChange};

use super::{Files, NewCommit};
use crate::ports::git_host::{CommitStatus, Contributors, History, Issue};
use crate::ports::{PortError, PortErrorKind};

#[derive(Debug, Default)]
pub(super) struct Repo {
    pub(super) commits: BTreeMap<String, NewCommit>,
    pub(super) heads: BTreeMap<String, String>,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) statuses: Vec<(String, CommitStatus)>,
    /// With what they were answered by, once they are.
    pub(super) issues: Vec<(Issue, Option<String>)>,
}

pub(super) fn missing(what: &str, name: &str) -> PortError {
    PortError::new(
        PortErrorKind::NotFound,
        format!("There is no {what} {name}."),
    )
}

pub(super) fn name(email: &str) -> String {
    email.split('@').next().unwrap_or_default().to_owned()
}

impl Repo {
    pub(super) fn get(&self, id: &str) -> Result<&NewCommit, PortError> {
        self.commits.get(id).ok_or_else(|| missing("commit", id))
    }

    /// A commit and all before it, newest first.
    fn line(&self, id: &str) -> Vec<String> {
        let mut line = Vec::new();
        let mut next = Some(id.to_owned());
        while let Some(id) = next {
            let Some(commit) = self.commits.get(&id) else {
                break;
            };
            next = commit.parent.clone();
            line.push(id);
        }
        line
    }

    fn files_of(&self, id: Option<&str>) -> Files {
        let commit = id.and_then(|id| self.commits.get(id));
        commit.map(|c| c.files.clone()).unwrap_or_default()
    }

    /// What one commit changed against its parent.
    fn touched(&self, id: &str) -> Vec<FileChange> {
        let parent = self.commits.get(id).and_then(|c| c.parent.clone());
        compare(&self.files_of(parent.as_deref()), &self.files_of(Some(id)))
    }

    /// A commit that a force push took away counts as none, as the real host's adapter has it.
    fn known<'a>(&self, from: Option<&'a str>) -> Option<&'a str> {
        from.filter(|id| self.commits.contains_key(*id))
    }

    /// What is in one commit's line and not in the other's, newest first.
    fn range(&self, from: Option<&str>, to: &str) -> Vec<String> {
        let old: BTreeSet<String> = from.map(|id| self.line(id)).into_iter().flatten().collect();
        let mut line = self.line(to);
        line.retain(|id| !old.contains(id));
        line
    }

    pub(super) fn contributors(&self, from: Option<&str>, to: &str, path: &str) -> Contributors {
        let (mut authors, mut committers) = (BTreeSet::new(), BTreeSet::new());
        for id in self.range(self.known(from), to) {
            let touched = self.touched(&id);
            let counts = path.is_empty() || touched.iter().any(|f| is_inside(path, &f.path));
            if let (true, Some(commit)) = (counts, self.commits.get(&id)) {
                authors.insert(commit.author.to_lowercase());
                committers.insert(commit.committer.to_lowercase());
            }
        }
        Contributors {
            authors: authors.into_iter().collect(),
            committers: committers.into_iter().collect(),
        }
    }

    pub(super) fn history(
        &self,
        from: Option<&str>,
        to: &str,
        path: &str,
        config: &[String],
    ) -> History {
        let inside = |file: &str| is_inside(path, file);
        let config: BTreeSet<String> = config
            .iter()
            .map(|file| match path {
                "" => file.clone(),
                path => format!("{path}/{file}"),
            })
            .collect();
        let from = self.known(from);
        let range = self.range(from, to);
        let mut editors = BTreeSet::new();
        let mut commits = Vec::new();
        for id in &range {
            let Some(commit) = self.commits.get(id) else {
                continue;
            };
            let touched = self.touched(id);
            if touched.iter().any(|file| config.contains(&file.path)) {
                editors.insert(commit.author.to_lowercase());
                editors.insert(commit.committer.to_lowercase());
            }
            if touched.iter().any(|file| inside(&file.path)) {
                commits.push(CommitLine {
                    commit: id.clone(),
                    author: name(&commit.author),
                    subject: commit.subject.clone(),
                });
            }
        }
        commits.truncate(50);
        let mut files = compare(&self.files_of(from), &self.files_of(Some(to)));
        files.retain(|file| inside(&file.path));
        files.truncate(200);
        History {
            commits,
            files,
            config_editors: editors.into_iter().collect(),
        }
    }
}

fn is_inside(path: &str, file: &str) -> bool {
    path.is_empty() || file.strip_prefix(path).is_some_and(|r| r.starts_with('/'))
}

fn compare(old: &Files, new: &Files) -> Vec<FileChange> {
    let lines = |text: Option<&String>| {
        u32::try_from(text.map_or(0, |t| t.lines().count())).unwrap_or(u32::MAX)
    };
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changes = paths.into_iter().filter_map(|path| {
        let (before, after) = (old.get(path), new.get(path));
        let kind = match (before, after) {
            (None, Some(_)) => ChangeKind::Added,
            (Some(_), None) => ChangeKind::Removed,
            (before, after) if before == after => return None,
            _ => ChangeKind::Changed,
        };
        Some(FileChange {
            path: path.clone(),
            kind,
            added_lines: lines(after),
            removed_lines: lines(before),
        })
    });
    changes.collect()
}
