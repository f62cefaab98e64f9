//! Clean exports verify; the writer refuses what it should.

use audit_log::{
    Checkpoint, ExportError, ExportItem, ExportWriter, VerifyOptions, verify_export,
    verify_export_with, write_export,
};
use tempfile::TempDir;

use crate::support::{Log, ORIGIN, key, other_key, trusted};

#[test]
fn clean_exports_raise_no_alarm() {
    for size in [0, 1, 2, 7, 255, 256, 257, 511, 512, 513, 1_000] {
        let log = Log::new(size);
        let export = log.export();
        let report = verify_export(export.dir(), Some(&trusted())).unwrap();
        assert_eq!(
            (report.size, report.root, report.key_is_trusted),
            (size, log.checkpoint.root, true)
        );
        let report = verify_export(export.dir(), None).unwrap();
        assert_eq!(
            (report.origin.as_str(), report.key_is_trusted),
            (ORIGIN, false)
        );
    }
}

#[test]
fn earlier_checkpoints_are_prefixes() {
    let log = Log::new(300);
    let export = log.export();
    let earlier: Vec<Checkpoint> = [0, 1, 255, 256, 299, 300]
        .map(|size| Log::new(size).checkpoint)
        .into();
    let options = VerifyOptions {
        trusted: Some(&trusted()),
        earlier: &earlier,
        ..VerifyOptions::default()
    };
    let report = verify_export_with(export.dir(), &options).unwrap();
    assert_eq!(report.earlier_checkpoints, earlier.len());
}

#[test]
fn the_folder_has_the_layout_of_the_format() {
    let files = Log::new(300).export().files();
    let expected = [
        "checkpoint",
        "format",
        "rows.jsonl",
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
        "vkey",
    ];
    assert_eq!(files, expected);
    assert_eq!(
        Log::new(0).export().files(),
        ["checkpoint", "format", "rows.jsonl", "vkey"]
    );
}

fn item(log: &Log, index: u64) -> ExportItem {
    let n = usize::try_from(index).unwrap();
    ExportItem {
        index,
        leaf: log.leaves[n].clone(),
        leaf_hash: log.hashes[n],
        row: log.rows[n].clone(),
    }
}

#[test]
fn missing_entries_stop_the_export() {
    let log = Log::new(5);
    let note = log.checkpoint.sign(&key()).unwrap();
    let folder = TempDir::new().unwrap();
    let mut writer = ExportWriter::create(folder.path(), &note, &trusted()).unwrap();
    writer.push(&item(&log, 0)).unwrap();
    assert!(matches!(
        writer.push(&item(&log, 2)),
        Err(ExportError::Gap {
            expected: 1,
            found: 2
        })
    ));
    assert!(matches!(
        writer.finish(),
        Err(ExportError::Count {
            expected: 5,
            found: 1
        })
    ));
    // Without its checkpoint the folder is no export.
    assert_eq!(
        verify_export(folder.path(), None).unwrap_err().exit_code(),
        2
    );
    let again = ExportWriter::create(folder.path(), &note, &trusted());
    assert!(matches!(again, Err(ExportError::NotEmpty { .. })));
}

#[test]
fn the_writer_wants_its_own_checkpoint() {
    let note = Log::new(5).checkpoint.sign(&key()).unwrap();
    let folder = TempDir::new().unwrap();
    let refused = ExportWriter::create(folder.path(), &note, &other_key().verifier_key());
    assert!(matches!(refused, Err(ExportError::Checkpoint(_))));
}

#[test]
fn an_oversized_leaf_and_a_failing_source_are_reported() {
    let log = Log::new(1);
    let note = log.checkpoint.sign(&key()).unwrap();
    let folder = TempDir::new().unwrap();
    let mut large = item(&log, 0);
    large.leaf = vec![0; 65_536];
    let items = [Ok::<_, std::io::Error>(large)];
    assert!(matches!(
        write_export(folder.path(), &note, &trusted(), items),
        Err(ExportError::Entry { index: 0, .. })
    ));
    let folder = TempDir::new().unwrap();
    let items = [Err(std::io::Error::other("the database went away"))];
    assert!(matches!(
        write_export(folder.path(), &note, &trusted(), items),
        Err(ExportError::Source(_))
    ));
}

#[test]
fn what_is_no_export_is_unreadable() {
    let folder = TempDir::new().unwrap();
    assert_eq!(
        verify_export(folder.path(), None).unwrap_err().exit_code(),
        2
    );
    assert_eq!(
        verify_export(&folder.path().join("absent"), None)
            .unwrap_err()
            .exit_code(),
        2
    );
    let export = Log::new(3).export();
    export.write("format", b"clearance-audit-export/2\n");
    assert_eq!(
        verify_export(export.dir(), None).unwrap_err().exit_code(),
        2
    );
}

/// A log of bytes that are no events was signed like that: nobody altered it, and it cannot be judged.
#[test]
fn signed_bytes_that_are_no_event_are_unreadable() {
    let mut log = Log::new(5);
    log.leaves[2] = b"not an event".to_vec();
    log.hashes[2] = audit_log::leaf_hash(&log.leaves[2]);
    log.checkpoint.root = crate::support::tree_of(&log.leaves).root();
    let error = verify_export(log.export().dir(), None).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert_eq!(error.to_string(), "cannot read entry 2");
}
