//! Pages of the trail by any combination of filters, each at a cost that neither the size of the log nor the depth of the page
//! changes. One filter leads: it has an index that ends in the log's own, so its events come in order. The others are looked at in
//! the events that it brings, and never in more than [`WINDOW`] of them; a page that found too few says how far it looked.

use std::cmp;

use domain::event::AuditAction;
use domain::form::query::trail::{TrailFilter, kind_and_id};
use domain::id::TeamId;
use sea_orm::sea_query::{
    Alias, BinOper, Expr, ExprTrait as _, Order, Query, SelectStatement, UnionType,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, Select,
};

use super::audit_words;
use super::entity::{agent, audit_leaf};
use crate::error::Error;
use audit_leaf::Column as C;

mod times;

use times::{range, times};

/// Most events of the leading filter that one page looks at for the others.
pub(crate) const WINDOW: u64 = 10_000;
/// The same where they are brought by their numbers, or each is looked up in the index of words.
const WINDOW_OF_SETS: u64 = 2_000;
/// How many times as many events the long look takes in as the short one before it.
const LONG_BY: u64 = 20;
/// Most agents of a reader's teams whose events are merged. Whoever has more of them has so large a part of the log that it is
/// read as it is.
const AGENTS_MAX: usize = 100;
/// A page, and the index that it goes on below.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) rows: Vec<audit_leaf::Model>,
    pub(crate) next: Option<i64>,
    /// The event down to which it looked, where that was not far enough for a whole page.
    pub(crate) looked_to: Option<i64>,
}

/// Events of the log from one on and below another.
type Range = (i64, i64);

/// The filter that leads.
#[derive(Debug, Clone)]
enum Lead {
    /// The events in the log's order.
    Order,
    /// Those of one value in a column.
    Value(Expr),
    /// Those of several values, merged.
    Values(Vec<Expr>),
    /// Those in which words stand.
    Words(Vec<String>),
}

impl Lead {
    /// Numbers of its newest events in a range, as `idx`, newest first.
    fn newest(&self, range: Range, limit: u64) -> SelectStatement {
        let of = |condition: Option<&Expr>| {
            Query::select()
                .column(C::Idx)
                .from(audit_leaf::Entity)
                .and_where(C::Idx.gte(range.0))
                .and_where(C::Idx.lt(range.1))
                .and_where_option(condition.cloned())
                .to_owned()
        };
        let mut newest = match self {
            Self::Order => of(None),
            Self::Value(condition) => of(Some(condition)),
            Self::Values(conditions) => {
                // The databases merge them in their order.
                let mut arms = conditions.iter().map(|one| of(Some(one)));
                let mut all = arms.next().unwrap_or_default();
                all.unions(arms.map(|arm| (UnionType::All, arm)));
                all
            }
            Self::Words(words) => return audit_words::on_sqlite(words, range, limit),
        };
        newest
            .order_by(Alias::new("idx"), Order::Desc)
            .limit(limit)
            .to_owned()
    }

    /// How many of its newest events there are, up to a limit, and the oldest of these.
    fn depth(&self, range: Range, limit: u64) -> SelectStatement {
        Query::select()
            .expr_as(Expr::col(Alias::new("idx")).min(), Alias::new("floor"))
            .expr_as(Expr::col(Alias::new("idx")).count(), Alias::new("looked"))
            .from_subquery(self.newest(range, limit), Alias::new("newest"))
            .to_owned()
    }

    /// Are its events found by their numbers, which must be few?
    const fn is_a_set(&self) -> bool {
        matches!(self, Self::Values(_) | Self::Words(_))
    }

    /// Numbers of its newest events in a range, newest first.
    async fn numbers(
        &self,
        db: &impl ConnectionTrait,
        range: Range,
        limit: u64,
    ) -> Result<Vec<i64>, Error> {
        if let Self::Words(words) = self {
            return audit_words::newest(db, words, range, limit).await;
        }
        let rows = db.query_all(&self.newest(range, limit)).await?;
        let numbers = rows.iter().map(|row| row.try_get("", "idx"));
        Ok(numbers.collect::<Result<_, _>>()?)
    }
}

/// How a page is looked for: what leads, and what else must hold.
struct Plan {
    lead: Lead,
    rest: Vec<Expr>,
    /// Most events of the lead that are looked at.
    window: u64,
}

