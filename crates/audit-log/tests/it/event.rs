//! Leaves: one spelling, bounded text, and the row that pages show.

use audit_log::event::{MAX_DETAIL_BYTES, MAX_NAME_BYTES, MAX_REASON_BYTES};
use audit_log::{LeafError, LeafEvent, MAX_LEAF_BYTES, fit_line, fit_text, leaf_hash, projection};
use proptest::prelude::*;

use crate::support::event;

/// Fixed bytes: what was logged once must hash the same for ever.
#[test]
fn the_bytes_are_pinned() {
    let bytes = event(60).to_bytes().unwrap();
    let expected = concat!(
        r#"{"action":"approval.decide","actor":{"id":"person-0","kind":"person","name":"Zoë \"0\" O’Neill"},"#,
        r#""agent":"sales-qualifier","deployment":60,"detail":{"from":"open","to":"approved 60"},"#,
        r#""id":"01HX0000000000000000000060","object":{"id":"60","type":"deployment"},"outcome":"done","#,
        r#""reason":"line one\nline two\t60 😀 \\ /","request_id":"req-60","#,
        r#""subject_digest":"sha256:000000000000000000000000000000000000000000000000000000000000003c","#,
        r#""time":"2026-03-05T10:00:00.000060Z","v":1}"#
    );
    assert_eq!(String::from_utf8(bytes).unwrap(), expected);
}

#[test]
fn the_row_shows_what_the_leaf_says() {
    let leaf = event(6).to_bytes().unwrap();
    let row = projection(6, &leaf).unwrap();
    assert_eq!(row.leaf_hash, leaf_hash(&leaf));
    let line = String::from_utf8(row.to_line().unwrap()).unwrap();
    let expected = format!(
        concat!(
            r#"{{"action":"approval.decide","actor_id":"person-0","actor_kind":"person","actor_name":"Zoë \"1\" O’Neill","#,
            r#""agent":"sales-qualifier","deployment":6,"index":6,"leaf_hash":"{}","object_id":"6","#,
            r#""object_type":"deployment","outcome":"refused","time":"2026-03-07T10:06:00.000006Z"}}"#
        ),
        leaf_hash(&leaf)
    );
    assert_eq!(line, expected);
    assert!(projection(1 << 53, &leaf).is_err());
}

#[test]
fn other_spellings_of_an_event_are_refused() {
    let text = String::from_utf8(event(0).to_bytes().unwrap()).unwrap();
    let refused = |text: &str| LeafEvent::parse(text.as_bytes()).unwrap_err();
    for other in [
        format!(" {text}"),
        format!("{text}\n"),
        text.replace("\"v\":1", "\"v\": 1"),
        text.replace("Zoë", "Zo\\u00eb"),
        text.replace("\"request_id\"", "\"reason\":null,\"request_id\"")
            .replacen("\"reason\":\"", "\"r\":\"", 0),
        text.replace("\"from\":\"open\"", "\"from\":\"shut\",\"from\":\"open\""),
    ] {
        let error = refused(&other);
        assert!(
            matches!(error, LeafError::NotCanonical | LeafError::NotAnEvent(_)),
            "{error}: {other}"
        );
    }
    for other in ["", "{}", "[]", "null", "{\"v\":1}", "\u{feff}{}"] {
        assert!(
            matches!(refused(other), LeafError::NotAnEvent(_)),
            "{other}"
        );
    }
    assert!(matches!(
        refused(&text.replace("\"v\":1", "\"v\":2")),
        LeafError::Version { version: 2 }
    ));
    assert!(matches!(
        refused(&text.replace("\"v\":1", "\"v\":1,\"w\":1")),
        LeafError::NotAnEvent(_)
    ));
    let deep = format!("{}1{}", "[".repeat(20_000), "]".repeat(20_000));
    assert!(matches!(refused(&deep), LeafError::NotAnEvent(_)));
}

fn field_of(change: impl FnOnce(&mut LeafEvent)) -> &'static str {
    let mut event = event(0);
    change(&mut event);
    match event.to_bytes() {
        Err(LeafError::Field { field, .. }) => field,
        other => panic!("expected a refused field, got {other:?}"),
    }
}

