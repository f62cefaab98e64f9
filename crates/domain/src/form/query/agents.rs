//! The filters of the registry, as they stand in addresses and as they are meant.

use serde::{Deserialize, Serialize};

use crate::agent::{Framework, Risk};
use crate::error::{FieldProblem, ValidationErrors};
use crate::search::words;
use crate::state::words as closed;

/// Longest text of a filter, characters.
const TEXT_MAX: usize = 200;
/// Most values of one filter.
const VALUES_MAX: usize = 50;
/// Most words that are looked for at once.
const WORDS_MAX: usize = crate::search::ASKED_MAX;

closed! {
    /// What runs of an agent. Several can hold of one agent.
    Standing as "status" {
        Production = "production",
        /// Live in non-prod, and not in production.
        NonProdOnly = "non_prod",
        /// Something that is live is held in quarantine.
        Quarantined = "quarantined",
        /// No deployment was ever asked for.
        Never = "never",
        Decommissioned = "decommissioned",
    }
}

impl Standing {
    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Production => "Live in production",
            Self::NonProdOnly => "Non-prod only",
            Self::Quarantined => "In quarantine",
            Self::Never => "Never deployed",
            Self::Decommissioned => "Decommissioned",
        }
    }
}

closed! {
    /// A filter that takes several values, one of which must hold.
    Facet as "filter" {
        Status = "status",
        Team = "team",
        Framework = "framework",
        Risk = "risk",
        Label = "label",
    }
}

impl Facet {
    /// Stands for what no version has said yet.
    pub const UNKNOWN: &'static str = "unknown";

    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Status => "Status",
            Self::Team => "Team",
            Self::Framework => "Framework",
            Self::Risk => "Risk",
            Self::Label => "Label",
        }
    }

    /// A value as people read it. Teams are read by their slug.
    #[must_use]
    pub fn value_label(self, value: &str) -> String {
        let known = match self {
            Self::Status => value.parse().map(Standing::label).ok(),
            Self::Framework => value.parse().map(Framework::label).ok(),
            Self::Risk => value.parse().map(Risk::label).ok(),
            Self::Team | Self::Label => return value.to_owned(),
        };
        known.unwrap_or("Unknown").to_owned()
    }

    /// The values that are always there. Teams and labels are in the database.
    #[must_use]
    pub fn values(self) -> Vec<&'static str> {
        match self {
            Self::Status => Standing::ALL.iter().map(|one| one.as_str()).collect(),
            Self::Framework => with_unknown(Framework::ALL.iter().map(|one| one.as_str())),
            Self::Risk => with_unknown(Risk::ALL.iter().map(|one| one.as_str())),
            Self::Team | Self::Label => Vec::new(),
        }
    }
}

fn with_unknown(words: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    words.chain([Facet::UNKNOWN]).collect()
}

closed! {
    /// In which order agents are listed.
    Sort as "order" {
        Name = "name",
        NameDown = "-name",
    }
}

closed! {
    /// What stands of an agent in a row of the registry, beside its name.
    Column as "column" {
        Production = "production",
        NonProd = "non_prod",
        Last = "last",
        Team = "team",
        Owner = "owner",
        Framework = "framework",
        Risk = "risk",
        Labels = "labels",
    }
}

impl Column {
    /// Those that stand there where nobody chose.
    pub const USUAL: [Self; 6] = [
        Self::Production,
        Self::NonProd,
        Self::Last,
        Self::Team,
        Self::Framework,
        Self::Risk,
    ];

    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Production => "Production",
            Self::NonProd => "Non-prod",
            Self::Last => "Last deployment",
            Self::Team => "Team",
            Self::Owner => "Owner",
            Self::Framework => "Framework",
            Self::Risk => "Risk",
            Self::Labels => "Labels",
        }
    }
}

/// Filters of the registry. Empty ones narrow nothing; of several values of one filter, one must hold.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(default)]
pub struct AgentQuery {
    /// Beginnings of words of its name, purpose, skills, tags, tools, MCP servers or owner.
    pub q: String,
    /// Words of standings.
    pub status: Vec<String>,
    /// Team slugs.
    pub team: Vec<String>,
    /// Words of frameworks, or `unknown`.
    pub framework: Vec<String>,
    /// Words of risks, or `unknown`.
    pub risk: Vec<String>,
    /// Labels that people gave.
    pub label: Vec<String>,
    /// Words of columns, for the page alone; the usual ones if empty.
    pub column: Vec<String>,
    /// Word of an order; by name if empty.
    pub sort: String,
    pub cursor: String,
    pub limit: Option<u64>,
}

