//! Who may what for how long: waivers, broken glass, post-reviews, and roles for a time.

use chrono::Duration;
use control_plane::testing::TEAM;
use control_plane::{OpCtx, approvals, break_glass, elevations, tokens, waivers};
use domain::environment::Environment;
use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::form::elevation::{ElevationDecisionForm, ElevationForm};
use domain::form::person::TokenForm;
use domain::form::waiver::{RevokeWaiverForm, WaiverForm};
use domain::gate::Gate;

use super::{Parts, outcome};
use crate::machine::act::{Act, Person, Said};

const REASON: &str = "A good enough reason.";

/// An answer about a role for a time.
fn answer(number: i64, verdict: &str) -> ElevationDecisionForm {
    ElevationDecisionForm {
        number: number.to_string(),
        verdict: verdict.to_owned(),
        reason: REASON.to_owned(),
    }
}

impl Parts {
    /// A context of somebody who signed in just now, with the roles of just now.
    pub(super) async fn ctx(&self, who: Person) -> OpCtx {
        let plane = &self.world.plane;
        let maker = if who == Person::Token {
            Person::Guest
        } else {
            who
        };
        let known = self.people.iter().find(|(person, _)| *person == maker);
        let id = known.and_then(|(_, ctx)| ctx.actor().user()).unwrap();
        let person = plane.again(id).await;
        if who != Person::Token {
            return person;
        }
        let form = TokenForm {
            name: "script".to_owned(),
            scopes: "read write".to_owned(),
            days: "1".to_owned(),
        };
        let token = tokens::create(&plane.cp, &person, &form).await.unwrap();
        let actor = tokens::actor(&plane.cp, &token.text).await.unwrap();
        plane.ctx(actor.unwrap())
    }

    pub(super) async fn act_on_rights(&self, act: Act) -> Said {
        match act {
            Act::BreakGlass(by) => self.break_glass(by).await,
            Act::Review { by, ok } => self.review(by, ok).await,
            Act::Waive {
                by,
                environment,
                gate,
                days,
            } => self.waive(by, environment, gate, days).await,
            Act::Revoke(by) => self.revoke(by).await,
            Act::AskForRole { by, role, hours } => {
                let form = ElevationForm {
                    wanted_role: role.to_string(),
                    team: TEAM.to_owned(),
                    hours: hours.to_string(),
                    reason: REASON.to_owned(),
                };
                let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
                outcome(elevations::request(cp, &ctx, &form).await)
            }
            Act::GiveRole { by, yes } => {
                let verdict = if yes { "approve" } else { "reject" };
                let form = answer(self.newest_of("elevations").await, verdict);
                let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
                outcome(elevations::decide(cp, &ctx, &form).await)
            }
            Act::EndRole(by) => {
                let form = answer(self.newest_of("elevations").await, "");
                let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
                outcome(elevations::end(cp, &ctx, &form).await)
            }
            Act::Push(_)
            | Act::Approve(_)
            | Act::ApproveTwice
            | Act::ApproveOther
            | Act::Reject(_)
            | Act::Cancel(_)
            | Act::Promote(_)
            | Act::RollBack(_)
            | Act::RollBackTwice
            | Act::LiftHold(_)
            | Act::Wait { .. } => panic!("no act on rights: {act:?}"),
        }
    }

    /// The last number of a table; 1 where it is empty.
    async fn newest_of(&self, table: &str) -> i64 {
        let query = format!("SELECT CAST(number AS TEXT) FROM {table} ORDER BY number DESC");
        let numbers = self.world.plane.column(&query).await;
        numbers.first().map_or(1, |number| number.parse().unwrap())
    }

    async fn break_glass(&self, by: Person) -> Said {
        let (cp, number) = (&self.world.plane.cp, self.under_way().await);
        // The page shows the digest to everybody who reads.
        let reader = self.ctx(Person::Lead).await;
        let asked = approvals::get(cp, &reader, number).await;
        let digest = asked.map_or_else(|_| "0".repeat(64), |asked| asked.manifest_digest);
        let form = BreakGlassForm {
            number: number.to_string(),
            manifest_digest: digest,
            reason: REASON.to_owned(),
            incident: "INC-118".to_owned(),
        };
        outcome(break_glass::start(cp, &self.ctx(by).await, &form).await)
    }

    async fn review(&self, by: Person, ok: bool) -> Said {
        let open = "SELECT CAST(number AS TEXT) FROM break_glasses \
            WHERE state IN ('post_review_due', 'overdue') ORDER BY number";
        let number = match self.world.plane.column(open).await.first() {
            Some(number) => number.parse().unwrap(),
            None => self.newest_of("break_glasses").await,
        };
        let form = PostReviewForm {
            number: number.to_string(),
            outcome: if ok { "ok" } else { "violation" }.to_owned(),
            reason: REASON.to_owned(),
        };
        let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
        outcome(break_glass::review(cp, &ctx, &form).await)
    }

    async fn waive(&self, by: Person, environment: Environment, gate: Gate, days: i64) -> Said {
        let plane = &self.world.plane;
        let failing = format!(
            "SELECT CAST(d.number AS TEXT) FROM gate_runs g JOIN deployments d ON d.id = g.deployment_id \
             WHERE g.gate = '{gate}' AND g.verdict IN ('failed', 'waived') AND d.environment = 'non_prod' \
             ORDER BY d.number DESC"
        );
        let until = plane.now() + Duration::days(days);
        let form = WaiverForm {
            deployment: self.first_or_newest(&failing).await.to_string(),
            gate: gate.to_string(),
            finding: "fake-rule".to_owned(),
            location: "agent.py".to_owned(),
            environment: environment.to_string(),
            until: until.format("%Y-%m-%d").to_string(),
            reason: REASON.to_owned(),
        };
        outcome(waivers::give(&plane.cp, &self.ctx(by).await, &form).await)
    }

    async fn revoke(&self, by: Person) -> Said {
        let plane = &self.world.plane;
        let listed = waivers::list(&plane.cp, &self.ctx(Person::Lead).await, "").await;
        let listed = listed.unwrap().rows;
        let active = |row: &&domain::view::waiver::WaiverRow| {
            row.state == domain::waiver::WaiverState::Active
        };
        let newest = listed.iter().find(active).or_else(|| listed.first());
        let form = RevokeWaiverForm {
            number: newest.map_or(1, |row| row.number).to_string(),
            reason: REASON.to_owned(),
        };
        outcome(waivers::revoke(&plane.cp, &self.ctx(by).await, &form).await)
    }
}
