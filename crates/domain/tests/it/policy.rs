//! The built-in policy, and which verdicts satisfy it.

use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use domain::policy::{Policy, unmet};

#[test]
fn only_passed_and_waived_satisfy() {
    for verdict in Verdict::ALL {
        let open = unmet(&[Gate::Relevance], &[(Gate::Relevance, *verdict)]);
        let satisfied = matches!(verdict.as_str(), "passed" | "waived");
        assert_eq!(open.is_empty(), satisfied, "{verdict}");
    }
}

#[test]
fn a_gate_without_a_result_is_unmet_and_another_one_does_not_stand_for_it() {
    let gates = [Gate::Relevance, Gate::Hallucination];
    let results = [(Gate::Relevance, Verdict::Passed)];
    assert_eq!(unmet(&gates, &results), [Gate::Hallucination]);
    assert_eq!(unmet(&gates, &[]), gates);
}

#[test]
fn production_asks_for_people_and_for_every_gate_of_the_pipeline() {
    let policy = Policy::built_in();
    let production = policy.of(Environment::Production);
    assert!(production.quorum >= 1);
    assert!(production.approval_hours > 0);
    for gate in Gate::ALL.iter().filter(|g| **g != Gate::Health) {
        assert!(production.gates.contains(gate), "{gate}");
        assert!(policy.of(Environment::NonProd).gates.contains(gate));
    }
    assert_eq!(policy.of(Environment::NonProd).quorum, 0);
}
