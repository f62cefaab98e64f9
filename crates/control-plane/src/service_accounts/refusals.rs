//! Why a token of a CI gave none of ours, and the event that says so.

use domain::event::AuditAction;

use super::KIND;
use crate::ControlPlane;
use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::error::Error;

/// Why a CI's token gave none of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    UnknownIssuer,
    Untrusted,
    Replayed,
    NoRule,
    SeveralRules,
    Disabled,
    OwnerGone,
    OtherScope,
}

impl Refusal {
    const fn word(self) -> &'static str {
        match self {
            Self::UnknownIssuer => "unknown_issuer",
            Self::Untrusted => "untrusted",
            Self::Replayed => "used_before",
            Self::NoRule => "no_rule",
            Self::SeveralRules => "several_accounts",
            Self::Disabled => "disabled",
            Self::OwnerGone => "owner_without_role",
            Self::OtherScope => "other_scope",
        }
    }
}

/// Counts a refusal and, where it is due, writes it down with what the token said.
pub(super) async fn note(
    cp: &ControlPlane,
    ctx: &OpCtx,
    why: Refusal,
    account: &str,
    details: Vec<(&'static str, String)>,
) -> Result<(), Error> {
    metrics::counter!("clearance_service_tokens_total", "outcome" => why.word()).increment(1);
    let account = if account.is_empty() { "none" } else { account };
    let mut event = Event::new(AuditAction::ServiceTokenRefused, KIND, account).reason(why.word());
    for (name, value) in details {
        event = event.with(name, value);
    }
    audit::note_refusal(cp, ctx, event).await
}
