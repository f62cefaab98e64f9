//! Access reviews and what they list. `open_key` is what one covers while it is open, so that nothing is reviewed twice at once.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const TABLES: &[&str] = &["reviews", "review_items"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("reviews", &["number"]),
            unique("reviews", &["open_key"]),
            unique("review_items", &["review_id", "item"]),
        ];
        create_all(manager, vec![reviews(), review_items()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, TABLES).await
    }
}

fn reviews() -> TableCreateStatement {
    with(
        create("reviews"),
        [
            id(),
            big("number"),
            uuid_null("team_id"),
            text_null("open_key"),
            text("state"),
            int("idle_days"),
            uuid("started_by"),
            text("started_by_name"),
            time("started_at"),
            uuid_null("signed_by"),
            text_null("signed_by_name"),
            time_null("signed_at"),
            text_null("digest"),
        ],
    )
    .foreign_key(&mut reference("reviews", "team_id", "teams"))
    .foreign_key(&mut reference("reviews", "started_by", "users"))
    .foreign_key(&mut reference("reviews", "signed_by", "users"))
    .to_owned()
}

fn review_items() -> TableCreateStatement {
    with(
        create("review_items"),
        [
            id(),
            uuid("review_id"),
            big("item"),
            text("kind"),
            text("subject"),
            uuid_null("user_id"),
            text_null("person"),
            text("what"),
            text_null("team"),
            text_null("agent"),
            time_null("since"),
            text_null("given_by"),
            time_null("last_used"),
            column("unused").boolean().not_null().to_owned(),
            text_null("verdict"),
            text_null("reason"),
            uuid_null("decided_by"),
            text_null("decided_by_name"),
            time_null("decided_at"),
        ],
    )
    .foreign_key(&mut reference("review_items", "review_id", "reviews"))
    .foreign_key(&mut reference("review_items", "user_id", "users"))
    .foreign_key(&mut reference("review_items", "decided_by", "users"))
    .to_owned()
}
