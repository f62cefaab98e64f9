//! Writes an entry of the log: its bytes, its hashes, its row and its words.

use std::collections::BTreeMap;

use audit_log::{Hash, LeafEvent};

use super::{to_u64, words};
use crate::error::Error;
use crate::store;
use crate::transact::Tx;

/// The right edge of the tree: how many entries there are, and the hashes of its complete subtrees, from which those of the next
/// entries are made. It is known to the
/// transaction that wrote the newest entry and, where transactions are committed together, to the next one of them; so of many that
/// are committed together the first alone asks the database.
#[derive(Debug, Clone)]
pub(crate) struct Edge {
    size: i64,
    hashes: BTreeMap<u64, Hash>,
}

impl Edge {
    async fn read(tx: &Tx) -> Result<Self, Error> {
        let size = store::audit::lock_size(tx).await?;
        let wanted = audit_log::indexes_for_root(to_u64(size)?);
        let hashes = store::audit::hashes(&**tx, &wanted).await?;
        Ok(Self { size, hashes })
    }

    /// The edge after an entry whose stored hashes are these, from index `first` on.
    fn grown(mut self, first: u64, new: &[Hash]) -> Result<Self, Error> {
        self.size += 1;
        self.hashes.extend((first..).zip(new.iter().copied()));
        let wanted = audit_log::indexes_for_root(to_u64(self.size)?);
        self.hashes.retain(|at, _| wanted.contains(at));
        Ok(self)
    }
}

/// Writes the next entry and gives its index. The only writer of audit rows; the log is locked until the transaction ends.
///
/// # Errors
/// When the database does not take it, and where the next entry is not the one that is expected.
pub(super) async fn write(
    tx: &Tx,
    leaf: Vec<u8>,
    event: &LeafEvent,
    expected: Option<u64>,
) -> Result<i64, Error> {
    let internal = |error| Error::internal("audit::write", error);
    let edge = match tx.edge() {
        Some(edge) => edge,
        None => Edge::read(tx).await?,
    };
    let (size, index) = (edge.size, to_u64(edge.size)?);
    if expected.is_some_and(|expected| expected != index) {
        return Err(Error::internal("audit::write", "the log grew meanwhile"));
    }
    let hash = audit_log::leaf_hash(&leaf);
    let new = audit_log::stored_hashes(index, hash, &edge.hashes).map_err(internal)?;
    let row = audit_log::projection(index, &leaf)
        .map_err(|error| Error::internal("audit::write", error))?;
    let first = audit_log::stored_hash_count(index);
    let words = words::of(event);
    store::audit::insert(tx, (size, leaf, row), (first, &new), &words).await?;
    tx.set_edge(edge.grown(first, &new)?);
    Ok(size)
}
