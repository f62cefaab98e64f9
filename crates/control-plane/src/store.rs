//! SQL, one file per noun. Writers take [`crate::transact::Tx`], readers any connection. Private to this crate:
//! only use cases and workers come here, and every use case authorizes.

pub(crate) mod access_events;
pub(crate) mod agent_labels;
pub(crate) mod agent_owners;
pub(crate) mod agents;
pub(crate) mod answers;
pub(crate) mod approvals;
pub(crate) mod audit;
pub(crate) mod audit_trail;
pub(crate) mod audit_words;
pub(crate) mod bindings;
pub(crate) mod break_glasses;
pub(crate) mod catalogue;
pub(crate) mod channels;
pub(crate) mod claim;
pub(crate) mod compliance;
pub(crate) mod conditions;
pub(crate) mod connections;
pub(crate) mod cosignatures;
pub(crate) mod deliveries;
pub(crate) mod deployments;
pub(crate) mod detections;
pub(crate) mod directories;
pub(crate) mod directory_groups;
pub(crate) mod elevations;
pub(crate) mod engines;
pub(crate) mod entity;
pub(crate) mod evidence;
pub(crate) mod evidence_removals;
pub(crate) mod findings;
pub(crate) mod fleet;
mod full_text;
pub(crate) mod gates;
pub(crate) mod groups;
pub(crate) mod history;
pub(crate) mod identities;
pub(crate) mod incidents;
pub(crate) mod issues;
pub(crate) mod key_rotations;
pub(crate) mod legal_holds;
pub(crate) mod live;
pub(crate) mod live_failures;
pub(crate) mod log;
pub(crate) mod log_cursors;
pub(crate) mod log_keepers;
pub(crate) mod messages;
pub(crate) mod notices;
pub(crate) mod online;
pub(crate) mod outbox;
pub(crate) mod outside;
pub(crate) mod package_schedules;
pub(crate) mod packages;
pub(crate) mod passkeys;
pub(crate) mod people;
pub(crate) mod performance;
pub(crate) mod policies;
pub(crate) mod providers;
pub(crate) mod pushes;
pub(crate) mod quarantines;
pub(crate) mod registry;
pub(crate) mod registry_label_sets;
pub(crate) mod registry_meanings;
pub(crate) mod registry_words;
pub(crate) mod resources;
pub(crate) mod reverts;
pub(crate) mod reviews;
pub(crate) mod rollback_checks;
pub(crate) mod saved_views;
pub(crate) mod scope_uses;
pub(crate) mod service_accounts;
pub(crate) mod sessions;
pub(crate) mod sign_ins;
pub(crate) mod signing_keys;
pub(crate) mod stand_ins;
pub(crate) mod statements;
pub(crate) mod suspensions;
pub(crate) mod time;
pub(crate) mod tokens;
pub(crate) mod versions;
pub(crate) mod waivers;

use domain::error::Conflict;
use sea_orm::{ConnectionTrait, DbBackend, Statement, UpdateResult};

use crate::error::Error;
use crate::transact::Tx;

/// A guarded update hit exactly its row, or somebody was faster.
pub(crate) fn guarded(result: &UpdateResult) -> Result<(), Error> {
    if result.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::conflict(Conflict::Changed))
    }
}

/// Runs statements that change so many rows together: where the database takes several at once (SQLite), in one go, since going to it
/// costs more than most statements do.
///
/// # Errors
/// [`Conflict::Changed`] where not so many rows were changed.
pub(crate) async fn in_one_go<const N: usize>(
    tx: &Tx,
    statements: [Statement; N],
    rows: usize,
) -> Result<(), Error> {
    let backend = tx.get_database_backend();
    let mut changed = 0;
    if backend == DbBackend::Sqlite {
        let sql: Vec<&str> = statements.iter().map(|one| one.sql.as_str()).collect();
        let sql = sql.join("; ");
        let values = statements
            .into_iter()
            .filter_map(|one| one.values)
            .flat_map(|values| values.0);
        let all = Statement::from_sql_and_values(backend, sql, values);
        changed += tx.execute_raw(all).await?.rows_affected();
    } else {
        for one in statements {
            changed += tx.execute_raw(one).await?.rows_affected();
        }
    }
    if usize::try_from(changed).is_ok_and(|changed| changed == rows) {
        Ok(())
    } else {
        Err(Error::conflict(Conflict::Changed))
    }
}

/// A list kept as JSON text.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(|e| Error::internal("store::from_json", e))
}

/// A value to be kept as JSON text.
pub(crate) fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|e| Error::internal("store::to_json", e))
}
