//! Notifications: over which channels people hear of things, what they can choose to hear, and where one message is.

use crate::actor::Role;
use crate::state::words;
use crate::tone::Tone;

pub mod card;
pub mod message;
pub mod rules;

words! {
    /// Over what a message goes out.
    ChannelKind as "channel kind" {
        Email = "email",
        Slack = "slack",
        Teams = "teams",
        Webhook = "webhook",
    }
}

impl ChannelKind {
    /// The kinds that an administrator adds. E-mail goes to people, at the address they sign in with.
    pub const ADDED: &'static [Self] = &[Self::Slack, Self::Teams, Self::Webhook];

    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Email => "E-mail",
            Self::Slack => "Slack",
            Self::Teams => "Microsoft Teams",
            Self::Webhook => "Webhook",
        }
    }
}

words! {
    /// What a message is about: what people choose to hear, and what a channel is for.
    Subject as "subject" {
        /// Somebody is asked and can answer.
        WaitsForMe = "waits_for_me",
        /// A deployment ended badly, or was rolled back.
        Failed = "failed",
        /// Somebody else decided.
        Decided = "decided",
        /// A version went live.
        Live = "live",
        /// Rules, holds and what is like them.
        Governance = "governance",
    }
}

impl Subject {
    /// The sentence beside the box.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::WaitsForMe => "Waits for a decision",
            Self::Failed => "Failed or was rolled back",
            Self::Decided => "Was decided",
            Self::Live => "Went live",
            Self::Governance => "Policies, roles, holds and decommissioning",
        }
    }

    /// Does a person hear of it who has not chosen? Quiet: what waits for them, and what failed where they work.
    #[must_use]
    pub fn by_default(self, roles: &[Role]) -> bool {
        match self {
            Self::WaitsForMe => true,
            Self::Failed => roles
                .iter()
                .any(|role| matches!(role, Role::Developer | Role::Operator | Role::Approver)),
            Self::Decided | Self::Live | Self::Governance => false,
        }
    }
}

words! {
    /// Where one message is.
    ///
    /// ```text
    /// waiting > sent              the receiver took it                         (send_notifications)
    /// waiting > dead              refused, or given up after many attempts     (send_notifications)
    /// sent | dead > waiting       a person sends it again                      (notifications::send_again)
    /// ```
    MessageState as "message state" {
        Waiting = "waiting",
        Sent = "sent",
        Dead = "dead",
    }
}

words! {
    /// What happened to a message.
    MessageEvent as "message event" {
        Taken = "taken",
        GivenUp = "given_up",
        SentAgain = "sent_again",
    }
}

/// The state does not allow the event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message that is {from} cannot take {event}")]
pub struct MessageTransitionError {
    pub from: MessageState,
    pub event: MessageEvent,
}

impl MessageState {
    /// The next state.
    ///
    /// # Errors
    /// [`MessageTransitionError`] for every pair that has no arrow.
    pub const fn apply(self, event: MessageEvent) -> Result<Self, MessageTransitionError> {
        use {MessageEvent as E, MessageState as S};
        match (self, event) {
            (S::Waiting, E::Taken) => Ok(S::Sent),
            (S::Waiting, E::GivenUp) => Ok(S::Dead),
            (S::Sent | S::Dead, E::SentAgain) => Ok(S::Waiting),
            (from, event) => Err(MessageTransitionError { from, event }),
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Sent => "Sent",
            Self::Dead => "Not sent",
        }
    }

    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Waiting => Tone::Run,
            Self::Sent => Tone::Ok,
            Self::Dead => Tone::Bad,
        }
    }
}
