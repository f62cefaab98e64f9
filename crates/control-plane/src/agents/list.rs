//! The registry's list: which agents fit, how many would fit with each filter, and why a search found one. Changes nothing.
//!
//! Filters alone are answered from the cells in which agents are counted, exactly and at the same cost for any number of agents. Words
//! are answered by the full-text index, up to a bound, and put in order by `domain::registry::rank`.

use std::collections::BTreeMap;

use domain::environment::Environment;
use domain::finding::FindingKind;
use domain::form::query::{self, AgentFilter, AgentQuery, Facet, Narrowing};
use domain::id::{AgentId, DeploymentId, TeamId};
use domain::registry::{Cell, Hit, Profile, Why, rank};
use domain::view::agent::{AgentList, AgentRow, FacetCount, LiveCell};
use sea_orm::ConnectionTrait;

use super::similar::profile;
use crate::ControlPlane;
use crate::compliance;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, registry_entry, team};

/// Agents that a search looks at; the best of them are shown.
const LOOKED_AT: u64 = 300;

/// The agents that the actor may see and that fit: by name, or the best first where words are looked for. At most nineteen statements,
/// whatever there is.
///
/// # Errors
/// [`Error::Invalid`] for filters that cannot be meant, [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx, asked: &AgentQuery) -> Result<AgentList, Error> {
    let seen = reading::teams(ctx)?;
    let filter = asked.parse()?;
    let db = cp.reader();
    let kind = Some(FindingKind::UnregisteredRuntime);
    let unregistered = store::findings::count_open(db, kind, seen.as_deref()).await?;
    let teams = store::people::teams(db).await?;
    let all = store::registry::cells(db).await?;
    let (cells, elsewhere): (Vec<Cell>, Vec<Cell>) = all
        .into_iter()
        .partition(|cell| seen.as_ref().is_none_or(|seen| seen.contains(&cell.team)));
    let wanted = if asked.team.is_empty() {
        None
    } else {
        let to = reading::narrowed_to_any(seen, &asked.team, &teams);
        Some(to.flatten().unwrap_or_default())
    };
    let asking = Asking {
        asked,
        filter: &filter,
        wanted: wanted.as_deref(),
        sees_all: elsewhere.is_empty(),
        cells: &cells,
    };
    let found = if asked.q.trim().is_empty() {
        asking.in_order(db).await?
    } else {
        asking.by_words(db).await?
    };
    let narrowest = if found.fitting == 0 && asked.is_narrowed() {
        asking.narrowest(&found.counted)
    } else {
        None
    };
    let mut rows = rows(cp, &found.agents, &teams).await?;
    for row in &mut rows {
        row.why = found.why.get(&row.slug).cloned();
    }
    Ok(AgentList {
        rows,
        next: found.next,
        fitting: found.fitting,
        more: found.more,
        elsewhere: sum(elsewhere.iter()),
        unregistered,
        facets: asking.facets(&found.counted, &teams),
        narrowest,
    })
}

/// What is asked for, with the cells that the reader sees.
struct Asking<'a> {
    asked: &'a AgentQuery,
    filter: &'a AgentFilter,
    /// The teams that are asked for; `None` for all.
    wanted: Option<&'a [TeamId]>,
    sees_all: bool,
    cells: &'a [Cell],
}

/// What was found.
struct Found {
    /// Of this page, in order.
    agents: Vec<AgentId>,
    next: Option<String>,
    fitting: u64,
    more: bool,
    why: BTreeMap<String, Why>,
    /// The cells of what the words find, or all that the reader sees.
    counted: Vec<Cell>,
}

