//! The approval card: what a person must see before they open the review page, from what was frozen when they were asked.
//! The same in every channel. No message decides anything: approving means having read the difference, and added scopes
//! are accepted one by one on the page.

use super::message::{Line, Message, MessageTone};
use crate::gate::Verdict;
use crate::view::deployment::GateBox;
use crate::view::diff::{Change, ChangeKind, VersionDiff};

/// What the card is made of.
#[derive(Debug, Clone, Copy)]
pub struct Card<'a> {
    pub agent: &'a str,
    pub environment: &'a str,
    pub requested_by: &'a str,
    /// "Mon 26 Nov 18:00 UTC".
    pub expires_at: &'a str,
    pub quorum: u32,
    pub digest: &'a str,
    pub diff: &'a VersionDiff,
    pub gates: &'a [GateBox],
    /// Names of the people who can approve.
    pub can_approve: &'a [String],
    pub title: &'a str,
    pub link: &'a str,
}

/// Said under every card.
pub const ONLY_ON_THE_PAGE: &str = "Nothing can be approved or rejected from a message: the decision is made on the review page, after a fresh sign-in where that is asked for.";

impl Card<'_> {
    /// The card.
    #[must_use]
    pub fn message(&self) -> Message {
        let link = ("Review and decide", self.link.to_owned());
        let mut message = Message::new(MessageTone::Wait, self.title, &self.lead(), link)
            .fact("Agent", self.agent)
            .fact("Version", &self.versions())
            .fact("Environment", self.environment)
            .fact("Asked by", self.requested_by)
            .fact("Open until", self.expires_at)
            .fact("Can approve", &self.people())
            .section("Scopes", self.scopes())
            .section("Configuration", self.config())
            .section("Gates", self.gates())
            .section("Commits", self.commits())
            .note(&format!("{} {ONLY_ON_THE_PAGE}", self.if_nobody_acts()));
        message.digest = Some(self.digest.to_owned());
        message
    }

    fn versions(&self) -> String {
        match &self.diff.live_version {
            Some(live) => format!("{} in place of {live}", self.diff.proposed_version),
            None => format!("{}, the first one there", self.diff.proposed_version),
        }
    }

    fn lead(&self) -> String {
        let added = counted(self.diff.added_scopes.len(), "scope", "scopes");
        let none = self.diff.added_scopes.is_empty();
        let scopes = match (self.diff.live_version.is_some(), none) {
            (true, true) => "No scope is added".to_owned(),
            (true, false) => format!("{added} added: this version may do more than what is live"),
            (false, true) => "It asks for no scope".to_owned(),
            (false, false) => format!("It asks for {added}"),
        };
        format!(
            "{scopes}. {} and {} differ.",
            counted(self.diff.config.len(), "setting", "settings"),
            counted(self.diff.files.len(), "file", "files")
        )
    }

    fn people(&self) -> String {
        let needed = counted(
            usize::try_from(self.quorum).unwrap_or(usize::MAX),
            "approval is needed",
            "approvals are needed",
        );
        if self.can_approve.is_empty() {
            return format!("Nobody at this time; {needed}");
        }
        let shown: Vec<&str> = self
            .can_approve
            .iter()
            .take(6)
            .map(String::as_str)
            .collect();
        let more = self.can_approve.len().saturating_sub(6);
        let rest = if more > 0 {
            format!(" and {more} more")
        } else {
            String::new()
        };
        format!("{}{rest}; {needed}", shown.join(", "))
    }

    /// Added ones first and marked; they are what a decision is about.
    fn scopes(&self) -> Vec<Line> {
        let added = self.diff.added_scopes.iter();
        let removed = self.diff.removed_scopes.iter();
        added
            .map(|scope| Line::attention(format!("Added: {scope}")))
            .chain(removed.map(|scope| Line::plain(format!("Removed: {scope}"))))
            .collect()
    }

    fn config(&self) -> Vec<Line> {
        let shown = self.diff.config.iter().filter(|c| c.part != "Scope");
        shown.map(line_of).collect()
    }

    fn gates(&self) -> Vec<Line> {
        let told = self.gates.iter().filter_map(|gate| {
            let verdict = gate.verdict?;
            let text = format!(
                "{}: {}. {}",
                gate.gate.label(),
                verdict.label(),
                gate.summary
            );
            Some(match verdict {
                Verdict::Passed => Line::plain(text),
                Verdict::Failed | Verdict::Inconclusive | Verdict::Errored | Verdict::Waived => {
                    Line::attention(text)
                }
            })
        });
        told.collect()
    }

    fn commits(&self) -> Vec<Line> {
        let commits = self.diff.commits.iter().take(6);
        commits
            .map(|c| {
                let id = crate::text::short_commit(&c.commit);
                Line::plain(format!("{id} {} ({})", c.subject, c.author))
            })
            .collect()
    }

    fn if_nobody_acts(&self) -> String {
        let stays = match &self.diff.live_version {
            Some(live) => format!("version {live} stays live"),
            None => "nothing goes live".to_owned(),
        };
        format!(
            "If nobody decides, {stays}, and what was made for {} is removed.",
            self.diff.proposed_version
        )
    }
}

/// Tools, servers and the model change what the agent can do, so an added one is marked like a scope.
fn line_of(change: &Change) -> Line {
    let text = match (change.kind, &change.before, &change.after) {
        (ChangeKind::Changed, Some(before), Some(after)) if change.part == "Model" => {
            format!("Changed: {} {before} to {after}", change.part)
        }
        (kind, _, _) => format!("{}: {} {}", kind.label(), change.part, change.name),
    };
    let able = matches!(change.part.as_str(), "Tool" | "MCP server");
    if able && change.kind == ChangeKind::Added {
        Line::attention(text)
    } else {
        Line::plain(text)
    }
}

fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 {
        format!("1 {one}")
    } else {
        format!("{n} {many}")
    }
}
