//! Receivers in memory: mailboxes, chat channels and a webhook receiver that knows a message by its key.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use domain::notification::ChannelKind;
use secrecy::{ExposeSecret, SecretString};

use super::{FakeSecrets, Faults, lock};
use crate::ports::notifier::{Destination, Letter, Notifier};
use crate::ports::secrets::Secrets;
use crate::ports::{PortError, PortErrorKind};

/// The senders, with what arrived.
#[derive(Debug)]
pub struct FakeNotifier {
    faults: Arc<Faults>,
    secrets: Arc<FakeSecrets>,
    mails: AtomicBool,
    arrived: Mutex<Vec<Letter>>,
}

impl FakeNotifier {
    pub(super) fn new(faults: Arc<Faults>, secrets: Arc<FakeSecrets>) -> Self {
        Self {
            faults,
            secrets,
            mails: AtomicBool::new(false),
            arrived: Mutex::default(),
        }
    }

    /// Configures a mail server; there is none at first.
    pub fn with_mail(&self) {
        self.mails.store(true, Ordering::Relaxed);
    }

    /// What arrived, in order. A webhook receiver took each key once; mailboxes and chats took what came.
    #[must_use]
    pub fn arrived(&self) -> Vec<Letter> {
        lock(&self.arrived).clone()
    }

    /// Titles of what a person got.
    #[must_use]
    pub fn mailbox(&self, address: &str) -> Vec<String> {
        let theirs = self.arrived().into_iter().filter(
            |letter| matches!(&letter.to, Destination::Person { email, .. } if email == address),
        );
        theirs.map(|letter| letter.message.title).collect()
    }

    fn take(&self, letter: &Letter) {
        let mut arrived = lock(&self.arrived);
        let knows_keys = matches!(
            letter.to,
            Destination::Channel {
                kind: ChannelKind::Webhook,
                ..
            }
        );
        if !(knows_keys
            && arrived
                .iter()
                .any(|a| a.key == letter.key && a.to == letter.to))
        {
            arrived.push(letter.clone());
        }
    }
}

fn rejected(message: &str) -> PortError {
    PortError::new(PortErrorKind::Rejected, message)
}

#[async_trait]
impl Notifier for FakeNotifier {
    fn mails(&self) -> bool {
        self.mails.load(Ordering::Relaxed)
    }

    async fn check(&self, _: ChannelKind, address: &SecretString) -> Result<(), PortError> {
        let check = || {
            if address.expose_secret().starts_with("https://") {
                Ok(())
            } else {
                Err(rejected("The address must begin with https://."))
            }
        };
        self.faults.run("notifier.check", "", check).await
    }

    async fn send(&self, letter: &Letter) -> Result<(), PortError> {
        match &letter.to {
            Destination::Person { .. } if !self.mails() => {
                return Err(rejected("No mail server is configured."));
            }
            Destination::Person { .. } => {}
            Destination::Channel { address, key, .. } => {
                self.secrets.read(address).await?;
                if let Some(key) = key {
                    self.secrets.read(key).await?;
                }
            }
        }
        let take = || {
            self.take(letter);
            Ok(())
        };
        self.faults.run("notifier.send", &letter.key, take).await
    }
}
