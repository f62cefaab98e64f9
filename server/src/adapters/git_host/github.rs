//! GitHub: its commit status API and the form in which git takes its tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control_plane::ports::PortError;
use control_plane::ports::git_host::{CommitStatus, StatusState};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::api::Api;
use crate::adapters::problem::rejected;

/// The host of repositories on github.com.
pub(super) const HOST: &str = "github.com";

/// The header with which git reads and writes.
pub(super) fn git_header(token: &SecretString) -> SecretString {
    let pair = STANDARD.encode(format!("x-access-token:{}", token.expose_secret()));
    SecretString::from(format!("Authorization: Basic {pair}"))
}

/// Sets the status. A later one with the same context replaces it.
pub(super) async fn write_status(
    api: &Api,
    token: &SecretString,
    path: &str,
    commit: &str,
    status: &CommitStatus,
) -> Result<(), PortError> {
    let (owner, repository) = owner_and_name(path)?;
    let path = format!("/repos/{owner}/{repository}/statuses/{commit}");
    let state = match status.state {
        StatusState::Pending => "pending",
        StatusState::Success => "success",
        StatusState::Failure => "failure",
        StatusState::Error => "error",
    };
    let body = json!({
        "state": state,
        "context": status.context,
        "description": domain::text::cut(&status.description, 140),
        "target_url": status.target_url,
    });
    let authorization = SecretString::from(format!("Bearer {}", token.expose_secret()));
    api.post(&path, &authorization, &body).await
}

pub(super) fn owner_and_name(path: &str) -> Result<(&str, &str), PortError> {
    let plain = |part: &str| {
        !part.is_empty()
            && !part.starts_with('.')
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
    };
    match path.split_once('/') {
        Some((owner, name)) if plain(owner) && plain(name) => Ok((owner, name)),
        _ => Err(rejected(
            "The repository's address is none of GitHub's: write https://github.com/owner/name.",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_has_an_owner_and_a_name() {
        assert_eq!(owner_and_name("acme/bots").unwrap(), ("acme", "bots"));
        for path in [
            "acme",
            "acme/bots/more",
            "../bots",
            "acme/..",
            "acme/b%2Fc",
            "/bots",
            "acme/",
        ] {
            assert!(owner_and_name(path).is_err(), "{path}");
        }
    }
}
