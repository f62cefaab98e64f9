//! The verifier's other questions: rows alone, growth between two checkpoints, and what an export says of one thing.

use audit_log::{
    LogError, Subject, Tampering, VerifyError, VerifyOptions, consistency_from_tiles, event,
    leaf_hash, parse_hash_lines, report_export, verify_consistency, verify_proof, verify_rows,
};

use crate::support::{Log, trusted};

fn options(key: &audit_log::VerifierKey) -> VerifyOptions<'_> {
    VerifyOptions {
        trusted: Some(key),
        ..VerifyOptions::default()
    }
}

#[test]
fn a_report_has_every_event_of_its_subject_with_a_proof_that_stands_alone() {
    let export = Log::new(600).export();
    let key = trusted();
    let ask = |about| {
        report_export(export.dir(), &options(&key), &about)
            .unwrap()
            .events
    };
    let about_agent = ask(Subject::Agent("sales-qualifier".into()));
    assert_eq!(about_agent.len(), 300);
    for proven in &about_agent {
        let checked = verify_proof(&proven.proof, &proven.leaf, &key).unwrap();
        assert_eq!(checked.index, proven.index);
        assert_eq!(proven.event.agent.as_deref(), Some("sales-qualifier"));
        let another = &Log::new(600).leaves[usize::try_from((proven.index + 1) % 600).unwrap()];
        assert!(verify_proof(&proven.proof, another, &key).is_err());
    }
    let indexes = |about| {
        ask(about)
            .iter()
            .map(|proven| proven.index)
            .collect::<Vec<_>>()
    };
    assert_eq!(indexes(Subject::Deployment(297)), [297]);
    assert_eq!(indexes(Subject::Deployment(29)), [0_u64; 0]);
    assert_eq!(indexes(Subject::Entry(599)), [599]);
    assert_eq!(indexes(Subject::Agent("sales".into())), [0_u64; 0]);
}

#[test]
fn an_altered_export_gives_no_report() {
    let mut log = Log::new(300);
    log.leaves[7] = log.leaves[8].clone();
    let outcome = report_export(log.export().dir(), &options(&trusted()), &Subject::Entry(3));
    assert_eq!(outcome.unwrap_err().index(), Some(7));
}

#[test]
fn tiles_prove_the_growth_between_any_two_sizes() {
    for new in [1, 2, 255, 256, 257, 512, 600, 1_000] {
        let whole = Log::new(new);
        let export = whole.export();
        for old in [0, 1, 3, 128, 255, 256, 257, 511, 599, new] {
            if old > new {
                continue;
            }
            let before = Log::new(old).checkpoint;
            let proof = consistency_from_tiles(export.dir(), old, new).unwrap();
            let root = whole.checkpoint.root;
            verify_consistency(&proof, old, before.root, new, root).unwrap();
            if old > 0 {
                let forged = leaf_hash(b"forged");
                let refused = verify_consistency(&proof, old, forged, new, root);
                assert_eq!(refused, Err(LogError::InvalidProof), "{old} of {new}");
            }
        }
    }
}

#[test]
fn growth_without_its_tiles_is_unreadable_and_altered_tiles_prove_nothing() {
    let whole = Log::new(600);
    let export = whole.export();
    export.edit("tile/0/000", |bytes| bytes[0] ^= 1);
    let proof = consistency_from_tiles(export.dir(), 3, 600).unwrap();
    let before = Log::new(3).checkpoint.root;
    assert!(verify_consistency(&proof, 3, before, 600, whole.checkpoint.root).is_err());
    std::fs::remove_file(export.path("tile/0/000")).unwrap();
    let missing = consistency_from_tiles(export.dir(), 3, 600).unwrap_err();
    assert_eq!(missing.exit_code(), 2);
}

#[test]
fn rows_are_compared_with_entries_whatever_was_signed() {
    let mut log = Log::new(300);
    let mut forged = crate::support::event(270);
    forged.actor.name = "Somebody Else".into();
    log.leaves[270] = forged.to_bytes().unwrap();
    let export = log.export();
    let outcome = verify_rows(export.dir(), Some(&trusted()));
    assert!(matches!(
        outcome,
        Err(VerifyError::Tampered {
            index: Some(270),
            what: Tampering::Row {
                column: "actor_name"
            }
        })
    ));
    log.rows[270] = event::projection(270, &log.leaves[270]).unwrap();
    assert_eq!(verify_rows(log.export().dir(), None).unwrap(), 300);
}

#[test]
fn a_list_of_hashes_is_read_line_by_line_and_bounded() {
    let line = format!("{}\n", leaf_hash(b"a").to_base64());
    assert_eq!(parse_hash_lines(&line.repeat(63)).unwrap().len(), 63);
    assert_eq!(parse_hash_lines(&line.repeat(64)), None);
    assert_eq!(parse_hash_lines(""), Some(Vec::new()));
    assert_eq!(parse_hash_lines("\n"), None);
    assert_eq!(parse_hash_lines("not base64\n"), None);
}
