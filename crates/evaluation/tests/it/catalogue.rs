//! What the checks stand for, and what they were measured to do.

use domain::gate::{Gate, RISKS, coverage};
use evaluation::accuracy::card;
use evaluation::catalogue::{CHECKS, gate_of};

#[test]
fn every_tag_is_an_entry_of_a_catalogue() {
    for check in CHECKS {
        assert!(!check.tags.is_empty(), "{}", check.id);
        for tag in check.tags {
            assert!(
                RISKS.iter().any(|risk| risk.id == *tag),
                "{}: {tag}",
                check.id
            );
        }
    }
    assert!(CHECKS.is_sorted_by_key(|check| check.id));
}

#[test]
fn an_entry_without_a_check_is_listed_with_none() {
    let checks: Vec<_> = CHECKS
        .iter()
        .map(|check| (gate_of(check.id), *check))
        .collect();
    let covered = coverage(&checks);
    assert_eq!(covered.len(), RISKS.len());
    let of = |id: &str| {
        covered
            .iter()
            .find(|one| one.risk.id == id)
            .unwrap()
            .checks
            .clone()
    };
    assert!(
        of("LLM01")
            .iter()
            .any(|(gate, check)| *gate == Gate::ResponsibleAi && check.id == "injection-canary")
    );
    assert!(of("LLM08").is_empty(), "nothing here tests vector stores");
}

#[test]
fn the_card_reads_and_its_figures_are_shares() {
    let card = card().unwrap();
    assert_eq!(card.engine, evaluation::ENGINE);
    assert!(!card.figures.is_empty());
    for figure in &card.figures {
        assert!((0.0..=1.0).contains(&figure.value), "{figure:?}");
        assert!(figure.cases > 0 && !figure.source.is_empty());
        assert!(
            CHECKS.iter().any(|check| check.id == figure.check),
            "{}",
            figure.check
        );
        assert!(figure.sentence().contains(&figure.data));
    }
}
