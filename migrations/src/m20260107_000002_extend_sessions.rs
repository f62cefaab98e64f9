//! Sessions say whose they are and where they come from, so that they can be listed and ended. Those of before say
//! neither, so they end: people sign in once more.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("sessions")).await?;
        let table = with(
            create("sessions"),
            [
                text_key("id"),
                uuid("handle"),
                uuid("user_id"),
                text("data"),
                text("device"),
                text("address"),
                text_null("provider"),
                text_null("issuer"),
                text_null("subject"),
                text_null("provider_session"),
                text_null("id_token"),
                big("started_at"),
                big("seen_at"),
                big("expires_at"),
            ],
        )
        .foreign_key(&mut reference("sessions", "user_id", "users"))
        .to_owned();
        let indexes = vec![
            index("sessions", &["expires_at"]),
            index("sessions", &["user_id"]),
            unique("sessions", &["handle"]),
            index("sessions", &["issuer", "subject"]),
        ];
        create_all(manager, vec![table], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_table(drop("sessions")).await?;
        let table = with(
            create("sessions"),
            [text_key("id"), text("data"), big("expires_at")],
        );
        let indexes = vec![index("sessions", &["expires_at"])];
        create_all(manager, vec![table], indexes).await
    }
}
