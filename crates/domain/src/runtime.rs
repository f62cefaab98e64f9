//! Where agents run.

use crate::state::words;
use crate::tone::Tone;

words! {
    /// A runtime target.
    RuntimeTarget as "runtime target" {
        /// A supervised process on this host.
        LocalProcess = "local_process",
    }
}

impl RuntimeTarget {
    /// The name people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::LocalProcess => "Local process",
        }
    }
}

words! {
    /// How a running agent is, as its runtime target reports it.
    RuntimeHealth as "runtime health" {
        Starting = "starting",
        Healthy = "healthy",
        Unhealthy = "unhealthy",
        Stopped = "stopped",
        Unknown = "unknown",
    }
}

impl RuntimeHealth {
    /// How it is drawn.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Starting => Tone::Run,
            Self::Healthy => Tone::Ok,
            Self::Unhealthy | Self::Stopped => Tone::Bad,
            Self::Unknown => Tone::Unknown,
        }
    }

    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Starting => "Starting",
            Self::Healthy => "Healthy",
            Self::Unhealthy => "Unhealthy",
            Self::Stopped => "Stopped",
            Self::Unknown => "Unknown",
        }
    }
}
