//! Rows that a deployment leaves behind: gate runs, ledger, outgoing work, log and the push it came from.

use chrono::TimeDelta;
use domain::delivery::PushState;
use domain::deployment::{LogLevel, Step};
use domain::gate::{Gate, GateRunState, Report, Verdict};
use domain::id::{AgentId, DeploymentId, GateRunId, OutboxId, PushId, ResourceId};
use domain::ledger::{Origin, ResourceKind, ResourceState};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::EntityTrait;

use super::plane::{Plane, now};
use crate::ids;
use crate::outgoing::Outgoing;
use crate::store;
use crate::store::entity::{deployment_log, evidence, gate_run, outbox, push, resource};

impl Plane {
    /// Settled gate runs with their evidence.
    pub(super) async fn gates(
        &self,
        deployment: DeploymentId,
        gates: &[Gate],
        carried_from: Option<i64>,
    ) {
        for gate in gates {
            let id = GateRunId(ids::new());
            let digest = format!("sha256:evidence-{id}");
            let report = Report {
                gate: *gate,
                verdict: Verdict::Passed,
                reason: None,
                summary: "All good".to_owned(),
                engine: "test".to_owned(),
                basis: Vec::new(),
                measures: Vec::new(),
                findings: Vec::new(),
                cases: Vec::new(),
                against_live: None,
            };
            self.write(evidence::Model {
                digest: digest.clone(),
                media_type: "test".to_owned(),
                body: store::to_json(&report).unwrap(),
                signature: String::new(),
                created_at: now(),
            })
            .await;
            self.write(gate_run::Model {
                id,
                deployment_id: deployment,
                gate: *gate,
                state: GateRunState::Settled,
                verdict: Some(Verdict::Passed),
                reason: None,
                summary: "All good".to_owned(),
                evidence_digest: Some(digest),
                carried_from,
                attempts: 1,
                started_at: Some(now()),
                settled_at: Some(now() + TimeDelta::seconds(5)),
            })
            .await;
        }
    }

    /// Ledger, outgoing work and log of a deployment.
    pub(super) async fn around(&self, deployment: DeploymentId) {
        self.write(resource::Model {
            id: ResourceId(ids::new()),
            deployment_id: deployment,
            sequence: 1,
            kind: ResourceKind::Image,
            name: "image".to_owned(),
            state: ResourceState::Created,
            origin: Origin::Created,
            attempts: 0,
            last_error: None,
            next_attempt_at: now(),
            written_at: now(),
            settled_at: None,
        })
        .await;
        self.write(outbox::Model {
            id: OutboxId(ids::new()),
            deployment_id: deployment,
            kind: "tag".to_owned(),
            dedupe: format!("tag:{deployment}"),
            payload: store::to_json(&Outgoing::Tag {
                commit: "c".to_owned(),
                tag: "bot/v1.1.0".to_owned(),
            })
            .unwrap(),
            state: store::outbox::DONE.to_owned(),
            last_error: None,
            created_at: now(),
            done_at: None,
            lease_owner: None,
            lease_until: None,
            fence: 0,
            attempts: 1,
            next_attempt_at: now(),
        })
        .await;
        let line = |n: i32| deployment_log::ActiveModel {
            id: NotSet,
            deployment_id: Set(deployment),
            step: Set(if n % 2 == 0 {
                Step::Build
            } else {
                Step::Deploy
            }),
            level: Set(LogLevel::Text),
            line: Set(format!("line {n}")),
            at: Set(now()),
        };
        deployment_log::Entity::insert_many((1..=450).map(line))
            .exec_without_returning(&self.db)
            .await
            .unwrap();
    }

    pub(super) async fn pushed(&self, agent: AgentId, commit: &str) {
        self.write(push::Model {
            id: PushId(ids::new()),
            agent_id: agent,
            commit_id: commit.repeat(40),
            before_commit: None,
            found_by: "delivery".to_owned(),
            pushed_by: "Author".to_owned(),
            state: PushState::Done,
            note: None,
            problems: r#"[{"file":"clearance.yaml","line":3,"column":1,"message":"wrong"}]"#
                .to_owned(),
            found_at: now(),
            settled_at: None,
            lease_owner: None,
            lease_until: None,
            fence: 0,
            attempts: 0,
            next_attempt_at: now(),
        })
        .await;
    }
}
