//! Which agents mean nearly the same, to the model of language that is configured. Every vector of the model is looked at for what
//! is compared by one look, page by page, so it costs the same memory for any number of agents.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use domain::registry::{Meaning, Profile, likeness_by_meaning, said};

use crate::ControlPlane;
use crate::error::Error;
use crate::ports::embedder::EmbeddingModel;
use crate::store;
use crate::store::entity::{registry_entry, registry_meaning};

/// Vectors that are read at once.
const PAGE: u64 = 2_000;
/// Most agents that are kept as like one.
pub(crate) const KEPT: usize = 20;

/// What the model makes of some entries.
#[derive(Debug, Default)]
pub(crate) struct Meanings {
    /// By the numbers of the entries.
    rows: BTreeMap<i64, registry_meaning::Model>,
    /// Numbers of those that are near to an entry with their likeness in thousandths, the likest first.
    near: BTreeMap<i64, Vec<(i64, u32)>>,
}

impl Meanings {
    /// What is to be stored of an entry.
    pub(crate) fn row(&self, number: i64) -> Option<&registry_meaning::Model> {
        self.rows.get(&number)
    }

    /// Those that are near to an entry.
    pub(crate) fn near(&self, number: i64) -> &[(i64, u32)] {
        self.near.get(&number).map_or(&[], Vec::as_slice)
    }
}

/// Asks the model about some entries, and finds what is near to them. Nothing where there is no model, or where it fails: then the
/// words alone decide, and the trouble is told.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of(
    cp: &ControlPlane,
    entries: &[registry_entry::Model],
) -> Result<Meanings, Error> {
    let Some(model) = cp.ports().embedder.model().filter(|_| !entries.is_empty()) else {
        return Ok(Meanings::default());
    };
    let profiles = entries.iter().map(|entry| store::from_json(&entry.profile));
    let profiles: Vec<Profile> = profiles.collect::<Result<_, _>>()?;
    let texts = profiles.iter().map(said).collect();
    let vectors = match cp.ports().embedder.embed(texts).await {
        Ok(vectors) => vectors,
        Err(error) => {
            tracing::warn!(model = model.name, %error, "agents are compared by their words alone");
            return Ok(Meanings::default());
        }
    };
    let numbers = entries.iter().map(|entry| entry.number);
    let asked: Vec<(i64, Meaning)> = numbers
        .zip(vectors.iter().map(|vector| Meaning::of(vector)))
        .collect();
    let row = |(number, meaning): &(i64, Meaning)| {
        let row = registry_meaning::Model {
            number: *number,
            model: model.name.clone(),
            vector: meaning.to_bytes(),
        };
        (*number, row)
    };
    Ok(Meanings {
        rows: asked.iter().map(row).collect(),
        near: near(cp, &model, &asked).await?,
    })
}

async fn near(
    cp: &ControlPlane,
    model: &EmbeddingModel,
    asked: &[(i64, Meaning)],
) -> Result<BTreeMap<i64, Vec<(i64, u32)>>, Error> {
    let mut found: BTreeMap<i64, Vec<(i64, u32)>> = BTreeMap::new();
    let mut note = |number: i64, other: i64, meaning: &Meaning, theirs: &Meaning| {
        let likeness = likeness_by_meaning(meaning.cosine(theirs), model.near);
        if let Some(likeness) = likeness.filter(|_| number != other) {
            let near = found.entry(number).or_default();
            near.push((other, likeness));
            near.sort_unstable_by_key(|(other, likeness)| (Reverse(*likeness), *other));
            near.truncate(KEPT);
        }
    };
    let mut above = i64::MIN;
    loop {
        let page = store::registry_meanings::page(cp.reader(), &model.name, above, PAGE).await?;
        for row in &page {
            above = row.number;
            let known = asked.iter().any(|(number, _)| *number == row.number);
            // What is stored of those that are asked about is of what they said before.
            if !known {
                let theirs = Meaning::from_bytes(&row.vector);
                for (number, meaning) in asked {
                    note(*number, row.number, meaning, &theirs);
                }
            }
        }
        if u64::try_from(page.len()).unwrap_or(0) < PAGE {
            break;
        }
    }
    for (number, meaning) in asked {
        for (other, theirs) in asked {
            note(*number, *other, meaning, theirs);
        }
    }
    Ok(found)
}
