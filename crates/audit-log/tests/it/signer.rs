//! The signer signs what extends what it signed before, and nothing else.

use std::fs;

use audit_log::{
    Checkpoint, HeadsError, HeadsFile, Signer, SignerError, consistency_from_tiles, leaf_hash, open,
};
use tempfile::TempDir;

use crate::support::{Log, key, trusted};

fn sign(signer: &Signer, from: u64, to: u64) -> Result<String, SignerError> {
    let log = Log::new(to);
    let proof = consistency_from_tiles(log.export().dir(), from, to).unwrap_or_default();
    signer.sign(&log.checkpoint, &proof)
}

fn in_a_file() -> (TempDir, HeadsFile, Signer) {
    let folder = TempDir::new().unwrap();
    let file = HeadsFile::new(folder.path().join("signed-heads"));
    let signer = Signer::remembering(key(), file.clone());
    (folder, file, signer)
}

#[test]
fn a_log_that_grew_is_signed_and_remembered() {
    let (_folder, file, signer) = in_a_file();
    assert_eq!(signer.remembered().unwrap(), None);
    for (from, to) in [(0, 3), (3, 3), (3, 256), (256, 300)] {
        let note = sign(&signer, from, to).unwrap();
        assert_eq!(open(&note, &[trusted()]).unwrap().size, to);
        // Another process with the same file knows it too.
        let again = Signer::remembering(key(), file.clone());
        assert_eq!(again.remembered().unwrap(), Some(Log::new(to).checkpoint));
    }
}

#[test]
fn a_log_that_was_set_back_is_not_signed() {
    let (_folder, _, signer) = in_a_file();
    sign(&signer, 0, 300).unwrap();
    let refused = sign(&signer, 300, 299);
    assert!(matches!(
        refused,
        Err(SignerError::SetBack {
            signed: 300,
            offered: 299
        })
    ));
    assert_eq!(signer.remembered().unwrap().unwrap().size, 300);
}

#[test]
fn another_history_is_not_signed_whatever_its_size() {
    for memory in [in_a_file().2, Signer::from(key())] {
        sign(&memory, 0, 20).unwrap();
        for size in [20, 21, 300] {
            let forged = Checkpoint {
                root: leaf_hash(b"forged"),
                ..Log::new(size).checkpoint
            };
            let proof = consistency_from_tiles(Log::new(size).export().dir(), 20, size).unwrap();
            let refused = memory.sign(&forged, &proof);
            assert!(matches!(
                refused,
                Err(SignerError::Rewritten { signed: 20, .. })
            ));
            // Nor without a proof, or with one of another size.
            assert!(memory.sign(&forged, &[]).is_err());
        }
        assert!(sign(&memory, 3, 21).is_err());
        sign(&memory, 20, 21).unwrap();
    }
}

#[test]
fn what_the_signer_does_not_know_for_sure_it_does_not_sign() {
    let (folder, file, signer) = in_a_file();
    let path = folder.path().join("signed-heads");
    sign(&signer, 0, 3).unwrap();
    let sound = fs::read_to_string(&path).unwrap();
    let damages = [
        sound.trim_end().to_owned(),
        sound.replace(" 3 ", " 03 "),
        sound.replace(" 3 ", " "),
        format!("{sound}half a line"),
        "\n".to_owned(),
        "x".repeat(1_000_001),
    ];
    for damaged in damages {
        fs::write(&path, &damaged).unwrap();
        assert!(matches!(file.read(), Err(HeadsError::Damaged { .. })));
        let refused = sign(&signer, 3, 20);
        assert!(matches!(refused, Err(SignerError::Memory(_))));
        assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
    }
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert!(matches!(
        sign(&signer, 3, 20),
        Err(SignerError::Memory(HeadsError::Io { .. }))
    ));
}

#[test]
fn a_new_log_is_begun_only_on_purpose_and_knows_its_predecessor() {
    let (_folder, file, signer) = in_a_file();
    sign(&signer, 0, 20).unwrap();
    assert_eq!(signer.predecessor().unwrap(), None);
    let renamed = audit_log::CheckpointKey::from_seed("other.example/log", &[7; 32]).unwrap();
    let renamed = Signer::remembering(renamed, file);
    assert_eq!(
        renamed.predecessor().unwrap(),
        Some(Log::new(20).checkpoint)
    );
    let head = Checkpoint {
        origin: "other.example/log".into(),
        ..Log::new(7).checkpoint
    };
    renamed.begin_anew(&head).unwrap();
    assert_eq!(renamed.remembered().unwrap(), Some(head));
    assert_eq!(signer.remembered().unwrap().unwrap().size, 20);
    assert_eq!(renamed.predecessor().unwrap(), None);
}

#[test]
fn of_two_processes_that_sign_at_once_none_forgets() {
    let (_folder, file, _) = in_a_file();
    let sizes: Vec<u64> = (1..40).collect();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let signer = Signer::remembering(key(), file.clone());
                for size in &sizes {
                    let known = signer.remembered().unwrap().map_or(0, |head| head.size);
                    // Whoever comes too late is refused; a smaller size is never kept.
                    let _ = sign(&signer, known.min(*size), *size);
                    let after = signer.remembered().unwrap().map_or(0, |head| head.size);
                    assert!(after >= known);
                }
            });
        }
    });
    assert_eq!(file.read().unwrap().len(), 1);
}
