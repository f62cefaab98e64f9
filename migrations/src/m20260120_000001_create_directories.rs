//! Companies' directories (SCIM): their people and groups, whose account an id of a directory is, and who left.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["directory_users", "directory_groups", "directory_members"];

fn columns() -> [(&'static str, ColumnDef); 3] {
    [
        ("users", time_null("deactivated_at")),
        ("api_tokens", text_null("directory")),
        ("provider_accounts", text_null("directory_id")),
    ]
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for (table, column) in columns() {
            let alter = Table::alter()
                .table(Alias::new(table))
                .add_column(column)
                .to_owned();
            manager.alter_table(alter).await?;
        }
        // What a directory calls an account is its subject, unless the configuration names another claim; that is noted
        // at the next sign-in.
        manager
            .get_connection()
            .execute_unprepared("UPDATE provider_accounts SET directory_id = subject")
            .await?;
        let tables = vec![people(), groups(), members()];
        let indexes = vec![
            unique("directory_users", &["user_id"]),
            unique("directory_users", &["provider", "user_key"]),
            unique("directory_users", &["provider", "external_id"]),
            unique("directory_groups", &["provider", "name_key"]),
            unique("directory_groups", &["provider", "external_id"]),
            unique("directory_members", &["group_id", "member_id"]),
            index("directory_members", &["member_id"]),
            index("provider_accounts", &["provider", "directory_id"]),
            index("api_tokens", &["directory"]),
        ];
        create_all(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await?;
        for (name, table) in [
            (
                "ix_provider_accounts_provider_directory_id",
                "provider_accounts",
            ),
            ("ix_api_tokens_directory", "api_tokens"),
        ] {
            let indexed = Index::drop().name(name).table(Alias::new(table)).to_owned();
            manager.drop_index(indexed).await?;
        }
        for (table, column) in columns() {
            let alter = Table::alter()
                .table(Alias::new(table))
                .drop_column(Alias::new(column.get_column_name()))
                .to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}

fn people() -> TableCreateStatement {
    with(
        create("directory_users"),
        [
            id(),
            text("provider"),
            uuid("user_id"),
            text("user_name"),
            text("user_key"),
            text_null("external_id"),
            text("address"),
            column("active").boolean().not_null().to_owned(),
            text_null("display_name"),
            text("name"),
            text("emails"),
            big("revision"),
            time("created_at"),
            time("changed_at"),
        ],
    )
    .foreign_key(&mut reference("directory_users", "user_id", "users"))
    .to_owned()
}

fn groups() -> TableCreateStatement {
    with(
        create("directory_groups"),
        [
            id(),
            text("provider"),
            text("name"),
            text("name_key"),
            text_null("external_id"),
            big("revision"),
            time("created_at"),
            time("changed_at"),
        ],
    )
}

fn members() -> TableCreateStatement {
    with(
        create("directory_members"),
        [id(), uuid("group_id"), uuid("member_id")],
    )
    .foreign_key(&mut reference(
        "directory_members",
        "group_id",
        "directory_groups",
    ))
    .foreign_key(&mut reference(
        "directory_members",
        "member_id",
        "directory_users",
    ))
    .to_owned()
}
