//! How people are signed in: providers, sessions and API tokens.

use serde::{Deserialize, Serialize};

/// A provider that one can sign in through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderRow {
    /// Short name in addresses.
    pub id: String,
    pub label: String,
    /// Can it have a person prove themselves anew?
    pub asks_anew: bool,
}

/// One open session of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Name of the session for ending it; it opens nothing.
    pub id: String,
    pub person: String,
    pub email: String,
    /// "Firefox on Linux".
    pub device: String,
    /// Network address of the sign-in.
    pub from: String,
    /// How they signed in: the provider's label, or a password.
    pub by: String,
    pub started_at: String,
    pub seen_at: String,
    pub ends_at: String,
    /// The session of this very request.
    pub this: bool,
}

/// An account at a provider that a person signs in with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountRow {
    pub provider: String,
    pub subject: String,
    pub linked_at: String,
    pub last_used_at: String,
}

/// What the sessions page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sessions {
    pub own: Vec<SessionRow>,
    /// Of everybody else, for administrators.
    pub others: Option<Vec<SessionRow>>,
    pub accounts: Vec<AccountRow>,
    pub providers: Vec<ProviderRow>,
}

/// One API token, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRow {
    pub id: String,
    pub name: String,
    /// The first characters of its text, to tell it by.
    pub prefix: String,
    /// `read`, or `read write`.
    pub scopes: String,
    pub person: String,
    pub created_at: String,
    pub expires_at: String,
    pub last_used_at: Option<String>,
    pub revoked_at: Option<String>,
    pub expired: bool,
}

/// What the tokens page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    pub own: Vec<TokenRow>,
    /// Of everybody else, for administrators.
    pub others: Option<Vec<TokenRow>>,
}
