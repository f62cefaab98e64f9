//! People, teams, roles, sessions and API tokens.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &[
    "users",
    "teams",
    "role_grants",
    "sessions",
    "api_tokens",
    "idempotency_keys",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            with(
                create("users"),
                [
                    id(),
                    text("name"),
                    text("email"),
                    text("password_hash"),
                    text("git_emails"),
                    time("created_at"),
                ],
            ),
            with(
                create("teams"),
                [id(), text("slug"), text("name"), time("created_at")],
            ),
            with(
                create("role_grants"),
                [
                    id(),
                    uuid("user_id"),
                    text("role"),
                    uuid_null("team_id"),
                    time("granted_at"),
                ],
            )
            .foreign_key(&mut reference("role_grants", "user_id", "users"))
            .foreign_key(&mut reference("role_grants", "team_id", "teams"))
            .to_owned(),
            with(
                create("sessions"),
                [text_key("id"), text("data"), big("expires_at")],
            ),
            with(
                create("api_tokens"),
                [
                    id(),
                    uuid("user_id"),
                    text("name"),
                    text("secret_hash"),
                    text("scopes"),
                    time("expires_at"),
                    time_null("revoked_at"),
                    time("created_at"),
                ],
            )
            .foreign_key(&mut reference("api_tokens", "user_id", "users"))
            .to_owned(),
            with(
                create("idempotency_keys"),
                [
                    text_key("id"),
                    text("request_hash"),
                    int("status"),
                    text("body"),
                    time("created_at"),
                ],
            ),
        ];
        let indexes = vec![
            unique("users", &["email"]),
            unique("teams", &["slug"]),
            index("role_grants", &["user_id"]),
            index("sessions", &["expires_at"]),
            unique("api_tokens", &["secret_hash"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}
