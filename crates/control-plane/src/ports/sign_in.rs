//! Sign-in providers: asking one who somebody is, and believing only what it signed for us.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::sign_in::{Provider, ProviderProblem};
use secrecy::SecretString;

/// What a provider is asked, by way of the person's browser.
#[derive(Debug, Clone)]
pub struct Question {
    pub state: String,
    pub nonce: String,
    /// The SHA-256 of the verifier, in base64url.
    pub challenge: String,
    /// Where the answer comes to: its own address for each provider.
    pub redirect_uri: String,
    /// Must the person prove themselves anew?
    pub fresh: bool,
}

/// What came back through the browser, with what was kept meanwhile.
#[derive(Debug, Clone)]
pub struct Answer {
    pub code: SecretString,
    /// Who says to have answered.
    pub issuer: Option<String>,
    pub nonce: String,
    pub verifier: SecretString,
    pub redirect_uri: String,
    pub now: DateTime<Utc>,
}

/// Who somebody is, as the provider signed it.
#[derive(Debug, Clone)]
pub struct Proven {
    pub issuer: String,
    pub subject: String,
    /// What the provider's directory calls this person: the subject, or the claim that the configuration names.
    pub directory_id: Option<String>,
    /// An address that the provider vouches for, lower case.
    pub email: Option<String>,
    pub name: Option<String>,
    pub groups: Vec<String>,
    /// The provider's name of its own session.
    pub session: Option<String>,
    /// When the person last proved themselves there.
    pub proven_at: Option<DateTime<Utc>>,
    pub id_token: SecretString,
}

/// A provider's notice that somebody signed out there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logout {
    pub issuer: String,
    pub subject: Option<String>,
    pub session: Option<String>,
    /// Its name, for using it once.
    pub id: String,
    pub ends_at: DateTime<Utc>,
}

/// For whom an agent acts, as a provider signed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The provider's short name in the configuration.
    pub provider: String,
    pub issuer: String,
    pub subject: String,
    /// What the provider's directory calls them.
    pub directory_id: Option<String>,
    /// When the provider's word ends.
    pub expires_at: DateTime<Utc>,
}

/// Why a provider's word does not count: the word for people, and the cause for the log. Holds no secret.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub struct SignInError {
    pub problem: ProviderProblem,
    pub why: String,
}

impl SignInError {
    /// A fresh error.
    pub fn new(problem: ProviderProblem, why: impl Into<String>) -> Self {
        Self {
            problem,
            why: why.into(),
        }
    }
}

/// Every provider of the configuration.
#[async_trait]
pub trait SignIn: Send + Sync {
    /// The providers, in the order of the configuration.
    fn providers(&self) -> Vec<Provider>;

    /// The address at which the provider puts the question to the person.
    async fn address(&self, provider: &str, question: &Question) -> Result<String, SignInError>;

    /// Trades the code for what the provider signed, and checks it.
    async fn redeem(&self, provider: &str, answer: &Answer) -> Result<Proven, SignInError>;

    /// Checks a notice of a sign-out.
    async fn logout(
        &self,
        provider: &str,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Logout, SignInError>;

    /// Checks a token that a person gave to an agent's application: which provider signed it, for an application that may hand
    /// such tokens on, and for whom.
    async fn person(&self, token: &str, now: DateTime<Utc>) -> Result<Person, SignInError>;

    /// The address at which the provider ends its own session; none where it has no such thing.
    async fn farewell(
        &self,
        provider: &str,
        id_token: &str,
        back_to: &str,
    ) -> Result<Option<String>, SignInError>;
}
