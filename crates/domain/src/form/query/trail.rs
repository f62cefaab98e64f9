//! The filters of the audit trail, read: what is wrong with them is said of the field, and never taken for "nothing fits".

use chrono::{DateTime, Days, Utc};

use super::{AuditQuery, moment};
use crate::error::{FieldProblem, ValidationErrors};
use crate::event::AuditAction;
use crate::search;

/// Longest filter, characters.
pub const FILTER_MAX: usize = 200;

/// Names of the filters, as they stand in addresses, in the order of the form.
pub const FILTERS: [&str; 11] = [
    "q",
    "actor",
    "action",
    "agent",
    "deployment",
    "object",
    "team",
    "outcome",
    "evidence",
    "from",
    "to",
];

/// What the trail is narrowed to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TrailFilter {
    pub actor: Option<String>,
    pub team: Option<String>,
    pub agent: Option<String>,
    pub action: Option<AuditAction>,
    /// Id of the object, or kind and id: see [`kind_and_id`].
    pub object: Option<String>,
    pub deployment: Option<i64>,
    /// `done` or `refused`.
    pub outcome: Option<&'static str>,
    /// A kind of evidence, or a control.
    pub evidence: Option<String>,
    /// The actions that support it, as whoever knows the catalogue says.
    pub supporting: Vec<AuditAction>,
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub to: Option<DateTime<Utc>>,
    /// All of them.
    pub words: Vec<String>,
}

impl AuditQuery {
    /// Name and text of each filter that is set, in the order of the form.
    #[must_use]
    pub fn filters(&self) -> Vec<(&'static str, &str)> {
        let all = FILTERS.map(|name| (name, self.get(name).trim()));
        all.into_iter()
            .filter(|(_, text)| !text.is_empty())
            .collect()
    }

    /// The same without one filter, from the first page on.
    #[must_use]
    pub fn without(&self, name: &str) -> Self {
        let mut rest = Self::default();
        for (other, text) in self.filters() {
            if other != name {
                rest.set(other, text);
            }
        }
        rest
    }

    /// One filter of these alone.
    #[must_use]
    pub fn only(&self, name: &str) -> Self {
        let mut one = Self::default();
        one.set(name, self.get(name).trim());
        one
    }

    fn get(&self, name: &str) -> &str {
        match name {
            "q" => &self.q,
            "actor" => &self.actor,
            "action" => &self.action,
            "agent" => &self.agent,
            "deployment" => &self.deployment,
            "object" => &self.object,
            "team" => &self.team,
            "outcome" => &self.outcome,
            "evidence" => &self.evidence,
            "from" => &self.from,
            "to" => &self.to,
            _ => "",
        }
    }

    fn set(&mut self, name: &str, text: &str) {
        let place = match name {
            "q" => &mut self.q,
            "actor" => &mut self.actor,
            "action" => &mut self.action,
            "agent" => &mut self.agent,
            "deployment" => &mut self.deployment,
            "object" => &mut self.object,
            "team" => &mut self.team,
            "outcome" => &mut self.outcome,
            "evidence" => &mut self.evidence,
            "from" => &mut self.from,
            "to" => &mut self.to,
            _ => return,
        };
        text.clone_into(place);
    }

