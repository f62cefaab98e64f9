//! Pushing: commits on the fake git host, and the signed deliveries that tell of them.

use domain::connection::ConnectionKind;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::{CONNECTION, TestAgent, TestPlane, WEBHOOK_SECRET};
use crate::error::Error;
use crate::fakes::{Files, NewCommit};
use crate::sources::{self, Credential, RawDelivery, Received};

/// Who writes commits when nobody is named.
const AUTHOR: &str = "author@example.com";

/// A delivery to send.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The host's id of it.
    pub key: String,
    pub event: String,
    pub body: Vec<u8>,
}

impl TestPlane {
    /// Commits on an agent's branch, after what is there, without telling Clearance.
    pub fn commit(&self, agent: &TestAgent, commit: NewCommit) -> String {
        let parent = self.fakes.git.branch(&agent.repository, &agent.branch);
        let commit = NewCommit {
            parent: commit.parent.or(parent),
            author: if commit.author.is_empty() {
                AUTHOR.to_owned()
            } else {
                commit.author
            },
            subject: if commit.subject.is_empty() {
                format!("Change {}", self.next())
            } else {
                commit.subject
            },
            ..commit
        };
        let id = self.fakes.git.commit(&agent.repository, commit);
        let (repository, branch) = (&agent.repository, &agent.branch);
        self.fakes.git.move_branch(repository, branch, &id);
        id
    }

    /// Commits files and delivers the webhook. Returns the commit.
    pub async fn push(&self, agent: &TestAgent, files: Files) -> String {
        let commit = NewCommit {
            files,
            ..NewCommit::default()
        };
        self.push_commit(agent, commit).await
    }

    /// Commits and delivers the webhook. Returns the commit.
    pub async fn push_commit(&self, agent: &TestAgent, commit: NewCommit) -> String {
        let before = self.fakes.git.branch(&agent.repository, &agent.branch);
        let id = self.commit(agent, commit);
        let delivery = self.delivery(agent, before.as_deref(), Some(&id));
        self.deliver(&delivery)
            .await
            .expect("the delivery is taken");
        id
    }

    /// A delivery that says an agent's branch moved; a missing commit stands for no branch.
    #[must_use]
    pub fn delivery(
        &self,
        agent: &TestAgent,
        before: Option<&str>,
        after: Option<&str>,
    ) -> Delivery {
        let none = "0".repeat(40);
        let body = serde_json::json!({
            "ref": format!("refs/heads/{}", agent.branch),
            "before": before.unwrap_or(&none),
            "after": after.unwrap_or(&none),
            "repository": { "clone_url": format!("{}.git", agent.repository) },
            "pusher": { "name": "pusher" },
        });
        Delivery {
            key: format!("delivery-{}", self.next()),
            event: "push".to_owned(),
            body: body.to_string().into_bytes(),
        }
    }

    /// Sends a delivery over [`CONNECTION`] with the right signature.
    ///
    /// # Errors
    /// As [`sources::receive`].
    pub async fn deliver(&self, delivery: &Delivery) -> Result<Received, Error> {
        let raw = signed(delivery, WEBHOOK_SECRET);
        sources::receive(&self.cp, &self.anonymous(), raw).await
    }

    /// Sends a delivery signed with another secret.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`], always.
    pub async fn deliver_forged(&self, delivery: &Delivery) -> Result<Received, Error> {
        let raw = signed(delivery, "not the secret");
        sources::receive(&self.cp, &self.anonymous(), raw).await
    }
}

fn signed(delivery: &Delivery, secret: &str) -> RawDelivery {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length will do");
    mac.update(&delivery.body);
    let signature = hex::encode(mac.finalize().into_bytes());
    RawDelivery {
        connection: CONNECTION.to_owned(),
        kind: ConnectionKind::GitHub,
        event: delivery.event.clone(),
        key: delivery.key.clone(),
        credential: Credential::GitHubSignature(format!("sha256={signature}")),
        body: delivery.body.clone(),
    }
}
