//! Where what people did, or could do, touches the rules of separation.

use std::collections::BTreeMap;

use super::held::Held;
use super::roles::Known;
use super::{Asked, ConflictKind, Told, Via};
use crate::actor::Role;
use crate::authz::Action;
use crate::error::Exclusion;
use crate::event::AuditAction;
use crate::view::segregation::{Conflict, ConflictRow, Place};

/// What is looked at, and where.
pub(super) struct Looking<'r> {
    pub(super) known: &'r Known,
    /// Of the period and team.
    pub(super) acts: &'r [&'r Told],
    pub(super) around: &'r [Told],
    pub(super) asked: &'r Asked,
    /// There are refusals of which the log does not say whose team they were about.
    pub(super) lost_refusals: bool,
}

impl Looking<'_> {
    /// One kind of conflict.
    pub(super) fn at(&self, kind: ConflictKind) -> Conflict {
        let rows = match kind {
            ConflictKind::OwnRequest => self.decided(|d, who| self.own_request(d, who)),
            ConflictKind::OwnCommit => self.decided(|d, who| self.own_commit(d, who)),
            ConflictKind::OwnWaiver => self.decided(|d, who| self.own_waiver(d, who)),
            ConflictKind::OwnReview => self.own_reviews(),
            ConflictKind::RoleNotHeld => self.by_role(false),
            ConflictKind::ByElevation => self.by_role(true),
            ConflictKind::BrokenGlass => self.broken_glasses(),
            ConflictKind::RefusedAttempt => self.refused(),
            ConflictKind::BothDuties => self.both_duties(),
            ConflictKind::LeftSince => self.left_since(),
        };
        Conflict {
            kind,
            rows,
            not_known: kind == ConflictKind::RefusedAttempt && self.lost_refusals,
        }
    }

    fn of(&self, action: AuditAction) -> impl Iterator<Item = &Told> {
        let acts = self.acts.iter().copied();
        acts.filter(move |event| event.action == action)
    }

    fn around(&self, action: AuditAction, deployment: Option<i64>) -> impl Iterator<Item = &Told> {
        let all = self.around.iter();
        all.filter(move |event| {
            event.action == action && deployment.is_some() && event.deployment == deployment
        })
    }

    /// Decisions for which something is found, of whoever decided and of whoever it was in the name of.
    fn decided<'s>(
        &'s self,
        look: impl Fn(&'s Told, &str) -> Option<(String, u64)>,
    ) -> Vec<ConflictRow> {
        let mut rows = Vec::new();
        for decision in self.of(AuditAction::ApprovalDecided) {
            let behalf = decision.detail("on_behalf_of");
            for who in [Some(decision.actor_id.as_str()), behalf]
                .into_iter()
                .flatten()
            {
                if let Some((what, event)) = look(decision, who) {
                    rows.push(ConflictRow {
                        person: self.known.name(who),
                        what,
                        events: vec![event, decision.index],
                    });
                }
            }
        }
        rows
    }

    fn own_request(&self, decision: &Told, who: &str) -> Option<(String, u64)> {
        let mut all = self.around(AuditAction::DeploymentRequested, decision.deployment);
        let found = all.find(|event| {
            let by = self.known.behind(event);
            by.is_some_and(|by| self.known.same(by, who))
        })?;
        Some((about(decision), found.index))
    }

    fn own_commit(&self, decision: &Told, who: &str) -> Option<(String, u64)> {
        let mut all = self.around(AuditAction::DeploymentRequested, decision.deployment);
        let version = all.find_map(|event| event.detail("version"))?;
        let mut cut = self.around.iter().filter(|event| {
            event.action == AuditAction::VersionCut
                && event.agent == decision.agent
                && event.object_id == version
        });
        let found = cut.find(|event| {
            let emails = ["author", "committer"].map(|key| event.detail(key));
            let mut emails = emails.into_iter().flatten();
            emails.any(|email| self.known.has_address(who, email))
        })?;
        Some((
            format!("{}, version {version}", about(decision)),
            found.index,
        ))
    }

    fn own_waiver(&self, decision: &Told, who: &str) -> Option<(String, u64)> {
        let mut all = self.around(AuditAction::WaiverGiven, decision.deployment);
        let found = all
            .find(|event| event.index < decision.index && self.known.same(&event.actor_id, who))?;
        let what = format!("{}, {}", about(decision), found.object_id);
        Some((what, found.index))
    }

    fn own_reviews(&self) -> Vec<ConflictRow> {
        let row = |review: &Told| {
            let mut all = self.around(AuditAction::GlassBroken, review.deployment);
            let broken = all.find(|event| {
                event.object_id == review.object_id
                    && self.known.same(&event.actor_id, &review.actor_id)
            })?;
            Some(ConflictRow {
                person: self.known.name(&review.actor_id),
                what: about(review),
                events: vec![broken.index, review.index],
            })
        };
        self.of(AuditAction::PostReviewed).filter_map(row).collect()
    }

    /// Decisions of people who held the approver's role for a time alone, or of whom the log does not know that they held it.
    fn by_role(&self, for_a_time: bool) -> Vec<ConflictRow> {
        let mut rows = Vec::new();
        for decision in self.of(AuditAction::ApprovalDecided) {
            let who = decision
                .detail("on_behalf_of")
                .unwrap_or(&decision.actor_id);
            let agent = decision.agent.as_deref().unwrap_or_default();
            let team = self.known.team_of(agent);
            let held: Vec<&Held> = self.approver(who, team, decision).collect();
            let elevated = held.iter().filter(|one| one.via == Via::Elevation).count();
            let found = if for_a_time {
                !held.is_empty() && elevated == held.len()
            } else {
                held.is_empty()
            };
            if found {
                let begun = held.iter().filter_map(|one| one.begun);
                rows.push(ConflictRow {
                    person: self.known.name(who),
                    what: about(decision),
                    events: begun.chain([decision.index]).collect(),
                });
            }
        }
        rows
    }

    /// What made somebody an approver of a team at a decision. A role of which the place is not known proves nothing.
    fn approver<'s>(
        &'s self,
        who: &'s str,
        team: Option<&'s str>,
        decision: &'s Told,
    ) -> impl Iterator<Item = &'s Held> {
        self.known.held.iter().filter(move |one| {
            let here = match &one.place {
                Place::EveryTeam => true,
                Place::Team(slug) => team == Some(slug.as_str()),
                Place::NotKnown => false,
            };
            one.person == who && one.role == Role::Approver && here && one.at(decision.at)
        })
    }

    fn broken_glasses(&self) -> Vec<ConflictRow> {
        let row = |broken: &Told| {
            let ends = [AuditAction::PostReviewed, AuditAction::PostReviewOverdue];
            let after = ends.into_iter().flat_map(|action| self.of(action));
            let mut after: Vec<&Told> = after
                .filter(|event| event.object_id == broken.object_id)
                .collect();
            after.sort_by_key(|event| event.index);
            let said = after.last().map_or_else(
                || "not reviewed in this period".to_owned(),
                |event| match event.detail("state") {
                    Some(state) => {
                        let by = self.known.name(&event.actor_id);
                        format!("{} by {by}", state.replace('_', " "))
                    }
                    None => "review overdue".to_owned(),
                },
            );
            ConflictRow {
                person: self.known.name(&broken.actor_id),
                what: format!("{}, {}: {said}", about(broken), broken.object_id),
                events: [broken.index]
                    .into_iter()
                    .chain(after.iter().map(|event| event.index))
                    .collect(),
            }
        };
        self.of(AuditAction::GlassBroken).map(row).collect()
    }

    fn refused(&self) -> Vec<ConflictRow> {
        let row = |event: &Told| {
            let rule: Exclusion = event.reason.as_deref()?.parse().ok()?;
            let who = self.known.behind(event)?;
            let what = match &event.agent {
                Some(_) => format!("{}: {}", about(event), rule.of_other()),
                None => format!("{}: {}", event.object_id, rule.of_other()),
            };
            Some(ConflictRow {
                person: self.known.name(who),
                what: match event.detail("count") {
                    Some(count) => format!("{what}, {count} times"),
                    None => what,
                },
                events: vec![event.index],
            })
        };
        self.of(AuditAction::Refused).filter_map(row).collect()
    }

    fn both_duties(&self) -> Vec<ConflictRow> {
        let mut found: BTreeMap<(String, Place), Vec<u64>> = BTreeMap::new();
        let held = &self.known.held;
        for approver in held.iter().filter(|one| one.role == Role::Approver) {
            let builders = held.iter().filter(|one| {
                Action::Deploy.roles().contains(&one.role)
                    && self.known.same(&one.person, &approver.person)
                    && one.meets(approver, self.asked)
            });
            for builder in builders {
                let Some(place) = self.shared(&approver.place, &builder.place) else {
                    continue;
                };
                let events = found.entry((approver.person.clone(), place)).or_default();
                events.extend(approver.begun);
                events.extend(builder.begun);
            }
        }
        found
            .into_iter()
            .map(|((person, place), mut events)| {
                events.sort_unstable();
                events.dedup();
                ConflictRow {
                    person: self.known.name(&person),
                    what: match place {
                        Place::NotKnown => "in a team that the log does not name".to_owned(),
                        Place::EveryTeam | Place::Team(_) => format!("in {}", place.label()),
                    },
                    events,
                }
            })
            .collect()
    }

    /// The team, of those asked for, in which both hold.
    fn shared(&self, one: &Place, other: &Place) -> Option<Place> {
        let place = match (one, other) {
            (Place::NotKnown, _) | (_, Place::NotKnown) => return Some(Place::NotKnown),
            (Place::EveryTeam, place) | (place, Place::EveryTeam) => place.clone(),
            (Place::Team(one), Place::Team(other)) if one == other => Place::Team(one.clone()),
            (Place::Team(_), Place::Team(_)) => return None,
        };
        let asked = self.asked.team.as_deref();
        let here = match &place {
            Place::Team(slug) => asked.is_none_or(|team| team == slug),
            Place::EveryTeam | Place::NotKnown => true,
        };
        here.then_some(place)
    }

    fn left_since(&self) -> Vec<ConflictRow> {
        let row = |decision: &Told| {
            let left = self.known.left_after(&decision.actor_id, decision.index)?;
            Some(ConflictRow {
                person: self.known.name(&decision.actor_id),
                what: about(decision),
                events: vec![decision.index, left],
            })
        };
        let kinds = [
            AuditAction::ApprovalDecided,
            AuditAction::WaiverGiven,
            AuditAction::PostReviewed,
        ];
        let decisions = kinds.into_iter().flat_map(|action| self.of(action));
        decisions.filter_map(row).collect()
    }
}

/// "refund-assistant #2".
fn about(event: &Told) -> String {
    let agent = event.agent.as_deref().unwrap_or("no agent");
    match event.deployment {
        Some(number) => format!("{agent} #{number}"),
        None => agent.to_owned(),
    }
}
