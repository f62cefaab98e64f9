//! The keys of access tokens as pages and the API show them.

use serde::{Deserialize, Serialize};

use crate::signing_key::SigningKeyState;

/// One key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SigningKeyRow {
    pub number: i64,
    pub state: SigningKeyState,
    /// When it was published, RFC 3339.
    pub published_at: String,
    /// From when on it signs, RFC 3339.
    pub signs_from: String,
    /// Until when its tokens are good, RFC 3339; none while no other follows it.
    pub kept_until: Option<String>,
}

/// The keys, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SigningKeyList {
    pub keys: Vec<SigningKeyRow>,
    /// May the reader change it now?
    pub can_rotate: bool,
}
