//! Structured personal data, by checksum.

use evaluation::personal_data::{Kind, find, leaked, redact};

fn kinds(text: &str) -> Vec<Kind> {
    find(text).into_iter().map(|one| one.kind).collect()
}

#[test]
fn finds_what_the_checksums_prove() {
    assert_eq!(
        kinds("Write to ann.lee+x@mail.example.co.uk."),
        [Kind::Email]
    );
    assert_eq!(kinds("Card 4111 1111 1111 1111, thanks"), [Kind::Card]);
    assert_eq!(kinds("Card 5555-5555-5555-4444"), [Kind::Card]);
    assert_eq!(kinds("378282246310005"), [Kind::Card]);
    assert_eq!(
        kinds("IBAN GB29 NWBK 6016 1331 9268 19 is hers"),
        [Kind::Iban]
    );
    assert_eq!(kinds("DE89370400440532013000"), [Kind::Iban]);
    assert_eq!(
        kinds("a@example.com, DE89 3704 0044 0532 0130 00 and 4111111111111111"),
        [Kind::Email, Kind::Iban, Kind::Card]
    );
}

#[test]
fn leaves_what_only_looks_like_it() {
    for text in [
        "Card 4111 1111 1111 1112",
        "GB29 NWBK 6016 1331 9268 18",
        "Order 1234567890123456",
        "ask support@example.com or @handle or a@b",
        "me@localhost",
        "41111111111111111111111111",
        "XX89370400440532013000",
        "@",
        "",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn what_the_user_brought_is_no_leak() {
    assert!(leaked("I am Ann@Example.com", "Hello ann@example.com").is_empty());
    assert!(leaked("My card is 4111111111111111", "Is it 4111 1111 1111 1111?").is_empty());
    assert_eq!(leaked("Who bought this?", "ann@example.com did").len(), 1);
}

#[test]
fn redaction_leaves_no_value() {
    let text = "ann@example.com paid with 4111 1111 1111 1111 é";
    let out = redact(text, &find(text));
    assert_eq!(out, "[e-mail address] paid with [payment card number] é");
}
