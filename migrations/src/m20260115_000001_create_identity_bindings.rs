//! What runtimes call identities. `open_key` is provider and principal while a binding lasts, so that a principal is one identity
//! at a time.

use sea_orm_migration::prelude::*;

use crate::table::*;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("identity_bindings", &["open_key"]),
            index("identity_bindings", &["identity_id"]),
            index("identity_bindings", &["principal"]),
        ];
        create_all(manager, vec![identity_bindings()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop_all(manager, &["identity_bindings"]).await
    }
}

fn identity_bindings() -> TableCreateStatement {
    with(
        create("identity_bindings"),
        [
            id(),
            uuid("identity_id"),
            text_null("open_key"),
            text("provider"),
            text("principal"),
            text("bound_by"),
            time("bound_at"),
            time_null("released_at"),
        ],
    )
    .foreign_key(&mut reference(
        "identity_bindings",
        "identity_id",
        "identities",
    ))
    .to_owned()
}
