//! The product under the same history: use cases, workers and a real database, with behaving fakes outside.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use chrono::Duration;
use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, agents, approvals, deployments, rollbacks};
use domain::actor::Role;
use domain::environment::Environment;
use domain::form::agent::LiftHoldForm;
use domain::form::approval::DecisionForm;
use domain::gate::{Gate, Verdict};
use proptest_state_machine::StateMachineTest;
use tokio::runtime::Runtime;

use super::TAKEN;
use super::model::{Act, Model, Said, Step};
use crate::support::World;

/// Rounds of kills after a step, each half a minute after the other.
const ROUNDS: u32 = 2;

pub(crate) struct System {
    runtime: Runtime,
    parts: Parts,
}

struct Parts {
    world: World,
    second: OpCtx,
    author: OpCtx,
    operator: OpCtx,
    pushes: u32,
}

fn outcome<T: std::fmt::Debug>(outcome: Result<T, Error>) -> Said {
    match outcome {
        Ok(_) => Said::Done,
        Err(Error::Conflict { .. } | Error::NotFound { .. }) => Said::Conflict,
        Err(Error::Excluded { .. }) => Said::Excluded,
        Err(other) => panic!("no answer for a person: {other:?}"),
    }
}

fn both(first: Said, second: Said) -> Said {
    match (first, second) {
        (Said::Done, Said::Conflict) | (Said::Conflict, Said::Done) => Said::DoneOnce,
        (Said::Conflict, Said::Conflict) => Said::Conflict,
        other => panic!("of two at once: {other:?}"),
    }
}

impl Parts {
    async fn new() -> Self {
        let world = World::new().await;
        let plane = &world.plane;
        Self {
            second: plane.person("second@example.com", Role::Approver).await,
            author: plane.person("author@example.com", Role::Approver).await,
            operator: plane.person("ops@example.com", Role::Operator).await,
            world,
            pushes: 0,
        }
    }

    async fn act(&mut self, act: Act) -> Said {
        match act {
            Act::Push | Act::PushBad | Act::PushDoubtful => {
                let verdict = if act == Act::PushBad {
                    Verdict::Failed
                } else if act == Act::PushDoubtful {
                    Verdict::Inconclusive
                } else {
                    Verdict::Passed
                };
                let plane = &self.world.plane;
                plane.fakes.verdicts.set(Gate::Relevance, verdict);
                self.pushes += 1;
                self.world
                    .push_code(&format!("print({})\n", self.pushes))
                    .await;
                Said::Done
            }
            Act::Approve => self.decide(&self.world.approver, "approve", None).await,
            Act::ApproveTwice => {
                let first = self.decide(&self.world.approver, "approve", None);
                let second = self.decide(&self.second, "approve", None);
                let (first, second) = futures::join!(first, second);
                both(first, second)
            }
            Act::ApproveOwn => self.decide(&self.author, "approve", None).await,
            Act::ApproveOther => {
                let other = "sha256:".to_owned() + &"0".repeat(64);
                self.decide(&self.world.approver, "approve", Some(other))
                    .await
            }
            Act::Reject => self.decide(&self.world.approver, "reject", None).await,
            Act::Cancel => {
                let form = TestPlane::form(self.asked().await);
                outcome(deployments::cancel(&self.world.plane.cp, &self.operator, &form).await)
            }
            Act::Promote => {
                let live = self.live(Environment::NonProd).await;
                let form = TestPlane::form(live.unwrap_or(0));
                outcome(deployments::promote(&self.world.plane.cp, &self.operator, &form).await)
            }
            Act::RollBack => self.roll_back().await,
            Act::RollBackTwice => {
                let (first, second) = futures::join!(self.roll_back(), self.roll_back());
                both(first, second)
            }
            Act::LiftHold => self.lift_hold().await,
            Act::Wait { minutes } => {
                self.world.plane.clock.advance(Duration::minutes(minutes));
                Said::Done
            }
        }
    }

    async fn live(&self, environment: Environment) -> Option<i64> {
        let World { plane, agent, .. } = &self.world;
        plane.live(agent, environment).await
    }

    /// What waits for people; the newest deployment where nothing does, which everybody is refused about.
    async fn asked(&self) -> i64 {
        let plane = &self.world.plane;
        let query =
            "SELECT CAST(number AS TEXT) FROM deployments WHERE state = 'awaiting_approval'";
        let waiting = plane.column(query).await;
        assert!(waiting.len() <= 1, "several wait: {waiting:?}");
        let newest = plane.numbers().await.last().copied().unwrap_or(0);
        waiting
            .first()
            .map_or(newest, |number| number.parse().unwrap())
    }

