//! The second verifier, written from the format description alone, agrees with this one.

use std::path::{Path, PathBuf};
use std::process::Command;

use audit_log::{CheckpointKey, VerifyError, VerifyOptions, verify_export_with};

use crate::support::{Export, Log, ORIGIN, event, key, other_key, trusted};

/// It stands alone: nothing beside it is needed to run it. Tests run in the folder of their package; where that was when they were
/// compiled may be another place.
pub(crate) const SECOND_VERIFIER: &str = "../../tools/audit-verify/verify.py";

struct Verdict {
    code: i32,
    text: String,
}

fn python(dir: &Path, trust: bool, earlier: &[PathBuf]) -> Verdict {
    let mut command = Command::new("python3");
    command.arg(SECOND_VERIFIER).arg(dir);
    if trust {
        command.arg("--key").arg(trusted().to_string());
    }
    for file in earlier {
        command.arg("--earlier").arg(file);
    }
    let output = command
        .output()
        .expect("python3 is needed for the second verifier");
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    Verdict {
        code: output.status.code().unwrap(),
        text,
    }
}

/// Both verdicts, compared by exit status and by the entry they name.
fn agree(what: &str, export: &Export) {
    let options = VerifyOptions {
        trusted: Some(&trusted()),
        earlier: &[],
        ..VerifyOptions::default()
    };
    let ours = verify_export_with(export.dir(), &options);
    let theirs = python(export.dir(), true, &[]);
    let code = ours
        .as_ref()
        .map_or_else(|error| i32::from(error.exit_code()), |_| 0);
    assert_eq!(theirs.code, code, "{what}: {ours:?}, but {}", theirs.text);
    if let Some(index) = ours.as_ref().err().and_then(VerifyError::index) {
        assert!(
            theirs.text.contains(&format!("at entry {index}:")),
            "{what}: {ours:?}, but {}",
            theirs.text
        );
    }
}

#[test]
fn both_accept_clean_exports() {
    for size in [0, 1, 5, 256, 257, 600] {
        let export = Log::new(size).export();
        assert_eq!(python(export.dir(), true, &[]).code, 0, "size {size}");
        agree("clean", &export);
    }
    let verdict = python(Log::new(5).export().dir(), false, &[]);
    assert!(
        verdict
            .text
            .starts_with(&format!("intact: {ORIGIN}, 5 entries, root ")),
        "{}",
        verdict.text
    );
}

#[test]
fn both_find_the_same_entry_in_an_altered_database() {
    let altered = |change: &dyn Fn(&mut Log)| {
        let mut log = Log::new(300);
        change(&mut log);
        log.export()
    };
    agree(
        "leaf",
        &altered(&|log| log.leaves[270] = event(271).to_bytes().unwrap()),
    );
    agree("leaf, not json", &altered(&|log| log.leaves[27][0] = b'['));
    agree("hash", &altered(&|log| log.hashes[9] = log.hashes[8]));
    agree(
        "hash and leaf",
        &altered(&|log| {
            log.hashes[9] = log.hashes[8];
            log.leaves[4].pop();
        }),
    );
    agree(
        "row",
        &altered(&|log| log.rows[200].actor_name = "Somebody Else".into()),
    );
    agree(
        "row and leaf",
        &altered(&|log| {
            log.rows[200].agent = None;
            log.leaves.swap(210, 211);
        }),
    );
    agree(
        "consistent forgery",
        &altered(&|log| {
            log.leaves[3] = event(4_000).to_bytes().unwrap();
            log.hashes[3] = audit_log::leaf_hash(&log.leaves[3]);
            log.rows[3] = audit_log::projection(3, &log.leaves[3]).unwrap();
        }),
    );
}

#[test]
fn both_find_the_same_damage_in_every_file() {
    for file in Log::new(300).export().files() {
        let export = Log::new(300).export();
        let whole = export.read(&file);
        let (start, end) = whole.split_at(whole.len() / 2);
        std::fs::remove_file(export.path(&file)).unwrap();
        agree(&format!("{file} removed"), &export);
        export.write(&file, start);
        agree(&format!("{file} cut"), &export);
        let mut flipped = end.to_vec();
        flipped[0] ^= 0x20;
        export.write(&file, &[start, &flipped].concat());
        agree(&format!("{file} flipped"), &export);
    }
    let smuggled = Log::new(300).export();
    smuggled.write("tile/0/002", b"smuggled");
    agree("an extra file", &smuggled);
}

#[test]
fn both_refuse_the_same_checkpoints() {
    let with = |note: &str| {
        let export = Log::new(20).export();
        export.write("checkpoint", note.as_bytes());
        export
    };
    let note = Log::new(20).checkpoint.sign(&key()).unwrap();
    agree("carriage returns", &with(&note.replace('\n', "\r\n")));
    agree(
        "leading zero",
        &with(&note.replacen("\n20\n", "\n020\n", 1)),
    );
    agree(
        "rolled back",
        &with(&Log::new(19).checkpoint.sign(&key()).unwrap()),
    );
    agree(
        "another key",
        &with(&Log::new(20).checkpoint.sign(&other_key()).unwrap()),
    );
    agree("a line more", &with(&format!("{note}\n")));
    let (text, signature) = note.split_once("\n\n").unwrap();
    let stranger = CheckpointKey::from_seed("witness.example", &[3; 32]).unwrap();
    let cosigned = signed_note_line(text, &stranger);
    agree(
        "co-signed",
        &with(&format!("{text}\n\n{cosigned}{signature}")),
    );
    agree("co-signed only", &with(&format!("{text}\n\n{cosigned}")));
    let extended = format!("{text}\nextension\n");
    agree(
        "an extension line",
        &with(&format!(
            "{extended}\n{}",
            signed_note_line(extended.trim_end(), &key())
        )),
    );
}

fn signed_note_line(text: &str, key: &CheckpointKey) -> String {
    let mut note = signed_note::Note::new(format!("{text}\n").as_bytes(), &[]).unwrap();
    note.add_sigs(&[key]).unwrap();
    let note = String::from_utf8(note.to_bytes()).unwrap();
    note.rsplit_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn both_refuse_the_same_keys() {
    agree(
        "another key altogether",
        &Log::new(5).export_signed_by(&other_key()),
    );
    let export = Log::new(5).export();
    export.edit("vkey", |bytes| bytes.retain(|byte| *byte != b'\n'));
    agree("no line end", &export);
    let renamed = CheckpointKey::from_seed("other.example", &[7; 32])
        .unwrap()
        .verifier_key();
    export.write("vkey", format!("{renamed}\n").as_bytes());
    agree("renamed", &export);
}

#[test]
fn both_remember_earlier_checkpoints() {
    let export = Log::new(20).export();
    let remembered = |size: u64, forged: bool| {
        let mut checkpoint = Log::new(size).checkpoint;
        if forged {
            checkpoint.root = audit_log::leaf_hash(b"fork");
        }
        export.write("earlier", checkpoint.sign(&key()).unwrap().as_bytes());
        let ours = verify_export_with(
            export.dir(),
            &VerifyOptions {
                trusted: Some(&trusted()),
                earlier: std::slice::from_ref(&checkpoint),
                ..VerifyOptions::default()
            },
        );
        let theirs = python(export.dir(), true, &[export.path("earlier")]);
        assert_eq!(theirs.code, i32::from(ours.is_err()), "{}", theirs.text);
        theirs.code
    };
    assert_eq!(remembered(20, false), 0);
    assert_eq!(remembered(7, false), 0);
    assert_eq!(remembered(7, true), 1);
    assert_eq!(remembered(21, false), 1);
}
