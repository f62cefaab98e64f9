//! How a state is drawn: tone, icon and word, decided here and nowhere else.

/// The six tones of the interface. Colour is the third signal after icon and word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Tone {
    Ok,
    Run,
    Wait,
    Bad,
    /// Could not tell: no hue, dashed edge.
    Unknown,
    Idle,
}

impl Tone {
    /// Class suffix: `st--ok`, `st--run`, …
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Run => "run",
            Self::Wait => "wait",
            Self::Bad => "bad",
            Self::Unknown => "unk",
            Self::Idle => "idle",
        }
    }

    /// Name of the icon that goes with the tone where a state has none of its own.
    #[must_use]
    pub const fn icon(self) -> &'static str {
        match self {
            Self::Ok => "circle-check",
            Self::Run => "loader-circle",
            Self::Wait => "clock",
            Self::Bad => "circle-x",
            Self::Unknown => "circle-question-mark",
            Self::Idle => "circle",
        }
    }
}
