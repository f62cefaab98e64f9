//! A control plane to test against: a database of its own, fakes for everything outside, and the clock in hand.
//!
//! It panics where a test would: that is what it is for. Nothing of it is in a released binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "support for tests, behind a feature"
)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use audit_log::{CheckpointKey, VerifierKey};
use chrono::{DateTime, Utc};
use domain::actor::{Actor, Role};
use domain::connection::ConnectionKind;
use domain::event::AuditAction;
use domain::form::agent::OnboardForm;
use domain::id::{ConnectionId, TeamId, UserId};
use sea_orm::sqlx::sqlite::SqliteSynchronous;
use secrecy::SecretString;
use tempfile::TempDir;

use crate::audit::{self, Event};
use crate::ctx::OpCtx;
use crate::fakes::{Fakes, ManualClock};
use crate::ports::clock::Clock;
use crate::ports::secrets::Secrets;
use crate::store::entity::{connection, team, user};
use crate::transact::Tx;
use crate::{ControlPlane, Settings, agents, ids, people, store};

mod agent;
mod authenticator;
pub mod contract;
mod database;
mod finish;
mod look;
mod push;
mod work;

pub use agent::TestAgent;
pub use authenticator::Authenticator;
pub use look::{Held, Resource};
pub use push::Delivery;

use database::TestDatabase;

/// The team that every plane has.
pub const TEAM: &str = "payments";
/// The connection that every plane has.
pub const CONNECTION: &str = "acme";
/// The webhook secret of [`CONNECTION`].
pub const WEBHOOK_SECRET: &str = "webhook-canary-5d0c4f7ab1e2";
/// A password hash that no password has: nobody signs in as these people, they just are.
const NO_PASSWORD: &str = "none";

/// A control plane with its surroundings.
#[derive(Debug)]
pub struct TestPlane {
    pub cp: ControlPlane,
    pub clock: Arc<ManualClock>,
    pub fakes: Fakes,
    pub team: TeamId,
    /// The key that checkpoints verify with.
    pub key: VerifierKey,
    database: TestDatabase,
    folder: TempDir,
    sequence: AtomicU64,
}

impl TestPlane {
    /// A fresh plane with one team and one connection, and nobody in it.
    pub async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// The same, where the operator configured something else.
    pub async fn with(configure: impl FnOnce(&mut Settings)) -> Self {
        // A test does not survive a power cut.
        Self::on(SqliteSynchronous::Off, configure).await
    }

    /// One that waits for the disk at each commit, as the server does.
    pub async fn durable() -> Self {
        Self::on(SqliteSynchronous::Full, |_| {}).await
    }

