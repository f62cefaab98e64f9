//! Senders of messages: mail, Slack, Microsoft Teams and signed webhooks. Owns how each looks and what an answer means;
//! refuses addresses that are not on the public internet unless the operator lists them, and says no address in any error.

mod chat;
mod html;
mod mail;
mod slack;
mod teams;
mod text;
mod web;
mod webhook;

use std::sync::Arc;

use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::notifier::{Destination, Letter, Notifier};
use control_plane::ports::secrets::Secrets;
use domain::notification::ChannelKind;
use secrecy::SecretString;

use self::mail::Mail;
use self::web::Web;
use super::AdaptersConfig;
use super::problem::rejected;

/// The adapter.
pub(super) struct Senders {
    mail: Option<Mail>,
    web: Web,
    secrets: Arc<dyn Secrets>,
}

impl Senders {
    pub(super) fn new(config: &AdaptersConfig, secrets: Arc<dyn Secrets>) -> Self {
        Self {
            mail: Mail::new(&config.mail, Arc::clone(&secrets)),
            web: Web::new(config.channel_hosts.clone()),
            secrets,
        }
    }

    async fn to_channel(
        &self,
        letter: &Letter,
        kind: ChannelKind,
        address: &str,
        key: Option<&str>,
    ) -> Result<(), PortError> {
        let address = self.secrets.read(address).await?;
        let (body, headers) = match kind {
            ChannelKind::Slack => (slack::body(letter), Vec::new()),
            ChannelKind::Teams => (teams::body(letter), Vec::new()),
            ChannelKind::Webhook => {
                let key =
                    key.ok_or_else(|| rejected("The channel has no signing key: add it anew."))?;
                let body = webhook::body(letter);
                let headers = webhook::headers(letter, &body, &self.secrets.read(key).await?)?;
                (body, headers)
            }
            ChannelKind::Email => {
                return Err(rejected("E-mail goes to people, not to a channel."));
            }
        };
        self.web.post(&address, headers, body).await
    }
}

#[async_trait]
impl Notifier for Senders {
    fn mails(&self) -> bool {
        self.mail.is_some()
    }

    async fn check(&self, _: ChannelKind, address: &SecretString) -> Result<(), PortError> {
        self.web.check(address).await
    }

    async fn send(&self, letter: &Letter) -> Result<(), PortError> {
        match &letter.to {
            Destination::Person { name, email } => match &self.mail {
                Some(mail) => mail.send(letter, name, email).await,
                None => Err(rejected(
                    "No mail server is configured: set `mail.host` and `mail.from`.",
                )),
            },
            Destination::Channel { kind, address, key } => {
                self.to_channel(letter, *kind, address, key.as_deref())
                    .await
            }
        }
    }
}
