//! One message as every channel renders it. Its words come from people, agents and repositories, so each is bounded and
//! without hidden characters; escaping is the business of the channel that renders it.

use serde::{Deserialize, Serialize};

use crate::text::{cut, visible};
use crate::tone::Tone;

/// Longest title: what Slack takes as a header is 150, and a mail's subject has our name before it.
pub const TITLE_MAX: usize = 120;
/// Longest line.
pub const LINE_MAX: usize = 300;
/// Most lines of one section.
pub const LINES_MAX: usize = 12;
/// Most sections.
pub const SECTIONS_MAX: usize = 6;

/// A message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub tone: MessageTone,
    pub title: String,
    /// One or two sentences: what happened or is asked.
    pub lead: String,
    /// Label and value.
    pub facts: Vec<(String, String)>,
    pub sections: Vec<Section>,
    /// The full digest that a decision binds to.
    pub digest: Option<String>,
    /// What happens if nobody acts, and what cannot be done from a message.
    pub note: String,
    /// Where to read on. Every act is on that page.
    pub link_label: String,
    pub link: String,
}

/// Lines under a heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    pub heading: String,
    pub lines: Vec<Line>,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub mark: Mark,
    pub text: String,
}

/// How much a line matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mark {
    Plain,
    /// A right that the live version does not have, or a gate that is not passed.
    Attention,
}

/// How the whole is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageTone {
    Ok,
    Wait,
    Bad,
}

impl MessageTone {
    /// As the interface draws it.
    #[must_use]
    pub const fn tone(self) -> Tone {
        match self {
            Self::Ok => Tone::Ok,
            Self::Wait => Tone::Wait,
            Self::Bad => Tone::Bad,
        }
    }

    /// The word that goes with the colour.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "For your information",
            Self::Wait => "Waits for a decision",
            Self::Bad => "Needs attention",
        }
    }
}

impl Line {
    /// A line without a mark.
    #[must_use]
    pub fn plain(text: impl AsRef<str>) -> Self {
        Self {
            mark: Mark::Plain,
            text: one_line(text.as_ref(), LINE_MAX),
        }
    }

    /// A line to look at.
    #[must_use]
    pub fn attention(text: impl AsRef<str>) -> Self {
        Self {
            mark: Mark::Attention,
            text: one_line(text.as_ref(), LINE_MAX),
        }
    }
}

impl Message {
    /// A message with nothing but its title, its sentence and where to read on.
    #[must_use]
    pub fn new(tone: MessageTone, title: &str, lead: &str, link: (&str, String)) -> Self {
        Self {
            tone,
            title: one_line(title, TITLE_MAX),
            lead: one_line(lead, 2 * LINE_MAX),
            facts: Vec::new(),
            sections: Vec::new(),
            digest: None,
            note: String::new(),
            link_label: link.0.to_owned(),
            link: link.1,
        }
    }

    /// One more fact; an empty one is left out.
    #[must_use]
    pub fn fact(mut self, label: &str, value: &str) -> Self {
        let value = one_line(value, LINE_MAX);
        if !value.is_empty() {
            self.facts.push((label.to_owned(), value));
        }
        self
    }

    /// One more section; an empty one is left out, and of a long one the rest is counted.
    #[must_use]
    pub fn section(mut self, heading: &str, mut lines: Vec<Line>) -> Self {
        let more = lines.len().saturating_sub(LINES_MAX);
        lines.truncate(LINES_MAX);
        if more > 0 {
            lines.push(Line::plain(format!("and {more} more, on the page")));
        }
        if !lines.is_empty() && self.sections.len() < SECTIONS_MAX {
            self.sections.push(Section {
                heading: heading.to_owned(),
                lines,
            });
        }
        self
    }

    /// The sentence at the end.
    #[must_use]
    pub fn note(mut self, note: &str) -> Self {
        self.note = one_line(note, 2 * LINE_MAX);
        self
    }

    /// What a channel's test message says.
    #[must_use]
    pub fn test(channel: &str, link: String) -> Self {
        let title = format!("Test message for {channel}");
        let lead = "This channel works. Nothing happened, and nothing has to be done.";
        Self::new(MessageTone::Ok, &title, lead, ("Open channels", link))
    }
}

/// Text of others in one line: no line breaks, nothing hidden, nothing that reorders, no more than `max` characters.
#[must_use]
pub fn one_line(text: &str, max: usize) -> String {
    // A little more than is kept, so that a long text costs no more than a short one.
    let head: String = text.chars().take(max.saturating_mul(4)).collect();
    let words: Vec<&str> = head.split_whitespace().collect();
    cut(&visible(&words.join(" ")), max)
}
