//! The registry's index: entries of agents, the cells that they are counted in, what they use, and which are alike. The words by which
//! entries are found are in `registry_words`.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::str::FromStr;

use domain::form::query::Sort;
use domain::id::{AgentId, TeamId};
use domain::registry::{Cell, Standings, UseKind};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, OnConflict, Order, Query, UnionType};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, Set,
};

use super::entity::{agent, registry_cell, registry_entry, registry_likeness, registry_use};
use super::{guarded, registry_label_sets as label_sets};
use crate::error::Error;
use crate::transact::Tx;

/// Cells of which each is read in order by itself. Of more than these the whole list is walked, which is soon full then.
const MERGED_MAX: usize = 64;
/// What standings are, is below this in a cell; above it is the number of its set of labels.
const STANDINGS: i32 = 256;
/// Above everything that begins so, in the order of the bytes.
const ABOVE: char = '\u{10ffff}';

/// Every cell with agents.
pub(crate) async fn cells(db: &impl ConnectionTrait) -> Result<Vec<Cell>, Error> {
    let rows = registry_cell::Entity::find()
        .filter(registry_cell::Column::Agents.gt(0))
        .all(db)
        .await?;
    let mut sets: Vec<i64> = rows.iter().map(|row| label_set(row.standings)).collect();
    sets.sort_unstable();
    sets.dedup();
    let sets = label_sets::of(db, sets).await?;
    rows.into_iter().map(|row| cell(row, &sets)).collect()
}

/// The number of the set of labels, which stands above the lowest byte; 0 for none.
fn label_set(standings: i32) -> i64 {
    i64::from(standings / STANDINGS)
}

fn cell(row: registry_cell::Model, sets: &BTreeMap<i64, Vec<String>>) -> Result<Cell, Error> {
    let labels = sets.get(&label_set(row.standings)).cloned();
    Ok(Cell {
        labels: labels.unwrap_or_default(),
        id: row.id,
        team: row.team_id,
        framework: optional(&row.framework)?,
        risk: optional(&row.risk)?,
        standings: Standings::from_bits(row.standings % STANDINGS),
        agents: u64::try_from(row.agents).unwrap_or(0),
    })
}

fn optional<T: FromStr<Err: Display>>(word: &str) -> Result<Option<T>, Error> {
    if word.is_empty() {
        return Ok(None);
    }
    let wrong = |e: T::Err| Error::internal("store::registry::cells", e.to_string());
    word.parse().map(Some).map_err(wrong)
}

/// The cell that an agent with these labels belongs to, made where there is none.
pub(crate) async fn cell_of(
    tx: &Tx,
    agent: &agent::Model,
    standings: Standings,
    labels: &[String],
) -> Result<i64, Error> {
    use registry_cell::Column as C;
    let framework = agent.framework.map_or("", domain::agent::Framework::as_str);
    let risk = agent.risk.map_or("", domain::agent::Risk::as_str);
    let set = label_sets::number(tx, labels).await?;
    let standings = i32::try_from(set * i64::from(STANDINGS) + i64::from(standings.bits()))
        .map_err(|error| Error::internal("store::registry::cell_of", error))?;
    let find = || {
        registry_cell::Entity::find()
            .select_only()
            .column(C::Id)
            .filter(C::TeamId.eq(agent.team_id))
            .filter(C::Framework.eq(framework))
            .filter(C::Risk.eq(risk))
            .filter(C::Standings.eq(standings))
            .into_tuple::<i64>()
    };
    if let Some(id) = find().one(&**tx).await? {
        return Ok(id);
    }
    let row = registry_cell::ActiveModel {
        team_id: Set(agent.team_id),
        framework: Set(framework.to_owned()),
        risk: Set(risk.to_owned()),
        standings: Set(standings),
        agents: Set(0),
        ..Default::default()
    };
    let there = OnConflict::columns([C::TeamId, C::Framework, C::Risk, C::Standings])
        .do_nothing()
        .to_owned();
    registry_cell::Entity::insert(row)
        .on_conflict(there)
        .try_insert()
        .exec_without_returning(&**tx)
        .await?;
    find()
        .one(&**tx)
        .await?
        .ok_or_else(|| Error::internal("store::registry::cell_of", "the cell is not there"))
}

