//! Azure DevOps: its commit status API and the form in which git takes its tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use control_plane::ports::PortError;
use control_plane::ports::git_host::{CommitStatus, StatusState};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;

use super::api::Api;
use crate::adapters::problem::rejected;

/// The genre under which our statuses are grouped.
const GENRE: &str = "clearance";

/// Whether repositories of this host are on Azure DevOps.
pub(super) fn is_host(host: &str) -> bool {
    matches!(host, "dev.azure.com" | "ssh.dev.azure.com") || host.ends_with(".visualstudio.com")
}

/// The header with which git reads and writes.
pub(super) fn git_header(token: &SecretString) -> SecretString {
    SecretString::from(format!("Authorization: {}", basic(token).expose_secret()))
}

/// A personal access token is the password of a user without a name.
pub(super) fn basic(token: &SecretString) -> SecretString {
    let pair = STANDARD.encode(format!(":{}", token.expose_secret()));
    SecretString::from(format!("Basic {pair}"))
}

/// Sets the status. A later one with the same context replaces it.
pub(super) async fn write_status(
    api: &Api,
    token: &SecretString,
    (host, path): (&str, &str),
    commit: &str,
    status: &CommitStatus,
) -> Result<(), PortError> {
    let (organisation, project, repository) = place(host, path)?;
    let path = format!(
        "/{organisation}/{project}/_apis/git/repositories/{repository}/commits/{commit}/statuses?api-version=7.1"
    );
    let state = match status.state {
        StatusState::Pending => "pending",
        StatusState::Success => "succeeded",
        StatusState::Failure => "failed",
        StatusState::Error => "error",
    };
    let name = status
        .context
        .strip_prefix("clearance/")
        .unwrap_or(&status.context);
    let body = json!({
        "state": state,
        "context": { "genre": GENRE, "name": name },
        "description": domain::text::cut(&status.description, 140),
        "targetUrl": status.target_url,
    });
    api.post(&path, &basic(token), &body).await
}

/// Organisation, project and repository, percent-encoded as they stand in the address.
pub(super) fn place<'a>(
    host: &'a str,
    path: &'a str,
) -> Result<(&'a str, &'a str, &'a str), PortError> {
    let parts: Vec<&str> = path.split('/').collect();
    let found = match (host, parts.as_slice()) {
        ("dev.azure.com", [organisation, project, "_git", repository]) => {
            Some((*organisation, *project, *repository))
        }
        // A repository that is named like its project.
        ("dev.azure.com", [organisation, "_git", repository]) => {
            Some((*organisation, *repository, *repository))
        }
        ("ssh.dev.azure.com", ["v3", organisation, project, repository]) => {
            Some((*organisation, *project, *repository))
        }
        (
            host,
            ["DefaultCollection", project, "_git", repository] | [project, "_git", repository],
        ) => host
            .strip_suffix(".visualstudio.com")
            .map(|organisation| (organisation, *project, *repository)),
        _ => None,
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part != "."
            && part != ".."
            && !part.contains(['?', '#', '\\'])
            && !part.to_ascii_lowercase().contains("%2f")
    };
    found
        .filter(|(organisation, project, repository)| [organisation, project, repository].iter().all(|part| plain(part)))
        .ok_or_else(|| rejected("The repository's address is none of Azure DevOps': write https://dev.azure.com/organisation/project/_git/name."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_read_from_every_spelling() {
        assert_eq!(
            place("dev.azure.com", "acme/My%20Project/_git/bots").unwrap(),
            ("acme", "My%20Project", "bots")
        );
        assert_eq!(
            place("dev.azure.com", "acme/_git/bots").unwrap(),
            ("acme", "bots", "bots")
        );
        assert_eq!(
            place("ssh.dev.azure.com", "v3/acme/p/bots").unwrap(),
            ("acme", "p", "bots")
        );
        assert_eq!(
            place("acme.visualstudio.com", "p/_git/bots").unwrap(),
            ("acme", "p", "bots")
        );
        for (host, path) in [
            ("dev.azure.com", "acme"),
            ("dev.azure.com", "acme/../_git/x"),
            ("other.example", "p/_git/x"),
            ("dev.azure.com", "a/b%2Fc/_git/x"),
        ] {
            assert!(place(host, path).is_err(), "{host} {path}");
        }
    }
}
