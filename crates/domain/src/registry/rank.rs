//! Which of the agents that a search found come first, and why each was found.

use serde::{Deserialize, Serialize};

use super::{Field, Profile};
use crate::search::words;
use crate::text::cut;

/// Longest text that is shown as the reason, characters.
const SHOWN_MAX: usize = 120;

/// Why a search found an agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Why {
    pub field: Field,
    /// What stands there.
    pub text: String,
}

/// One of the agents that were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Its place among the agents that were given.
    pub at: usize,
    /// Nothing where its name says it all.
    pub why: Option<Why>,
}

/// Puts agents in the order of how well they fit the words: a name before a skill before a purpose, a whole word before the beginning
/// of one; else by name. None is left out: the index has found them.
#[must_use]
pub fn rank(asked: &[String], agents: &[(String, Profile)]) -> Vec<Hit> {
    let whole = asked.join("-");
    let mut scored: Vec<(u32, &str, Hit)> = agents
        .iter()
        .enumerate()
        .map(|(at, (slug, profile))| {
            let (score, why) = weigh(asked, slug, profile);
            let exact = if *slug == whole { 1_000 } else { 0 };
            (score + exact, slug.as_str(), Hit { at, why })
        })
        .collect();
    scored.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    scored.into_iter().map(|(_, _, hit)| hit).collect()
}

/// How well an agent fits, and what tells it best beside its name.
fn weigh(asked: &[String], slug: &str, profile: &Profile) -> (u32, Option<Why>) {
    let texts = profile.texts(slug);
    let fits: Vec<Vec<u32>> = texts
        .iter()
        .map(|(field, text)| {
            let there = words(text, usize::MAX);
            let fit = |word: &String| fit(word, &there) * weight(*field);
            asked.iter().map(fit).collect()
        })
        .collect();
    let best = |word: usize| fits.iter().map(|fit| fit[word]).max().unwrap_or(0);
    let score = (0..asked.len()).map(best).sum();
    let named = texts.iter().zip(&fits).any(|((field, _), fit)| {
        *field == Field::Name && !asked.is_empty() && fit.iter().all(|one| *one > 0)
    });
    if named {
        return (score, None);
    }
    let told = texts
        .iter()
        .zip(&fits)
        .filter(|((field, _), _)| *field != Field::Name);
    let told = told
        .map(|(text, fit)| (text, fit.iter().sum::<u32>()))
        .filter(|(_, sum)| *sum > 0)
        // The first of the best.
        .reduce(|best, next| if next.1 > best.1 { next } else { best });
    let why = told.map(|((field, text), _)| Why {
        field: *field,
        text: cut(text, SHOWN_MAX),
    });
    (score, why)
}

/// 3 for a whole word, 2 for its beginning, 0 for neither.
fn fit(word: &str, there: &[String]) -> u32 {
    let one = |found: &String| match found.strip_prefix(word) {
        Some("") => 3,
        Some(_) => 2,
        None => 0,
    };
    there.iter().map(one).max().unwrap_or(0)
}

const fn weight(field: Field) -> u32 {
    match field {
        Field::Name => 10,
        Field::Skill => 6,
        Field::Tag | Field::Label | Field::Owner => 5,
        Field::Tool | Field::Server => 4,
        Field::Purpose => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(slug: &str, purpose: &str, skills: &[&str]) -> (String, Profile) {
        let profile = Profile {
            purpose: purpose.to_owned(),
            skills: skills.iter().map(|s| (*s).to_owned()).collect(),
            ..Profile::default()
        };
        (slug.to_owned(), profile)
    }

    fn found(q: &str, agents: &[(String, Profile)]) -> Vec<(String, Option<(Field, String)>)> {
        let hits = rank(&words(q, 9), agents).into_iter();
        let why = |hit: &Hit| hit.why.clone().map(|why| (why.field, why.text));
        hits.map(|hit| (agents[hit.at].0.clone(), why(&hit)))
            .collect()
    }

    #[test]
    fn a_name_comes_before_a_skill_before_a_purpose() {
        let agents = [
            agent("mail-sorter", "Sorts mail about invoices", &[]),
            agent("ledger", "Keeps books", &["match invoices", "pay"]),
            agent("invoices", "Does more", &[]),
            agent("invoices-archive", "Keeps them", &[]),
        ];
        let found = found("invoices", &agents);
        let names: Vec<&str> = found.iter().map(|(slug, _)| slug.as_str()).collect();
        assert_eq!(
            names,
            ["invoices", "invoices-archive", "ledger", "mail-sorter"]
        );
        assert_eq!(found[0].1, None);
        assert_eq!(
            found[2].1,
            Some((Field::Skill, "match invoices".to_owned()))
        );
        assert_eq!(found[3].1.as_ref().unwrap().0, Field::Purpose);
    }

    #[test]
    fn beginnings_count_less_than_words_and_the_reason_fits_most_of_them() {
        let agents = [
            agent("a", "refunds", &[]),
            agent("b", "refund", &[]),
            agent("c", "nothing", &["refund small claims", "claims"]),
        ];
        let both = found("refund claims", &agents);
        assert_eq!(
            both[0],
            (
                "c".to_owned(),
                Some((Field::Skill, "refund small claims".to_owned()))
            )
        );
        let one = found("refund", &agents[..2]);
        assert_eq!(one[0].0, "b");
        // Nothing is asked, or nothing fits: still everything, by name.
        assert_eq!(found("", &agents).len(), 3);
        assert_eq!(found("zebra", &agents)[0], ("a".to_owned(), None));
    }
}