/// The filters as they are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgentFilter {
    /// Beginnings of words, all of which must stand in what an agent is found by; empty for all.
    pub words: Vec<String>,
    pub standings: Vec<Standing>,
    /// `None` is for agents without a version.
    pub frameworks: Vec<Option<Framework>>,
    pub risks: Vec<Option<Risk>>,
    pub labels: Vec<String>,
    pub columns: Vec<Column>,
    pub sort: Sort,
}

/// A filter whose absence would show something where nothing is shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Narrowing {
    /// `None` for the words.
    pub facet: Option<Facet>,
    /// How many agents there are without it.
    pub shown: u64,
}

impl AgentQuery {
    /// Reads the parts of an address. A filter stands there once for each value, or once with commas between them; what is no
    /// filter is left alone.
    pub fn read<'a>(parts: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut query = Self::default();
        for (name, text) in parts {
            match name {
                "q" => text.clone_into(&mut query.q),
                "sort" => text.clone_into(&mut query.sort),
                "cursor" => text.clone_into(&mut query.cursor),
                "limit" => query.limit = text.parse().ok(),
                "column" => add(&mut query.column, text),
                _ => {
                    if let Ok(facet) = name.parse() {
                        add(query.values_mut(facet), text);
                    }
                }
            }
        }
        query
    }

    /// The values of a filter.
    #[must_use]
    pub fn values(&self, facet: Facet) -> &[String] {
        match facet {
            Facet::Status => &self.status,
            Facet::Team => &self.team,
            Facet::Framework => &self.framework,
            Facet::Risk => &self.risk,
            Facet::Label => &self.label,
        }
    }

    fn values_mut(&mut self, facet: Facet) -> &mut Vec<String> {
        match facet {
            Facet::Status => &mut self.status,
            Facet::Team => &mut self.team,
            Facet::Framework => &mut self.framework,
            Facet::Risk => &mut self.risk,
            Facet::Label => &mut self.label,
        }
    }

    /// Name and text of everything that narrows, orders or is shown, in the order of the form; the place of a page is none of it.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, &str)> {
        let mut parts = vec![("q", self.q.trim())];
        for facet in Facet::ALL {
            let values = self.values(*facet).iter();
            parts.extend(values.map(|value| (facet.as_str(), value.as_str())));
        }
        parts.push(("sort", self.sort.trim()));
        parts.extend(self.column.iter().map(|column| ("column", column.as_str())));
        parts.retain(|(_, text)| !text.is_empty());
        parts
    }

    /// Is anything narrowed?
    #[must_use]
    pub fn is_narrowed(&self) -> bool {
        let any = |facet: &Facet| !self.values(*facet).is_empty();
        !self.q.trim().is_empty() || Facet::ALL.iter().any(any)
    }

    /// What a saved view keeps: everything but the place and the length of a page.
    #[must_use]
    pub fn kept(&self) -> Self {
        Self {
            cursor: String::new(),
            limit: None,
            ..self.clone()
        }
    }

    /// The same without one filter (`None`: the words), or without one value of it, from the first page on.
    #[must_use]
    pub fn without(&self, facet: Option<Facet>, value: Option<&str>) -> Self {
        let mut rest = Self {
            cursor: String::new(),
            ..self.clone()
        };
        match facet {
            None => rest.q.clear(),
            Some(facet) => rest
                .values_mut(facet)
                .retain(|one| value.is_some_and(|value| one != value)),
        }
        rest
    }

    /// The columns that the page shows, in the order in which they stand there. Words that are none count for nothing here.
    #[must_use]
    pub fn columns(&self) -> Vec<Column> {
        let asked = |column: &&Column| self.column.iter().any(|word| word == column.as_str());
        let chosen: Vec<Column> = Column::ALL.iter().filter(asked).copied().collect();
        if chosen.is_empty() {
            Column::USUAL.to_vec()
        } else {
            chosen
        }
    }

    /// Reads what stands in the filters.
    ///
    /// # Errors
    /// Each field that cannot be meant: a text that is too long, too many values, and a word of a status, framework, risk,
    /// column or order that is none.
    pub fn parse(&self) -> Result<AgentFilter, ValidationErrors> {
        let mut errors = ValidationErrors::default();
        let long = |text: &String| text.chars().count() > TEXT_MAX;
        if long(&self.q) {
            errors.add("q", FieldProblem::TooLong);
        }
        for facet in Facet::ALL {
            let values = self.values(*facet);
            if values.len() > VALUES_MAX || values.iter().any(long) {
                errors.add(facet.as_str(), FieldProblem::TooLong);
            }
        }
        if self.column.len() > VALUES_MAX {
            errors.add("column", FieldProblem::TooLong);
        }
        let sort = match self.sort.trim() {
            "" => Some(Sort::Name),
            word => word.parse().ok(),
        };
        if sort.is_none() {
            errors.add("sort", FieldProblem::UnknownChoice);
        }
        let filter = AgentFilter {
            words: words(&self.q, WORDS_MAX),
            standings: known(&mut errors, "status", &self.status, |word| {
                word.parse().ok()
            }),
            frameworks: known(&mut errors, "framework", &self.framework, or_unknown),
            risks: known(&mut errors, "risk", &self.risk, or_unknown),
            labels: self.label.clone(),
            columns: known(&mut errors, "column", &self.column, |word| {
                word.parse().ok()
            }),
            sort: sort.unwrap_or(Sort::Name),
        };
        errors.into_result().map(|()| filter)
    }
}

