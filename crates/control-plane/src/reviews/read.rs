//! Reading access reviews. Changes nothing.

use domain::authz::{Access, Action, Facts, can};
use domain::canonical;
use domain::error::Conflict;
use domain::form::query::ReviewQuery;
use domain::id::TeamId;
use domain::review::{Certificate, CertifiedItem, ITEMS_MAX, ItemVerdict, ReviewState};
use domain::view::page::{LIMIT_DEFAULT, Page};
use domain::view::review::{ReviewDetail, ReviewItem, ReviewMark, ReviewRow, Reviews};
use sea_orm::ConnectionTrait;

use crate::ControlPlane;
use crate::approvals::Roster;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{review, review_item, team};
use crate::store::reviews::Counts;

/// Whoever may export evidence of what it covers sees a review.
fn facts(row: &review::Model) -> Facts {
    Facts { team: row.team_id }
}

fn administers(ctx: &OpCtx) -> bool {
    can(ctx.actor(), Action::Administer, Facts::default()) == Access::Allowed
}

/// A page of reviews, newest first: every one for whoever may export everywhere, else those of their teams.
///
/// # Errors
/// [`Error::Unauthenticated`], and [`Error::Forbidden`] for people who may export nowhere.
pub async fn list(cp: &ControlPlane, ctx: &OpCtx, cursor: &str) -> Result<Reviews, Error> {
    ctx.signed_in()?;
    let teams = store::people::teams(cp.reader()).await?;
    let seen = seen(ctx, &teams);
    let seen = cp.noted("reviews::list", ctx, seen).await?;
    let below = cursor.parse().ok();
    let rows = store::reviews::page(cp.reader(), seen, below, LIMIT_DEFAULT + 1).await?;
    let page = Page::cut(rows, LIMIT_DEFAULT, |row| row.number.to_string());
    let ids = page.rows.iter().map(|row| row.id).collect();
    let counts = store::reviews::counts(cp.reader(), ids).await?;
    let slugs = teams.iter().map(|team| team.slug.clone()).collect();
    Ok(Reviews {
        rows: page
            .rows
            .iter()
            .map(|row| row_view(row, &teams, &counts))
            .collect(),
        next: page.next,
        teams: administers(ctx).then_some(slugs),
    })
}

/// The teams whose reviews the actor sees; `None` for all, and for those of everything.
fn seen(ctx: &OpCtx, teams: &[team::Model]) -> Result<Option<Vec<TeamId>>, Error> {
    let Err(refused) = ctx.authorize(Action::Export, Facts::default()) else {
        return Ok(None);
    };
    let ids = teams.iter().map(|team| team.id);
    let ids: Vec<TeamId> = ids
        .filter(|id| can(ctx.actor(), Action::Export, Facts { team: Some(*id) }) == Access::Allowed)
        .collect();
    if ids.is_empty() {
        Err(refused)
    } else {
        Ok(Some(ids))
    }
}

fn row_view(row: &review::Model, teams: &[team::Model], counts: &Counts) -> ReviewRow {
    let of = counts.iter().filter(|((id, _), _)| *id == row.id);
    let items = of.clone().map(|(_, count)| count).sum();
    let decided = of.filter(|((_, verdict), _)| verdict.is_some());
    ReviewRow {
        number: row.number,
        team: row.team_id.map(|team| reading::team_slug(team, teams)),
        state: row.state,
        started_by: row.started_by_name.clone(),
        started_at: store::time::text(row.started_at),
        items,
        decided: decided.map(|(_, count)| count).sum(),
        signed_by: row.signed_by_name.clone(),
        signed_at: store::time::text_opt(row.signed_at),
        digest: row.digest.clone(),
    }
}

