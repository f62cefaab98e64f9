//! Who and what has which access now, since when, by whom, and when it was last used.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};
use domain::access_event::unused_days;
use domain::elevation::ElevationState;
use domain::event::AuditAction;
use domain::id::{AgentId, IdentityId, ReviewId, TeamId, UserId};
use domain::identity::IdentityState;
use domain::review::{IDLE_DAYS, ITEMS_MAX, ItemKind, LOOK_BACK_DAYS};
use domain::segregation::EVERY_TEAM;
use uuid::Uuid;

use crate::ControlPlane;
use crate::audit;
use crate::ctx::OpCtx;
use crate::elevations::LastUses;
use crate::error::Error;
use crate::ids;
use crate::reading;
use crate::store;
use crate::store::entity::{agent, identity, review_item, role_grant, team};

/// Most events of who gave what that are looked through.
const GIVEN_MAX: u64 = 100_000;
/// How much later than a role the event may be that tells of it: both are written in one transaction.
const TOLD_WITHIN: Duration = Duration::minutes(1);
/// Identities that are asked about together.
const TOGETHER: usize = 1_000;

/// Every item of a review of one team, or of everything, in their order. Its numbers begin with 1; the review's id is not
/// set yet.
pub(super) async fn items(
    cp: &ControlPlane,
    ctx: &OpCtx,
    team: Option<&team::Model>,
) -> Result<Vec<review_item::Model>, Error> {
    let around = Around::read(cp, ctx, team).await?;
    let mut items = around.roles(cp).await?;
    items.extend(around.elevations(cp).await?);
    if team.is_none() {
        items.extend(around.tokens(cp).await?);
    }
    items.extend(around.accounts(cp).await?);
    items.sort_by(|a, b| {
        (&a.person, a.kind, &a.team, &a.what).cmp(&(&b.person, b.kind, &b.team, &b.what))
    });
    items.extend(around.identities(cp).await?);
    for (place, item) in (1..).zip(&mut items) {
        item.item = place;
    }
    Ok(items)
}

struct Around {
    now: DateTime<Utc>,
    team: Option<TeamId>,
    names: BTreeMap<UserId, String>,
    teams: Vec<team::Model>,
}

impl Around {
    async fn read(
        cp: &ControlPlane,
        ctx: &OpCtx,
        team: Option<&team::Model>,
    ) -> Result<Self, Error> {
        let people = store::people::all(cp.reader()).await?;
        Ok(Self {
            now: ctx.now(),
            team: team.map(|team| team.id),
            names: people.into_iter().map(|row| (row.id, row.name)).collect(),
            teams: store::people::teams(cp.reader()).await?,
        })
    }

    fn slug(&self, team: TeamId) -> String {
        reading::team_slug(team, &self.teams)
    }

    /// Nothing was done with it for a while.
    fn idle(&self, since: DateTime<Utc>, last: Option<DateTime<Utc>>) -> bool {
        unused_days(since, last, self.now) >= IDLE_DAYS
    }

    fn item(&self, kind: ItemKind, subject: String, user: Option<UserId>) -> review_item::Model {
        review_item::Model {
            id: ids::new(),
            review_id: ReviewId(Uuid::nil()),
            item: 0,
            kind,
            subject,
            user_id: user,
            person: user.and_then(|user| self.names.get(&user).cloned()),
            what: String::new(),
            team: None,
            agent: None,
            since: None,
            given_by: None,
            last_used: None,
            unused: false,
            verdict: None,
            reason: None,
            decided_by: None,
            decided_by_name: None,
            decided_at: None,
        }
    }

