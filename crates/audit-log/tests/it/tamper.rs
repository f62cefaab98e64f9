//! Attacks on the log, by somebody who may change everything but the signature.

use audit_log::{
    Checkpoint, Tampering, VerifyError, VerifyOptions, leaf_hash, verify_export, verify_export_with,
};
use proptest::prelude::*;

use crate::support::{Export, Log, event, key, other_key, tree_of, trusted};

fn verdict(export: &Export) -> (Option<u64>, Tampering) {
    match verify_export(export.dir(), Some(&trusted())) {
        Err(VerifyError::Tampered { index, what }) => (index, what),
        other => panic!("expected an alarm, got {other:?}"),
    }
}

/// Alters one event in the database; the stored hash stays.
#[test]
fn an_altered_leaf_is_found_and_named() {
    let mut log = Log::new(300);
    let mut forged = event(270);
    forged.actor.name = "Somebody Else".into();
    log.leaves[270] = forged.to_bytes().unwrap();
    assert_eq!(verdict(&log.export()), (Some(270), Tampering::Entry));
}

/// Alters leaf, hash and row together: only the signature is left to disagree.
#[test]
fn a_consistent_forgery_is_found() {
    let mut log = Log::new(300);
    let mut forged = event(270);
    forged.actor.name = "Somebody Else".into();
    log.leaves[270] = forged.to_bytes().unwrap();
    log.hashes[270] = leaf_hash(&log.leaves[270]);
    log.rows[270] = audit_log::projection(270, &log.leaves[270]).unwrap();
    assert_eq!(verdict(&log.export()), (None, Tampering::Root));
    log.rows[270].actor_name = "Zoë".into();
    assert_eq!(
        verdict(&log.export()),
        (
            Some(270),
            Tampering::Row {
                column: "actor_name"
            }
        )
    );
}

#[test]
fn an_altered_hash_is_told_from_an_altered_entry() {
    let mut log = Log::new(300);
    log.hashes[9] = leaf_hash(b"forged");
    let path = "tile/0/000".to_owned();
    assert_eq!(
        verdict(&log.export()),
        (Some(9), Tampering::HashTile { path })
    );
    log.leaves[11] = event(999).to_bytes().unwrap();
    assert_eq!(verdict(&log.export()), (Some(9), Tampering::EntryAndHash));
}

#[test]
fn every_projected_column_is_compared() {
    let change: [fn(&mut audit_log::Row); 12] = [
        |row| row.index += 1,
        |row| row.time.replace_range(0..4, "2025"),
        |row| row.actor_kind = "worker".into(),
        |row| row.actor_id.push('x'),
        |row| row.actor_name.clear(),
        |row| row.action = "approval.open".into(),
        |row| row.object_type = "agent".into(),
        |row| row.object_id = "7".into(),
        |row| row.agent = None,
        |row| row.deployment = Some(4_472),
        |row| row.outcome = "refused".into(),
        |row| row.leaf_hash = leaf_hash(b"forged"),
    ];
    let columns = [
        "index",
        "time",
        "actor_kind",
        "actor_id",
        "actor_name",
        "action",
        "object_type",
        "object_id",
        "agent",
        "deployment",
        "outcome",
        "leaf_hash",
    ];
    for (change, column) in change.iter().zip(columns) {
        let mut log = Log::new(5);
        change(&mut log.rows[2]);
        assert_eq!(verdict(&log.export()), (Some(2), Tampering::Row { column }));
    }
}

/// Deletes an event and closes the gap, in the database and in a folder alike.
#[test]
fn deletion_is_found_where_it_happened() {
    let whole = Log::new(300);
    let mut log = whole.clone();
    log.leaves.remove(100);
    log.hashes.remove(100);
    log.rows.remove(100);
    log.checkpoint.size = 299;
    log.checkpoint.root = tree_of(&log.leaves).root();
    let export = log.export();
    // The forger has no key: the signed checkpoint of 300 entries stays.
    export.write(
        "checkpoint",
        whole.checkpoint.sign(&key()).unwrap().as_bytes(),
    );
    assert_eq!(verdict(&export).0, Some(100));
    // Even with every row renumbered, the missing last entry is noticed.
    let renumbered = Log::new(299).export();
    renumbered.write(
        "checkpoint",
        whole.checkpoint.sign(&key()).unwrap().as_bytes(),
    );
    assert!(matches!(
        verdict(&renumbered),
        (Some(256), Tampering::Entries { .. })
    ));
}