    async fn decide(&self, who: &OpCtx, verdict: &str, digest: Option<String>) -> Said {
        let cp = &self.world.plane.cp;
        let number = self.asked().await;
        let asked = match approvals::get(cp, who, number).await {
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
        outcome(approvals::decide(cp, &self.world.plane.fresh(who), &form).await)
    }

    async fn roll_back(&self) -> Said {
        let live = self.live(Environment::Production).await;
        let form = TestPlane::back(live.unwrap_or(0));
        outcome(rollbacks::start(&self.world.plane.cp, &self.operator, &form).await)
    }

    async fn lift_hold(&self) -> Said {
        let World { plane, agent, .. } = &self.world;
        let versions = plane.versions().await;
        let held = versions.into_iter().find(|version| version.held);
        let form = LiftHoldForm {
            agent: agent.slug.clone(),
            version: held.map_or_else(|| "2.3.9999".to_owned(), |version| version.number),
            reason: "The cause was elsewhere.".to_owned(),
        };
        outcome(agents::lift_hold(&plane.cp, &self.operator, &form).await)
    }

    /// Lets the workers work, killed for a while where a seed says so.
    async fn work(&self, killed: Option<u32>) {
        let plane = &self.world.plane;
        if let Some(seed) = killed {
            let mut state = seed;
            let mut polls = || {
                // A small generator is enough: kills should only be everywhere, not unpredictable.
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                Some((state >> 16) % (4 + seed % 90))
            };
            for _ in 0..ROUNDS {
                plane.settle_killing(&mut polls).await;
                plane.clock.advance(Duration::seconds(31));
            }
            plane.clock.advance(Duration::seconds(58));
        }
        plane.settle().await;
    }

    async fn compare(&self, model: &Model) {
        let plane = &self.world.plane;
        let mut states = BTreeMap::new();
        for number in plane.numbers().await {
            states.insert(number, plane.state(number).await);
        }
        assert_eq!(states, model.states, "states");
        let live = self.live(Environment::NonProd).await;
        assert_eq!(live, model.live_in_non_prod(), "live in non-prod");
        let live = self.live(Environment::Production).await;
        assert_eq!(live, model.live_in_production(), "live in production");
        let held: Vec<bool> = plane.versions().await.iter().map(|v| v.held).collect();
        assert_eq!(held, model.held, "holds");
    }

    /// Invariants 1, 4 and 7, by the tables and by what is outside.
    async fn check(&self) {
        let plane = &self.world.plane;
        let unauthorised = "SELECT CAST(number AS TEXT) FROM deployments WHERE state = 'live' \
            AND (authorised_digest IS NULL OR manifest_digest IS NULL OR authorised_digest <> manifest_digest)";
        assert!(plane.column(unauthorised).await.is_empty(), "invariant 1");
        let unapproved = "SELECT CAST(d.number AS TEXT) FROM deployments d WHERE d.state = 'live' \
            AND d.environment = 'production' AND NOT EXISTS (SELECT 1 FROM approvals a \
            WHERE a.state = 'consumed' AND a.manifest_digest = d.manifest_digest)";
        assert!(
            plane.column(unapproved).await.is_empty(),
            "invariant 1, approved by people"
        );
        plane.check_ledger().await;
        let usable = "SELECT CAST(d.number AS TEXT) FROM identities i JOIN deployments d ON d.id = i.deployment_id \
            WHERE i.state <> 'revoked' AND d.state NOT IN ('deploying', 'verifying', 'live')";
        assert!(plane.column(usable).await.is_empty(), "invariant 7");
    }
}

impl StateMachineTest for System {
    type SystemUnderTest = Self;
    type Reference = Model;

    fn init_test(_: &Model) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let parts = runtime.block_on(Parts::new());
        Self { runtime, parts }
    }

    fn apply(mut system: Self, model: &Model, step: Step) -> Self {
        let Self { runtime, parts } = &mut system;
        runtime.block_on(async {
            let said = parts.act(step.act).await;
            assert_eq!(Some(said), model.said, "the answer to {:?}", step.act);
            parts.work(step.killed).await;
            parts.compare(model).await;
            parts.check().await;
        });
        system
    }

    fn teardown(system: Self, _: Model) {
        let Self { runtime, parts } = system;
        runtime.block_on(async {
            let taken = parts.world.plane.count_events("deployment_moved").await;
            TAKEN.fetch_add(taken, Ordering::Relaxed);
            parts.world.plane.finish().await;
        });
    }
}