    /// Of one team those that hold in it alone; roles in every team belong to a review of everything.
    async fn roles(&self, cp: &ControlPlane) -> Result<Vec<review_item::Model>, Error> {
        let since = audit::spelled(self.now - Duration::days(LOOK_BACK_DAYS));
        let uses = LastUses::read(cp, &since).await?;
        let given = Given::read(cp).await?;
        let mut grants = store::people::all_grants(cp.reader()).await?;
        grants.retain(|row| self.team.is_none() || row.team_id == self.team);
        let view = |row: role_grant::Model| {
            let last = uses.of(&row).and_then(moment);
            let team = row.team_id.map(|team| self.slug(team));
            let given_by = match &row.provider {
                Some(provider) => Some(format!("{provider}, by its groups")),
                None => given.by(&row, team.as_deref().unwrap_or(EVERY_TEAM)),
            };
            review_item::Model {
                what: row.role.label().to_owned(),
                team,
                since: Some(row.granted_at),
                given_by,
                last_used: last,
                unused: LastUses::tells_of(row.role) && self.idle(row.granted_at, last),
                ..self.item(ItemKind::Role, row.id.to_string(), Some(row.user_id))
            }
        };
        Ok(grants.into_iter().map(view).collect())
    }

    async fn elevations(&self, cp: &ControlPlane) -> Result<Vec<review_item::Model>, Error> {
        let team = self.team.map(|team| vec![team]);
        let most = u64::try_from(ITEMS_MAX).unwrap_or(u64::MAX);
        let db = cp.reader();
        let rows = store::elevations::open_page(db, None, team.as_deref(), self.now, most).await?;
        let active = rows
            .into_iter()
            .filter(|row| row.state == ElevationState::Active);
        Ok(active
            .map(|row| review_item::Model {
                what: format!(
                    "{}, until {}",
                    row.role.label(),
                    store::time::text(row.until)
                ),
                team: Some(self.slug(row.team_id)),
                since: row.decided_at,
                given_by: row.decided_by_name,
                ..self.item(
                    ItemKind::Elevation,
                    row.number.to_string(),
                    Some(row.user_id),
                )
            })
            .collect())
    }

    async fn tokens(&self, cp: &ControlPlane) -> Result<Vec<review_item::Model>, Error> {
        let rows = store::tokens::valid(cp.reader(), self.now).await?;
        Ok(rows
            .into_iter()
            .map(|row| review_item::Model {
                what: format!("{} ({}…): {}", row.name, row.prefix, row.scopes),
                since: Some(row.created_at),
                given_by: self.names.get(&row.user_id).cloned(),
                last_used: row.last_used_at,
                unused: self.idle(row.created_at, row.last_used_at),
                ..self.item(ItemKind::Token, row.id.to_string(), Some(row.user_id))
            })
            .collect())
    }

    async fn accounts(&self, cp: &ControlPlane) -> Result<Vec<review_item::Model>, Error> {
        let team = self.team.map(|team| vec![team]);
        let rows = store::service_accounts::list(cp.reader(), team.as_deref()).await?;
        let made = made(cp).await?;
        let enabled = rows.into_iter().filter(|row| row.disabled_at.is_none());
        Ok(enabled
            .map(|row| review_item::Model {
                what: format!("{}: {}", row.slug, row.scopes),
                team: Some(self.slug(row.team_id)),
                since: Some(row.created_at),
                given_by: made.get(&row.slug).cloned(),
                last_used: row.last_used_at,
                unused: self.idle(row.created_at, row.last_used_at),
                ..self.item(
                    ItemKind::ServiceAccount,
                    row.id.to_string(),
                    Some(row.owner_id),
                )
            })
            .collect())
    }

    /// Identities that did nothing for a while, and unused scopes of the others.
    async fn identities(&self, cp: &ControlPlane) -> Result<Vec<review_item::Model>, Error> {
        let db = cp.reader();
        let rows = store::identities::not_revoked(db).await?;
        let active = rows
            .into_iter()
            .filter(|row| row.state == IdentityState::Active);
        let active: Vec<identity::Model> = active.collect();
        let mut items = Vec::new();
        for some in active.chunks(TOGETHER) {
            let ids = some.iter().map(|row| row.id).collect();
            let mut uses: BTreeMap<IdentityId, Vec<(String, DateTime<Utc>)>> = BTreeMap::new();
            for row in store::scope_uses::of(db, ids).await? {
                let of = uses.entry(row.identity_id).or_default();
                of.push((row.scope, row.last_at));
            }
            let agents: Vec<AgentId> = some.iter().map(|row| row.agent_id).collect();
            let agents = store::agents::many(db, agents).await?;
            for row in some {
                let agent = agents.iter().find(|agent| agent.id == row.agent_id);
                let uses = uses.get(&row.id).map_or(&[][..], Vec::as_slice);
                if let Some(agent) = agent.filter(|agent| self.of_team(agent)) {
                    items.extend(self.identity(row, agent, uses)?);
                }
            }
        }
        items.sort_by(|a, b| {
            (&a.agent, &a.subject, a.kind, &a.what).cmp(&(&b.agent, &b.subject, b.kind, &b.what))
        });
        Ok(items)
    }