/// Events about agents of some teams (`None`: about anything), newest first, below an index.
pub(crate) async fn page(
    db: &impl ConnectionTrait,
    filter: &TrailFilter,
    teams: Option<&[TeamId]>,
    below: Option<i64>,
    limit: u64,
) -> Result<Found, Error> {
    let backend = db.get_database_backend();
    let range = range(db, filter, below).await?;
    let agents = match teams {
        Some(teams) if leads(filter).is_none() => agents_of(db, teams).await?,
        Some(_) | None => Vec::new(),
    };
    let Some(plan) = plan(backend, filter, teams, &agents, limit) else {
        return Ok(Found::default());
    };
    // Most pages are full after a short look, and only the others take the long one.
    let short = match plan.rest.as_slice() {
        [] => plan.window,
        [_, ..] => cmp::min(plan.window, cmp::max(plan.window / LONG_BY, limit * 2)),
    };
    let found = look(db, &plan, range, short, limit).await?;
    if found.looked_to.is_none() || short == plan.window {
        return Ok(found);
    }
    look(db, &plan, range, plan.window, limit).await
}

/// A page out of the newest events of the lead in a range, up to `window` of them.
async fn look(
    db: &impl ConnectionTrait,
    plan: &Plan,
    mut range: Range,
    window: u64,
    limit: u64,
) -> Result<Found, Error> {
    let (query, further) = if plan.lead.is_a_set() {
        let numbers = plan.lead.numbers(db, range, window).await?;
        let full = u64::try_from(numbers.len()).unwrap_or(0) == window;
        let further = numbers.last().copied().filter(|_| full);
        (of_numbers(numbers), further)
    } else {
        let further = if plan.rest.is_empty() {
            None
        } else {
            floor(db, &plan.lead, range, window).await?
        };
        range.0 = further.unwrap_or(range.0);
        (of_value(&plan.lead, range), further)
    };
    let mut query = query.limit(limit + 1);
    for condition in &plan.rest {
        query = query.filter(condition.clone());
    }
    Ok(cut(query.all(db).await?, limit, further))
}

fn of_numbers(numbers: Vec<i64>) -> Select<audit_leaf::Entity> {
    audit_leaf::Entity::find()
        .filter(C::Idx.is_in(numbers))
        .order_by_desc(C::Idx)
}

fn of_value(lead: &Lead, range: Range) -> Select<audit_leaf::Entity> {
    let query = audit_leaf::Entity::find()
        .filter(C::Idx.gte(range.0))
        .filter(C::Idx.lt(range.1))
        .order_by_desc(C::Idx);
    match lead {
        Lead::Value(condition) => query.filter(condition.clone()),
        Lead::Order | Lead::Values(_) | Lead::Words(_) => query,
    }
}

/// The oldest event of the lead that is looked at, where there are older ones.
async fn floor(
    db: &impl ConnectionTrait,
    lead: &Lead,
    range: Range,
    window: u64,
) -> Result<Option<i64>, Error> {
    let row = db.query_one(&lead.depth(range, window)).await?;
    let row = row.ok_or_else(|| Error::internal("store::audit_trail", "no answer"))?;
    let looked: i64 = row.try_get("", "looked")?;
    let floor: Option<i64> = row.try_get("", "floor")?;
    Ok(floor.filter(|_| u64::try_from(looked).unwrap_or(0) == window))
}

/// The newest events in which words stand, newest first, bounded.
pub(crate) async fn told_by(
    db: &impl ConnectionTrait,
    words: Vec<String>,
    limit: u64,
) -> Result<Vec<audit_leaf::Model>, Error> {
    let numbers = audit_words::newest(db, &words, (0, i64::MAX), limit).await?;
    Ok(of_numbers(numbers).all(db).await?)
}

/// The page out of up to one row more. What lies below `further` was not looked at.
fn cut(mut rows: Vec<audit_leaf::Model>, limit: u64, further: Option<i64>) -> Found {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() > limit {
        rows.truncate(limit);
        let next = rows.last().map(|row| row.idx);
        return Found {
            rows,
            next,
            looked_to: None,
        };
    }
    Found {
        rows,
        next: further,
        looked_to: further,
    }
}

/// The filter that leads: of those that are set the one that brings the fewest events as a rule.
fn leads(filter: &TrailFilter) -> Option<(&'static str, Lead)> {
    if let Some(object) = &filter.object {
        let whole = C::ObjectId.eq(object.as_str());
        let lead = match kind_and_id(object) {
            None => Lead::Value(whole),
            // Either reading of the colon; an event has one id, so none comes twice.
            Some((kind, id)) => Lead::Values(vec![
                C::ObjectId.eq(id).and(aside(C::ObjectType).eq(kind)),
                whole,
            ]),
        };
        return Some(("object", lead));
    }
    let value = |name, condition| Some((name, Lead::Value(condition)));
    if let Some(number) = filter.deployment {
        return value("deployment", C::Deployment.eq(number));
    }
    if !filter.words.is_empty() {
        return Some(("q", Lead::Words(filter.words.clone())));
    }
    if let Some(slug) = &filter.agent {
        return value("agent", C::Agent.eq(slug.as_str()));
    }
    if let Some(name) = &filter.actor {
        return value("actor", C::ActorName.eq(name.as_str()));
    }
    if let Some(action) = filter.action {
        return value("action", C::Action.eq(action.as_str()));
    }
    if filter.evidence.is_some() {
        let each = filter.supporting.iter();
        let each = each.map(|action| C::Action.eq(action.as_str()));
        return Some(("evidence", Lead::Values(each.collect())));
    }
    let outcome = filter.outcome?;
    value("outcome", C::Outcome.eq(outcome))
}

