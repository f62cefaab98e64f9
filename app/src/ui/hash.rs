//! Commits, digests and client ids: short for reading, whole for copying.

use domain::text::{short_commit, short_digest};
use leptos::prelude::*;

use super::icon::Icon;

/// What kind of id it is, which decides how it is shortened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum HashKind {
    /// `sha256:9f2c41d0…b1e4`.
    #[default]
    Digest,
    /// The same without its prefix, in a column headed sha256.
    Bare,
    /// Seven characters.
    Commit,
    /// Any other id; long ones are cut in the middle.
    Id,
}

/// The short form, with the whole value in the title and behind the copy button.
#[component]
pub(crate) fn Hash(
    #[prop(into)] value: String,
    #[prop(optional)] kind: HashKind,
    /// Show all of it: at the point of approval.
    #[prop(optional)]
    full: bool,
) -> impl IntoView {
    let short = if full {
        value.clone()
    } else {
        shorten(&value, kind)
    };
    let label = format!(
        "Copy {} {short}",
        if kind == HashKind::Commit {
            "commit"
        } else {
            "value"
        }
    );
    view! {
        <span class="hash" class:hash--full=full>
            <code title=value.clone()>{short}</code>
            <button class="copy" type="button" aria-label=label data-copy=value>
                <Icon name="copy"/>
            </button>
        </span>
    }
}

fn shorten(value: &str, kind: HashKind) -> String {
    match kind {
        HashKind::Digest => short_digest(value),
        HashKind::Bare => short_digest(&format!("x:{}", value.rsplit(':').next().unwrap_or(value)))
            .trim_start_matches("x:")
            .to_owned(),
        HashKind::Commit => short_commit(value),
        HashKind::Id if value.chars().count() > 20 => {
            let end: String = value.chars().skip(value.chars().count() - 5).collect();
            format!("{}…{end}", value.chars().take(8).collect::<String>())
        }
        HashKind::Id => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{HashKind, shorten};

    #[test]
    fn ids_are_shortened_by_their_kind() {
        let digest = format!("sha256:9f2c41d0{}b1e4", "0".repeat(52));
        assert_eq!(shorten(&digest, HashKind::Digest), "sha256:9f2c41d0…b1e4");
        assert_eq!(shorten(&digest, HashKind::Bare), "9f2c41d0…b1e4");
        assert_eq!(
            shorten("b83d0f2790a43d741121578c7cfac6d23a9580a8", HashKind::Commit),
            "b83d0f2"
        );
        assert_eq!(
            shorten("agent-0oa7q2kdv1ZtBxY9x697", HashKind::Id),
            "agent-0o…9x697"
        );
        assert_eq!(shorten("short", HashKind::Id), "short");
    }
}
