//! Looking: what the tables say, in the domain's words.

use std::sync::atomic::Ordering;

use audit_log::LeafEvent;
use domain::approval::ApprovalState;
use domain::deployment::{DeploymentEvent, DeploymentState};
use domain::environment::Environment;
use domain::form::approval::DecisionForm;
use domain::form::deployment::{DeploymentForm, RollbackForm};
use domain::identity::IdentityState;
use domain::ledger::{Origin, Receipt, ResourceKind, ResourceState};
use domain::view::deployment::Failure;
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, PaginatorTrait as _, QueryOrder, Statement};

use super::{TestAgent, TestPlane};
use crate::store;
use crate::store::entity::{answer, audit_leaf, delivery, deployment, push, version};
use crate::{OpCtx, approvals};

/// One row of the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    pub kind: ResourceKind,
    pub name: String,
    pub state: ResourceState,
    pub origin: Origin,
}

/// A version and whether it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub number: String,
    pub commit: String,
    pub image: Option<String>,
    pub held: bool,
}

impl TestPlane {
    async fn row(&self, number: i64) -> deployment::Model {
        let found = store::deployments::by_number(self.cp.reader(), number).await;
        found.unwrap_or_else(|_| panic!("there is no deployment {number}"))
    }

    /// Numbers of all deployments, oldest first.
    pub async fn numbers(&self) -> Vec<i64> {
        let query = deployment::Entity::find().order_by_asc(deployment::Column::Number);
        let rows = query.all(self.cp.reader()).await.expect("deployments");
        rows.into_iter().map(|row| row.number).collect()
    }

    /// Where a deployment is.
    pub async fn state(&self, number: i64) -> DeploymentState {
        self.row(number).await.state
    }

    /// The digest that a deployment is authorised for.
    pub async fn authorised(&self, number: i64) -> Option<String> {
        self.row(number).await.authorised_digest
    }

    /// Why a deployment ended.
    pub async fn failure(&self, number: i64) -> Option<Failure> {
        let text = self.row(number).await.failure?;
        Some(store::from_json(&text).expect("a failure"))
    }

    /// What a deployment's clean-up came to.
    pub async fn receipt(&self, number: i64) -> Option<Receipt> {
        let text = self.row(number).await.receipt?;
        Some(store::from_json(&text).expect("a receipt"))
    }

    /// How many answers of agents under verification are kept.
    pub async fn answers_kept(&self) -> u64 {
        let all = answer::Entity::find().count(self.cp.reader()).await;
        all.expect("a count")
    }

    /// The arrows that a deployment took, oldest first.
    pub async fn arrows(&self, number: i64) -> Vec<DeploymentEvent> {
        let id = self.row(number).await.id;
        let rows = store::deployments::transitions(self.cp.reader(), id).await;
        rows.expect("arrows").into_iter().map(|r| r.event).collect()
    }

    /// The version of a deployment.
    pub async fn version(&self, number: i64) -> Held {
        let id = self.row(number).await.version_id;
        held(
            store::versions::get(self.cp.reader(), id)
                .await
                .expect("a version"),
        )
    }

    /// Every version of every agent, oldest first.
    pub async fn versions(&self) -> Vec<Held> {
        let query = version::Entity::find().order_by_asc(version::Column::Id);
        let rows = query.all(self.cp.reader()).await.expect("versions");
        rows.into_iter().map(held).collect()
    }

    /// Where a deployment's approval is, its newest round.
    pub async fn approval(&self, number: i64) -> Option<ApprovalState> {
        let id = self.row(number).await.id;
        let row = store::approvals::of(self.cp.reader(), id).await;
        row.expect("an approval").map(|row| row.state)
    }

    /// The identity of a deployment: its client id, where it is, and its scopes.
    pub async fn identity(&self, number: i64) -> Option<(String, IdentityState, Vec<String>)> {
        let id = self.row(number).await.id;
        let row = store::identities::of(self.cp.reader(), id).await;
        let row = row.expect("an identity")?;
        let scopes = store::from_json(&row.scopes).expect("scopes");
        Some((row.client_id, row.state, scopes))
    }

    /// The ledger of a deployment, in order of writing.
    pub async fn ledger(&self, number: i64) -> Vec<Resource> {
        let id = self.row(number).await.id;
        let rows = store::resources::of(self.cp.reader(), id).await;
        let resource = |row: store::entity::resource::Model| Resource {
            kind: row.kind,
            name: row.name,
            state: row.state,
            origin: row.origin,
        };
        rows.expect("a ledger").into_iter().map(resource).collect()
    }

    /// The number of what is live.
    pub async fn live(&self, agent: &TestAgent, environment: Environment) -> Option<i64> {
        let db = self.cp.reader();
        let agent = store::agents::by_slug(db, &agent.slug).await.expect("it");
        let live = store::live::get(db, agent.id, environment).await;
        let id = live.expect("the registry")?.deployment_id;
        Some(store::deployments::get(db, id).await.expect("it").number)
    }

