//! How alike two agents are: BM25 over purpose, skills, tags and tools, each read as a question to the other, as a share of how well
//! an agent answers itself.
//!
//! Robertson and Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, with the usual `k1` of 1.2 and `b` of
//! 0.75, and the inverse document frequency that is never negative.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Profile;
use crate::search::words;
use crate::state::words as closed;

const K1: f64 = 1.2;
const B: f64 = 0.75;
/// Most different words by which agents are compared.
const TERMS_MAX: usize = 64;
/// An agent that says less than this many words of itself is like none.
const TERMS_MIN: usize = 3;
/// Words that stand in every purpose.
const EMPTY: [&str; 30] = [
    "a", "about", "agent", "all", "an", "and", "are", "as", "at", "be", "by", "can", "for", "from",
    "has", "in", "into", "is", "it", "its", "of", "on", "or", "that", "the", "their", "this", "to",
    "which", "with",
];

closed! {
    /// How alike, in words.
    Degree as "degree of likeness" {
        Same = "same",
        Close = "close",
        Related = "related",
    }
}

impl Degree {
    /// The likeness from which on it is this, in thousandths.
    #[must_use]
    pub const fn least(self) -> u32 {
        match self {
            Self::Same => 600,
            Self::Close => 350,
            Self::Related => 180,
        }
    }

    /// Of a likeness in thousandths; nothing below what is worth a look.
    #[must_use]
    pub fn of(likeness: u32) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|degree| likeness >= degree.least())
    }

    /// The words people read.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Same => "Nearly the same",
            Self::Close => "Close",
            Self::Related => "Related",
        }
    }
}

/// The agents among which two are compared.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Corpus {
    /// How many there are.
    pub agents: u64,
    /// In how many of them a word stands. One that is missing stands in none but the two.
    pub seen: BTreeMap<String, u64>,
}

impl Corpus {
    /// Inverse document frequency of a word.
    fn rarity(&self, word: &str) -> f64 {
        let seen = self.seen.get(word).copied().unwrap_or(1).max(1);
        let (all, seen) = (real(self.agents.max(seen)), real(seen));
        (1.0 + (all - seen + 0.5) / (seen + 0.5)).ln()
    }
}

fn real(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The words by which an agent is compared, the most telling kinds first.
#[must_use]
pub fn telling(profile: &Profile) -> Vec<String> {
    let mut told: Vec<(f64, String)> = terms(profile)
        .into_iter()
        .map(|(word, n)| (n, word))
        .collect();
    told.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    told.into_iter()
        .map(|(_, word)| word)
        .take(TERMS_MAX)
        .collect()
}

/// Each word with how often it stands there; in a skill or the name of a tool it counts twice.
fn terms(profile: &Profile) -> BTreeMap<String, f64> {
    let mut terms = BTreeMap::new();
    let mut add = |text: &str, times: f64| {
        for word in words(text, TERMS_MAX) {
            if word.chars().count() > 1 && !EMPTY.contains(&word.as_str()) {
                *terms.entry(word).or_insert(0.0) += times;
            }
        }
    };
    add(&profile.purpose, 1.0);
    profile.skills.iter().for_each(|skill| add(skill, 2.0));
    profile.tags.iter().for_each(|tag| add(tag, 1.0));
    for tool in &profile.tools {
        add(&tool.name, 2.0);
        add(&tool.description, 1.0);
    }
    terms
}

/// How alike two agents are, in thousandths: the same from either side, 1,000 for two that say the same of themselves.
#[must_use]
pub fn likeness(one: &Profile, other: &Profile, corpus: &Corpus) -> u32 {
    let (one, other) = (terms(one), terms(other));
    if one.len() < TERMS_MIN || other.len() < TERMS_MIN {
        return 0;
    }
    let usual = f64::midpoint(one.values().sum(), other.values().sum());
    let answer = |asked: &BTreeMap<String, f64>, given: &BTreeMap<String, f64>| {
        let most = score(asked, asked, corpus, usual);
        (score(asked, given, corpus, usual) / most).min(1.0)
    };
    let both = f64::midpoint(answer(&one, &other), answer(&other, &one));
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1,000"
    )]
    let thousandths = (both * 1_000.0).round() as u32;
    thousandths
}

fn score(
    asked: &BTreeMap<String, f64>,
    given: &BTreeMap<String, f64>,
    corpus: &Corpus,
    usual: f64,
) -> f64 {
    let length: f64 = given.values().sum();
    let norm = K1 * (1.0 - B + B * length / usual);
    let of = |(word, weight): (&String, &f64)| {
        let times = given.get(word)?;
        Some(weight * corpus.rarity(word) * times * (K1 + 1.0) / (times + norm))
    };
    asked.iter().filter_map(of).sum()
}

/// What two agents have in common, as a person would say why they are alike.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Shared {
    pub skills: Vec<String>,
    /// Different skills that the two have together.
    pub of_skills: usize,
    pub tools: Vec<String>,
    pub servers: Vec<String>,
    /// Words of both, where nothing else is shared.
    pub words: Vec<String>,
    /// They are alike by what they mean alone, to the model that was asked.
    #[serde(default)]
    pub meaning: bool,
}

