//! Mail over SMTP: one connection for each message, to the server of the configuration.

use std::sync::Arc;
use std::time::Duration;

use control_plane::ports::PortError;
use control_plane::ports::notifier::Letter;
use control_plane::ports::secrets::Secrets;
use domain::notification::message::one_line;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use secrecy::ExposeSecret as _;

use super::{html, text};
use crate::adapters::problem::{rejected, unavailable};
use crate::config::{MailSecurity, MailSettings};

/// Longest wait for one answer of the server.
const WITHIN: Duration = Duration::from_secs(8);

/// The mail server, as configured.
pub(super) struct Mail {
    host: String,
    from: Mailbox,
    settings: MailSettings,
    secrets: Arc<dyn Secrets>,
}

impl Mail {
    /// `None` where no server is configured.
    pub(super) fn new(settings: &MailSettings, secrets: Arc<dyn Secrets>) -> Option<Self> {
        let host = settings.host.clone()?;
        // The configuration was checked when it was read.
        let from = settings.from.as_deref()?.parse().ok()?;
        Some(Self {
            host,
            from,
            settings: settings.clone(),
            secrets,
        })
    }

    /// Sends a letter to a person.
    ///
    /// # Errors
    /// `Rejected` when the address is none or the server refuses for good, `Unavailable` for everything that may pass.
    pub(super) async fn send(
        &self,
        letter: &Letter,
        name: &str,
        email: &str,
    ) -> Result<(), PortError> {
        let message = self.message(letter, name, email)?;
        let transport = self.transport().await?;
        match transport.send(message).await {
            Ok(_) => Ok(()),
            Err(error) if error.is_permanent() => {
                let code = error.status().map(|code| code.to_string());
                let code = code.unwrap_or_default();
                Err(rejected(format!(
                    "The mail server refused the message for good ({code})."
                )))
            }
            Err(error) if error.is_transient() => {
                let code = error.status().map(|code| code.to_string());
                let code = code.unwrap_or_default();
                Err(unavailable(format!(
                    "The mail server asks to try later ({code})."
                )))
            }
            Err(error) => Err(unavailable(
                "The mail server could not be reached, or the connection to it is not private.",
            )
            .because(error)),
        }
    }

    fn message(&self, letter: &Letter, name: &str, email: &str) -> Result<Message, PortError> {
        let address: Address = email
            .parse()
            .map_err(|_| rejected("The person's e-mail address cannot be written to."))?;
        let to = Mailbox::new(Some(one_line(name, 100)), address);
        // A mail program that knows the id shows a repeated message once.
        let id = format!("<{}@{}>", letter.key, self.from.email.domain());
        let automatic = HeaderValue::new(
            HeaderName::new_from_ascii_str("Auto-Submitted"),
            "auto-generated".to_owned(),
        );
        Message::builder()
            .from(self.from.clone())
            .to(to)
            .subject(format!("Clearance: {}", letter.message.title))
            .message_id(Some(id))
            .raw_header(automatic)
            .multipart(MultiPart::alternative_plain_html(
                text::body(letter),
                html::body(letter),
            ))
            .map_err(|error| rejected("The mail could not be written.").because(error))
    }

    async fn transport(&self) -> Result<AsyncSmtpTransport<Tokio1Executor>, PortError> {
        let tls = || {
            TlsParameters::new(self.host.clone())
                .map_err(|error| unavailable("TLS could not be set up for mail.").because(error))
        };
        let security = match self.settings.security {
            MailSecurity::Tls => Tls::Wrapper(tls()?),
            MailSecurity::Starttls => Tls::Required(tls()?),
            MailSecurity::None => Tls::None,
        };
        let mut builder =
            AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(self.host.clone())
                .port(self.settings.port())
                .tls(security)
                .timeout(Some(WITHIN))
                .hello_name(ClientId::Domain(self.from.email.domain().to_owned()));
        if let (Some(user), Some(reference)) = (&self.settings.user, &self.settings.password) {
            let password = self.secrets.read(reference).await?;
            let password = password.expose_secret().to_owned();
            builder = builder.credentials(Credentials::new(user.clone(), password));
        }
        Ok(builder.build())
    }
}