impl Asking<'_> {
    fn fits(&self, cell: &Cell, but: Option<Facet>) -> bool {
        cell.fits(self.filter, self.wanted, but)
    }

    /// The ids of some cells; `None` for every cell there is.
    fn ids<'c>(&self, some: impl Iterator<Item = &'c Cell>) -> Option<Vec<i64>> {
        let ids: Vec<i64> = some.map(|cell| cell.id).collect();
        (!self.sees_all || ids.len() != self.cells.len()).then_some(ids)
    }

    async fn in_order(&self, db: &impl ConnectionTrait) -> Result<Found, Error> {
        let fitting: Vec<&Cell> = self.cells.iter().filter(|c| self.fits(c, None)).collect();
        let ids = self.ids(fitting.iter().copied());
        let limit = query::limit(self.asked.limit);
        let rows = store::registry::page(
            db,
            ids.as_deref(),
            self.filter.sort,
            &self.asked.cursor,
            limit + 1,
        )
        .await?;
        let page = domain::view::page::Page::cut(rows, limit, |(_, slug)| slug.clone());
        Ok(Found {
            agents: page.rows.into_iter().map(|(id, _)| id).collect(),
            next: page.next,
            fitting: sum(fitting.into_iter()),
            more: false,
            why: BTreeMap::new(),
            counted: self.cells.to_vec(),
        })
    }

    async fn by_words(&self, db: &impl ConnectionTrait) -> Result<Found, Error> {
        let narrowed = self.cells.iter().any(|cell| !self.fits(cell, None));
        let (every, more) = self.find(db, self.ids(self.cells.iter())).await?;
        let counted = self.counted(&every);
        let (mut fitting, more) = if narrowed {
            let some = self.cells.iter().filter(|cell| self.fits(cell, None));
            self.find(db, self.ids(some)).await?
        } else {
            (every, more)
        };
        let of = |id: i64| self.cells.iter().find(|cell| cell.id == id);
        fitting.retain(|entry| of(entry.cell_id).is_some_and(|cell| self.fits(cell, None)));
        let profiled = profiled(&fitting)?;
        let (hits, next) = self.cut(rank(&self.filter.words, &profiled));
        let why = hits.iter().filter_map(|hit| {
            let why = hit.why.clone()?;
            Some((fitting[hit.at].slug.clone(), why))
        });
        Ok(Found {
            next,
            more,
            why: why.collect(),
            agents: hits.iter().map(|hit| fitting[hit.at].agent_id).collect(),
            fitting: u64::try_from(fitting.len()).unwrap_or(LOOKED_AT),
            counted,
        })
    }

    /// Entries with the words, in some cells, each once; and whether there may be more.
    async fn find(
        &self,
        db: &impl ConnectionTrait,
        cells: Option<Vec<i64>>,
    ) -> Result<(Vec<registry_entry::Model>, bool), Error> {
        let words = &self.filter.words;
        if words.is_empty() {
            return Ok((Vec::new(), false));
        }
        let numbers = store::registry_words::find(db, words, cells.as_deref(), LOOKED_AT).await?;
        let more = u64::try_from(numbers.len()).is_ok_and(|found| found == LOOKED_AT);
        let mut entries = store::registry::by_numbers(db, numbers).await?;
        if more {
            // Of more than are looked at, those that are called so are among them.
            let named = store::registry::named(db, &words.join("-"), LOOKED_AT / 10).await?;
            let known: Vec<i64> = entries.iter().map(|entry| entry.number).collect();
            entries.extend(named.into_iter().filter(|one| !known.contains(&one.number)));
        }
        entries.retain(|entry| match &cells {
            Some(cells) => cells.contains(&entry.cell_id),
            None => true,
        });
        Ok((entries, more))
    }

    /// A page of the hits: the cursor is the number of those before it.
    fn cut(&self, hits: Vec<Hit>) -> (Vec<Hit>, Option<String>) {
        let before: usize = self.asked.cursor.parse().unwrap_or(0);
        let limit = usize::try_from(query::limit(self.asked.limit)).unwrap_or(usize::MAX);
        let after = before.saturating_add(limit);
        let next = (hits.len() > after).then(|| after.to_string());
        (hits.into_iter().skip(before).take(limit).collect(), next)
    }

    /// The cells of some entries, with how many of them are in each.
    fn counted(&self, entries: &[registry_entry::Model]) -> Vec<Cell> {
        let mut agents: BTreeMap<i64, u64> = BTreeMap::new();
        for entry in entries {
            *agents.entry(entry.cell_id).or_default() += 1;
        }
        let of = |cell: &Cell| {
            let agents = *agents.get(&cell.id)?;
            Some(Cell {
                agents,
                ..cell.clone()
            })
        };
        self.cells.iter().filter_map(of).collect()
    }

    fn facets(&self, counted: &[Cell], teams: &[team::Model]) -> Vec<FacetCount> {
        let mut facets = Vec::new();
        for facet in Facet::ALL.iter().copied() {
            let mut agents: BTreeMap<String, u64> = BTreeMap::new();
            for cell in counted.iter().filter(|cell| self.fits(cell, Some(facet))) {
                for value in cell.values(facet) {
                    *agents.entry(value).or_default() += cell.agents;
                }
            }
            facets.extend(agents.into_iter().map(|(value, agents)| FacetCount {
                facet,
                value: match facet {
                    Facet::Team => slug(&value, teams),
                    Facet::Status | Facet::Framework | Facet::Risk | Facet::Label => value,
                },
                agents,
            }));
        }
        facets
    }

    /// Where nothing fits: the filter that hides most of what there is, if one alone does.
    fn narrowest(&self, counted: &[Cell]) -> Option<Narrowing> {
        let without = |facet: Option<Facet>| {
            let of = if facet.is_none() { self.cells } else { counted };
            Narrowing {
                facet,
                shown: sum(of.iter().filter(|cell| self.fits(cell, facet))),
            }
        };
        let asked = |facet: &Option<Facet>| match facet {
            Some(facet) => !self.asked.values(*facet).is_empty(),
            None => !self.asked.q.trim().is_empty(),
        };
        let facets = Facet::ALL.iter().copied().map(Some);
        let all = std::iter::once(None)
            .chain(facets)
            .filter(asked)
            .map(without);
        let most = all.reduce(|most, next| if next.shown > most.shown { next } else { most });
        most.filter(|one| one.shown > 0)
    }
}

