//! Deployments, their transitions, logs and gate runs, and what is live.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "deployments",
    "transitions",
    "deployment_log",
    "gate_runs",
    "live",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let deployments = with(
            create("deployments"),
            [
                id(),
                big("number"),
                uuid("agent_id"),
                uuid("version_id"),
                text("environment"),
                text("kind"),
                text("state"),
                text("requested_by"),
                uuid_null("requested_by_user"),
                text_null("reason"),
                big_null("restores"),
                big_null("promotes"),
                big_null("rolls_back"),
                text_null("manifest"),
                text_null("manifest_digest"),
                text_null("authorised_digest"),
                text_null("endpoint"),
                text("health"),
                time_null("health_at"),
                text_null("failure"),
                text_null("receipt"),
                int("policy_version"),
                time("created_at"),
                time("updated_at"),
                time_null("live_at"),
                time_null("ended_at"),
                big("revision"),
            ],
        );
        let tables = vec![
            with(deployments, claim())
                .foreign_key(&mut reference("deployments", "agent_id", "agents"))
                .foreign_key(&mut reference("deployments", "version_id", "versions"))
                .to_owned(),
            with(
                create("transitions"),
                [
                    serial("id"),
                    uuid("deployment_id"),
                    text("from_state"),
                    text("to_state"),
                    text("event"),
                    time("at"),
                ],
            )
            .foreign_key(&mut reference(
                "transitions",
                "deployment_id",
                "deployments",
            ))
            .to_owned(),
            with(
                create("deployment_log"),
                [
                    serial("id"),
                    uuid("deployment_id"),
                    text("step"),
                    text("level"),
                    text("line"),
                    time("at"),
                ],
            )
            .foreign_key(&mut reference(
                "deployment_log",
                "deployment_id",
                "deployments",
            ))
            .to_owned(),
            with(
                create("gate_runs"),
                [
                    id(),
                    uuid("deployment_id"),
                    text("gate"),
                    text("state"),
                    text_null("verdict"),
                    text_null("reason"),
                    text("summary"),
                    text_null("evidence_digest"),
                    big_null("carried_from"),
                    int("attempts"),
                    time_null("started_at"),
                    time_null("settled_at"),
                ],
            )
            .foreign_key(&mut reference("gate_runs", "deployment_id", "deployments"))
            .to_owned(),
            with(
                create("live"),
                [
                    uuid("agent_id"),
                    text("environment"),
                    uuid("deployment_id"),
                    time("since"),
                ],
            )
            .primary_key(
                Index::create()
                    .col(Alias::new("agent_id"))
                    .col(Alias::new("environment")),
            )
            .to_owned(),
        ];
        let indexes = vec![
            unique("deployments", &["number"]),
            index("deployments", &["agent_id", "environment", "number"]),
            index("deployments", &["state", "next_attempt_at"]),
            index("transitions", &["deployment_id", "id"]),
            index("deployment_log", &["deployment_id", "id"]),
            unique("gate_runs", &["deployment_id", "gate"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
