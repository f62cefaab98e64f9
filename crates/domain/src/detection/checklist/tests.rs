//! Each fact is told where it belongs.

use super::*;
use crate::detection::{FoundManifest, FoundRequirements, FoundSuite, Place, Said};

const GATES: [Gate; 2] = [Gate::Relevance, Gate::Hallucination];

fn facts(found: Option<&Detected>) -> SetupFacts<'_> {
    SetupFacts {
        branch: "main",
        look: found.map(|_| LookState::Done),
        problem: None,
        found,
        secret_known: found.map(|_| true),
        delivered: true,
        head_known: true,
        push: None,
        push_problems: 0,
        gates: &GATES,
        owned: true,
        deployed: Deployed::Live(7),
    }
}

fn state(facts: &SetupFacts<'_>, check: SetupCheck) -> SetupState {
    let items = checklist(facts);
    assert_eq!(items.len(), SetupCheck::ALL.len());
    items
        .into_iter()
        .find(|one| one.check == check)
        .unwrap()
        .state
}

fn said(value: &str) -> Said {
    Said {
        value: value.to_owned(),
        at: Place {
            file: value.to_owned(),
            line: 1,
        },
    }
}

fn whole() -> Detected {
    Detected {
        entrypoint: Some(said("agent.py")),
        requirements: Some(FoundRequirements {
            file: "requirements.txt".to_owned(),
            pinned: 2,
            unpinned: Vec::new(),
        }),
        manifest: Some(FoundManifest {
            agent: "one".to_owned(),
            risk: None,
            suites: GATES.to_vec(),
            problems: Vec::new(),
        }),
        ..Detected::default()
    }
}

#[test]
fn what_is_whole_has_nothing_to_do() {
    let found = whole();
    for one in checklist(&facts(Some(&found))) {
        assert_eq!(
            (one.state, one.next.as_str()),
            (SetupState::Met, ""),
            "{one:?}"
        );
    }
}

#[test]
fn before_a_look_nothing_is_claimed_and_a_step_is_named() {
    let mut facts = facts(None);
    assert_eq!(state(&facts, SetupCheck::Repository), SetupState::Unknown);
    facts.look = Some(LookState::Ordered);
    for check in [
        SetupCheck::WebhookSecret,
        SetupCheck::Branch,
        SetupCheck::Manifest,
        SetupCheck::Suites,
    ] {
        assert_eq!(state(&facts, check), SetupState::Running, "{check}");
    }
}

#[test]
fn each_problem_of_a_look_is_said_where_it_belongs() {
    let mut facts = facts(None);
    facts.look = Some(LookState::Failed);
    for (problem, repository, branch) in [
        (
            LookProblem::RepositoryUnread,
            SetupState::Missing,
            SetupState::Unknown,
        ),
        (
            LookProblem::BranchMissing,
            SetupState::Met,
            SetupState::Missing,
        ),
        (
            LookProblem::FolderMissing,
            SetupState::Met,
            SetupState::Missing,
        ),
        (LookProblem::NotAnalysed, SetupState::Met, SetupState::Met),
    ] {
        facts.problem = Some(problem);
        assert_eq!(
            state(&facts, SetupCheck::Repository),
            repository,
            "{problem}"
        );
        assert_eq!(state(&facts, SetupCheck::Branch), branch, "{problem}");
    }
}

#[test]
fn a_suite_counts_that_the_manifest_names_and_no_file_that_it_leaves_out() {
    let mut found = whole();
    found.suites = vec![FoundSuite {
        gate: Gate::Hallucination,
        file: "evaluation/h.jsonl".to_owned(),
    }];
    found.manifest.as_mut().unwrap().suites = vec![Gate::Relevance];
    assert_eq!(
        state(&facts(Some(&found)), SetupCheck::Suites),
        SetupState::Missing
    );
    let open = SetupFacts {
        gates: &[],
        ..facts(Some(&found))
    };
    assert_eq!(state(&open, SetupCheck::Suites), SetupState::Met);
}

#[test]
fn a_rejected_push_outweighs_what_was_seen_before_it() {
    let found = whole();
    let facts = SetupFacts {
        push: Some(PushState::Rejected),
        push_problems: 2,
        ..facts(Some(&found))
    };
    assert_eq!(state(&facts, SetupCheck::Manifest), SetupState::Missing);
}

#[test]
fn open_packages_are_named_and_none_are_needed_where_nothing_is_imported() {
    let mut found = whole();
    found.requirements.as_mut().unwrap().unpinned = ["a", "b", "c", "d"].map(said).to_vec();
    let items = checklist(&facts(Some(&found)));
    assert!(
        items
            .iter()
            .any(|one| one.text.contains("does not pin a, b, c and others"))
    );
    found.requirements = None;
    assert_eq!(
        state(&facts(Some(&found)), SetupCheck::Requirements),
        SetupState::Met
    );
    found.dependencies = vec![said("httpx")];
    assert_eq!(
        state(&facts(Some(&found)), SetupCheck::Requirements),
        SetupState::Missing
    );
}