/// The review, for whoever may see it. Others do not learn that it is there.
async fn visible(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<review::Model, Error> {
    ctx.signed_in()?;
    let row = store::reviews::by_number(cp.reader(), number).await?;
    let may = ctx.authorize_on(Action::Export, facts(&row), "review");
    cp.noted("reviews::get", ctx, may).await?;
    Ok(row)
}

/// One review with a page of its items.
///
/// # Errors
/// [`Error::NotFound`] for what is not there or not to be seen, [`Error::Forbidden`] for who may not export evidence of it.
pub async fn get(
    cp: &ControlPlane,
    ctx: &OpCtx,
    number: i64,
    asked: &ReviewQuery,
) -> Result<ReviewDetail, Error> {
    let row = visible(cp, ctx, number).await?;
    let db = cp.reader();
    let undecided = asked.show == "undecided";
    let after = asked.cursor.parse().unwrap_or_default();
    let items = store::reviews::items(db, row.id, undecided, after, LIMIT_DEFAULT + 1).await?;
    let page = Page::cut(items, LIMIT_DEFAULT, |item| item.item.to_string());
    let counts = store::reviews::counts(db, vec![row.id]).await?;
    let teams = store::people::teams(db).await?;
    let mine = match ctx.actor().user() {
        Some(me) => Roster::own_roles(db).await?.accounts(me),
        None => Vec::new(),
    };
    let count = |verdict| counts.get(&(row.id, Some(verdict))).copied().unwrap_or(0);
    let item = |item: &review_item::Model| ReviewItem {
        own: item.user_id.is_some_and(|user| mine.contains(&user)),
        ..item_view(item)
    };
    Ok(ReviewDetail {
        row: row_view(&row, &teams, &counts),
        idle_days: i64::from(row.idle_days),
        kept: count(ItemVerdict::Kept),
        removed: count(ItemVerdict::Removed),
        referred: count(ItemVerdict::Referred),
        gone: count(ItemVerdict::Gone),
        items: page.rows.iter().map(item).collect(),
        next: page.next,
        can_decide: row.state == ReviewState::Open && administers(ctx),
    })
}

fn item_view(item: &review_item::Model) -> ReviewItem {
    ReviewItem {
        item: item.item,
        kind: item.kind,
        person: item.person.clone(),
        what: item.what.clone(),
        team: item.team.clone(),
        agent: item.agent.clone(),
        since: store::time::text_opt(item.since),
        given_by: item.given_by.clone(),
        last_used: store::time::text_opt(item.last_used),
        unused: item.unused,
        verdict: item.verdict,
        reason: item.reason.clone(),
        decided_by: item.decided_by_name.clone(),
        decided_at: store::time::text_opt(item.decided_at),
        own: false,
    }
}

/// What was signed: canonical JSON (RFC 8785), whose SHA-256 is the digest that the log holds.
///
/// # Errors
/// As [`get`]; [`Conflict::WrongState`] before it is signed.
pub async fn certificate(cp: &ControlPlane, ctx: &OpCtx, number: i64) -> Result<String, Error> {
    let row = visible(cp, ctx, number).await?;
    if row.state != ReviewState::Signed {
        return Err(Error::conflict(Conflict::WrongState));
    }
    let (certificate, _) = whole(cp.reader(), &row).await?;
    canonical::to_json(&certificate).map_err(|e| Error::internal("reviews::certificate", e))
}

/// A review with every item, and how many came to what.
pub(super) async fn whole(
    db: &impl ConnectionTrait,
    row: &review::Model,
) -> Result<(Certificate, Counts), Error> {
    let most = u64::try_from(ITEMS_MAX).unwrap_or(u64::MAX);
    let items = store::reviews::items(db, row.id, false, 0, most).await?;
    let counts = store::reviews::counts(db, vec![row.id]).await?;
    let team = match row.team_id {
        Some(team) => store::people::team(db, team).await?.map(|team| team.slug),
        None => None,
    };
    Ok((certified(row, team, &items), counts))
}

/// What is signed of these rows.
pub(super) fn certified(
    row: &review::Model,
    team: Option<String>,
    items: &[review_item::Model],
) -> Certificate {
    let item = |item: &review_item::Model| CertifiedItem {
        item: item.item,
        kind: item.kind,
        subject: item.subject.clone(),
        person: item.person.clone(),
        what: item.what.clone(),
        team: item.team.clone(),
        agent: item.agent.clone(),
        since: store::time::text_opt(item.since),
        given_by: item.given_by.clone(),
        last_used: store::time::text_opt(item.last_used),
        unused: item.unused,
        verdict: item.verdict,
        reason: item.reason.clone(),
        decided_by: item.decided_by_name.clone(),
        decided_at: store::time::text_opt(item.decided_at),
    };
    Certificate {
        review: row.number,
        team,
        started_at: store::time::text(row.started_at),
        started_by: row.started_by_name.clone(),
        idle_days: i64::from(row.idle_days),
        items: items.iter().map(item).collect(),
    }
}

/// Open reviews, for whoever can decide in them. Three statements at the most.
///
/// # Errors
/// When the database does not answer.
pub async fn marks(cp: &ControlPlane, ctx: &OpCtx) -> Result<Vec<ReviewMark>, Error> {
    if !administers(ctx) {
        return Ok(Vec::new());
    }
    let db = cp.reader();
    let rows = store::reviews::all_open(db).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let counts = store::reviews::counts(db, rows.iter().map(|row| row.id).collect()).await?;
    let teams = store::people::teams(db).await?;
    let mark = |row: &review::Model| ReviewMark {
        number: row.number,
        team: row.team_id.map(|team| reading::team_slug(team, &teams)),
        undecided: counts.get(&(row.id, None)).copied().unwrap_or_default(),
    };
    Ok(rows.iter().map(mark).collect())
}