/// Counts an agent in one cell, and no longer in another: the smaller id first, so that two that cross wait for each other in turn.
pub(crate) async fn count(tx: &Tx, to: i64, from: Option<i64>) -> Result<(), Error> {
    let mut changes = vec![(to, 1)];
    changes.extend(from.map(|from| (from, -1)));
    changes.sort_unstable();
    for (cell, by) in changes {
        let agents = Expr::col(registry_cell::Column::Agents).add(by);
        registry_cell::Entity::update_many()
            .col_expr(registry_cell::Column::Agents, agents)
            .filter(registry_cell::Column::Id.eq(cell))
            .exec(&**tx)
            .await?;
    }
    Ok(())
}

/// The entry of an agent.
pub(crate) async fn of(
    db: &impl ConnectionTrait,
    agent: AgentId,
) -> Result<Option<registry_entry::Model>, Error> {
    let query = registry_entry::Entity::find().filter(registry_entry::Column::AgentId.eq(agent));
    Ok(query.one(db).await?)
}

/// The entries of several agents.
pub(crate) async fn of_many(
    db: &impl ConnectionTrait,
    agents: Vec<AgentId>,
) -> Result<Vec<registry_entry::Model>, Error> {
    let query =
        registry_entry::Entity::find().filter(registry_entry::Column::AgentId.is_in(agents));
    Ok(query.all(db).await?)
}

/// Entries by their numbers.
pub(crate) async fn by_numbers(
    db: &impl ConnectionTrait,
    numbers: Vec<i64>,
) -> Result<Vec<registry_entry::Model>, Error> {
    let query =
        registry_entry::Entity::find().filter(registry_entry::Column::Number.is_in(numbers));
    Ok(query.all(db).await?)
}

/// Entries of agents whose name begins so, bounded.
pub(crate) async fn named(
    db: &impl ConnectionTrait,
    beginning: &str,
    limit: u64,
) -> Result<Vec<registry_entry::Model>, Error> {
    let query = registry_entry::Entity::find()
        .filter(registry_entry::Column::Slug.gte(beginning))
        .filter(registry_entry::Column::Slug.lt(format!("{beginning}{ABOVE}")))
        .order_by_asc(registry_entry::Column::Slug)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Writes a new entry and gives its number.
pub(crate) async fn insert(tx: &Tx, row: registry_entry::ActiveModel) -> Result<i64, Error> {
    let written = registry_entry::Entity::insert(row).exec(&**tx).await?;
    Ok(written.last_insert_id)
}

/// Writes an entry anew, from what the caller read.
pub(crate) async fn update(
    tx: &Tx,
    before: &registry_entry::Model,
    row: &registry_entry::Model,
) -> Result<(), Error> {
    use registry_entry::Column as C;
    let changed = registry_entry::Entity::update_many()
        .col_expr(C::CellId, Expr::value(row.cell_id))
        .col_expr(C::VersionId, Expr::value(row.version_id))
        .col_expr(C::Profile, Expr::value(row.profile.as_str()))
        .col_expr(C::Compared, Expr::value(row.compared))
        .col_expr(C::Revision, Expr::value(before.revision + 1))
        .filter(C::Number.eq(before.number))
        .filter(C::Revision.eq(before.revision))
        .exec(&**tx)
        .await?;
    guarded(&changed)
}

/// Agents of some cells (`None`: of all) in the order of their names, after the cursor.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    cells: Option<&[i64]>,
    sort: Sort,
    cursor: &str,
    limit: u64,
) -> Result<Vec<(AgentId, String)>, Error> {
    let order = match sort {
        Sort::Name => Order::Asc,
        Sort::NameDown => Order::Desc,
    };
    let one = |cells: Option<Condition>| {
        let slug = registry_entry::Column::Slug;
        let mut query = Query::select();
        query
            .column(registry_entry::Column::AgentId)
            .column(slug)
            .from(registry_entry::Entity)
            .order_by(slug, order.clone())
            .limit(limit);
        if let Some(cells) = cells {
            query.cond_where(cells);
        }
        if !cursor.is_empty() {
            query.and_where(match sort {
                Sort::Name => slug.gt(cursor),
                Sort::NameDown => slug.lt(cursor),
            });
        }
        query
    };
    let of = registry_entry::Column::CellId;
    let query = match cells {
        Some([]) => return Ok(Vec::new()),
        Some(cells) if cells.len() <= MERGED_MAX => {
            let part = |cell: &i64| {
                let rows = one(Some(Condition::all().add(of.eq(*cell))));
                let mut part = Query::select();
                part.column(Alias::new("agent_id"))
                    .column(Alias::new("slug"))
                    .from_subquery(rows, Alias::new("rows"));
                part
            };
            let mut merged = part(&cells[0]);
            for cell in &cells[1..] {
                merged.union(UnionType::All, part(cell));
            }
            merged
                .order_by(Alias::new("slug"), order.clone())
                .limit(limit);
            merged
        }
        Some(cells) => one(Some(Condition::all().add(of.is_in(cells.to_vec())))),
        None => one(None),
    };
    let rows = db.query_all(&query).await?;
    let place = |row: &QueryResult| Ok((row.try_get("", "agent_id")?, row.try_get("", "slug")?));
    rows.iter().map(place).collect()
}