impl Shared {
    /// "7 of the same 9 skills, tool `read_ledger`".
    #[must_use]
    pub fn said(&self) -> String {
        let mut parts = Vec::new();
        if self.meaning {
            parts.push("what they mean, in other words".to_owned());
        }
        if !self.skills.is_empty() {
            parts.push(match (self.skills.len(), self.of_skills) {
                (1, 1) => format!("skill {}", self.skills[0]),
                (n, of) if n == of => format!("the same {n} skills"),
                (n, of) => format!("{n} of the same {of} skills"),
            });
        }
        for (name, all) in [("tool", &self.tools), ("MCP server", &self.servers)] {
            if !all.is_empty() {
                let s = if all.len() == 1 { "" } else { "s" };
                parts.push(format!("{name}{s} {}", all.join(", ")));
            }
        }
        if parts.is_empty() && !self.words.is_empty() {
            parts.push(format!("words {}", self.words.join(", ")));
        }
        parts.join(", ")
    }
}

/// What two agents have in common.
#[must_use]
pub fn shared(one: &Profile, other: &Profile) -> Shared {
    let skills = common(&one.skills, &other.skills);
    let lower = |all: &[String]| {
        all.iter()
            .map(|s| s.to_lowercase())
            .collect::<BTreeSet<_>>()
    };
    let names = |profile: &Profile| -> Vec<String> {
        profile.tools.iter().map(|tool| tool.name.clone()).collect()
    };
    let theirs = terms(other);
    let mut words = telling(one);
    words.retain(|word| theirs.contains_key(word));
    words.truncate(6);
    Shared {
        of_skills: lower(&one.skills).union(&lower(&other.skills)).count(),
        skills,
        tools: common(&names(one), &names(other)),
        servers: common(&one.servers, &other.servers),
        words,
        meaning: false,
    }
}

/// What stands in both, whatever the case of its letters.
fn common(one: &[String], other: &[String]) -> Vec<String> {
    let theirs: BTreeSet<String> = other.iter().map(|text| text.to_lowercase()).collect();
    let mut ours = one.to_vec();
    ours.retain(|text| theirs.contains(&text.to_lowercase()));
    ours
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Tool;

    fn profile(purpose: &str, skills: &[&str], tools: &[&str]) -> Profile {
        Profile {
            purpose: purpose.to_owned(),
            skills: skills.iter().map(|s| (*s).to_owned()).collect(),
            tools: tools
                .iter()
                .map(|name| Tool {
                    name: (*name).to_owned(),
                    description: String::new(),
                    scopes: Vec::new(),
                })
                .collect(),
            ..Profile::default()
        }
    }

    fn corpus() -> Corpus {
        Corpus {
            agents: 1_000,
            seen: [
                ("customer", 400),
                ("answers", 500),
                ("questions", 450),
                ("read", 600),
            ]
            .map(|(word, seen)| (word.to_owned(), seen))
            .into(),
        }
    }

    #[test]
    fn two_that_say_the_same_are_the_same_and_two_that_share_nothing_are_not() {
        let one = profile(
            "Matches incoming invoices with orders",
            &["match invoices"],
            &["read_ledger"],
        );
        assert_eq!(likeness(&one, &one, &corpus()), 1_000);
        let other = profile("Plans shifts of nurses", &["plan shifts"], &["read_roster"]);
        assert!(likeness(&one, &other, &corpus()) < 100);
        assert_eq!(likeness(&one, &profile("An agent", &[], &[]), &corpus()), 0);
        assert_eq!(
            likeness(&Profile::default(), &Profile::default(), &corpus()),
            0
        );
    }

    #[test]
    fn likeness_is_the_same_from_either_side_and_rare_words_weigh_more() {
        let one = profile(
            "Matches supplier invoices with purchase orders",
            &["match invoices"],
            &["read_ledger"],
        );
        let near = profile(
            "Reconciles supplier invoices with purchase orders",
            &["match invoices"],
            &["read_ledger"],
        );
        let far = profile(
            "Answers customer questions about orders",
            &["answer questions"],
            &["search_help"],
        );
        let corpus = corpus();
        assert_eq!(
            likeness(&one, &near, &corpus),
            likeness(&near, &one, &corpus)
        );
        assert_eq!(
            Degree::of(likeness(&one, &near, &corpus)),
            Some(Degree::Same)
        );
        assert_eq!(Degree::of(likeness(&one, &far, &corpus)), None);
        let common = profile(
            "Answers customer questions about taxes",
            &["answer questions"],
            &["search_law"],
        );
        let rare = profile(
            "Estimates roof damage after hail",
            &["estimate roof damage"],
            &["search_help"],
        );
        let rare2 = profile(
            "Estimates roof repairs",
            &["estimate roof repairs"],
            &["search_law"],
        );
        assert!(likeness(&rare, &rare2, &corpus) > 0);
        assert!(likeness(&far, &common, &corpus) < likeness(&one, &near, &corpus));
    }

    #[test]
    fn what_is_shared_is_said_as_a_person_would() {
        let one = profile(
            "Scores leads",
            &["Score leads", "enrich leads", "call"],
            &["crm_read"],
        );
        let other = profile(
            "Scores leads",
            &["score leads", "enrich leads"],
            &["crm_read", "web"],
        );
        let both = shared(&one, &other);
        assert_eq!(both.said(), "2 of the same 3 skills, tool crm_read");
        let words = shared(
            &profile("Scores inbound leads", &[], &[]),
            &profile("Scores leads fast", &[], &[]),
        );
        assert_eq!(words.said(), "words leads, scores");
        assert_eq!(Shared::default().said(), "");
    }
}
