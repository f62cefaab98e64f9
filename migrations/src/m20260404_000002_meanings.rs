//! What a model of language makes of each agent, and which agents are alike by that alone. One model's vectors at a time: those of
//! another are made anew.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create_all(manager, vec![meanings()], Vec::new()).await?;
        let mut likenesses = Table::alter()
            .table(Alias::new("registry_likenesses"))
            .to_owned();
        let meaning = column("meaning")
            .boolean()
            .not_null()
            .default(false)
            .to_owned();
        manager
            .alter_table(likenesses.add_column(meaning).to_owned())
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut likenesses = Table::alter()
            .table(Alias::new("registry_likenesses"))
            .to_owned();
        manager
            .alter_table(likenesses.drop_column(Alias::new("meaning")).to_owned())
            .await?;
        drop_all(manager, &["registry_meanings"]).await
    }
}

fn meanings() -> TableCreateStatement {
    with(
        create("registry_meanings"),
        // The number is that of the registry's entry.
        [big_key("number"), text("model"), bytes("vector")],
    )
}
