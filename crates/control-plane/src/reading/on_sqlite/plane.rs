//! A control plane on a database in memory, with rows of a small fleet and a count of statements.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use audit_log::CheckpointKey;
use chrono::{DateTime, TimeDelta, Utc};
use domain::actor::{Actor, Grant, Role};
use domain::connection::ConnectionKind;
use domain::id::{ConnectionId, TeamId, UserId};
use migrations::{Migrator, MigratorTrait as _};
use sea_orm::{
    ConnectOptions, Database as Connect, DatabaseConnection, EntityTrait, IntoActiveModel,
    ModelTrait,
};
use uuid::Uuid;

use crate::ctx::OpCtx;
use crate::fakes::Fakes;
use crate::ports::clock::Clock;
use crate::ports::image_builder::{BuildOrder, BuiltImage, ImageBuilder};
use crate::ports::{LogSink, PortError, PortErrorKind};
use crate::store::entity::{agent, connection, role_grant, team, user};
use crate::{ControlPlane, Database, Settings, ids, registry};

/// The time at which everything is read.
pub(super) fn now() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(365)
}

#[derive(Debug)]
struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> DateTime<Utc> {
        now()
    }
}

/// Every image is there, but for the one that is named.
#[derive(Debug)]
struct Images;

/// The digest of an image that is missing.
pub(super) const MISSING: &str = "sha256:missing";

#[async_trait]
impl ImageBuilder for Images {
    async fn build(&self, _: BuildOrder, _: LogSink) -> Result<BuiltImage, PortError> {
        Err(PortError::new(
            PortErrorKind::Rejected,
            "nothing is built here",
        ))
    }

    async fn layout(&self, _: &str) -> Result<std::path::PathBuf, PortError> {
        Ok(std::path::PathBuf::new())
    }

    async fn verify(&self, digest: &str) -> Result<(), PortError> {
        if digest == MISSING {
            Err(PortError::new(PortErrorKind::NotFound, "missing"))
        } else {
            Ok(())
        }
    }

    async fn unpack(&self, _: &str, _: &std::path::Path) -> Result<(), PortError> {
        Ok(())
    }

    async fn remove(&self, _: &str) -> Result<(), PortError> {
        Ok(())
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        Ok(Vec::new())
    }
}

/// The plane, its rows' writer, and how many statements its reads took.
pub(super) struct Plane {
    pub(super) cp: ControlPlane,
    pub(super) db: DatabaseConnection,
    pub(super) care: TeamId,
    pub(super) sales: TeamId,
    pub(super) connection: ConnectionId,
    statements: Arc<AtomicU64>,
}

impl Plane {
    /// Brings the registry's index in line with rows that were written past the use cases.
    pub(super) async fn index(&self) {
        let agents = agent::Entity::find().all(&self.db).await.unwrap();
        let ctx = Self::by(Actor::System {
            worker: "test".to_owned(),
        });
        for id in agents.into_iter().map(|agent| agent.id) {
            let kept = self.cp.transact(
                "test",
                &ctx,
                |tx| async move { registry::keep(&tx, id).await },
            );
            kept.await.unwrap();
        }
    }

    /// An installation with two teams and a connection.
    pub(super) async fn new() -> Self {
        let mut options = ConnectOptions::new("sqlite::memory:");
        // Each connection to a database in memory is a database of its own.
        options.max_connections(1).sqlx_logging(false);
        let db = Connect::connect(options).await.unwrap();
        Migrator::up(&db, None).await.unwrap();
        let statements = Arc::new(AtomicU64::new(0));
        let mut reader = db.clone();
        let counter = Arc::clone(&statements);
        reader.set_metric_callback(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let settings = Settings {
            base_url: "http://localhost".to_owned(),
            work_dir: std::path::PathBuf::from("unused"),
            log_origin: "test".to_owned(),
            poll_seconds: 60,
            concurrency: 1,
            require_passkey: false,
            keep_access_days: domain::access_event::KEPT_DAYS,
            owner_grace_hours: domain::identity::OWNER_GRACE_HOURS,
            access_events_per_minute: domain::access_event::PER_MINUTE,
            witnesses: None,
            anchors: crate::AnchorSettings::default(),
        };
        let fakes = Fakes::new();
        fakes.secrets.set("env:CRM_TOKEN", "a secret");
        let ports = crate::ports::Ports {
            image_builder: Arc::new(Images),
            ..fakes.ports()
        };
        let database = Database {
            writer: db.clone(),
            reader,
        };
        let key = CheckpointKey::from_seed("test", &[7; 32]).unwrap();
        let cp = ControlPlane::new(database, ports, Arc::new(Fixed), settings, key);
        let (care, sales) = (TeamId(ids::new()), TeamId(ids::new()));
        let connection = ConnectionId(ids::new());
        let plane = Self {
            cp,
            db,
            care,
            sales,
            connection,
            statements,
        };
        for (id, slug) in [(care, "care"), (sales, "sales")] {
            plane
                .write(team::Model {
                    id,
                    slug: slug.to_owned(),
                    name: slug.to_owned(),
                    created_at: now(),
                })
                .await;
        }
        plane
            .write(connection::Model {
                id: connection,
                slug: "host".to_owned(),
                name: "Host".to_owned(),
                kind: ConnectionKind::GitHub,
                secret_reference: "file:host".to_owned(),
                opens_issues: false,
                created_at: now(),
            })
            .await;
        plane
    }

    /// Writes a row.
    pub(super) async fn write<M>(&self, row: M)
    where
        M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
    {
        M::Entity::insert(row.into_active_model())
            .exec_without_returning(&self.db)
            .await
            .unwrap();
    }

    /// A person with one role, in one team or in all.
    pub(super) async fn person(&self, name: &str, role: Role, team: Option<TeamId>) -> OpCtx {
        let id = UserId(ids::new());
        let email = format!("{name}@example.com");
        self.write(user::Model {
            id,
            name: name.to_owned(),
            email: email.clone(),
            password_hash: String::new(),
            git_emails: format!(r#"["{name}@git.example.com"]"#),
            created_at: now(),
            deactivated_at: None,
        })
        .await;
        self.write(role_grant::Model {
            id: ids::new(),
            user_id: id,
            role,
            team_id: team,
            granted_at: now(),
            provider: None,
        })
        .await;
        Self::by(Actor::User {
            id,
            name: name.to_owned(),
            email,
            grants: vec![Grant { role, team }],
        })
    }

    /// A context of an actor.
    pub(super) fn by(actor: Actor) -> OpCtx {
        OpCtx::new(actor, "test", Arc::new(Fixed))
    }

    /// A signed-in person without any role.
    pub(super) fn nobody() -> OpCtx {
        let id = UserId(Uuid::nil());
        Self::by(Actor::User {
            id,
            name: "Nobody".to_owned(),
            email: "nobody@example.com".to_owned(),
            grants: Vec::new(),
        })
    }

    /// Statements since the last call.
    pub(super) fn statements(&self) -> u64 {
        self.statements.swap(0, Ordering::Relaxed)
    }
}
