//! The git host's part of the demo: tells the server over HTTP that a branch moved, as GitHub would, signed with the
//! connection's secret.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use anyhow::{Context as _, Result};
use hmac::{Hmac, KeyInit as _, Mac as _};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::repositories::{Commit, Repository};

/// A host answers within ten seconds or gives up; so does this one.
const WITHIN: Duration = Duration::from_secs(10);

/// Sends pushes to one connection of this server.
pub(super) struct GitHost {
    url: String,
    secret: SecretString,
    client: reqwest::Client,
}

impl std::fmt::Debug for GitHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("GitHost")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

impl GitHost {
    pub(super) fn new(addr: SocketAddr, webhook_path: &str, secret: SecretString) -> Result<Self> {
        let client = reqwest::Client::builder()
            .timeout(WITHIN)
            .build()
            .context("no HTTP client")?;
        Ok(Self {
            url: format!("{}{webhook_path}", own_address(addr)),
            secret,
            client,
        })
    }

    /// Delivers a push. The delivery's id comes from the commit, so that a second start redelivers and changes nothing.
    pub(super) async fn push(&self, repository: &Repository, commit: &Commit) -> Result<()> {
        let body = serde_json::to_vec(&payload(&repository.address(), commit))
            .context("the push cannot be written")?;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose_secret().as_bytes())
            .context("the webhook secret cannot sign")?;
        mac.update(&body);
        let signature = format!("sha256={}", hex::encode(mac.finalize().into_bytes()));
        let request = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("user-agent", "GitHub-Hookshot/demo")
            .header("x-github-event", "push")
            .header(
                "x-github-delivery",
                delivery_id(&repository.address(), &commit.id),
            )
            .header("x-hub-signature-256", signature);
        let response = request
            .body(body)
            .send()
            .await
            .with_context(|| format!("{} does not answer", self.url))?;
        let status = response.status();
        anyhow::ensure!(
            status.is_success(),
            "the webhook was answered with {status}"
        );
        Ok(())
    }
}

fn payload(address: &str, commit: &Commit) -> Value {
    json!({
        "ref": "refs/heads/main",
        "before": commit.before,
        "after": commit.id,
        "created": commit.before.bytes().all(|b| b == b'0'),
        "deleted": false,
        "forced": false,
        "repository": { "clone_url": address, "default_branch": "main" },
        "pusher": { "name": "Dev Team", "email": "developer@example.com" },
        "head_commit": { "id": commit.id, "message": commit.subject },
        "commits": [],
    })
}

fn delivery_id(address: &str, commit: &str) -> String {
    hex::encode(&Sha256::digest(format!("{address} {commit}"))[..16])
}

/// Where this server reaches itself: one that listens on every address has none to call.
pub(super) fn own_address(addr: SocketAddr) -> String {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip @ (IpAddr::V4(_) | IpAddr::V6(_)) => ip,
    };
    format!("http://{}", SocketAddr::new(ip, addr.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_on_every_address_calls_itself_locally() {
        assert_eq!(
            own_address("0.0.0.0:3000".parse().unwrap()),
            "http://127.0.0.1:3000"
        );
        assert_eq!(
            own_address("[::]:3000".parse().unwrap()),
            "http://[::1]:3000"
        );
        assert_eq!(
            own_address("192.0.2.1:80".parse().unwrap()),
            "http://192.0.2.1:80"
        );
    }
}
