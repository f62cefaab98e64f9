//! What approvals are reminded of and until when they are used, in whose name a decision is, and comments.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A column beside those of before: its table and what it is.
fn columns() -> Vec<(&'static str, ColumnDef)> {
    let groups = text("groups").default("[]").to_owned();
    vec![
        ("approvals", time_null("remind_at")),
        ("approvals", time_null("reminded_at")),
        ("approvals", time_null("escalate_at")),
        ("approvals", time_null("escalated_at")),
        ("approvals", time_null("use_by")),
        ("decisions", uuid_null("on_behalf_of")),
        ("decisions", text_null("on_behalf_of_name")),
        ("decisions", groups),
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
        let comments = with(
            create("approval_comments"),
            [
                id(),
                uuid("approval_id"),
                uuid("user_id"),
                text("user_name"),
                text("text"),
                time("written_at"),
            ],
        )
        .foreign_key(&mut reference(
            "approval_comments",
            "approval_id",
            "approvals",
        ))
        .foreign_key(&mut reference("approval_comments", "user_id", "users"))
        .to_owned();
        let indexes = vec![index("approval_comments", &["approval_id", "written_at"])];
        create_all(manager, vec![comments], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["approval_comments"]).await?;
        for (table, column) in columns().into_iter().rev() {
            let alter = Table::alter()
                .table(Alias::new(table))
                .drop_column(Alias::new(column.get_column_name()))
                .to_owned();
            manager.alter_table(alter).await?;
        }
        Ok(())
    }
}
