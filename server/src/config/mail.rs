//! The mail server.

use serde::Deserialize;

use super::{ConfigError, is_loopback_host};

/// How mail goes out.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MailSettings {
    /// Name of the server. Without one no mail is sent.
    pub host: Option<String>,
    /// 465 with `tls`, 587 with `starttls`, 25 with `none`, unless said.
    pub port: Option<u16>,
    /// How the connection is kept private.
    pub security: MailSecurity,
    /// Whom the server knows us as; none where it asks for nobody.
    pub user: Option<String>,
    /// Reference of the password, `env:NAME` or `file:name`; never the password itself.
    pub password: Option<String>,
    /// `Clearance <clearance@example.com>`.
    pub from: Option<String>,
}

/// How the connection to the mail server is kept private.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// TLS from the first byte.
    Tls,
    /// TLS before anything is said; without it nothing is sent.
    Starttls,
    /// In the clear: for a server on this machine.
    None,
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            host: None,
            port: None,
            security: MailSecurity::Tls,
            user: None,
            password: None,
            from: None,
        }
    }
}

impl MailSettings {
    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.security {
            MailSecurity::Tls => 465,
            MailSecurity::Starttls => 587,
            MailSecurity::None => 25,
        })
    }
}

pub(super) fn checked(mail: MailSettings) -> Result<MailSettings, ConfigError> {
    let Some(host) = &mail.host else {
        return Ok(mail);
    };
    let from = mail.from.as_deref().unwrap_or_default();
    if from.parse::<lettre::message::Mailbox>().is_err() {
        return Err(ConfigError::wrong(
            "mail.from",
            "is no sender; write it such as `Clearance <clearance@example.com>`",
        ));
    }
    if mail.port == Some(0) {
        return Err(ConfigError::wrong(
            "mail.port",
            "is 0; leave it out or write a port",
        ));
    }
    if let Some(reference) = &mail.password
        && !reference.starts_with("env:")
        && !reference.starts_with("file:")
    {
        return Err(ConfigError::wrong(
            "mail.password",
            "is no reference; write env:NAME and put the password into that variable",
        ));
    }
    if mail.password.is_some() != mail.user.is_some() {
        return Err(ConfigError::wrong(
            "mail.user",
            "and `mail.password` go together; set both or neither",
        ));
    }
    if mail.security == MailSecurity::None && mail.password.is_some() && !is_loopback_host(host) {
        return Err(ConfigError::wrong(
            "mail.security",
            "is `none`, and the password would travel in the clear; use tls or starttls",
        ));
    }
    Ok(mail)
}
