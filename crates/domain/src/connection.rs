//! Connections to git hosts.

use crate::state::words;

words! {
    /// Which kind of git host sends the webhooks.
    ConnectionKind as "connection kind" {
        GitHub = "github",
        AzureDevOps = "azure_devops",
    }
}

impl ConnectionKind {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub",
            Self::AzureDevOps => "Azure DevOps",
        }
    }

    /// The path segment of its webhook endpoint.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::AzureDevOps => "azure-devops",
        }
    }
}
