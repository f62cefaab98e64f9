//! Rows of agents on their way to production, written as the use cases leave them.

use chrono::TimeDelta;
use domain::actor::Actor;
use domain::agent::{Framework, Risk};
use domain::approval::{ApprovalState, DecisionVerdict, Parties};
use domain::deployment::{DeploymentEvent as E, DeploymentKind, DeploymentState};
use domain::environment::Environment;
use domain::gate::Gate;
use domain::id::{AgentId, ApprovalId, DecisionId, DeploymentId, IdentityId, TeamId, VersionId};
use domain::identity::IdentityState;
use domain::runtime::RuntimeHealth;
use domain::view::diff::VersionDiff;
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::EntityTrait;

use super::plane::{Plane, now};
use crate::ctx::OpCtx;
use crate::ids;
use crate::store;
use crate::store::entity::{
    agent, approval, decision, deployment, identity, live, transition, version,
};
use crate::testing::TestAgent;

/// Numbers of the deployments of one agent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Numbers {
    /// 1.0.0, live in production under a used approval.
    pub(super) production: i64,
    /// 1.1.0, live in non-prod with every gate passed.
    pub(super) non_prod: i64,
    /// 1.1.0, awaiting approval.
    pub(super) waiting: i64,
}

/// Gates that a version carries to production.
const CARRIED: [Gate; 5] = [
    Gate::StaticAnalysis,
    Gate::ImageScan,
    Gate::ResponsibleAi,
    Gate::Hallucination,
    Gate::Relevance,
];

impl Plane {
    /// An agent with 1.0.0 in production, 1.1.0 in non-prod, and 1.1.0 awaiting approval. `first` is its first number.
    pub(super) async fn agent(
        &self,
        slug: &str,
        team: TeamId,
        first: i64,
        approver: &OpCtx,
    ) -> Numbers {
        let agent = self.registered(slug, team).await;
        let numbers = Numbers {
            production: first,
            non_prod: first + 1,
            waiting: first + 2,
        };
        let old = self.version(agent, "1.0.0", "b").await;
        let new = self.version(agent, "1.1.0", "c").await;
        let live = self
            .deployment(
                agent,
                old,
                numbers.production,
                Environment::Production,
                &[
                    E::ImageReady,
                    E::ChecksPassedAsk,
                    E::Approved,
                    E::Deployed,
                    E::Verified,
                ],
            )
            .await;
        let asked = self
            .approval(agent, live, numbers.production, ApprovalState::Consumed)
            .await;
        self.decision(asked, approver).await;
        let proven = self
            .deployment(
                agent,
                new,
                numbers.non_prod,
                Environment::NonProd,
                &[
                    E::BuildStarted,
                    E::Built,
                    E::ChecksPassed,
                    E::Deployed,
                    E::Verified,
                ],
            )
            .await;
        let waiting = self
            .deployment(
                agent,
                new,
                numbers.waiting,
                Environment::Production,
                &[E::ImageReady, E::ChecksPassedAsk],
            )
            .await;
        self.approval(agent, waiting, numbers.waiting, ApprovalState::Open)
            .await;
        for deployment in [live, proven] {
            self.live(
                agent,
                deployment,
                if deployment == live {
                    Environment::Production
                } else {
                    Environment::NonProd
                },
            )
            .await;
        }
        self.gates(proven, &[Gate::Health], None).await;
        for deployment in [live, proven, waiting] {
            self.gates(
                deployment,
                &CARRIED,
                (deployment != proven).then_some(numbers.non_prod),
            )
            .await;
            self.around(deployment).await;
        }
        self.pushed(agent, "c").await;
        numbers
    }

    /// An agent of which nothing was pushed yet.
    pub(super) async fn registered(&self, slug: &str, team: TeamId) -> AgentId {
        let id = AgentId(ids::new());
        self.write(agent::Model {
            id,
            slug: slug.to_owned(),
            team_id: team,
            connection_id: self.connection,
            repository: "https://example.com/bots".to_owned(),
            repository_key: "example.com/bots".to_owned(),
            branch: "main".to_owned(),
            path: slug.to_owned(),
            description: "Answers 100% of_questions".to_owned(),
            framework: None::<Framework>,
            risk: None::<Risk>,
            head_commit: None,
            created_by: "Somebody".to_owned(),
            created_at: now(),
            decommissioned_at: None,
            revision: 0,
        })
        .await;
        id
    }

    /// A version whose commit is one letter, written by `author`.
    pub(super) async fn version(&self, agent: AgentId, number: &str, commit: &str) -> VersionId {
        let id = VersionId(ids::new());
        self.write(version::Model {
            id,
            agent_id: agent,
            number: number.to_owned(),
            commit_id: commit.repeat(40),
            subject: "Answer better".to_owned(),
            author_name: "Author".to_owned(),
            author_email: "author@example.com".to_owned(),
            committer_name: "Committer".to_owned(),
            committer_email: "committer@example.com".to_owned(),
            config_digest: "sha256:config".to_owned(),
            manifest_text: TestAgent::new("bot").manifest(&["crm:read"]),
            manifest_digest: format!("sha256:{number}"),
            scopes: r#"["crm.read"]"#.to_owned(),
            image_digest: Some(format!("sha256:image-{number}")),
            sbom_digest: Some("sha256:sbom".to_owned()),
            packages: None,
            held_at: None,
            hold_reason: None,
            created_at: now(),
            revision: 0,
        })
        .await;
        id
    }

