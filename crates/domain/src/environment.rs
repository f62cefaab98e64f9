//! Where versions go live.

use crate::state::words;

words! {
    /// An environment. Production is where separation of duties and approvals apply.
    Environment as "environment" {
        NonProd = "non_prod",
        Production = "production",
    }
}

impl Environment {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NonProd => "Non-prod",
            Self::Production => "Production",
        }
    }
}
