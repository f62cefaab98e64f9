//! `requirements.txt`, as pip reads it: one requirement a line, continued by a backslash, with options behind it.

use super::{Locked, ProblemKind};

pub(super) fn read(place: &str, text: &str) -> Locked {
    let mut locked = Locked::default();
    for (line, text) in logical_lines(text) {
        let text = without_comment(&text);
        let requirement = text.split(" --").next().unwrap_or_default();
        let requirement = requirement.split(';').next().unwrap_or_default().trim();
        if requirement.is_empty()
            || requirement.starts_with("--")
            || requirement.starts_with("-r")
            || requirement.starts_with("-c")
        {
            continue;
        }
        let editable = requirement
            .strip_prefix("-e")
            .map(str::trim)
            .unwrap_or(requirement);
        if is_url(editable) {
            locked.problem(ProblemKind::FromUrl, editable, Some(line));
        } else if is_path(editable) || requirement.starts_with('-') {
            // Part of the tree itself, which is scanned.
        } else if let Some((name, version)) = pinned(requirement) {
            locked.add("PyPI", name, version, place);
        } else {
            locked.problem(ProblemKind::Unpinned, name_of(requirement), Some(line));
        }
    }
    locked
}

/// Lines with their continuations, by the number of the first.
fn logical_lines(text: &str) -> Vec<(u32, String)> {
    let mut lines: Vec<(u32, String)> = Vec::new();
    let mut open = false;
    for (number, line) in (1_u32..).zip(text.lines()) {
        let (content, continues) = match line.trim_end().strip_suffix('\\') {
            Some(content) => (content, true),
            None => (line, false),
        };
        match lines.last_mut().filter(|_| open) {
            Some((_, before)) => {
                before.push(' ');
                before.push_str(content.trim());
            }
            None => lines.push((number, content.trim().to_owned())),
        }
        open = continues;
    }
    lines
}

/// A comment begins a line or follows white space.
fn without_comment(line: &str) -> &str {
    if line.starts_with('#') {
        return "";
    }
    let at = line.find(" #").unwrap_or(line.len());
    line.get(..at).unwrap_or_default()
}

fn is_url(text: &str) -> bool {
    let target = text.split_once(" @ ").map_or(text, |(_, url)| url);
    target.contains("://") && !target.starts_with("file:")
}

fn is_path(text: &str) -> bool {
    text.starts_with('.') || text.starts_with('/') || text.contains("file:")
}

/// `name[extra]==1.2.3` or `===`, and nothing open.
fn pinned(requirement: &str) -> Option<(&str, &str)> {
    let (_, version) = requirement.split_once("==")?;
    let version = version.trim_start_matches('=').trim();
    let exact = !version.is_empty() && !version.contains(['*', ',', '<', '>', '!', '~', ' ']);
    exact.then(|| (name_of(requirement), version))
}

fn name_of(requirement: &str) -> &str {
    let end = requirement
        .find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .unwrap_or(requirement.len());
    requirement.get(..end).unwrap_or_default()
}