#[test]
fn swapping_inserting_and_replaying_are_found() {
    let mut log = Log::new(20);
    log.leaves.swap(3, 4);
    assert_eq!(verdict(&log.export()), (Some(3), Tampering::Entry));
    let mut log = Log::new(20);
    log.leaves[7] = log.leaves[6].clone();
    assert_eq!(verdict(&log.export()), (Some(7), Tampering::Entry));
    let log = Log::new(20);
    let export = log.export();
    let bundle = audit_log::tile::encode_entries(
        log.leaves.iter().chain(&log.leaves[..1]).map(Vec::as_slice),
    )
    .unwrap();
    export.write("tile/entries/000.p/20", &bundle);
    assert!(matches!(
        verdict(&export),
        (Some(20), Tampering::Entries { .. })
    ));
}

#[test]
fn rows_cannot_be_added_or_left_out() {
    let export = Log::new(5).export();
    export.edit("rows.jsonl", |rows| rows.extend_from_slice(b"{}\n"));
    assert_eq!(
        verdict(&export),
        (
            Some(5),
            Tampering::Row {
                column: "row without an entry"
            }
        )
    );
    export.write("rows.jsonl", b"");
    assert_eq!(
        verdict(&export),
        (
            Some(0),
            Tampering::Row {
                column: "row missing"
            }
        )
    );
    std::fs::remove_file(export.path("rows.jsonl")).unwrap();
    assert_eq!(
        verdict(&export),
        (
            Some(0),
            Tampering::Row {
                column: "row missing"
            }
        )
    );
    export.write("rows.jsonl", &b"x".repeat(200_000));
    assert_eq!(
        verdict(&export),
        (
            Some(0),
            Tampering::Row {
                column: "row unreadable"
            }
        )
    );
    let export = Log::new(5).export();
    export.edit("rows.jsonl", |rows| {
        rows.splice(0..1, *b"{ ").for_each(drop)
    });
    assert_eq!(
        verdict(&export),
        (
            Some(0),
            Tampering::Row {
                column: "row not canonical"
            }
        )
    );
}

#[test]
fn a_checkpoint_of_another_size_does_not_fit() {
    let export = Log::new(300).export();
    export.write(
        "checkpoint",
        Log::new(256).checkpoint.sign(&key()).unwrap().as_bytes(),
    );
    assert_eq!(
        verdict(&export),
        (
            Some(256),
            Tampering::Row {
                column: "row without an entry"
            }
        )
    );
    export.edit("rows.jsonl", |rows| {
        let end = rows
            .iter()
            .enumerate()
            .filter(|(_, byte)| **byte == b'\n')
            .nth(255)
            .unwrap()
            .0;
        rows.truncate(end + 1);
    });
    assert!(matches!(
        verdict(&export),
        (None, Tampering::ExtraFile { .. })
    ));
    export.write(
        "checkpoint",
        Log::new(301).checkpoint.sign(&key()).unwrap().as_bytes(),
    );
    assert!(matches!(verdict(&export), (Some(256), _)));
}

