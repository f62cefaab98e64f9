//! Access reviews: somebody looks at who has which access, keeps or takes away each of it, and signs.

use serde::Serialize;

use crate::state::words;
use crate::tone::Tone;

/// Most things that one review lists; what is more is reviewed team by team.
pub const ITEMS_MAX: usize = 5_000;
/// Whom an event of a scope asks to give it up.
pub const OWNERS: &str = "owners";
/// Days of the audit log in which the last use of a role is looked for.
pub const LOOK_BACK_DAYS: i64 = 180;
/// Days without use after which keeping something takes a reason.
pub const IDLE_DAYS: i64 = 30;

words! {
    /// Where a review is.
    ///
    /// ```text
    /// open > signed      every item is decided and somebody signs   (reviews::sign_off)
    /// ```
    ReviewState as "review state" {
        Open = "open",
        Signed = "signed",
    }
}

impl ReviewState {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Signed => "Signed off",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Open => Tone::Wait,
            Self::Signed => Tone::Ok,
        }
    }
}

words! {
    /// What kind of access an item is.
    ItemKind as "kind of access" {
        /// A standing role of a person.
        Role = "role",
        /// A role that a person holds for a time.
        Elevation = "elevation",
        /// An API token of a person.
        Token = "token",
        /// A service account, which acts by its owner's roles.
        ServiceAccount = "service_account",
        /// An agent's identity that did nothing for a while.
        Identity = "identity",
        /// A scope of an agent's identity that it did not use for a while.
        Scope = "scope",
    }
}

impl ItemKind {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Role => "Role",
            Self::Elevation => "Role for a time",
            Self::Token => "API token",
            Self::ServiceAccount => "Service account",
            Self::Identity => "Agent identity",
            Self::Scope => "Scope of an agent",
        }
    }

    /// What removing comes to, for the page.
    #[must_use]
    pub const fn removal(self) -> &'static str {
        match self {
            Self::Role => "takes the role away",
            Self::Elevation => "ends it now",
            Self::Token => "revokes the token",
            Self::ServiceAccount => "disables the account",
            Self::Identity => "suspends the identity",
            Self::Scope => "asks the team of the agent to give the scope up",
        }
    }
}

words! {
    /// What a reviewer chooses.
    Choice as "choice" {
        Keep = "keep",
        Remove = "remove",
    }
}

words! {
    /// What became of an item.
    ItemVerdict as "verdict on access" {
        Kept = "kept",
        Removed = "removed",
        /// It is not Clearance's, or not one person's, to take away: whoever it is of was asked.
        Referred = "referred",
        /// It was gone before anybody decided about it.
        Gone = "gone",
    }
}

impl ItemVerdict {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Kept => "Kept",
            Self::Removed => "Removed",
            Self::Referred => "Removal asked for",
            Self::Gone => "Gone already",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Kept => Tone::Ok,
            Self::Removed => Tone::Bad,
            Self::Referred => Tone::Wait,
            Self::Gone => Tone::Idle,
        }
    }

    /// Could this choice have come to it? A second click on the same button is no second decision.
    #[must_use]
    pub const fn comes_of(self, choice: Choice) -> bool {
        match (self, choice) {
            (Self::Kept, Choice::Keep)
            | (Self::Removed | Self::Referred, Choice::Remove)
            | (Self::Gone, Choice::Keep | Choice::Remove) => true,
            (Self::Kept, Choice::Remove) | (Self::Removed | Self::Referred, Choice::Keep) => false,
        }
    }
}

/// What is signed: the review with every item. Its canonical JSON (RFC 8785) has the digest that the log holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Certificate {
    pub review: i64,
    /// Slug of the one team; `None` for all of them.
    pub team: Option<String>,
    pub started_at: String,
    pub started_by: String,
    pub idle_days: i64,
    pub items: Vec<CertifiedItem>,
}

/// One item as it is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CertifiedItem {
    pub item: i64,
    pub kind: ItemKind,
    /// What tells it apart: id of the grant or token, number of the elevation, short name of the account, client id.
    pub subject: String,
    pub person: Option<String>,
    pub what: String,
    pub team: Option<String>,
    pub agent: Option<String>,
    pub since: Option<String>,
    pub given_by: Option<String>,
    pub last_used: Option<String>,
    pub unused: bool,
    pub verdict: Option<ItemVerdict>,
    pub reason: Option<String>,
    pub decided_by: Option<String>,
    pub decided_at: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_same_button_is_the_same_decision() {
        for verdict in ItemVerdict::ALL {
            for choice in Choice::ALL {
                let same = matches!(
                    (*verdict, *choice),
                    (ItemVerdict::Gone, _)
                        | (ItemVerdict::Kept, Choice::Keep)
                        | (ItemVerdict::Removed | ItemVerdict::Referred, Choice::Remove)
                );
                assert_eq!(verdict.comes_of(*choice), same, "{verdict} {choice}");
            }
        }
    }
}