/// Agents without an entry, bounded: onboarded before there were any.
pub(crate) async fn missing(db: &impl ConnectionTrait, limit: u64) -> Result<Vec<AgentId>, Error> {
    let there = Query::select()
        .column(registry_entry::Column::AgentId)
        .from(registry_entry::Entity)
        .to_owned();
    let query = agent::Entity::find()
        .select_only()
        .column(agent::Column::Id)
        .filter(agent::Column::Id.not_in_subquery(there))
        .limit(limit);
    Ok(query.into_tuple().all(db).await?)
}

/// Entries that are to be compared with the others, oldest first.
pub(crate) async fn to_compare(
    db: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<registry_entry::Model>, Error> {
    let query = registry_entry::Entity::find()
        .filter(registry_entry::Column::Compared.eq(false))
        .order_by_asc(registry_entry::Column::Number)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Puts what an agent uses in the place of what it used.
pub(crate) async fn set_uses(
    tx: &Tx,
    agent: &agent::Model,
    uses: impl IntoIterator<Item = (UseKind, String)>,
) -> Result<(), Error> {
    registry_use::Entity::delete_many()
        .filter(registry_use::Column::AgentId.eq(agent.id))
        .exec(&**tx)
        .await?;
    let rows: Vec<registry_use::ActiveModel> = uses
        .into_iter()
        .map(|(kind, name)| {
            let row = registry_use::Model {
                kind,
                name,
                agent_id: agent.id,
                team_id: agent.team_id,
            };
            row.into()
        })
        .collect();
    if !rows.is_empty() {
        registry_use::Entity::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
    }
    Ok(())
}

/// A tool or MCP server, and how many agents use it.
#[derive(Debug, FromQueryResult)]
pub(crate) struct Used {
    pub(crate) kind: UseKind,
    pub(crate) name: String,
    pub(crate) agents: i64,
}

/// What agents of some teams (`None`: of all) use, by name, after the cursor; those whose name begins so.
pub(crate) async fn used(
    db: &impl ConnectionTrait,
    kind: UseKind,
    (beginning, cursor): (&str, &str),
    teams: Option<&[TeamId]>,
    limit: u64,
) -> Result<Vec<Used>, Error> {
    use registry_use::Column as C;
    let mut query = registry_use::Entity::find()
        .select_only()
        .column(C::Kind)
        .column(C::Name)
        .column_as(C::AgentId.count(), "agents")
        .filter(C::Kind.eq(kind))
        .group_by(C::Kind)
        .group_by(C::Name)
        .order_by_asc(C::Name)
        .limit(limit);
    if !beginning.is_empty() {
        query = query
            .filter(C::Name.gte(beginning))
            .filter(C::Name.lt(format!("{beginning}{ABOVE}")));
    }
    if !cursor.is_empty() {
        query = query.filter(C::Name.gt(cursor));
    }
    if let Some(teams) = teams {
        query = query.filter(C::TeamId.is_in(teams.to_vec()));
    }
    Ok(query.into_model().all(db).await?)
}

/// The agents of some teams (`None`: of all) that use something, by id, after the cursor.
pub(crate) async fn users_of(
    db: &impl ConnectionTrait,
    (kind, name): (UseKind, &str),
    teams: Option<&[TeamId]>,
    cursor: &str,
    limit: u64,
) -> Result<Vec<AgentId>, Error> {
    use registry_use::Column as C;
    let mut query = registry_use::Entity::find()
        .select_only()
        .column(C::AgentId)
        .filter(C::Kind.eq(kind))
        .filter(C::Name.eq(name))
        .order_by_asc(C::AgentId)
        .limit(limit);
    if let Ok(after) = cursor.parse::<AgentId>() {
        query = query.filter(C::AgentId.gt(after));
    }
    if let Some(teams) = teams {
        query = query.filter(C::TeamId.is_in(teams.to_vec()));
    }
    Ok(query.into_tuple().all(db).await?)
}

/// An agent that another is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Alike {
    pub(crate) agent: AgentId,
    /// In thousandths.
    pub(crate) likeness: u32,
    /// By what they mean alone.
    pub(crate) meaning: bool,
}

/// Puts the agents that an agent is like in the place of those that it was like.
pub(crate) async fn set_likenesses(tx: &Tx, agent: AgentId, others: &[Alike]) -> Result<(), Error> {
    use registry_likeness::Column as C;
    registry_likeness::Entity::delete_many()
        .filter(
            Condition::any()
                .add(C::OneId.eq(agent))
                .add(C::OtherId.eq(agent)),
        )
        .exec(&**tx)
        .await?;
    let row = |other: &Alike| {
        registry_likeness::ActiveModel::from(registry_likeness::Model {
            one_id: std::cmp::min(agent, other.agent),
            other_id: std::cmp::max(agent, other.agent),
            likeness: i32::try_from(other.likeness).unwrap_or(i32::MAX),
            meaning: other.meaning,
        })
    };
    let rows: Vec<_> = others.iter().map(row).collect();
    if !rows.is_empty() {
        registry_likeness::Entity::insert_many(rows)
            .exec_without_returning(&**tx)
            .await?;
    }
    Ok(())
}

/// Those that an agent is like, the likest first, bounded.
pub(crate) async fn like(
    db: &impl ConnectionTrait,
    agent: AgentId,
    limit: u64,
) -> Result<Vec<registry_likeness::Model>, Error> {
    use registry_likeness::Column as C;
    let query = registry_likeness::Entity::find()
        .filter(
            Condition::any()
                .add(C::OneId.eq(agent))
                .add(C::OtherId.eq(agent)),
        )
        .order_by_desc(C::Likeness)
        .limit(limit);
    Ok(query.all(db).await?)
}

/// Pairs that are at least so alike, the likest first, bounded.
pub(crate) async fn likest(
    db: &impl ConnectionTrait,
    least: u32,
    limit: u64,
) -> Result<Vec<registry_likeness::Model>, Error> {
    use registry_likeness::Column as C;
    let query = registry_likeness::Entity::find()
        .filter(C::Likeness.gte(i64::from(least)))
        .order_by_desc(C::Likeness)
        .order_by_asc(C::OneId)
        .order_by_asc(C::OtherId)
        .limit(limit);
    Ok(query.all(db).await?)
}