/// What leads and what else must hold; `None` where nothing can fit. `agents` are those of the teams, and more than
/// [`AGENTS_MAX`] where they have too many.
fn plan(
    backend: DbBackend,
    filter: &TrailFilter,
    teams: Option<&[TeamId]>,
    agents: &[String],
    limit: u64,
) -> Option<Plan> {
    // What Clearance records nothing about is supported by no event.
    if filter.evidence.is_some() && filter.supporting.is_empty() {
        return None;
    }
    let (name, lead) = match (leads(filter), teams) {
        (Some(lead), _) => lead,
        (None, None) => ("", Lead::Order),
        (None, Some(_)) if agents.is_empty() => return None,
        (None, Some(_)) if agents.len() > AGENTS_MAX => ("", Lead::Order),
        (None, Some(_)) => {
            let of = agents.iter().map(|slug| C::Agent.eq(slug.as_str()));
            ("team", Lead::Values(of.collect()))
        }
    };
    let mut rest = others(filter, name);
    if let Some(teams) = teams.filter(|_| name != "team") {
        rest.push(aside(C::Agent).in_subquery(slugs_of(teams)));
    }
    let mut window = WINDOW;
    if name != "q" && !filter.words.is_empty() {
        rest.push(audit_words::stand_in(backend, &filter.words));
        window = WINDOW_OF_SETS;
    }
    let times = times(filter);
    if lead.is_a_set() {
        // Where each of them fits, there is no need to look at more than the page shows.
        let each_fits = rest.is_empty() && times.is_empty();
        window = if each_fits { limit + 1 } else { WINDOW_OF_SETS };
    }
    rest.extend(times);
    Some(Plan { lead, rest, window })
}

/// What must hold beside the lead, but for words and times.
fn others(filter: &TrailFilter, lead: &str) -> Vec<Expr> {
    let text = |name: &str, column: C, wanted: Option<&str>| {
        wanted
            .filter(|_| name != lead)
            .map(|wanted| aside(column).eq(wanted))
    };
    let deployment = filter.deployment.filter(|_| lead != "deployment");
    let evidence = filter.evidence.as_ref().filter(|_| lead != "evidence");
    let supporting = filter.supporting.iter().map(|action| action.as_str());
    [
        deployment.map(|number| C::Deployment.into_expr().add(0).eq(number)),
        text("agent", C::Agent, filter.agent.as_deref()),
        text("actor", C::ActorName, filter.actor.as_deref()),
        text("action", C::Action, filter.action.map(AuditAction::as_str)),
        text("outcome", C::Outcome, filter.outcome),
        evidence.map(|_| aside(C::Action).is_in(supporting)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A column of text that is compared, and does not lead: its own index would bring the events in another order, or far too many.
fn aside(column: C) -> Expr {
    column.into_expr().binary(BinOper::Custom("||"), "")
}

/// Slugs of the agents of some teams; one more than are merged says that there are too many.
async fn agents_of(db: &impl ConnectionTrait, teams: &[TeamId]) -> Result<Vec<String>, Error> {
    let most = u64::try_from(AGENTS_MAX + 1).unwrap_or(u64::MAX);
    Ok(agent::Entity::find()
        .select_only()
        .column(agent::Column::Slug)
        .filter(agent::Column::TeamId.is_in(teams.to_vec()))
        .order_by_asc(agent::Column::Slug)
        .limit(most)
        .into_tuple()
        .all(db)
        .await?)
}

fn slugs_of(teams: &[TeamId]) -> SelectStatement {
    Query::select()
        .column(agent::Column::Slug)
        .from(agent::Entity)
        .and_where(agent::Column::TeamId.is_in(teams.to_vec()))
        .to_owned()
}

/// "Is about an agent of these teams". Whatever happens to a thing of a team names its agent; an event that names none is
/// about the installation.
pub(super) fn about(teams: Option<&[TeamId]>) -> Condition {
    match teams {
        None => Condition::all(),
        Some(teams) => Condition::all().add(C::Agent.in_subquery(slugs_of(teams))),
    }
}

#[cfg(test)]
mod tests;
