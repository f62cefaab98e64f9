//! Sign-in providers in memory: accounts that a test makes, codes that work once, and notices of a sign-out.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::sign_in::{Provider, ProviderProblem};
use secrecy::{ExposeSecret, SecretString};

use super::{Faults, lock};
use crate::ports::sign_in::{Answer, Logout, Person, Proven, Question, SignIn, SignInError};

/// The providers, with who is behind each code.
#[derive(Debug)]
pub struct FakeSignIn {
    faults: Arc<Faults>,
    providers: Mutex<Vec<Provider>>,
    codes: Mutex<BTreeMap<String, Proven>>,
    logouts: Mutex<BTreeMap<String, Logout>>,
    people: Mutex<BTreeMap<String, Person>>,
}

impl FakeSignIn {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            providers: Mutex::default(),
            codes: Mutex::default(),
            logouts: Mutex::default(),
            people: Mutex::default(),
        }
    }

    /// Configures a provider; there is none at first.
    pub fn configure(&self, provider: Provider) {
        lock(&self.providers).push(provider);
    }

    /// Has a code stand for somebody, once.
    pub fn answers(&self, code: &str, proven: Proven) {
        lock(&self.codes).insert(code.to_owned(), proven);
    }

    /// Has a token be a notice of a sign-out.
    pub fn signs_out(&self, token: &str, logout: Logout) {
        lock(&self.logouts).insert(token.to_owned(), logout);
    }

    /// Has a token stand for somebody whom agents may act for.
    pub fn speaks_for(&self, token: &str, person: Person) {
        lock(&self.people).insert(token.to_owned(), person);
    }

    async fn reach(&self, name: &'static str, provider: &str) -> Result<(), SignInError> {
        let reached = self.faults.run(name, provider, || Ok(())).await;
        reached.map_err(|error| SignInError::new(ProviderProblem::Unavailable, error.to_string()))
    }
}

fn untrusted(why: &str) -> SignInError {
    SignInError::new(ProviderProblem::Untrusted, why)
}

/// What a code stands for where nothing else is said: somebody with an address and no group.
#[must_use]
pub fn proven(issuer: &str, subject: &str, email: &str, groups: &[&str]) -> Proven {
    Proven {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        directory_id: Some(subject.to_owned()),
        email: Some(email.to_owned()),
        name: Some("Somebody".to_owned()),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        session: Some(format!("session-of-{subject}")),
        proven_at: None,
        id_token: SecretString::from("id-token"),
    }
}

#[async_trait]
impl SignIn for FakeSignIn {
    fn providers(&self) -> Vec<Provider> {
        lock(&self.providers).clone()
    }

    async fn address(&self, provider: &str, question: &Question) -> Result<String, SignInError> {
        self.reach("sign_in.address", provider).await?;
        let fresh = if question.fresh { "&prompt=login" } else { "" };
        Ok(format!(
            "https://{provider}.example/authorize?state={}{fresh}",
            question.state
        ))
    }

    async fn redeem(&self, provider: &str, answer: &Answer) -> Result<Proven, SignInError> {
        self.reach("sign_in.redeem", provider).await?;
        lock(&self.codes)
            .remove(answer.code.expose_secret())
            .ok_or_else(|| untrusted("the code is not known, or was used"))
    }

    async fn logout(
        &self,
        provider: &str,
        token: &str,
        _: DateTime<Utc>,
    ) -> Result<Logout, SignInError> {
        self.reach("sign_in.logout", provider).await?;
        let known = lock(&self.logouts).get(token).cloned();
        known.ok_or_else(|| untrusted("the notice is not signed"))
    }

    async fn person(&self, token: &str, _: DateTime<Utc>) -> Result<Person, SignInError> {
        self.reach("sign_in.person", "").await?;
        let known = lock(&self.people).get(token).cloned();
        known.ok_or_else(|| untrusted("the token is not signed"))
    }

    async fn farewell(
        &self,
        provider: &str,
        _: &str,
        _: &str,
    ) -> Result<Option<String>, SignInError> {
        self.reach("sign_in.farewell", provider).await?;
        Ok(Some(format!("https://{provider}.example/logout")))
    }
}
