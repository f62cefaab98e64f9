//! Reading: the channels, and the messages that were sent over them. Shows no address.

use domain::authz::{Action, Facts};
use domain::form::query::{self, MessageQuery};
use domain::id::MessageId;
use domain::notification::{ChannelKind, MessageState};
use domain::view::notification::{ChannelRow, Channels, MessageRow};
use domain::view::page::Page;

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::reading;
use crate::store;
use crate::store::entity::{channel, message, notice, team, user};
use crate::store::messages::{Over, Seen};

/// Whose messages an actor sees: those about the things they read, and their own.
pub(super) fn seen(ctx: &OpCtx) -> Result<Seen, Error> {
    Ok(Seen {
        teams: reading::teams(ctx)?,
        user: ctx.actor().user(),
    })
}

/// Channels that concern what the actor reads: those of their teams, and those of every team.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn channels(cp: &ControlPlane, ctx: &OpCtx) -> Result<Channels, Error> {
    let seen = reading::teams(ctx)?;
    let db = cp.reader();
    let teams = store::people::teams(db).await?;
    let shown = |row: &channel::Model| match (&seen, row.team_id) {
        (None, _) | (_, None) => true,
        (Some(seen), Some(team)) => seen.contains(&team),
    };
    let rows = store::channels::all(db).await?;
    let rows = rows.iter().filter(|row| shown(row));
    Ok(Channels {
        channels: rows
            .map(|row| channel_row(ctx, row, &teams))
            .collect::<Result<_, _>>()?,
        mail: cp.ports().notifier.mails(),
    })
}

pub(super) fn channel_row(
    ctx: &OpCtx,
    row: &channel::Model,
    teams: &[team::Model],
) -> Result<ChannelRow, Error> {
    let facts = Facts { team: row.team_id };
    Ok(ChannelRow {
        id: row.id.to_string(),
        name: row.name.clone(),
        kind: row.kind,
        team: row
            .team_id
            .map(|id| reading::team_slug(id, teams))
            .unwrap_or_default(),
        subjects: store::from_json(&row.subjects)?,
        created_by: row.created_by.clone(),
        created_at: store::time::text(row.created_at),
        administers: ctx.authorize(Action::Administer, facts).is_ok(),
    })
}

/// Messages, newest first, all or those in one state, over one channel. Four statements, whatever there is. A word that is
/// no channel finds nothing, rather than everything.
///
/// # Errors
/// [`Error::Unauthenticated`] and [`Error::Forbidden`] for people who see nothing.
pub async fn messages(
    cp: &ControlPlane,
    ctx: &OpCtx,
    asked: &MessageQuery,
) -> Result<Page<MessageRow>, Error> {
    let seen = seen(ctx)?;
    let db = cp.reader();
    let limit = query::limit(None);
    let before: Option<MessageId> = asked.cursor.parse().ok();
    let state: Option<MessageState> = asked.state.parse().ok();
    let over = match asked.channel.trim() {
        "" => None,
        word if word == ChannelKind::Email.as_str() => Some(Over::Email),
        id => match id.parse() {
            Ok(id) => Some(Over::Channel(id)),
            Err(_) => {
                return Ok(Page {
                    rows: Vec::new(),
                    next: None,
                });
            }
        },
    };
    let rows = store::messages::list(db, &seen, (state, over), before, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    let notices = store::notices::many(db, page.rows.iter().map(|m| m.notice_id).collect()).await?;
    let ids = page.rows.iter().filter_map(|m| m.channel_id).collect();
    let channels = store::channels::many(db, ids).await?;
    let people = store::people::all(db).await?;
    Ok(page.map(|row| message_row(ctx, &row, &notices, &channels, &people)))
}

fn message_row(
    ctx: &OpCtx,
    row: &message::Model,
    notices: &[notice::Model],
    channels: &[channel::Model],
    people: &[user::Model],
) -> MessageRow {
    // A foreign key sees to it that the notice and the receiver are there.
    let notice = notices.iter().find(|n| n.id == row.notice_id);
    let person = people.iter().find(|p| Some(p.id) == row.user_id);
    let channel = channels.iter().find(|c| Some(c.id) == row.channel_id);
    let to = person
        .map(|p| p.name.clone())
        .or_else(|| channel.map(|c| c.name.clone()));
    let facts = Facts { team: row.team_id };
    let own = row.user_id.is_some() && row.user_id == ctx.actor().user();
    MessageRow {
        id: row.id.to_string(),
        kind: row.kind,
        to: to.unwrap_or_default(),
        title: notice.map(|n| n.title.clone()).unwrap_or_default(),
        subject: notice.map_or(domain::notification::Subject::Governance, |n| n.subject),
        agent: notice.and_then(|n| n.agent.clone()),
        deployment: notice.and_then(|n| n.deployment),
        event: notice.and_then(|n| n.event),
        state: row.state,
        attempts: row.attempts,
        last_error: row.last_error.clone(),
        created_at: store::time::text(row.created_at),
        sent_at: store::time::text_opt(row.sent_at),
        next_attempt_at: (row.state == MessageState::Waiting)
            .then(|| store::time::text(row.next_attempt_at)),
        again: row.state != MessageState::Waiting
            && (own || ctx.authorize(Action::Modify, facts).is_ok()),
    }
}
