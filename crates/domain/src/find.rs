//! What an id that somebody read elsewhere can name: in a cloud's log, in git, in a registry, on a ticket.

use crate::error::{FieldProblem, ValidationErrors};
use crate::state::words;

/// Longest id that is looked for, bytes.
pub const ID_MAX: usize = 255;

words! {
    /// What an id names.
    FoundKind as "kind of id" {
        Agent = "agent",
        Deployment = "deployment",
        Identity = "identity",
        Workload = "workload",
        Runtime = "runtime",
        Commit = "commit",
        Bundle = "bundle",
        Image = "image",
        Manifest = "manifest",
        Token = "token",
        Session = "session",
        Object = "object",
    }
}

impl FoundKind {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Agent => "Agent",
            Self::Deployment => "Deployment and approval",
            Self::Identity => "Identity",
            Self::Workload => "Workload identity",
            Self::Runtime => "Resource of a deployment",
            Self::Commit => "Commit",
            Self::Bundle => "Config bundle",
            Self::Image => "Image",
            Self::Manifest => "Release manifest",
            Self::Token => "Access token",
            Self::Session => "Session of a person",
            Self::Object => "Object of the audit trail",
        }
    }

    /// How such an id is written, for whoever does not find theirs.
    #[must_use]
    pub const fn written(self) -> &'static str {
        match self {
            Self::Agent => "its short name, such as refund-assistant",
            Self::Deployment => "the number, such as #4471",
            Self::Identity => "the client id, such as refund-assistant-4471",
            Self::Workload => "the whole ARN or principal that the cloud gave",
            Self::Runtime => "the name in the provider's list, such as clearance-4471",
            Self::Commit => "all 40 or 64 characters of the hash",
            Self::Bundle | Self::Image | Self::Manifest => {
                "the digest, such as sha256:9f2c…, whole"
            }
            Self::Token => "jti, of a token that was revoked or given for acting for a person",
            Self::Session => "the session's id, as long as it lasts",
            Self::Object => "the id as the audit trail has it",
        }
    }
}

/// An id to look for, by all that its form allows. Only whole ids are looked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedId {
    /// As it was written, without spaces around it.
    pub text: String,
    /// `#4471` or `4471`.
    pub number: Option<i64>,
    /// A commit's hash, in lower case.
    pub commit: Option<String>,
    /// A SHA-256, with its prefix.
    pub digest: Option<String>,
}

impl AskedId {
    /// Reads it; none where nothing was written.
    ///
    /// # Errors
    /// [`FieldProblem::TooLong`], and [`FieldProblem::BadId`] for one with a control character in it.
    pub fn parse(text: &str) -> Result<Option<Self>, ValidationErrors> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        if text.len() > ID_MAX {
            return Err(ValidationErrors::one("id", FieldProblem::TooLong));
        }
        if text.chars().any(char::is_control) {
            return Err(ValidationErrors::one("id", FieldProblem::BadId));
        }
        let digits = text.strip_prefix('#').unwrap_or(text);
        let bare = text.strip_prefix("sha256:").unwrap_or(text);
        let hex = !bare.is_empty() && bare.bytes().all(|b| b.is_ascii_hexdigit());
        let lower = bare.to_ascii_lowercase();
        Ok(Some(Self {
            text: text.to_owned(),
            number: digits.parse().ok().filter(|number| *number > 0),
            commit: (hex && bare.len() == text.len() && matches!(bare.len(), 40 | 64))
                .then(|| lower.clone()),
            digest: (hex && bare.len() == 64).then(|| format!("sha256:{lower}")),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> AskedId {
        AskedId::parse(text).unwrap().unwrap()
    }

    #[test]
    fn an_id_is_what_its_form_allows() {
        assert_eq!(AskedId::parse("  ").unwrap(), None);
        assert_eq!(read(" #4471 ").number, Some(4_471));
        assert_eq!(read("4471").number, Some(4_471));
        assert_eq!(read("-1").number, None);
        let commit = "AB".repeat(20);
        assert_eq!(read(&commit).commit, Some("ab".repeat(20)));
        assert_eq!(read(&commit).digest, None);
        let hash = "0f".repeat(32);
        let digest = format!("sha256:{hash}");
        assert_eq!(read(&hash).digest, Some(digest.clone()));
        assert_eq!(read(&hash).commit, Some(hash));
        assert_eq!(read(&digest).digest, Some(digest.clone()));
        assert_eq!(read(&digest).commit, None);
        let arn = "arn:aws:bedrock-agentcore:eu-central-1:1:x/y";
        assert_eq!(
            read(arn),
            AskedId {
                text: arn.to_owned(),
                ..AskedId::default()
            }
        );
    }

    #[test]
    fn ids_are_bounded() {
        let long = AskedId::parse(&"x".repeat(ID_MAX + 1)).unwrap_err();
        assert_eq!(long.get("id"), Some(FieldProblem::TooLong));
        let broken = AskedId::parse("a\nb").unwrap_err();
        assert_eq!(broken.get("id"), Some(FieldProblem::BadId));
        assert!(AskedId::parse(&"x".repeat(ID_MAX)).is_ok());
    }
}
