//! The notifier: how a message leaves the house. An adapter renders it for its channel, escapes every word of it, and
//! sends it once for each call.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::notification::ChannelKind;
use domain::notification::message::Message;
use secrecy::SecretString;

use super::PortError;

/// One message to one receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// The same for every attempt: by it a receiver knows a message that it has already.
    pub key: String,
    pub to: Destination,
    /// What happened, in the words of the audit log: `approval_opened`.
    pub action: String,
    /// When it happened.
    pub at: DateTime<Utc>,
    /// When this attempt is made.
    pub sending_at: DateTime<Utc>,
    /// Index of the event in the audit log; `None` for a test message.
    pub event: Option<i64>,
    pub agent: Option<String>,
    pub deployment: Option<i64>,
    pub message: Message,
    /// Where the receiver chooses what they hear.
    pub choose_at: String,
}

/// Where a message goes. Addresses of channels and their keys are references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    Person {
        name: String,
        email: String,
    },
    Channel {
        kind: ChannelKind,
        address: String,
        /// With which a webhook is signed.
        key: Option<String>,
    },
}

/// The senders of every kind of channel.
#[async_trait]
pub trait Notifier: Send + Sync {
    /// Is there a mail server? Without one nothing is written to anybody's queue.
    fn mails(&self) -> bool;

    /// May a channel of this kind have this address? Looks it up, and sends nothing.
    ///
    /// `Rejected` says no for good; `Unavailable` that it cannot be told now.
    async fn check(&self, kind: ChannelKind, address: &SecretString) -> Result<(), PortError>;

    /// Sends one message. No error holds an address.
    async fn send(&self, letter: &Letter) -> Result<(), PortError>;
}