/// A whole older export is genuine; only what is remembered from outside shows that something is gone.
#[test]
fn a_rolled_back_or_forked_log_needs_an_earlier_checkpoint_to_be_found() {
    let export = Log::new(256).export();
    let after = |earlier: Checkpoint| {
        verify_export_with(
            export.dir(),
            &VerifyOptions {
                trusted: Some(&trusted()),
                earlier: &[earlier],
                ..VerifyOptions::default()
            },
        )
    };
    assert!(after(Log::new(100).checkpoint).is_ok());
    let rolled_back = after(Log::new(300).checkpoint).unwrap_err();
    assert_eq!(rolled_back.index(), Some(256));
    assert!(matches!(
        rolled_back,
        VerifyError::Tampered {
            what: Tampering::RolledBack {
                earlier: 300,
                size: 256
            },
            ..
        }
    ));
    for size in [0, 100, 256] {
        let forked = Checkpoint {
            root: leaf_hash(b"fork"),
            ..Log::new(size).checkpoint
        };
        let error = after(forked).unwrap_err();
        assert!(
            matches!(error, VerifyError::Tampered { what: Tampering::Forked { earlier }, .. } if earlier == size)
        );
    }
    let foreign = Checkpoint {
        origin: "other.example/log".into(),
        ..Log::new(100).checkpoint
    };
    assert_eq!(after(foreign).unwrap_err().exit_code(), 1);
}

/// Everything rewritten and signed anew: genuine but for the key.
#[test]
fn a_log_signed_by_another_key_is_found() {
    let export = Log::new(5).export_signed_by(&other_key());
    assert!(
        verify_export(export.dir(), None).is_ok(),
        "the folder agrees with itself"
    );
    assert_eq!(verdict(&export), (None, Tampering::UntrustedKey));
    export.write("vkey", format!("{}\n", trusted()).as_bytes());
    assert!(matches!(verdict(&export), (None, Tampering::Checkpoint(_))));
}

#[test]
fn missing_and_foreign_files_are_found() {
    for file in Log::new(300).export().files() {
        let export = Log::new(300).export();
        std::fs::remove_file(export.path(&file)).unwrap();
        let error = verify_export(export.dir(), None).unwrap_err();
        let expected = if ["checkpoint", "format", "vkey"].contains(&file.as_str()) {
            2
        } else {
            1
        };
        assert_eq!(error.exit_code(), expected, "{file}: {error}");
    }
    for file in [
        "tile/0/002",
        "tile/entries/000.p/3",
        "tile/notes.txt",
        "tile/0/000.p/300",
    ] {
        let export = Log::new(300).export();
        export.write(file.replace("000.p", "003.p").as_str(), b"smuggled");
        assert!(
            matches!(verdict(&export), (None, Tampering::ExtraFile { .. })),
            "{file}"
        );
    }
}

#[test]
fn a_folder_in_the_place_of_a_file_is_found() {
    for file in ["rows.jsonl", "tile/0/000.p/5", "tile/entries/000.p/5"] {
        let export = Log::new(5).export();
        std::fs::remove_file(export.path(file)).unwrap();
        std::fs::create_dir(export.path(file)).unwrap();
        assert_eq!(
            verify_export(export.dir(), None).unwrap_err().exit_code(),
            1,
            "{file}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// One random change to one random file, at any of the interesting sizes.
    #[test]
    fn no_change_to_any_file_goes_unnoticed(
        size in prop::sample::select(vec![1_u64, 2, 5, 255, 256, 257, 300]),
        file in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        kind in 0_u8..5,
        bit in 0_u8..8,
    ) {
        let export = Log::new(size).export();
        let file = file.get(&export.files()).clone();
        export.edit(&file, |bytes| {
            let place = place.index(bytes.len());
            match kind {
                0 => bytes[place] ^= 1 << bit,
                1 => drop(bytes.remove(place)),
                2 => bytes.insert(place, bytes[place]),
                3 => bytes.truncate(place),
                _ => bytes.push(bit),
            }
        });
        let error = verify_export(export.dir(), Some(&trusted())).expect_err(&file);
        prop_assert!(file == "format" || error.exit_code() == 1, "{}: {}", file, error);
    }

    /// A flipped bit in a leaf is named, whichever it is.
    #[test]
    fn a_flipped_bit_in_a_leaf_is_named(size in 1_u64..300, pick in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut log = Log::new(size);
        let n = pick.index(log.leaves.len());
        let place = pick.index(log.leaves[n].len());
        log.leaves[n][place] ^= 1 << bit;
        prop_assert_eq!(verdict(&log.export()), (Some(u64::try_from(n).unwrap()), Tampering::Entry));
    }
}
