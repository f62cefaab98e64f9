//! The catalogue of controls: whole, honest about gaps, and counted without counting twice.

use std::collections::BTreeSet;

use domain::controls::{Catalogue, Counts, Framework};
use domain::error::FieldProblem;
use domain::event::AuditAction;
use domain::form::query::ControlsQuery;

fn catalogue() -> Catalogue {
    Catalogue::standard().unwrap()
}

#[test]
fn every_framework_is_there_once_with_controls_that_point_at_evidence() {
    let catalogue = catalogue();
    let there: Vec<Framework> = catalogue.frameworks.iter().map(|f| f.framework).collect();
    assert_eq!(there, Framework::ALL);
    let keys: BTreeSet<&String> = catalogue.evidence.iter().map(|kind| &kind.key).collect();
    assert_eq!(keys.len(), catalogue.evidence.len());
    let mut used = BTreeSet::new();
    for mapped in &catalogue.frameworks {
        let ids: BTreeSet<&String> = mapped.controls.iter().map(|c| &c.id).collect();
        assert_eq!(ids.len(), mapped.controls.len(), "{}", mapped.framework);
        for control in &mapped.controls {
            let at = format!("{} {}", mapped.framework, control.id);
            // Nothing is claimed where nothing is recorded, and the other way round.
            assert_eq!(control.evidence.is_empty(), control.gap.is_some(), "{at}");
            for key in &control.evidence {
                assert!(keys.contains(key), "{at}: {key}");
                used.insert(key);
            }
        }
    }
    assert_eq!(used, keys, "evidence that no control uses");
    let words = include_str!("../../src/controls/catalogue.yaml").to_lowercase();
    for claim in ["compliant", "ensures", "guarantees"] {
        assert!(!words.contains(claim), "{claim}");
    }
}

#[test]
fn an_event_counts_once_for_a_control_however_many_kinds_name_it() {
    let catalogue = catalogue();
    let mapped = catalogue.of(Framework::Iso27001).unwrap();
    let mut counts = Counts::new();
    for index in [3, 9, 7] {
        let action = AuditAction::IdentityRevoked;
        counts.entry(action).or_default().add(index);
    }
    let weighed = catalogue.weigh(mapped, &counts);
    let of = |id: &str| weighed.iter().find(|c| c.id == id).unwrap();
    assert_eq!(of("A.8.10").total, 3);
    assert_eq!(of("A.8.10").evidence[0].newest, Some(9));
    let rights = of("A.5.18");
    assert_eq!((rights.total, rights.gap.as_ref()), (3, None));
    assert!(of("A.8.15").gap.as_ref().unwrap().starts_with("No event"));
    assert!(
        of("A.5.24")
            .gap
            .as_ref()
            .unwrap()
            .contains("outside Clearance")
    );
    let shared = [
        AuditAction::AgentDecommissioned,
        AuditAction::IdentityRevoked,
    ];
    let actions = catalogue.actions(mapped);
    for action in shared {
        assert_eq!(actions.iter().filter(|a| **a == action).count(), 1);
    }
}

#[test]
fn a_period_is_read_or_refused_and_never_another_one() {
    let now = "2026-03-02T09:00:00Z".parse().unwrap();
    let period = |from: &str, to: &str| {
        let asked = ControlsQuery {
            from: from.to_owned(),
            to: to.to_owned(),
            agent: String::new(),
        };
        let read = asked.period(now);
        read.map(|(from, to)| (from.to_rfc3339(), to.to_rfc3339()))
    };
    assert_eq!(period("", "").unwrap().0, "2025-12-02T09:00:00+00:00");
    let wrong = period("soon", "never").unwrap_err();
    assert_eq!(wrong.get("from"), Some(FieldProblem::BadMoment));
    assert_eq!(wrong.get("to"), Some(FieldProblem::BadMoment));
    assert_eq!(
        period("2026-01-01", "2026-01-31").unwrap(),
        (
            "2026-01-01T00:00:00+00:00".to_owned(),
            "2026-02-01T00:00:00+00:00".to_owned()
        )
    );
    for (from, to) in [("2027-01-01", ""), ("2026-02-01", "2026-01-01")] {
        let backwards = period(from, to).unwrap_err();
        assert_eq!(backwards.get("to"), Some(FieldProblem::Backwards));
    }
}