    async fn on(synchronous: SqliteSynchronous, configure: impl FnOnce(&mut Settings)) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let database = TestDatabase::create(folder.path(), synchronous).await;
        let start: DateTime<Utc> = "2026-03-02T09:00:00Z".parse().expect("a time");
        let clock = Arc::new(ManualClock::new(start));
        let fakes = Fakes::new();
        let key = CheckpointKey::from_seed("clearance.test/audit", &[7; 32]).expect("a key");
        let mut settings = Settings {
            base_url: "https://clearance.test".to_owned(),
            work_dir: folder.path().join("work"),
            log_origin: key.name().to_owned(),
            poll_seconds: 60,
            concurrency: 2,
            require_passkey: false,
            keep_access_days: domain::access_event::KEPT_DAYS,
            owner_grace_hours: domain::identity::OWNER_GRACE_HOURS,
            access_events_per_minute: domain::access_event::PER_MINUTE,
            witnesses: None,
            anchors: crate::AnchorSettings::default(),
        };
        configure(&mut settings);
        // The secret that the agents of tests name.
        fakes.secrets.set("env:CRM_TOKEN", "crm-canary-1f0b2c");
        std::fs::create_dir_all(&settings.work_dir).expect("the work folder");
        let verifier = key.verifier_key();
        fakes.witnesses.follow(verifier.clone());
        let cp = ControlPlane::new(
            database.pools.clone(),
            fakes.ports(),
            clock.clone(),
            settings,
            key,
        );
        let mut plane = Self {
            cp,
            clock,
            fakes,
            team: TeamId(ids::new()),
            key: verifier,
            database,
            folder,
            sequence: AtomicU64::new(1),
        };
        plane.team = plane.add_team(TEAM).await;
        plane.connect(CONNECTION, ConnectionKind::GitHub).await;
        plane
    }

    /// The folder of the plane: scratch for a test.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The number after the last one, for names that must differ.
    pub(crate) fn next(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    /// A context of Clearance itself.
    #[must_use]
    pub fn system(&self) -> OpCtx {
        self.ctx(Actor::System {
            worker: "test".to_owned(),
        })
    }

    /// A context of nobody in particular.
    #[must_use]
    pub fn anonymous(&self) -> OpCtx {
        self.ctx(Actor::Anonymous)
    }

    /// A context of an actor, of whom a person signed in just now.
    #[must_use]
    pub fn ctx(&self, actor: Actor) -> OpCtx {
        let signed_in = matches!(actor, Actor::User { .. }).then(|| self.clock.now());
        OpCtx::new(actor, format!("test-{}", self.next()), self.cp.clock()).with_sign_in(signed_in)
    }

    /// The same person, who has just confirmed their password.
    #[must_use]
    pub fn fresh(&self, ctx: &OpCtx) -> OpCtx {
        ctx.clone().with_sign_in(Some(self.clock.now()))
    }

    /// A person with one role in every team.
    pub async fn person(&self, email: &str, role: Role) -> OpCtx {
        self.person_with(email, &[(role, None)], &[]).await
    }

    /// A person with roles, each in one team or in all, and further addresses that git knows them by.
    pub async fn person_with(
        &self,
        email: &str,
        roles: &[(Role, Option<TeamId>)],
        git_emails: &[&str],
    ) -> OpCtx {
        let id = UserId(ids::new());
        let ctx = self.system();
        let row = user::Model {
            id,
            name: email.split('@').next().unwrap_or(email).to_owned(),
            email: email.to_owned(),
            password_hash: NO_PASSWORD.to_owned(),
            git_emails: store::to_json(&git_emails).expect("JSON"),
            created_at: ctx.now(),
            deactivated_at: None,
        };
        let (row, ctx) = (&row, &ctx);
        self.cp
            .transact("test::person", ctx, |tx: Tx| async move {
                store::people::insert(&tx, row.clone()).await?;
                for (role, team) in roles {
                    store::people::grant(&tx, id, *role, *team, ctx.now()).await?;
                }
                let event = Event::new(AuditAction::UserCreated, "user", id.to_string());
                audit::append(&tx, ctx, event).await
            })
            .await
            .expect("a person");
        self.again(id).await
    }

    /// A fresh context of a person, with the roles they have now.
    pub async fn again(&self, id: UserId) -> OpCtx {
        let actor = people::actor(&self.cp, id).await.expect("the database");
        self.ctx(actor.expect("the person is there"))
    }

    /// An event of the log about some thing, and nothing else.
    pub async fn note(&self, thing: &str) {
        let ctx = &self.system();
        self.cp
            .transact("test::note", ctx, |tx: Tx| async move {
                let event = Event::new(AuditAction::ResourceDescribed, "resource", thing);
                audit::append(&tx, ctx, event).await
            })
            .await
            .expect("an event");
    }

    /// Another team.
    pub async fn add_team(&self, slug: &str) -> TeamId {
        let (id, ctx) = (TeamId(ids::new()), self.system());
        let row = team::Model {
            id,
            slug: slug.to_owned(),
            name: slug.to_owned(),
            created_at: ctx.now(),
        };
        let row = &row;
        self.cp
            .transact("test::team", &ctx, |tx: Tx| async move {
                store::people::insert_team(&tx, row.clone()).await
            })
            .await
            .expect("a team");
        id
    }

    /// Another connection, with [`WEBHOOK_SECRET`].
    pub async fn connect(&self, slug: &str, kind: ConnectionKind) {
        let ctx = self.system();
        let secret = SecretString::from(WEBHOOK_SECRET);
        let name = format!("connection-{slug}");
        let kept = self.fakes.secrets.keep(&name, &secret).await;
        let row = connection::Model {
            id: ConnectionId(ids::new()),
            slug: slug.to_owned(),
            name: slug.to_owned(),
            kind,
            secret_reference: kept.expect("a reference"),
            opens_issues: false,
            created_at: ctx.now(),
        };
        let row = &row;
        self.cp
            .transact("test::connection", &ctx, |tx: Tx| async move {
                store::connections::insert(&tx, row.clone()).await
            })
            .await
            .expect("a connection");
    }

    /// An agent of [`TEAM`] with a repository of its own, branch `main`, no commit yet.
    pub async fn agent(&self, slug: &str) -> TestAgent {
        let agent = TestAgent::new(slug);
        self.onboard(&agent, TEAM).await;
        agent
    }

    /// Onboards an agent for a team.
    pub async fn onboard(&self, agent: &TestAgent, team: &str) {
        let form = OnboardForm {
            slug: agent.slug.clone(),
            team: team.to_owned(),
            connection: CONNECTION.to_owned(),
            repository: agent.repository.clone(),
            branch: agent.branch.clone(),
            path: agent.path.clone(),
        };
        agents::onboard(&self.cp, &self.system(), &form)
            .await
            .expect("an agent");
        // Tests that count calls to the outside want none but their own: the look that was ordered is taken back.
        let taken_back = format!(
            "DELETE FROM detections WHERE agent_id = (SELECT id FROM agents WHERE slug = '{}')",
            agent.slug
        );
        self.sql(&taken_back).await.expect("no look is ordered");
    }

    /// What the clock shows.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
