//! Finds the agents that do nearly the same as one that is new or describes itself anew, and fills in entries of the registry that are
//! missing.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use domain::form::query::Standing;
use domain::registry::{Cell, Corpus, Degree, Profile, likeness, telling};

use super::{Status, Worker};
use crate::ControlPlane;
use crate::deployments;
use crate::error::Error;
use crate::registry::meaning::{self, KEPT};
use crate::store;
use crate::store::entity::registry_entry;
use crate::store::registry::Alike;
use crate::transact::Tx;

/// Agents that one look compares.
const BATCH: u64 = 20;
/// How far it is counted in how many agents a word stands; what is more frequent tells little.
const COUNTED: u64 = 1_000;
/// Most agents that one is compared with: those with the rarest of its words.
const COMPARED: u64 = 400;

/// The worker.
#[derive(Debug, Default)]
pub(crate) struct CompareAgents {
    /// The model of language that was asked about every agent.
    caught_up: Mutex<Option<String>>,
}

#[async_trait]
impl Worker for CompareAgents {
    fn name(&self) -> &'static str {
        "compare_agents"
    }

    fn period(&self) -> Duration {
        Duration::from_secs(2)
    }

    fn woken_by_commits(&self) -> bool {
        false
    }

    async fn activate(&self, cp: &ControlPlane) -> Result<Status, Error> {
        let filled = crate::registry::fill(cp).await?;
        let mut due = self.due(cp).await?;
        let meanings = meaning::of(cp, &due).await?;
        // A model that failed is asked again by the next look.
        due.retain(|entry| !entry.compared || meanings.row(entry.number).is_some());
        if due.is_empty() {
            return Ok(if filled == 0 {
                Status::Idle
            } else {
                Status::Worked
            });
        }
        let cells = store::registry::cells(cp.reader()).await?;
        for entry in &due {
            let others = alike(cp, entry, &cells, meanings.near(entry.number)).await?;
            let (ctx, others) = (deployments::worker(cp, self.name()), &others);
            let meaning = meanings.row(entry.number);
            cp.transact("registry::compare", &ctx, |tx: Tx| async move {
                let compared = registry_entry::Model {
                    compared: true,
                    ..entry.clone()
                };
                // One that changed since is compared by the next look.
                store::registry::update(&tx, entry, &compared).await?;
                if let Some(meaning) = meaning {
                    store::registry_meanings::set(&tx, meaning.clone()).await?;
                }
                store::registry::set_likenesses(&tx, entry.agent_id, others).await
            })
            .await?;
        }
        Ok(Status::Worked)
    }
}

impl CompareAgents {
    /// Notes which model was asked about every agent, and gives the one before.
    fn note(&self, model: Option<String>) -> Option<String> {
        let mut caught_up = self
            .caught_up
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut caught_up, model)
    }

    /// Entries to look at: what changed first, then what the model of language was not asked about.
    async fn due(&self, cp: &ControlPlane) -> Result<Vec<registry_entry::Model>, Error> {
        let changed = store::registry::to_compare(cp.reader(), BATCH).await?;
        let Some(model) = cp.ports().embedder.model() else {
            return Ok(changed);
        };
        // The model may fail at one that changed.
        let before = self.note(None);
        if !changed.is_empty() {
            return Ok(changed);
        }
        let missing = if before.as_ref() == Some(&model.name) {
            Vec::new()
        } else {
            store::registry_meanings::missing(cp.reader(), &model.name, BATCH).await?
        };
        if missing.is_empty() {
            self.note(Some(model.name));
        }
        Ok(missing)
    }
}