    /// Deliveries, oldest first: the host's id, the state's word and the note.
    pub async fn deliveries(&self) -> Vec<(String, String, Option<String>)> {
        let query = delivery::Entity::find().order_by_asc(delivery::Column::Id);
        let rows = query.all(self.cp.reader()).await.expect("deliveries");
        rows.into_iter()
            .map(|row| (row.delivery_key, row.state.to_string(), row.note))
            .collect()
    }

    /// Pushes, oldest first: commit, how it was found, the state's word, and note with problems.
    pub async fn pushes(&self) -> Vec<(String, String, String, String)> {
        let query = push::Entity::find().order_by_asc(push::Column::Id);
        let rows = query.all(self.cp.reader()).await.expect("pushes");
        rows.into_iter()
            .map(|row| {
                let note = format!("{} {}", row.note.unwrap_or_default(), row.problems);
                (row.commit_id, row.found_by, row.state.to_string(), note)
            })
            .collect()
    }

    /// Every audit event.
    pub async fn events(&self) -> Vec<LeafEvent> {
        let query = audit_leaf::Entity::find().order_by_asc(audit_leaf::Column::Idx);
        let rows = query.all(self.cp.reader()).await.expect("the log");
        rows.iter()
            .map(|row| LeafEvent::parse(&row.leaf).expect("an event"))
            .collect()
    }

    /// How many audit events have this word.
    pub async fn count_events(&self, action: &str) -> usize {
        let events = self.events().await;
        events.iter().filter(|event| event.action == action).count()
    }

    /// Does something to the tables behind the back of every use case.
    ///
    /// # Errors
    /// What the database says, such as a seal that refuses.
    pub async fn sql(&self, statement: &str) -> Result<(), DbErr> {
        let db = self.cp.writer();
        db.execute_unprepared(statement).await.map(|_| ())
    }

    /// The first column of a query, as text.
    pub async fn column(&self, query: &str) -> Vec<String> {
        let db = self.cp.reader();
        let statement = Statement::from_string(db.get_database_backend(), query);
        let rows = db.query_all_raw(statement).await.expect("rows");
        rows.iter()
            .map(|row| row.try_get_by_index::<String>(0).expect("text"))
            .collect()
    }

    /// The size of the database's tables and indexes, on SQLite.
    pub async fn database_bytes(&self) -> i64 {
        let pages = self
            .column("SELECT CAST(page_count * page_size AS TEXT) FROM pragma_page_count, pragma_page_size")
            .await;
        let bytes = pages.first().and_then(|text| text.parse().ok());
        bytes.expect("the size of a SQLite file")
    }

    /// How many statements were read with so far.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.database.statements.load(Ordering::Relaxed)
    }

    /// Is the database PostgreSQL?
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.database.is_postgres()
    }

    /// Everything that the database holds, as bytes to search: the files of SQLite, the rows of PostgreSQL.
    pub async fn dump(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        if !self.is_postgres() {
            for file in ["test.db", "test.db-wal"] {
                bytes.extend(std::fs::read(self.folder().join(file)).unwrap_or_default());
            }
            return bytes;
        }
        let tables =
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        for table in self.column(tables).await {
            let query = format!("SELECT t::text FROM \"{table}\" t");
            let rows = self.column(&query).await;
            bytes.extend(rows.join("\n").into_bytes());
        }
        bytes
    }

    /// A form that approves what is asked now, every added scope accepted.
    pub async fn approval_form(&self, ctx: &OpCtx, number: i64) -> DecisionForm {
        let asked = approvals::get(&self.cp, ctx, number).await;
        let asked = asked.expect("an approval to look at");
        DecisionForm {
            number: number.to_string(),
            verdict: "approve".to_owned(),
            reason: String::new(),
            manifest_digest: asked.manifest_digest,
            accepted_scopes: asked.diff.added_scopes.join(" "),
            password: String::new(),
        }
    }

    /// Approves what is asked now, by a person who signs in for it.
    ///
    /// # Errors
    /// As [`approvals::decide`].
    pub async fn approve(&self, ctx: &OpCtx, number: i64) -> Result<ApprovalState, crate::Error> {
        let form = self.approval_form(ctx, number).await;
        approvals::decide(&self.cp, &self.fresh(ctx), &form).await
    }

    /// A form that rolls a deployment back, with a reason.
    #[must_use]
    pub fn back(number: i64) -> RollbackForm {
        RollbackForm {
            number: number.to_string(),
            reason: "A good enough reason.".to_owned(),
            target: String::new(),
        }
    }

    /// A form about a deployment, with a reason.
    #[must_use]
    pub fn form(number: i64) -> DeploymentForm {
        DeploymentForm {
            number: number.to_string(),
            reason: "A good enough reason.".to_owned(),
            revision: String::new(),
        }
    }
}

fn held(row: version::Model) -> Held {
    Held {
        number: row.number,
        commit: row.commit_id,
        image: row.image_digest,
        held: row.held_at.is_some(),
    }
}
