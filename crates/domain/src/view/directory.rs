//! Companies' directories as pages show them.

use serde::{Deserialize, Serialize};

/// The directory of one sign-in provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryRow {
    /// Short name of the provider.
    pub provider: String,
    pub label: String,
    /// What is entered at the provider.
    pub address: String,
    pub people: u64,
    /// How many of them are active.
    pub active: u64,
    pub groups: u64,
    /// When it last called, RFC 3339.
    pub last_call_at: Option<String>,
    pub tokens: Vec<DirectoryTokenRow>,
    /// The table of the configuration: a group, and the role that it gives.
    pub table: Vec<(String, String)>,
}

/// One token of a directory, without its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryTokenRow {
    pub id: String,
    pub prefix: String,
    /// Who made it.
    pub maker: String,
    /// They may know its text still.
    pub maker_left: bool,
    pub created_at: String,
    pub expires_at: String,
    pub last_used_at: Option<String>,
    pub revoked: bool,
    pub expired: bool,
}

/// Every provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryList {
    pub rows: Vec<DirectoryRow>,
}

/// One person of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryPersonRow {
    pub user_name: String,
    pub address: String,
    /// The directory's own id of them; whoever has none cannot sign in yet.
    pub external_id: Option<String>,
    pub active: bool,
    pub groups: Vec<String>,
    /// What the groups give.
    pub roles: Vec<String>,
    pub changed_at: String,
}

/// One group of a directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirectoryGroupRow {
    pub name: String,
    pub external_id: Option<String>,
    pub members: i64,
    /// What the table gives for it.
    pub roles: Vec<String>,
    pub changed_at: String,
}