fn sum<'c>(cells: impl Iterator<Item = &'c Cell>) -> u64 {
    cells.map(|cell| cell.agents).sum()
}

fn slug(team: &str, teams: &[team::Model]) -> String {
    let found = teams.iter().find(|one| one.id.to_string() == team);
    found.map(|one| one.slug.clone()).unwrap_or_default()
}

fn profiled(entries: &[registry_entry::Model]) -> Result<Vec<(String, Profile)>, Error> {
    let of =
        |entry: &registry_entry::Model| Ok((entry.slug.clone(), store::from_json(&entry.profile)?));
    entries.iter().map(of).collect()
}

/// Rows of agents, in this order. Seven statements.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn rows(
    cp: &ControlPlane,
    ids: &[AgentId],
    teams: &[team::Model],
) -> Result<Vec<AgentRow>, Error> {
    let (db, ids) = (cp.reader(), ids.to_vec());
    let mut agents = store::agents::many(db, ids.clone()).await?;
    agents.sort_by_key(|agent| ids.iter().position(|id| *id == agent.id));
    let entries = store::registry::of_many(db, ids.clone()).await?;
    let live = store::live::of_agents(db, ids.clone()).await?;
    let mut deployments =
        store::deployments::many(db, live.iter().map(|l| l.deployment_id).collect()).await?;
    let lacks = compliance::of_many(db, live.iter().map(|l| l.deployment_id).collect()).await?;
    let newest = store::deployments::newest_of(db, ids).await?;
    let last: Vec<DeploymentId> = newest.iter().map(|d| d.id).collect();
    deployments.extend(newest);
    let versions =
        store::versions::many(db, deployments.iter().map(|d| d.version_id).collect()).await?;
    let cell = |of: &agent::Model, environment| {
        let pointer = live
            .iter()
            .find(|l| l.agent_id == of.id && l.environment == environment)?;
        let row = deployments.iter().find(|d| d.id == pointer.deployment_id)?;
        Some(LiveCell {
            number: row.number,
            version: reading::version_number(row, &versions),
            since: store::time::text(pointer.since),
            lacks: lacks.get(&row.id).cloned().unwrap_or_default(),
        })
    };
    let last = |of: &agent::Model| {
        deployments
            .iter()
            .find(|d| d.agent_id == of.id && last.contains(&d.id))
            .map(|d| reading::cell(d, &versions))
    };
    let row = |agent: agent::Model| {
        let told = profile(&entries, agent.id)?;
        Ok(AgentRow {
            owner: told.owner,
            labels: told.labels,
            team: reading::team_slug(agent.team_id, teams),
            non_prod: cell(&agent, Environment::NonProd),
            production: cell(&agent, Environment::Production),
            last: last(&agent),
            slug: agent.slug,
            description: agent.description,
            framework: agent.framework,
            risk: agent.risk,
            repository: agent.repository,
            branch: agent.branch,
            decommissioned: agent.decommissioned_at.is_some(),
            why: None,
        })
    };
    agents.into_iter().map(row).collect()
}