/// Adds what stands between commas, each once.
fn add(values: &mut Vec<String>, text: &str) {
    for value in text.split(',').map(str::trim).filter(|v| !v.is_empty()) {
        // One more than are taken, so that too many are noticed.
        if values.len() <= VALUES_MAX && !values.iter().any(|known| known == value) {
            values.push(value.to_owned());
        }
    }
}

fn or_unknown<T: std::str::FromStr>(word: &str) -> Option<Option<T>> {
    if word == Facet::UNKNOWN {
        Some(None)
    } else {
        word.parse().ok().map(Some)
    }
}

fn known<T>(
    errors: &mut ValidationErrors,
    name: &'static str,
    words: &[String],
    read: impl Fn(&str) -> Option<T>,
) -> Vec<T> {
    let found: Option<Vec<T>> = words.iter().map(|word| read(word)).collect();
    if found.is_none() && errors.get(name).is_none() {
        errors.add(name, FieldProblem::UnknownChoice);
    }
    found.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_may_stand_several_times_or_once_with_commas() {
        let parts = [("team", "a,b"), ("team", "c"), ("team", "a"), ("x", "y")];
        let query = AgentQuery::read(parts);
        assert_eq!(query.team, ["a", "b", "c"]);
        let team = Some(Facet::Team);
        assert_eq!(query.without(team, Some("b")).team, ["a", "c"]);
        assert!(!query.without(team, None).is_narrowed());
        assert_eq!(AgentQuery::read(query.parts()), query);
    }

    #[test]
    fn what_cannot_be_meant_is_said_of_its_field() {
        use FieldProblem as P;
        let many: String = (0..200).map(|n| format!("t{n},")).collect();
        for (name, text, problem) in [
            ("status", "running", P::UnknownChoice),
            ("framework", "cobol", P::UnknownChoice),
            ("risk", "huge", P::UnknownChoice),
            ("column", "price", P::UnknownChoice),
            ("sort", "size", P::UnknownChoice),
            ("team", many.as_str(), P::TooLong),
            ("status", many.as_str(), P::TooLong),
            ("q", &"a".repeat(300), P::TooLong),
        ] {
            let wrong = AgentQuery::read([(name, text)]).parse().unwrap_err();
            assert_eq!(wrong.get(name), Some(problem), "{name}={text}");
        }
        for facet in Facet::ALL {
            for value in facet.values() {
                let query = AgentQuery::read([(facet.as_str(), value)]);
                assert!(query.parse().is_ok(), "{facet}={value}");
            }
        }
    }
}
