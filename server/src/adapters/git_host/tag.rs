//! Tags on commits. Owns the rule that a tag never moves; refuses names that git would not take.

use control_plane::ports::PortError;
use domain::form::agent::is_branch;

use super::Git;
use super::address::Address;
use super::cli::{Credential, Run};
use super::mirror::Mirror;
use super::push::{Pushed, push};
use crate::adapters::problem::{protocol, rejected};

/// Puts the tag on the commit, unless it is there already.
pub(super) async fn write(
    git: &Git,
    mirror: &Mirror<'_>,
    commit: &str,
    tag: &str,
) -> Result<(), PortError> {
    if !is_branch(tag) {
        return Err(rejected("The tag's name is not one that git accepts."));
    }
    if settled(git, mirror, commit, tag).await? {
        return Ok(());
    }
    mirror.ensure(commit).await?;
    // A lightweight tag is only a name: the same for whoever writes it.
    match push(mirror, &format!("{commit}:refs/tags/{tag}"), "tags").await? {
        Pushed::Done => Ok(()),
        Pushed::Overtaken if settled(git, mirror, commit, tag).await? => Ok(()),
        Pushed::Overtaken => Err(protocol(
            "The git host reports a tag that it then does not show: it is tried again.",
        )),
    }
}

/// Whether the tag is on the commit already.
async fn settled(
    git: &Git,
    mirror: &Mirror<'_>,
    commit: &str,
    tag: &str,
) -> Result<bool, PortError> {
    match target(git, mirror.address, mirror.credential, tag).await? {
        None => Ok(false),
        Some(found) if found == commit => Ok(true),
        Some(found) => Err(rejected(format!(
            "The tag {tag} is on another commit, {}: tags are not moved. Delete it on the git host if it is wrong.",
            found.get(..12).unwrap_or(&found)
        ))),
    }
}

/// The commit a tag is on; of an annotated tag, the commit behind it.
async fn target(
    git: &Git,
    address: &Address,
    credential: Option<&Credential>,
    tag: &str,
) -> Result<Option<String>, PortError> {
    let (direct, peeled) = (format!("refs/tags/{tag}"), format!("refs/tags/{tag}^{{}}"));
    let run = Run::new([
        "ls-remote",
        "--quiet",
        "--",
        address.url.as_str(),
        direct.as_str(),
        peeled.as_str(),
    ])
    .with(credential);
    let lines = git.cli.expect(run).await?;
    let lines = super::refs(&lines)?;
    let find = |name: &str| {
        lines
            .iter()
            .find(|(_, found)| found == name)
            .map(|(id, _)| id.clone())
    };
    Ok(find(&peeled).or_else(|| find(&direct)))
}
