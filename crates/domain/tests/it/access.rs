//! The rule of access decisions: every way to a no, and the one way to a yes.

use domain::access::{AccessReason, Asked, Semantic, Standing, decide};
use domain::environment::Environment;
use domain::identity::IdentityState;

fn asked(resource: &str, action: &str) -> Asked {
    Asked {
        subject_type: "agent".to_owned(),
        subject: "sales-qualifier-2".to_owned(),
        resource: resource.to_owned(),
        resource_id: "1".to_owned(),
        action: action.to_owned(),
        environment: None,
        context: Vec::new(),
    }
}

fn scopes() -> Vec<String> {
    vec!["orders:read".to_owned(), "salesforce:leads.read".to_owned()]
}

fn standing(scopes: &[String]) -> Standing<'_> {
    Standing {
        state: IdentityState::Active,
        entitled: true,
        environment: Environment::Production,
        scopes,
    }
}

#[test]
fn only_the_exact_scope_allows() {
    let scopes = scopes();
    for (resource, action, reason) in [
        ("orders", "read", AccessReason::Granted),
        ("salesforce", "leads.read", AccessReason::Granted),
        ("orders", "write", AccessReason::OutOfScope),
        ("orders", "READ", AccessReason::OutOfScope),
        ("orders", "rea", AccessReason::OutOfScope),
        ("orders", "*", AccessReason::OutOfScope),
        ("*", "*", AccessReason::OutOfScope),
        ("order", "s:read", AccessReason::OutOfScope),
        ("orders:read", "", AccessReason::OutOfScope),
        ("", "orders:read", AccessReason::OutOfScope),
        ("orders ", "read", AccessReason::OutOfScope),
        ("salesforce", "leads", AccessReason::OutOfScope),
    ] {
        let found = decide(Some(standing(&scopes)), &asked(resource, action));
        assert_eq!(found, reason, "{resource} {action}");
    }
}

#[test]
fn every_state_but_an_entitled_active_one_is_a_no() {
    let scopes = scopes();
    for (state, entitled, reason) in [
        (IdentityState::Active, true, AccessReason::Granted),
        (IdentityState::Active, false, AccessReason::NotEntitled),
        (IdentityState::Provisioning, true, AccessReason::NotActive),
        (IdentityState::Provisioning, false, AccessReason::NotActive),
        (IdentityState::Suspended, true, AccessReason::Suspended),
        (IdentityState::Suspended, false, AccessReason::Suspended),
        (IdentityState::Revoked, true, AccessReason::UnknownSubject),
        (IdentityState::Revoked, false, AccessReason::UnknownSubject),
    ] {
        let subject = Standing {
            state,
            entitled,
            ..standing(&scopes)
        };
        let found = decide(Some(subject), &asked("orders", "read"));
        assert_eq!(found, reason, "{state} {entitled}");
        assert_eq!(found.allows(), reason == AccessReason::Granted);
    }
}

#[test]
fn strangers_and_subjects_that_are_no_agents_are_denied() {
    let scopes = scopes();
    let question = asked("orders", "read");
    assert_eq!(decide(None, &question), AccessReason::UnknownSubject);
    for kind in ["user", "", "Agent", "service"] {
        let question = Asked {
            subject_type: kind.to_owned(),
            ..question.clone()
        };
        let found = decide(Some(standing(&scopes)), &question);
        assert_eq!(found, AccessReason::UnknownSubject, "{kind}");
    }
}

#[test]
fn another_environment_is_denied_and_so_is_one_that_does_not_exist() {
    let scopes = scopes();
    for (environment, reason) in [
        ("production", AccessReason::Granted),
        ("non_prod", AccessReason::OtherEnvironment),
        ("staging", AccessReason::OtherEnvironment),
        ("", AccessReason::OtherEnvironment),
    ] {
        let question = Asked {
            environment: Some(environment.to_owned()),
            ..asked("orders", "read")
        };
        let found = decide(Some(standing(&scopes)), &question);
        assert_eq!(found, reason, "{environment}");
    }
}

#[test]
fn a_semantic_stops_where_its_name_says() {
    for (semantic, allowed, stops) in [
        (Semantic::ExecuteAll, true, false),
        (Semantic::ExecuteAll, false, false),
        (Semantic::DenyOnFirstDeny, true, false),
        (Semantic::DenyOnFirstDeny, false, true),
        (Semantic::PermitOnFirstPermit, true, true),
        (Semantic::PermitOnFirstPermit, false, false),
    ] {
        assert_eq!(semantic.stops(allowed), stops, "{semantic} {allowed}");
    }
}

#[test]
fn users_are_not_told_why() {
    let told: Vec<&str> = AccessReason::ALL
        .iter()
        .filter(|reason| !reason.allows())
        .map(|reason| reason.for_users())
        .collect();
    assert!(told.iter().all(|text| *text == told[0]));
}
