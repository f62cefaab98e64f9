//! The path itself, as people and git hosts use it.

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{agents, approvals, deployments, rollbacks};
use domain::environment::Environment;
use domain::form::agent::LiftHoldForm;
use domain::form::approval::DecisionForm;
use domain::gate::{Gate, Verdict};

use super::{Parts, both, outcome};
use crate::machine::act::{Act, Found, Person, Said};
use crate::support::World;

/// Deployments to production that have not ended, nor are live.
const UNDER_WAY: &str = "SELECT CAST(number AS TEXT) FROM deployments WHERE environment = 'production' \
    AND state IN ('queued', 'building', 'checking', 'awaiting_approval', 'deploying', 'verifying') \
    ORDER BY number DESC";

impl Parts {
    pub(super) async fn act(&mut self, act: Act) -> Said {
        match act {
            Act::Push(found) => self.push(found).await,
            Act::Approve(by) => self.decide(by, "approve", None).await,
            Act::ApproveTwice => {
                let first = self.decide(Person::First, "approve", None);
                let second = self.decide(Person::Second, "approve", None);
                let (first, second) = futures::join!(first, second);
                both(first, second)
            }
            Act::ApproveOther => {
                let other = "sha256:".to_owned() + &"0".repeat(64);
                self.decide(Person::First, "approve", Some(other)).await
            }
            Act::Reject(by) => self.decide(by, "reject", None).await,
            Act::Cancel(by) => {
                let form = TestPlane::form(self.under_way().await);
                let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
                outcome(deployments::cancel(cp, &ctx, &form).await)
            }
            Act::Promote(by) => {
                let live = self.live(Environment::NonProd).await;
                let form = TestPlane::form(live.unwrap_or(0));
                let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
                outcome(deployments::promote(cp, &ctx, &form).await)
            }
            Act::RollBack(by) => self.roll_back(by).await,
            Act::RollBackTwice => {
                let (first, second) =
                    futures::join!(self.roll_back(Person::Lead), self.roll_back(Person::Lead));
                both(first, second)
            }
            Act::LiftHold(by) => self.lift_hold(by).await,
            Act::Wait { minutes } => {
                self.world.plane.clock.advance(Duration::minutes(minutes));
                Said::Done
            }
            Act::BreakGlass(_)
            | Act::Review { .. }
            | Act::Waive { .. }
            | Act::Revoke(_)
            | Act::AskForRole { .. }
            | Act::GiveRole { .. }
            | Act::EndRole(_) => self.act_on_rights(act).await,
        }
    }

    async fn push(&mut self, found: Found) -> Said {
        let verdicts = &self.world.plane.fakes.verdicts;
        for gate in [Gate::ImageScan, Gate::Relevance] {
            let verdict = match found {
                Found::By(failing) if failing == gate => Verdict::Failed,
                Found::Doubt if gate == Gate::Relevance => Verdict::Inconclusive,
                Found::By(_) | Found::Doubt | Found::Nothing => Verdict::Passed,
            };
            verdicts.set(gate, verdict);
        }
        self.pushes += 1;
        let code = format!("print({})\n", self.pushes);
        self.world.push_code(&code).await;
        Said::Done
    }

    async fn live(&self, environment: Environment) -> Option<i64> {
        let World { plane, agent, .. } = &self.world;
        plane.live(agent, environment).await
    }

    async fn newest(&self) -> i64 {
        let numbers = self.world.plane.numbers().await;
        numbers.last().copied().unwrap_or(0)
    }

    /// The first number that a query finds, else that of the newest deployment, which everybody is refused about.
    pub(super) async fn first_or_newest(&self, query: &str) -> i64 {
        match self.world.plane.column(query).await.first() {
            Some(number) => number.parse().unwrap(),
            None => self.newest().await,
        }
    }

    pub(super) async fn under_way(&self) -> i64 {
        self.first_or_newest(UNDER_WAY).await
    }

    async fn decide(&self, by: Person, verdict: &str, digest: Option<String>) -> Said {
        let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
        let waiting =
            "SELECT CAST(number AS TEXT) FROM deployments WHERE state = 'awaiting_approval'";
        let number = self.first_or_newest(waiting).await;
        let asked = match approvals::get(cp, &ctx, number).await {
            Ok(asked) => asked,
            Err(error) => return outcome(Err::<(), _>(error)),
        };
        let form = DecisionForm {
            number: number.to_string(),
            verdict: verdict.to_owned(),
            reason: "A good enough reason.".to_owned(),
            manifest_digest: digest.unwrap_or(asked.manifest_digest),
            accepted_scopes: asked.diff.added_scopes.join(" "),
            ..DecisionForm::default()
        };
        outcome(approvals::decide(cp, &ctx, &form).await)
    }

    async fn roll_back(&self, by: Person) -> Said {
        let live = self.live(Environment::Production).await;
        let form = TestPlane::back(live.unwrap_or(0));
        let (cp, ctx) = (&self.world.plane.cp, self.ctx(by).await);
        outcome(rollbacks::start(cp, &ctx, &form).await)
    }

    async fn lift_hold(&self, by: Person) -> Said {
        let World { plane, agent, .. } = &self.world;
        let versions = plane.versions().await;
        let held = versions.into_iter().find(|version| version.held);
        let form = LiftHoldForm {
            agent: agent.slug.clone(),
            version: held.map_or_else(|| "2.3.9999".to_owned(), |version| version.number),
            reason: "The cause was elsewhere.".to_owned(),
        };
        outcome(agents::lift_hold(&plane.cp, &self.ctx(by).await, &form).await)
    }

    /// Gives up what waits for people or for a late post-review: nothing is under way at the end of a history.
    pub(super) async fn give_up(&self) {
        let cp = &self.world.plane.cp;
        for number in self.world.plane.column(UNDER_WAY).await {
            let form = TestPlane::form(number.parse().unwrap());
            let lead = self.ctx(Person::Lead).await;
            deployments::cancel(cp, &lead, &form).await.unwrap();
        }
        self.world.settle().await;
    }
}
