//! Passkeys, as pages show them.

use serde::{Deserialize, Serialize};

use crate::passkey::PasskeyPurpose;

/// One passkey of the person who looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyRow {
    pub id: String,
    pub name: String,
    pub made_at: String,
    pub last_used_at: Option<String>,
}

/// Somebody else who has passkeys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyHolder {
    /// Id of the person.
    pub id: String,
    pub person: String,
    pub email: String,
    pub count: u64,
    pub last_used_at: Option<String>,
}

/// What the passkeys page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkeys {
    pub own: Vec<PasskeyRow>,
    /// Of everybody else, for administrators.
    pub others: Option<Vec<PasskeyHolder>>,
    /// Can browsers make passkeys for the address of this installation?
    pub usable: bool,
    /// Does nobody come in with a password alone?
    pub required: bool,
    /// The minutes that a sign-in may be old for a change, where this one is older.
    pub older_than: Option<u32>,
}

/// What a browser is asked at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PasskeyQuestion {
    pub purpose: PasskeyPurpose,
    /// The name of the passkey that is made.
    pub name: String,
    /// For the browser, as JSON of WebAuthn's `parse…OptionsFromJSON`.
    pub options: String,
}