    /// Reads the filters.
    ///
    /// # Errors
    /// Each field that cannot be meant: a text that is too long, a number, an action, an outcome or a time that is none, an end
    /// before the beginning, and a search without a word.
    pub fn parse(&self) -> Result<TrailFilter, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        for (name, text) in self.filters() {
            if text.chars().count() > FILTER_MAX {
                errors.add(name, FieldProblem::TooLong);
            }
        }
        let from = self.moment(&mut errors, "from", 0);
        let to = self.moment(&mut errors, "to", 1);
        if let (Some(from), Some(to)) = (from, to)
            && to <= from
        {
            errors.add("to", FieldProblem::Backwards);
        }
        let filter = TrailFilter {
            actor: text(&self.actor),
            team: text(&self.team),
            agent: text(&self.agent),
            action: word(&mut errors, "action", &self.action, |word| {
                word.parse().ok()
            }),
            object: text(&self.object),
            deployment: number(&mut errors, &self.deployment),
            outcome: word(&mut errors, "outcome", &self.outcome, |word| match word {
                "done" => Some("done"),
                "refused" => Some("refused"),
                _ => None,
            }),
            evidence: text(&self.evidence),
            supporting: Vec::new(),
            from,
            to,
            words: asked(&mut errors, &self.q),
        };
        errors.into_result().map(|()| filter)
    }

    fn moment(
        &self,
        errors: &mut ValidationErrors,
        name: &str,
        later: u64,
    ) -> Option<DateTime<Utc>> {
        moment(self.get(name), Days::new(later)).unwrap_or_else(|_| {
            errors.add(name, FieldProblem::BadMoment);
            None
        })
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn word<T>(
    errors: &mut ValidationErrors,
    name: &str,
    text: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Option<T> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let found = read(text);
    if found.is_none() {
        errors.add(name, FieldProblem::UnknownChoice);
    }
    found
}

/// A number with or without its sign: `#4471`.
fn number(errors: &mut ValidationErrors, text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    let digits = text.strip_prefix('#').unwrap_or(text);
    let number = digits.parse().ok().filter(|number| *number > 0);
    if number.is_none() {
        errors.add("deployment", FieldProblem::BadNumber);
    }
    number
}

/// What stands before and after the first colon of `identity:refund-assistant-2`, where the first can be the kind of an object. An
/// id can look like this too, so both readings count.
#[must_use]
pub fn kind_and_id(object: &str) -> Option<(&str, &str)> {
    let (kind, id) = object.split_once(':')?;
    let is_kind = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    (is_kind && !id.is_empty()).then_some((kind, id))
}

fn asked(errors: &mut ValidationErrors, text: &str) -> Vec<String> {
    let words = search::words(text, search::ASKED_MAX + 1);
    if words.is_empty() && !text.trim().is_empty() {
        errors.add("q", FieldProblem::NoWord);
    }
    if words.len() > search::ASKED_MAX {
        errors.add("q", FieldProblem::TooLong);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(name: &str, text: &str) -> AuditQuery {
        let mut query = AuditQuery::default();
        query.set(name, text);
        query
    }

    #[test]
    fn every_filter_is_read_by_its_name() {
        for name in FILTERS {
            let query = only(name, " 2026-01-31 ");
            assert_eq!(query.filters(), [(name, "2026-01-31")]);
            assert_eq!(query.only(name).filters(), query.filters());
            assert!(query.without(name).filters().is_empty());
        }
    }

    #[test]
    fn what_cannot_be_meant_is_said_of_its_field() {
        use FieldProblem as P;
        let many = (0..=search::ASKED_MAX).map(|n| format!("w{n} "));
        for (name, text, problem) in [
            ("from", "yesterday", P::BadMoment),
            ("to", "2026-13-01", P::BadMoment),
            ("to", "2026-02-30T00:00:00Z", P::BadMoment),
            ("deployment", "#x", P::BadNumber),
            ("deployment", "0", P::BadNumber),
            ("deployment", "99999999999999999999", P::BadNumber),
            ("action", "everything", P::UnknownChoice),
            ("outcome", "maybe", P::UnknownChoice),
            ("q", "?!", P::NoWord),
            ("q", &many.collect::<String>(), P::TooLong),
            ("actor", &"a".repeat(FILTER_MAX + 1), P::TooLong),
        ] {
            let wrong = only(name, text).parse().unwrap_err();
            assert_eq!(wrong.get(name), Some(problem), "{name}={text}");
        }
        let backwards = AuditQuery {
            from: "2026-02-02".to_owned(),
            to: "2026-02-01".to_owned(),
            ..AuditQuery::default()
        };
        assert_eq!(backwards.parse().unwrap_err().get("to"), Some(P::Backwards));
    }

    #[test]
    fn days_are_whole_and_objects_have_a_kind_where_one_is_meant() {
        let day = AuditQuery {
            from: "2026-02-01".to_owned(),
            to: "2026-02-01".to_owned(),
            ..AuditQuery::default()
        };
        let read = day.parse().unwrap();
        let length = read.to.unwrap() - read.from.unwrap();
        assert_eq!(length.num_hours(), 24);
        assert_eq!(
            kind_and_id("identity:refund-assistant-2"),
            Some(("identity", "refund-assistant-2"))
        );
        assert_eq!(
            kind_and_id("evidence:sha256:00"),
            Some(("evidence", "sha256:00"))
        );
        for whole in ["4471", "sha256:00", "identity:", ":x"] {
            assert_eq!(kind_and_id(whole), None, "{whole}");
        }
        let number = only("deployment", "#4471").parse().unwrap().deployment;
        assert_eq!(number, Some(4_471));
    }
}