/// The agents that one is like by its words or by what it means, the likest first. An agent that has ended is like none.
async fn alike(
    cp: &ControlPlane,
    entry: &registry_entry::Model,
    cells: &[Cell],
    near: &[(i64, u32)],
) -> Result<Vec<Alike>, Error> {
    let ended = |entry: &registry_entry::Model| {
        let cell = cells.iter().find(|cell| cell.id == entry.cell_id);
        cell.is_some_and(|cell| cell.standings.holds(Standing::Decommissioned))
    };
    if ended(entry) {
        return Ok(Vec::new());
    }
    let mut alike = by_words(cp, entry, cells).await?;
    let numbers = near.iter().map(|(number, _)| *number).collect();
    for other in store::registry::by_numbers(cp.reader(), numbers).await? {
        let mut near = near.iter();
        let Some((_, likeness)) = near.find(|(number, _)| *number == other.number) else {
            continue;
        };
        let mut known = alike.iter_mut();
        if let Some((known, _)) = known.find(|(known, _)| known.agent == other.agent_id) {
            // What they have in common is said of them, and how near they are by whichever says more.
            known.likeness = known.likeness.max(*likeness);
        } else {
            let found = Alike {
                agent: other.agent_id,
                likeness: *likeness,
                meaning: true,
            };
            alike.push((found, other));
        }
    }
    alike.retain(|(_, other)| !ended(other));
    let mut alike: Vec<Alike> = alike.into_iter().map(|(found, _)| found).collect();
    alike.sort_unstable_by_key(|found| (Reverse(found.likeness), found.agent));
    alike.truncate(KEPT);
    Ok(alike)
}

/// The agents that one is like by its words, each with its entry.
async fn by_words(
    cp: &ControlPlane,
    entry: &registry_entry::Model,
    cells: &[Cell],
) -> Result<Vec<(Alike, registry_entry::Model)>, Error> {
    let profile: Profile = store::from_json(&entry.profile)?;
    let words = telling(&profile);
    let seen = store::registry_words::seen(cp.reader(), &words, COUNTED).await?;
    let seen: BTreeMap<String, u64> = words.into_iter().zip(seen).collect();
    let asked = rarest(&seen);
    let numbers = store::registry_words::find_any(cp.reader(), &asked, COMPARED).await?;
    let others = store::registry::by_numbers(cp.reader(), numbers).await?;
    let corpus = Corpus {
        agents: cells
            .iter()
            .map(|cell| cell.agents)
            .sum::<u64>()
            .min(COUNTED),
        seen,
    };
    let mut alike = Vec::new();
    for other in others {
        if other.number == entry.number {
            continue;
        }
        let theirs: Profile = store::from_json(&other.profile)?;
        let likeness = likeness(&profile, &theirs, &corpus);
        if Degree::of(likeness).is_some() {
            let found = Alike {
                agent: other.agent_id,
                likeness,
                meaning: false,
            };
            alike.push((found, other));
        }
    }
    Ok(alike)
}

/// The rarest words of an agent that others have too, as many as bring no more agents than one is compared with.
fn rarest(seen: &BTreeMap<String, u64>) -> Vec<String> {
    let mut shared: Vec<(u64, &String)> = seen.iter().map(|(word, n)| (*n, word)).collect();
    shared.retain(|(n, _)| *n > 1);
    shared.sort_unstable();
    let mut bring = 0;
    let mut few: Vec<String> = Vec::new();
    for (n, word) in shared {
        bring += n;
        if bring > COMPARED && !few.is_empty() {
            break;
        }
        few.push(word.clone());
    }
    few
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_are_compared_by_the_rarest_words_that_others_have_too() {
        let seen = [
            ("own", 1),
            ("rare", 2),
            ("some", 300),
            ("many", 390),
            ("all", 1_000),
        ];
        let seen: BTreeMap<String, u64> = seen.map(|(word, n)| (word.to_owned(), n)).into();
        assert_eq!(rarest(&seen), ["rare", "some"]);
        let common: BTreeMap<String, u64> = [("all".to_owned(), 1_000)].into();
        assert_eq!(rarest(&common), ["all"]);
        assert!(rarest(&BTreeMap::new()).is_empty());
    }
}
