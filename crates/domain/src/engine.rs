//! The engines behind the gates, and whether they can judge today.

use crate::state::words;
use crate::tone::Tone;

words! {
    /// Whether an engine can judge.
    EngineState as "engine state" {
        Ready = "ready",
        /// Its program is not on this machine, or does not answer.
        NotInstalled = "not_installed",
        /// It has nothing to judge with.
        NoData = "no_data",
        /// What it judges with is too old.
        OldData = "old_data",
        /// It has a sample to judge with, which shows how findings look and lacks most of them.
        Sample = "sample",
        /// Nobody has shown yet that it judges as people do.
        Uncalibrated = "uncalibrated",
    }
}

impl EngineState {
    /// The word people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::NotInstalled => "Not installed",
            Self::NoData => "No data",
            Self::OldData => "Data too old",
            Self::Sample => "Sample only",
            Self::Uncalibrated => "Not calibrated",
        }
    }

    /// How it is drawn. What cannot judge says nothing about agents, so it is never drawn as bad.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Ready => Tone::Ok,
            Self::NotInstalled
            | Self::NoData
            | Self::OldData
            | Self::Sample
            | Self::Uncalibrated => Tone::Unknown,
        }
    }
}