    fn of_team(&self, agent: &agent::Model) -> bool {
        self.team.is_none_or(|team| team == agent.team_id)
    }

    fn identity(
        &self,
        row: &identity::Model,
        agent: &agent::Model,
        uses: &[(String, DateTime<Utc>)],
    ) -> Result<Vec<review_item::Model>, Error> {
        let item = |kind, what: String, last| review_item::Model {
            what,
            team: Some(self.slug(agent.team_id)),
            agent: Some(agent.slug.clone()),
            since: Some(row.created_at),
            last_used: last,
            unused: true,
            ..self.item(kind, row.client_id.clone(), None)
        };
        let last = uses.iter().map(|(_, at)| *at).max();
        if self.idle(row.created_at, last) {
            return Ok(vec![item(ItemKind::Identity, row.client_id.clone(), last)]);
        }
        let scopes: Vec<String> = store::from_json(&row.scopes)?;
        let unused = scopes.into_iter().filter_map(|scope| {
            let last = uses.iter().find(|(used, _)| *used == scope);
            let last = last.map(|(_, at)| *at);
            self.idle(row.created_at, last)
                .then(|| item(ItemKind::Scope, scope, last))
        });
        Ok(unused.collect())
    }
}

fn moment(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).ok()?;
    Some(at.with_timezone(&Utc))
}

/// Who gave which role to whom, as the log tells it, by receiver and oldest first.
struct Given(BTreeMap<String, Vec<Gift>>);

struct Gift {
    role: String,
    /// Slug, or every team; events of older versions do not say it of a first role.
    place: Option<String>,
    at: String,
    by: String,
}

impl Given {
    async fn read(cp: &ControlPlane) -> Result<Self, Error> {
        let mut gifts: BTreeMap<String, Vec<Gift>> = BTreeMap::new();
        for action in [AuditAction::UserCreated, AuditAction::RoleGranted] {
            let rows = store::audit::of_action(cp.reader(), action, None, GIVEN_MAX).await?;
            for row in &rows {
                let event = audit::parsed(row)?;
                let Some(role) = event.detail.get("role") else {
                    continue;
                };
                let gift = Gift {
                    role: role.clone(),
                    place: event.detail.get("team").cloned(),
                    at: event.time,
                    by: event.actor.name,
                };
                gifts.entry(event.object.id).or_default().push(gift);
            }
        }
        Ok(Self(gifts))
    }

    /// Who gave this one; `None` where the log does not say.
    fn by(&self, row: &role_grant::Model, place: &str) -> Option<String> {
        let latest = audit::spelled(row.granted_at + TOLD_WITHIN);
        let earliest = audit::spelled(row.granted_at - TOLD_WITHIN);
        let gifts = self.0.get(&row.user_id.to_string())?;
        let found = gifts.iter().rev().find(|gift| {
            gift.role == row.role.as_str()
                && gift.place.as_deref().is_none_or(|there| there == place)
                && gift.at >= earliest
                && gift.at <= latest
        });
        found.map(|gift| gift.by.clone())
    }
}

/// Who made which service account.
async fn made(cp: &ControlPlane) -> Result<BTreeMap<String, String>, Error> {
    let action = AuditAction::ServiceAccountMade;
    let rows = store::audit::of_action(cp.reader(), action, None, GIVEN_MAX).await?;
    let made = rows.into_iter().map(|row| (row.object_id, row.actor_name));
    Ok(made.collect())
}
