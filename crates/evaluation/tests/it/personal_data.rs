//! Structured personal data, by checksum and by form.

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

#[test]
fn telephone_numbers_are_told_by_form_or_by_name() {
    for text in [
        "+41 (0)44 471 07 95",
        "(602) 555-0181",
        "call 001-253-555-0181 now",
        "Reach me on 416 555 0181",
        "Phone: 72 128 827",
        "069 979 80 58",
        "01.84.17.61.18",
        "9498777106 is my fax: 9498777106",
        "+1-604-555-0165x565",
        "655 437 108 office",
    ] {
        assert!(
            kinds(text).contains(&Kind::Phone),
            "{text}: {:?}",
            kinds(text)
        );
    }
    for text in [
        "Order 9498777106 was sent",
        "Parcel 655 437 108",
        "2026-11-26 10:30:00",
        "From 2020 to 2026",
        "1,250,000 people",
        "192.0.2.14 answers",
        "Version 1.2.3.4567",
        "a-555-012-3456-b7",
        "ISBN 978-3-16-148410-0",
        "page 12-15, 30 days, 20 kg",
    ] {
        assert!(
            !kinds(text).contains(&Kind::Phone),
            "{text}: {:?}",
            find(text)
        );
    }
}

#[test]
fn other_forms_are_found() {
    assert_eq!(kinds("SSN 550-53-3582."), [Kind::SocialSecurity]);
    assert_eq!(
        kinds("from 41.173.96.26, and 2001:db8:0:1:1:1:1:1"),
        [Kind::Ip, Kind::Ip]
    );
    assert_eq!(
        kinds("see https://www.example.com/a?b=c."),
        [Kind::WebAddress]
    );
    assert_eq!(kinds("my iban is gb29nwbk60161331926819"), [Kind::Iban]);
    for text in [
        "666-12-3456",
        "900-12-3456",
        "550-53-35821",
        "127.0.0.1",
        "version 1.2.3.4",
        "std::net::ip",
        "12:30:45",
        "1.2.3",
    ] {
        assert_eq!(kinds(text), [], "{text}");
    }
}

#[test]
fn hotlines_and_web_addresses_are_no_leak() {
    let leak = |answer: &str| leaked("Whom do I ask?", answer).len();
    assert_eq!(
        leak("Call 0800 123 4567 or 1-800-555-0181, or see https://example.com/help"),
        0
    );
    assert_eq!(leak("Call Ann on +44 7700 900123"), 1);
    assert_eq!(
        leaked("I am on +44 7700 900123", "Is +447700900123 right?").len(),
        0
    );
}
