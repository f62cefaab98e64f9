//! Who may decide, read once: people with their roles, groups, accounts and addresses, and who stands in for whom now.
//! What a role or a group allows is the domain's to say.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::actor::{Actor, Grant, Role};
use domain::approval::{Absent, Account, Candidate, persons};
use domain::id::{TeamId, UserId};
use sea_orm::ConnectionTrait;

use crate::error::Error;
use crate::store;
use crate::store::entity::stand_in;

/// One account, and the person behind it.
struct Known {
    id: UserId,
    name: String,
    /// Addresses of all accounts of this person, lower case.
    emails: Vec<String>,
    accounts: Vec<UserId>,
}

/// Everybody, as of a moment. Five statements, whatever their number.
pub(crate) struct Roster {
    people: Vec<Known>,
    /// Standing roles, and those held for a time.
    grants: Vec<(UserId, Grant)>,
    groups: BTreeMap<UserId, Vec<String>>,
    stand_ins: Vec<stand_in::Model>,
}

impl Roster {
    /// With who stands in at a moment, and who holds a role for a time.
    pub(crate) async fn read(db: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<Self, Error> {
        let mut roster = Self::own_roles(db).await?;
        roster.stand_ins = store::stand_ins::running(db, now).await?;
        let for_a_time = store::elevations::all_grants(db, now).await?;
        roster.grants.extend(for_a_time);
        Ok(roster)
    }

    /// Standing roles of their own alone: nobody stands in, and nothing ends by the clock.
    pub(crate) async fn own_roles(db: &impl ConnectionTrait) -> Result<Self, Error> {
        let rows = store::people::all(db).await?;
        let mut groups: BTreeMap<UserId, Vec<String>> = BTreeMap::new();
        for (user, slug) in store::groups::members(db).await? {
            groups.entry(user).or_default().push(slug);
        }
        let mut accounts = Vec::new();
        for row in &rows {
            let mut emails: Vec<String> = store::from_json(&row.git_emails)?;
            emails.push(row.email.clone());
            let emails = emails.iter().map(|e| e.to_lowercase()).collect();
            accounts.push(Account { id: row.id, emails });
        }
        let mut people: Vec<Known> = Vec::new();
        for places in persons(&accounts) {
            let of: Vec<&Account> = places.iter().filter_map(|at| accounts.get(*at)).collect();
            let mut ids: Vec<UserId> = of.iter().map(|a| a.id).collect();
            ids.sort_unstable();
            let mut emails: Vec<String> = of.iter().flat_map(|a| a.emails.clone()).collect();
            emails.sort();
            emails.dedup();
            for at in places {
                let Some(row) = rows.get(at) else { continue };
                people.push(Known {
                    id: row.id,
                    name: row.name.clone(),
                    emails: emails.clone(),
                    accounts: ids.clone(),
                });
            }
        }
        let standing = store::people::all_grants(db).await?.into_iter();
        let grants = standing.map(|g| {
            let grant = Grant {
                role: g.role,
                team: g.team_id,
            };
            (g.user_id, grant)
        });
        let grants = grants.collect();
        people.sort_by(|a, b| (&a.name, a.id).cmp(&(&b.name, b.id)));
        Ok(Self {
            people,
            groups,
            grants,
            stand_ins: Vec::new(),
        })
    }

    /// Everybody who may decide for a team, in their own name or in that of somebody who is away, by name.
    pub(crate) fn candidates(&self, team: TeamId) -> Vec<Candidate> {
        let all = self.people.iter().map(|known| self.standing(known, team));
        all.filter(|c| c.approver || c.stands_in_for.iter().any(|a| a.approver))
            .collect()
    }

    /// What an actor may do for a team. `None` for anybody who is not a person with a session: tokens never decide.
    pub(crate) fn candidate(&self, actor: &Actor, team: TeamId) -> Option<Candidate> {
        let Actor::User { id, .. } = actor else {
            return None;
        };
        let known = self.people.iter().find(|known| known.id == *id)?;
        Some(self.standing(known, team))
    }

    /// The names of everybody with one of these roles for a team, in order.
    pub(crate) fn holders(&self, roles: &[Role], team: TeamId) -> Vec<String> {
        let found = self.with_one_of(roles, team);
        found.map(|known| known.name.clone()).collect()
    }

    /// Everybody with one of these roles for a team, by name.
    pub(crate) fn holding(&self, roles: &[Role], team: TeamId) -> Vec<UserId> {
        self.with_one_of(roles, team)
            .map(|known| known.id)
            .collect()
    }

    fn with_one_of(&self, roles: &[Role], team: TeamId) -> impl Iterator<Item = &Known> {
        let holds = move |known: &&Known| {
            let mut any = roles.iter();
            any.any(|role| self.holds(known.id, *role, team))
        };
        self.people.iter().filter(holds)
    }

    /// Every account of the person behind one, this one among them.
    pub(crate) fn accounts(&self, of: UserId) -> Vec<UserId> {
        let known = self.people.iter().find(|known| known.id == of);
        known.map_or_else(|| vec![of], |known| known.accounts.clone())
    }

    fn standing(&self, known: &Known, team: TeamId) -> Candidate {
        let absent = self.stand_ins.iter().filter(|s| s.user_id == known.id);
        let absent = absent.filter_map(|s| self.people.iter().find(|p| p.id == s.absent_id));
        Candidate {
            id: known.id,
            name: known.name.clone(),
            emails: known.emails.clone(),
            accounts: known.accounts.clone(),
            approver: self.holds(known.id, Role::Approver, team),
            groups: self.groups_of(known.id),
            stands_in_for: absent.map(|p| self.absent(p, team)).collect(),
        }
    }

    fn absent(&self, known: &Known, team: TeamId) -> Absent {
        Absent {
            id: known.id,
            name: known.name.clone(),
            accounts: known.accounts.clone(),
            emails: known.emails.clone(),
            approver: self.holds(known.id, Role::Approver, team),
            groups: self.groups_of(known.id),
        }
    }

    fn groups_of(&self, id: UserId) -> Vec<String> {
        self.groups.get(&id).cloned().unwrap_or_default()
    }

    fn holds(&self, id: UserId, role: Role, team: TeamId) -> bool {
        self.grants.iter().any(|(user, grant)| {
            *user == id && grant.role == role && grant.team.is_none_or(|granted| granted == team)
        })
    }
}
