//! What an access token says: the agent, its version and the deployment that entitles it, and the person for whom it acts.

use control_plane::identities::Grant;
use control_plane::ports::sign_in::Person;
use domain::identity::TOKEN_SECONDS;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::dpop;

/// What an access token says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessClaims {
    iss: String,
    /// The agent's client id, or the person for whom it acts.
    pub(crate) sub: String,
    aud: String,
    iat: i64,
    pub(super) exp: i64,
    pub(super) jti: String,
    /// The agent's client id, whoever it acts for.
    pub(crate) client_id: String,
    /// Separated by spaces.
    pub(crate) scope: String,
    agent: String,
    version: String,
    deployment: i64,
    environment: String,
    /// Number of the approval, where there was one.
    approval: Option<i64>,
    /// Who acts, where the subject is a person (RFC 8693, 4.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    act: Option<Actor>,
    /// The person, in the provider's own words (RFC 9493).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sub_id: Option<SubjectId>,
    /// The key without which the token is nothing (RFC 7800, 3.1; RFC 9449, 6.1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
}

/// A key, by its thumbprint (RFC 7638).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Confirmation {
    jkt: String,
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Actor {
    iss: String,
    sub: String,
}

/// An account, by its issuer and subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct SubjectId {
    format: String,
    iss: String,
    sub: String,
}

impl AccessClaims {
    /// `None` without randomness.
    pub(super) fn new(issuer: &str, grant: &Grant, scopes: &[String], now: i64) -> Option<Self> {
        Some(Self {
            iss: issuer.to_owned(),
            sub: grant.client_id.clone(),
            aud: issuer.to_owned(),
            iat: now,
            exp: now + TOKEN_SECONDS,
            jti: hex::encode(crate::keys::random::<16>().ok()?),
            client_id: grant.client_id.clone(),
            scope: scopes.join(" "),
            agent: grant.agent.clone(),
            version: grant.version.clone(),
            deployment: grant.deployment,
            environment: grant.environment.to_string(),
            approval: grant.approval,
            act: None,
            sub_id: None,
            cnf: None,
        })
    }

    /// The token's own name.
    pub(super) fn id(&self) -> &str {
        &self.jti
    }

    /// The agent acts for a person, for so many seconds. Two providers may call two people the same, so the subject names the
    /// provider too.
    pub(super) fn act_for(&mut self, person: &Person, lives: i64) {
        self.act = Some(Actor {
            iss: self.iss.clone(),
            sub: self.client_id.clone(),
        });
        self.sub = format!("{}|{}", person.provider, person.subject);
        self.sub_id = Some(SubjectId {
            format: "iss_sub".to_owned(),
            iss: person.issuer.clone(),
            sub: person.subject.clone(),
        });
        self.exp = self.iat + lives;
    }

    /// Binds the token to the key of this thumbprint.
    pub(super) fn bind(&mut self, thumbprint: String) {
        self.cnf = Some(Confirmation { jkt: thumbprint });
    }

    /// The thumbprint of the key that it is bound to.
    pub(super) fn bound_to(&self) -> Option<&str> {
        self.cnf.as_ref().map(|key| key.jkt.as_str())
    }

    /// How it is presented: the `token_type` of an answer, and the scheme of `Authorization`.
    pub(super) const fn kind(&self) -> &'static str {
        match self.cnf {
            Some(_) => dpop::SCHEME,
            None => "Bearer",
        }
    }

    /// Has it not ended?
    pub(super) fn lives(&self, now: i64) -> bool {
        self.exp > now
    }

    /// The answer of introspection for a token that is good.
    pub(super) fn introspection(&self) -> Value {
        let mut answer = serde_json::to_value(self).unwrap_or_default();
        if let Value::Object(fields) = &mut answer {
            fields.insert("active".to_owned(), json!(true));
            fields.insert("token_type".to_owned(), json!(self.kind()));
        }
        answer
    }
}
