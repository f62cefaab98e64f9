//! Orders to the outside that a worker carries out until they are done: quarantines, suspensions, changes of keys. There is one
//! at a time about a thing (`open_key`), and each call to the outside may be repeated, so nobody claims them.

/// Writes what such a table needs: `current`, `insert`, `moving` and `postpone`.
macro_rules! outside {
    ($entity:ident) => {
        /// Everything that is not over, bounded.
        pub(crate) async fn current(
            db: &impl sea_orm::ConnectionTrait,
        ) -> Result<Vec<$entity::Model>, $crate::error::Error> {
            let query = $entity::Entity::find()
                .filter($entity::Column::OpenKey.is_not_null())
                .limit(1_000);
            Ok(query.all(db).await?)
        }

        /// Writes one.
        pub(crate) async fn insert(
            tx: &$crate::transact::Tx,
            row: $entity::Model,
        ) -> Result<(), $crate::error::Error> {
            $entity::Entity::insert($entity::ActiveModel::from(row))
                .exec_without_returning(&**tx)
                .await?;
            Ok(())
        }

        /// The update that moves one on from the state that it was read in; `over` where nothing is left to do.
        fn moving(
            row: &$entity::Model,
            next: impl Into<sea_orm::Value>,
            over: bool,
            now: chrono::DateTime<chrono::Utc>,
        ) -> sea_orm::UpdateMany<$entity::Entity> {
            use sea_orm::sea_query::Expr;
            let nothing = || Expr::value(Option::<String>::None);
            let mut update = $entity::Entity::update_many()
                .col_expr($entity::Column::State, Expr::value(next))
                .col_expr($entity::Column::Attempts, Expr::value(0))
                .col_expr($entity::Column::LastError, nothing())
                .col_expr($entity::Column::NextAttemptAt, Expr::value(now));
            if over {
                update = update
                    .col_expr($entity::Column::OverAt, Expr::value(now))
                    .col_expr($entity::Column::OpenKey, nothing());
            }
            update
                .filter($entity::Column::Id.eq(row.id))
                .filter($entity::Column::State.eq(row.state))
        }

        /// Notes that the outside did not do it, and when to try again.
        pub(crate) async fn postpone(
            tx: &$crate::transact::Tx,
            row: &$entity::Model,
            error: &str,
            at: chrono::DateTime<chrono::Utc>,
        ) -> Result<(), $crate::error::Error> {
            use sea_orm::sea_query::Expr;
            let said = domain::text::cut(&domain::text::visible(error), 500);
            $entity::Entity::update_many()
                .col_expr($entity::Column::Attempts, Expr::value(row.attempts + 1))
                .col_expr($entity::Column::LastError, Expr::value(said))
                .col_expr($entity::Column::NextAttemptAt, Expr::value(at))
                .filter($entity::Column::Id.eq(row.id))
                .filter($entity::Column::State.eq(row.state))
                .exec(&**tx)
                .await?;
            Ok(())
        }
    };
}

pub(crate) use outside;