    /// A deployment that took the given arrows, a minute apart.
    pub(super) async fn deployment(
        &self,
        agent: AgentId,
        version: VersionId,
        number: i64,
        environment: Environment,
        events: &[E],
    ) -> DeploymentId {
        let id = DeploymentId(ids::new());
        let created_at = now() - TimeDelta::days(1) + TimeDelta::minutes(number * 10);
        let (mut state, mut at) = (DeploymentState::Queued, created_at);
        let mut arrows = Vec::new();
        for event in events {
            at += TimeDelta::minutes(1);
            let next = state.apply(*event).unwrap();
            arrows.push(transition::ActiveModel {
                id: NotSet,
                deployment_id: Set(id),
                from_state: Set(state),
                to_state: Set(next),
                event: Set(*event),
                at: Set(at),
            });
            state = next;
        }
        let was_live = events.contains(&E::Verified);
        let kind = if environment == Environment::Production {
            DeploymentKind::Promotion
        } else {
            DeploymentKind::Push
        };
        let over = !state.in_progress() && state != DeploymentState::Live;
        self.write(deployment::Model {
            id,
            number,
            agent_id: agent,
            version_id: version,
            environment,
            kind,
            state,
            requested_by: "Somebody".to_owned(),
            requested_by_user: None,
            reason: None,
            restores: None,
            promotes: (kind == DeploymentKind::Promotion).then_some(number + 1),
            rolls_back: None,
            manifest: None,
            manifest_digest: Some(format!("sha256:manifest-{number}")),
            authorised_digest: None,
            endpoint: Some("http://127.0.0.1:9000".to_owned()),
            health: RuntimeHealth::Healthy,
            health_at: None,
            failure: None,
            receipt: None,
            policy_version: 1,
            created_at,
            updated_at: at,
            live_at: was_live.then_some(at),
            ended_at: over.then_some(at),
            revision: 3,
            lease_owner: None,
            lease_until: None,
            fence: 0,
            attempts: 0,
            next_attempt_at: at,
        })
        .await;
        if !arrows.is_empty() {
            transition::Entity::insert_many(arrows)
                .exec_without_returning(&self.db)
                .await
                .unwrap();
        }
        id
    }

    async fn live(&self, agent: AgentId, deployment: DeploymentId, environment: Environment) {
        self.write(live::Model {
            agent_id: agent,
            environment,
            deployment_id: deployment,
            since: now(),
        })
        .await;
        self.write(identity::Model {
            id: IdentityId(ids::new()),
            deployment_id: deployment,
            agent_id: agent,
            client_id: format!("client-{deployment}"),
            public_jwk: "{}".to_owned(),
            scopes: r#"["crm.read"]"#.to_owned(),
            state: IdentityState::Active,
            created_at: now(),
            revoked_at: None,
        })
        .await;
    }

    async fn approval(
        &self,
        agent: AgentId,
        deployment: DeploymentId,
        number: i64,
        state: ApprovalState,
    ) -> ApprovalId {
        let id = ApprovalId(ids::new());
        let parties = Parties {
            author_email: "author@git.example.com".to_owned(),
            committer_email: "committer@example.com".to_owned(),
            ..Parties::default()
        };
        let diff = VersionDiff {
            live_version: Some("1.0.0".to_owned()),
            live_number: Some(1),
            proposed_version: "1.1.0".to_owned(),
            added_scopes: vec!["crm.write".to_owned()],
            removed_scopes: Vec::new(),
            kept_scopes: vec!["crm.read".to_owned()],
            config: Vec::new(),
            live_commit: None,
            proposed_commit: "c".repeat(40),
            commits: Vec::new(),
            files: Vec::new(),
            live_image: None,
            proposed_image: "sha256:image-1.1.0".to_owned(),
            packages: Vec::new(),
        };
        self.write(approval::Model {
            id,
            deployment_id: deployment,
            agent_id: agent,
            number,
            round: 1,
            state,
            manifest_digest: format!("sha256:manifest-{number}"),
            manifest: "{}".to_owned(),
            parties: store::to_json(&parties).unwrap(),
            changes: "1 scope added".to_owned(),
            diff: store::to_json(&diff).unwrap(),
            quorum: 1,
            opened_at: now(),
            expires_at: now() + TimeDelta::hours(72),
            settled_at: None,
            revision: 0,
            remind_at: None,
            reminded_at: None,
            escalate_at: None,
            escalated_at: None,
            use_by: None,
        })
        .await;
        id
    }

    async fn decision(&self, approval: ApprovalId, by: &OpCtx) {
        let Actor::User { id, name, .. } = by.actor() else {
            panic!("a person decides")
        };
        self.write(decision::Model {
            id: DecisionId(ids::new()),
            approval_id: approval,
            user_id: *id,
            user_name: name.clone(),
            verdict: DecisionVerdict::Approve,
            reason: Some("Looks right".to_owned()),
            manifest_digest: String::new(),
            decided_at: now(),
            on_behalf_of: None,
            on_behalf_of_name: None,
            groups: "[]".to_owned(),
        })
        .await;
    }
}
