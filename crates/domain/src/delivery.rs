//! Inbound webhook calls and the branch movements that come out of them.

use serde::{Deserialize, Serialize};

use crate::state::words;
use crate::tone::Tone;

words! {
    /// Where a delivery is.
    ///
    /// ```text
    /// received > processing > done | ignored | failed      (worker `ingest_deliveries`)
    /// failed > received                                    (a redelivery, `sources::receive`)
    /// ```
    DeliveryState as "delivery state" {
        Received = "received",
        Processing = "processing",
        Done = "done",
        Ignored = "ignored",
        Failed = "failed",
    }
}

impl DeliveryState {
    /// Tone of the state.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Received | Self::Processing => Tone::Run,
            Self::Done => Tone::Ok,
            Self::Ignored => Tone::Idle,
            Self::Failed => Tone::Bad,
        }
    }
}

words! {
    /// Where a push is: `received > done | unchanged | rejected | failed` (worker `cut_versions`).
    PushState as "push state" {
        Received = "received",
        /// A version was cut and a deployment planned.
        Done = "done",
        /// Nothing under the agent's path changed, or this commit is deployed already.
        Unchanged = "unchanged",
        /// The repository's content is wrong: the manifest has errors. The problems are kept.
        Rejected = "rejected",
        /// The repository could not be read.
        Failed = "failed",
    }
}

impl PushState {
    /// Tone of the state.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Received => Tone::Run,
            Self::Done => Tone::Ok,
            Self::Unchanged => Tone::Idle,
            Self::Rejected | Self::Failed => Tone::Bad,
        }
    }
}

/// One ref that a push moved, in the terms of git and of no vendor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefUpdate {
    /// Full ref name, `refs/heads/main`.
    pub name: String,
    /// Commit before, `None` for a new ref.
    pub before: Option<String>,
    /// Commit after, `None` for a deleted ref.
    pub after: Option<String>,
}

impl RefUpdate {
    /// The branch name, if the ref is a branch.
    #[must_use]
    pub fn branch(&self) -> Option<&str> {
        self.name
            .strip_prefix("refs/heads/")
            .filter(|b| !b.is_empty())
    }
}

/// What a push event says, whichever host sent it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PushEvent {
    /// Every spelling of the repository's address that the host gave: https, ssh, git, html.
    pub repository_urls: Vec<String>,
    /// The refs that moved. One push may move several.
    pub updates: Vec<RefUpdate>,
    /// Who pushed, as the host names them. For display only.
    pub pushed_by: String,
}

/// True for a git object name of SHA-1 or SHA-256 length.
#[must_use]
pub fn is_commit(text: &str) -> bool {
    matches!(text.len(), 40 | 64)
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Brings the spellings of one repository's address together: no scheme, user, `.git`, trailing slash or case of host.
///
/// `git@github.com:acme/bots.git`, `https://github.com/acme/bots` and `ssh://git@github.com/acme/bots/` are the same.
#[must_use]
pub fn canonical_repository(url: &str) -> String {
    let rest = url.trim();
    // A user with a password goes first: its colon is not the one before a path, and it is nobody's to keep.
    let rest = match rest.split_once("://") {
        None => rest,
        Some((_, after)) => {
            let authority = after.split('/').next().unwrap_or(after);
            authority
                .rfind('@')
                .and_then(|at| after.get(at + 1..))
                .unwrap_or(after)
        }
    };
    let (authority, path) = match rest.find(['/', ':']) {
        Some(0) | None => {
            return rest
                .trim_end_matches('/')
                .trim_end_matches(".git")
                .to_owned();
        }
        Some(at) => rest.split_at(at),
    };
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host)
        .to_ascii_lowercase();
    let path = path
        .trim_start_matches([':', '/'])
        .trim_end_matches('/')
        .trim_end_matches(".git");
    format!("{host}/{path}")
}
