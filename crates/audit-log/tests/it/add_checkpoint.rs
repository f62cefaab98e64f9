//! The request to a witness: one spelling, and bounds.

use audit_log::{AddCheckpoint, leaf_hash};

use crate::support::{Log, key};

fn request(lines: usize) -> AddCheckpoint {
    let hashes = (0..lines).map(|n| leaf_hash(&n.to_be_bytes()));
    AddCheckpoint {
        old: 7,
        proof: hashes.collect(),
        note: Log::new(20).checkpoint.sign(&key()).unwrap(),
    }
}

#[test]
fn a_request_is_read_as_it_was_written() {
    for lines in [0, 1, 63] {
        let asked = request(lines);
        let body = asked.to_body();
        assert!(body.starts_with("old 7\n"), "{body}");
        assert_eq!(AddCheckpoint::parse(body.as_bytes()), Some(asked));
    }
}

#[test]
fn other_spellings_are_no_requests() {
    let body = request(2).to_body();
    for (what, bad) in [
        ("64 lines of proof", request(64).to_body()),
        ("leading zero", body.replacen("old 7", "old 07", 1)),
        ("a sign", body.replacen("old 7", "old +7", 1)),
        ("no size", body.replacen("old 7", "old ", 1)),
        ("another word", body.replacen("old 7", "new 7", 1)),
        ("two spaces", body.replacen("old 7", "old  7", 1)),
        ("carriage returns", body.replacen("old 7\n", "old 7\r\n", 1)),
        ("no hash", body.replacen("old 7\n", "old 7\nxyz\n", 1)),
        ("no empty line", body.replacen("\n\n", "\n", 2)),
        (
            "beyond numbers",
            body.replacen("old 7", &format!("old {}", "9".repeat(30)), 1),
        ),
        ("empty", String::new()),
        ("too long", format!("{body}{}", "x".repeat(70_000))),
    ] {
        assert_eq!(AddCheckpoint::parse(bad.as_bytes()), None, "{what}");
    }
    assert_eq!(AddCheckpoint::parse(b"old 7\n\n\xff\xfe"), None);
}
