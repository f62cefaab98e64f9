//! Commit statuses on hosts without a status API: lines in a git note under `refs/notes/clearance`, which `git log
//! --notes=clearance` shows. Owns the form of the lines, one for each context; refuses to lose a line of somebody else.

use control_plane::ports::PortError;
use control_plane::ports::git_host::{CommitStatus, StatusState};

use super::Git;
use super::cli::{Run, holding};
use super::mirror::Mirror;
use super::push::{Pushed, push};
use super::trouble::safe;
use crate::adapters::problem::{rejected, unavailable};

const THEIRS: &str = "refs/notes/clearance";
/// Where the notes of the repository are kept in the mirror.
const OURS: &str = "refs/notes/clearance";
const FETCH: &str = "+refs/notes/clearance:refs/notes/clearance";
/// Longest note that is read.
const MAX_NOTE: usize = 64 << 10;
const TRIES: u32 = 4;

/// Writes the status, in place of the one with the same context.
pub(super) async fn write(
    git: &Git,
    mirror: &Mirror<'_>,
    commit: &str,
    status: &CommitStatus,
) -> Result<(), PortError> {
    mirror.ensure(commit).await?;
    for _ in 0..TRIES {
        refresh(git, mirror).await?;
        let before = read(mirror, commit).await?;
        let after = with_line(&before, status);
        if after == before {
            return Ok(());
        }
        let text = holding(after.as_bytes())?;
        let add = mirror
            .command(["notes", "--ref", OURS, "add", "--force", "--file=-", commit])?
            .reading(text);
        mirror.run(add).await?.ok()?;
        if push(mirror, &format!("{OURS}:{THEIRS}"), "notes").await? == Pushed::Done {
            return Ok(());
        }
    }
    Err(unavailable(
        "The commit's note is being written by others: it is tried again.",
    ))
}

/// Brings the mirror's notes to where the repository's are, also when it has none.
async fn refresh(git: &Git, mirror: &Mirror<'_>) -> Result<(), PortError> {
    let run = Run::new([
        "ls-remote",
        "--quiet",
        "--",
        mirror.address.url.as_str(),
        THEIRS,
    ])
    .with(mirror.credential);
    let there = super::refs(&git.cli.expect(run).await?)?
        .iter()
        .any(|(_, name)| name == THEIRS);
    if there {
        return mirror.fetch_ref(FETCH).await;
    }
    mirror.attempt(["update-ref", "-d", OURS]).await.map(drop)
}

async fn read(mirror: &Mirror<'_>, commit: &str) -> Result<String, PortError> {
    let shown = mirror
        .attempt(["notes", "--ref", OURS, "show", commit])
        .await?;
    if !shown.success {
        return Ok(String::new());
    }
    if shown.stdout.len() > MAX_NOTE {
        return Err(rejected(
            "The commit's note under refs/notes/clearance is too long: remove it.",
        ));
    }
    Ok(String::from_utf8_lossy(&shown.stdout).into_owned())
}

/// The note with the status in it.
fn with_line(before: &str, status: &CommitStatus) -> String {
    let context = one_word(&status.context);
    let line = format!(
        "{context} {} {} {}",
        word(status.state),
        safe(&status.description, 140),
        one_word(&status.target_url)
    );
    let same = |found: &str| found.split(' ').next() == Some(context.as_str());
    let mut lines: Vec<&str> = Vec::new();
    let mut placed = false;
    for found in before.lines() {
        if !same(found) {
            lines.push(found);
        } else if !placed {
            placed = true;
            lines.push(&line);
        }
    }
    if !placed {
        lines.push(&line);
    }
    lines.join("\n") + "\n"
}

fn one_word(text: &str) -> String {
    safe(text, 400).replace(' ', "%20")
}

const fn word(state: StatusState) -> &'static str {
    match state {
        StatusState::Pending => "pending",
        StatusState::Success => "success",
        StatusState::Failure => "failure",
        StatusState::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(context: &str, state: StatusState) -> CommitStatus {
        CommitStatus {
            context: context.to_owned(),
            state,
            description: "Deployment #7\nis live".to_owned(),
            target_url: "http://127.0.0.1:3000/deployments/7".to_owned(),
        }
    }

    #[test]
    fn a_context_has_one_line_and_others_keep_theirs() {
        let first = with_line(
            "somebody's own line\n",
            &status("clearance/a/non_prod", StatusState::Pending),
        );
        let second = with_line(
            &first,
            &status("clearance/a/production", StatusState::Failure),
        );
        let third = with_line(
            &second,
            &status("clearance/a/non_prod", StatusState::Success),
        );
        assert_eq!(
            third,
            "somebody's own line\n\
             clearance/a/non_prod success Deployment #7 is live http://127.0.0.1:3000/deployments/7\n\
             clearance/a/production failure Deployment #7 is live http://127.0.0.1:3000/deployments/7\n"
        );
        assert_eq!(
            with_line(
                &third,
                &status("clearance/a/non_prod", StatusState::Success)
            ),
            third
        );
    }
}
