//! Channels, the messages that went over them, and what a person chose to hear.

use serde::{Deserialize, Serialize};

use crate::notification::{ChannelKind, MessageState, Subject};

/// One channel. Its address is a secret and never shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChannelRow {
    pub id: String,
    pub name: String,
    pub kind: ChannelKind,
    /// Slug of the team whose agents it is about; empty for every team.
    pub team: String,
    pub subjects: Vec<Subject>,
    pub created_by: String,
    pub created_at: String,
    /// May the person looking test and remove it?
    pub administers: bool,
}

/// A channel that was just made. The only time its signing key is seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewChannel {
    pub channel: ChannelRow,
    /// With which a receiver checks signatures, `whsec_…`; for webhooks alone.
    pub signing_key: Option<String>,
}

/// One message to one receiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MessageRow {
    pub id: String,
    pub kind: ChannelKind,
    /// Name of the person or of the channel.
    pub to: String,
    pub title: String,
    pub subject: Subject,
    pub agent: Option<String>,
    pub deployment: Option<i64>,
    /// Index of the event in the audit log; `None` for a test message.
    pub event: Option<i64>,
    pub state: MessageState,
    pub attempts: i32,
    pub last_error: Option<String>,
    pub created_at: String,
    pub sent_at: Option<String>,
    /// When it is tried next, while it waits.
    pub next_attempt_at: Option<String>,
    /// May the person looking send it again?
    pub again: bool,
}

/// What the channels' page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Channels {
    pub channels: Vec<ChannelRow>,
    /// Is a mail server configured?
    pub mail: bool,
}

/// What one person hears by e-mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Choice {
    /// Where it goes: the address that they sign in with.
    pub email: String,
    /// Is a mail server configured? Without one nothing is sent by e-mail.
    pub mail: bool,
    pub subjects: Vec<Subject>,
    /// False as long as the defaults hold.
    pub chosen: bool,
}