#[test]
fn every_field_has_its_rule() {
    assert_eq!(field_of(|e| e.id.clear()), "id");
    assert_eq!(field_of(|e| e.actor.id = "two\nlines".into()), "actor.id");
    assert_eq!(field_of(|e| e.actor.kind = "nul\0".into()), "actor.kind");
    assert_eq!(
        field_of(|e| e.actor.name = "x".repeat(MAX_NAME_BYTES + 1)),
        "actor.name"
    );
    assert_eq!(field_of(|e| e.action = "a".repeat(101)), "action");
    assert_eq!(field_of(|e| e.object.kind.clear()), "object.type");
    assert_eq!(field_of(|e| e.object.id.clear()), "object.id");
    assert_eq!(field_of(|e| e.agent = Some(String::new())), "agent");
    assert_eq!(field_of(|e| e.deployment = Some(1 << 53)), "deployment");
    assert_eq!(
        field_of(|e| e.subject_digest = Some("\u{85}".into())),
        "subject_digest"
    );
    assert_eq!(field_of(|e| e.reason = Some("bell\u{7}".into())), "reason");
    assert_eq!(field_of(|e| e.request_id.clear()), "request_id");
    assert_eq!(
        field_of(|e| drop(e.detail.insert("Upper".into(), String::new()))),
        "detail"
    );
    assert_eq!(
        field_of(|e| e.detail = (0..65).map(|n| (n.to_string(), String::new())).collect()),
        "detail"
    );
    for time in [
        "",
        "2026-03-05",
        "2026-03-05T10:00:00Z",
        "2026-03-05T10:00:00.000Z",
        "2026-03-05T10:00:00.000000+00:00",
        "2026-13-05T10:00:00.000000Z",
        "2026-02-29T10:00:00.000000Z",
        "2026-04-31T10:00:00.000000Z",
        "2026-03-00T10:00:00.000000Z",
        "2026-03-05T24:00:00.000000Z",
        "2026-03-05T10:00:60.000000Z",
        "2026-03-05t10:00:00.000000Z",
        "٢٠٢٦-03-05T10:00:00.000000Z",
    ] {
        assert_eq!(field_of(|e| e.time = time.into()), "time", "{time}");
    }
    let mut leap = event(0);
    leap.time = "2028-02-29T23:59:59.999999Z".into();
    leap.actor.name = String::new();
    assert!(leap.to_bytes().is_ok());
}

#[test]
fn a_leaf_that_no_bundle_can_carry_is_refused() {
    let mut event = event(0);
    event.detail = (0..20)
        .map(|n| (n.to_string(), "\"".repeat(MAX_DETAIL_BYTES)))
        .collect();
    assert!(
        matches!(event.to_bytes(), Err(LeafError::TooLarge { bytes }) if bytes > MAX_LEAF_BYTES)
    );
}

proptest! {
    #[test]
    fn foreign_text_fits_after_fitting(text in any::<String>(), max in 0_usize..40) {
        let line = fit_line(&text, max);
        let lines = fit_text(&text, max);
        prop_assert!(line.len() <= max && lines.len() <= max);
        prop_assert!(!line.chars().any(char::is_control));
        prop_assert_eq!(fit_text(&lines, max), lines.clone());
        let mut event = event(0);
        event.actor.name = fit_line(&text.repeat(30), MAX_NAME_BYTES);
        event.reason = Some(fit_text(&text.repeat(100), MAX_REASON_BYTES));
        let bytes = event.to_bytes().unwrap();
        prop_assert_eq!(LeafEvent::parse(&bytes).unwrap(), event);
    }

    #[test]
    fn any_bytes_are_refused_or_canonical(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(event) = LeafEvent::parse(&bytes) {
            prop_assert_eq!(event.to_bytes().unwrap(), bytes);
        }
    }
}

#[test]
fn short_text_is_left_alone() {
    assert_eq!(fit_text("as\tit\nis", 100), "as\tit\nis");
    assert_eq!(fit_line("as\tit", 100), "as\u{fffd}it");
    assert_eq!(fit_line("abcdefgh", 8), "abcdefgh");
    assert_eq!(fit_line("abcdefghi", 8), "abcde…");
    assert_eq!(fit_line("éééé", 7), "éé…");
    assert_eq!(fit_line("abc", 2), "");
}
