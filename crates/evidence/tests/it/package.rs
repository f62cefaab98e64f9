//! Packages for auditors: what counts, what a spreadsheet or a terminal could be made to do, and samples that nobody picks.

use std::collections::BTreeMap;

use audit_log::{LeafActor, LeafEvent, LeafObject, Outcome};
use domain::controls::{Catalogue, Control, Evidence, Framework, Mapped};
use domain::event::AuditAction;
use domain::view::controls::Scope;
use evidence::package::{Collector, LogHead, Sampled, controls_csv, html, oscal, weigh};

const HOSTILE: &str =
    "=HYPERLINK(\"http://e.example\") \u{202e}txt.exe\u{1b}[2J<script>alert(1)</script>";

fn catalogue() -> Catalogue {
    Catalogue {
        version: "test".to_owned(),
        evidence: vec![Evidence {
            key: "approvals".to_owned(),
            title: "Approvals".to_owned(),
            actions: vec![AuditAction::ApprovalDecided],
        }],
        frameworks: vec![Mapped {
            framework: Framework::Soc2,
            edition: HOSTILE.to_owned(),
            controls: vec![
                Control {
                    id: "CC8.1".to_owned(),
                    title: HOSTILE.to_owned(),
                    evidence: vec!["approvals".to_owned()],
                    gap: None,
                },
                Control {
                    id: "164.312(e)".to_owned(),
                    title: "Nothing".to_owned(),
                    evidence: Vec::new(),
                    gap: Some("-1 nothing".to_owned()),
                },
            ],
        }],
    }
}

fn leaf(day: u32, action: &str, agent: Option<&str>, name: &str) -> Vec<u8> {
    let event = LeafEvent {
        v: 1,
        id: format!("event-{day}"),
        time: format!("2026-03-{day:02}T10:00:00.000000Z"),
        actor: LeafActor {
            kind: "person".to_owned(),
            id: "person-1".to_owned(),
            name: name.to_owned(),
        },
        action: action.to_owned(),
        object: LeafObject {
            kind: "approval".to_owned(),
            id: "7".to_owned(),
        },
        agent: agent.map(str::to_owned),
        deployment: Some(7),
        subject_digest: None,
        outcome: Outcome::Done,
        reason: Some("\t@reason".to_owned()),
        request_id: "request".to_owned(),
        detail: BTreeMap::new(),
    };
    event.to_bytes().unwrap()
}

fn scope(agent: Option<&str>) -> Scope {
    Scope {
        from: "2026-03-02T00:00:00.000000Z".to_owned(),
        to: "2026-03-05T00:00:00.000000Z".to_owned(),
        agent: agent.map(str::to_owned),
    }
}

/// Sample, and the rows as text, over these leaves.
fn collect(
    leaves: &[Vec<u8>],
    agent: Option<&str>,
    chosen: (&str, usize),
) -> (u64, Vec<u64>, String) {
    let catalogue = catalogue();
    let mut rows = Vec::new();
    let mut collector =
        Collector::new(&catalogue, Framework::Soc2, scope(agent), chosen, &mut rows).unwrap();
    for (index, leaf) in (0..).zip(leaves) {
        collector.see(index, leaf).unwrap();
    }
    let (counts, sample) = collector.finish().unwrap();
    let view = weigh(&catalogue, Framework::Soc2, scope(agent), &counts).unwrap();
    (view.events, sample, String::from_utf8(rows).unwrap())
}

#[test]
fn only_events_of_the_period_scope_and_catalogue_count() {
    let leaves = [
        leaf(1, "approval_decided", Some("a"), "before"),
        leaf(2, "approval_decided", Some("a"), "first"),
        leaf(3, "signed_in", Some("a"), "another action"),
        leaf(3, "approval_decided", Some("b"), "another agent"),
        b"no event".to_vec(),
        leaf(4, "approval_decided", None, "no agent"),
        leaf(5, "approval_decided", Some("a"), "after"),
    ];
    let (events, sample, rows) = collect(&leaves, None, ("", 10));
    assert_eq!((events, sample), (3, vec![1, 3, 5]));
    assert_eq!(rows.lines().count(), 4);
    let (events, sample, _) = collect(&leaves, Some("a"), ("", 10));
    assert_eq!((events, sample), (1, vec![1]));
}

#[test]
fn a_sample_is_chosen_by_its_seed_alone() {
    let leaves: Vec<Vec<u8>> = (0..200)
        .map(|_| leaf(3, "approval_decided", None, "somebody"))
        .collect();
    let sample = |seed, most| collect(&leaves, None, (seed, most)).1;
    let one = sample("auditor's own words", 25);
    assert_eq!(one.len(), 25);
    assert!(one.is_sorted());
    assert_eq!(one, sample("auditor's own words", 25));
    assert_ne!(one, sample("other words", 25));
    // A larger one has the smaller one in it.
    let more = sample("auditor's own words", 50);
    assert!(one.iter().all(|index| more.contains(index)));
    assert_eq!(sample("x", 0), Vec::<u64>::new());
    assert_eq!(sample("x", 10_000).len(), 200);
}

#[test]
fn no_cell_or_page_does_what_its_words_say() {
    let leaves = [leaf(
        3,
        "approval_decided",
        None,
        "+cmd|' /C calc'!A1 \u{202e}gpj",
    )];
    let (_, _, rows) = collect(&leaves, None, ("", 1));
    assert!(
        rows.contains("\"'+cmd|' /C calc'!A1 \u{fffd}gpj\""),
        "{rows}"
    );
    assert!(rows.contains("\"'\t@reason\""), "{rows}");
    let log = LogHead {
        origin: HOSTILE.to_owned(),
        size: 1,
        root: "00".to_owned(),
    };
    let sample = Sampled {
        seed: HOSTILE.to_owned(),
        asked: 1,
        events: vec![0],
    };
    let view = weigh(&catalogue(), Framework::Soc2, scope(None), &BTreeMap::new()).unwrap();
    let page = html(&view, &log, &sample);
    let table = String::from_utf8(controls_csv(&view)).unwrap();
    let results = oscal(&view, &log, "2026-03-05T00:00:00Z").to_string();
    for text in [&page, &table, &results, &rows] {
        assert!(!text.contains(['\u{202e}', '\u{1b}']), "{text}");
    }
    assert!(!page.contains("<script"), "{page}");
    assert!(table.contains("\"'=HYPERLINK("), "{table}");
    assert!(table.contains("\"'-1 nothing\""), "{table}");
    assert_eq!(view.gaps(), 2, "no event is a gap too");
}

#[test]
fn results_are_spelled_as_oscal_asks() {
    let view = weigh(&catalogue(), Framework::Soc2, scope(None), &BTreeMap::new()).unwrap();
    let log = LogHead {
        origin: "log.example".to_owned(),
        size: 1,
        root: "00".to_owned(),
    };
    let made = oscal(&view, &log, "2026-03-05T00:00:00Z");
    let results = &made["assessment-results"];
    let id = results["uuid"].as_str().unwrap();
    assert_eq!(id.len(), 36);
    assert_eq!((id.get(14..15), id.get(19..20)), (Some("5"), Some("8")));
    assert_eq!(made, oscal(&view, &log, "2026-03-05T00:00:00Z"));
    let selected = &results["results"][0]["reviewed-controls"]["control-selections"][0];
    assert_eq!(selected["include-controls"][1]["control-id"], "_164.312_e_");
    let observations = results["results"][0]["observations"].as_array().unwrap();
    assert!(
        observations[0]["description"]
            .as_str()
            .unwrap()
            .starts_with("Gap: ")
    );
}
