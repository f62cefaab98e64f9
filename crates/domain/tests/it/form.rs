//! Forms: raw text in, a command or the wrong fields out.

use domain::approval::DecisionVerdict;
use domain::error::FieldProblem as P;
use domain::form::agent::{OnboardForm, is_branch, is_repository};
use domain::form::approval::DecisionForm;
use domain::form::connection::ConnectionForm;
use domain::form::deployment::DeploymentForm;
use domain::form::person::{PersonForm, SignInForm, TokenForm, is_email};
use domain::form::query::limit;
use domain::view::page::{LIMIT_MAX, Page};

fn decision() -> DecisionForm {
    DecisionForm {
        number: " 12 ".to_owned(),
        verdict: "approve".to_owned(),
        reason: String::new(),
        manifest_digest: "sha256:1".to_owned(),
        accepted_scopes: "a:read  b:write".to_owned(),
        password: String::new(),
    }
}

#[test]
fn a_decision_needs_a_number_a_verdict_and_what_was_seen() {
    let decide = decision().parse().unwrap();
    assert_eq!(
        (decide.number, decide.verdict),
        (12, DecisionVerdict::Approve)
    );
    assert_eq!(decide.reason, None);
    assert_eq!(decide.accepted_scopes, ["a:read", "b:write"]);
    let empty = DecisionForm::default().parse().unwrap_err();
    assert_eq!(empty.get("number"), Some(P::BadNumber));
    assert_eq!(empty.get("verdict"), Some(P::UnknownChoice));
    assert_eq!(empty.get("manifest_digest"), Some(P::Required));
}

#[test]
fn a_rejection_says_why() {
    let reject = |reason: &str| DecisionForm {
        verdict: "reject".to_owned(),
        reason: reason.to_owned(),
        ..decision()
    };
    let problem = |reason: &str| reject(reason).parse().unwrap_err().get("reason");
    assert_eq!(problem(""), Some(P::Required));
    assert_eq!(problem("   no    "), Some(P::TooShort));
    assert_eq!(problem(&"x".repeat(1_001)), Some(P::TooLong));
    assert!(reject("Not before the audit.").parse().is_ok());
}

#[test]
fn an_action_on_a_deployment_may_need_a_reason_and_a_revision() {
    let form = DeploymentForm {
        number: "7".to_owned(),
        ..DeploymentForm::default()
    };
    assert_eq!(form.parse(false).unwrap().revision, None);
    assert_eq!(
        form.parse(true).unwrap_err().get("reason"),
        Some(P::Required)
    );
    let form = DeploymentForm {
        revision: "x".to_owned(),
        ..form
    };
    assert_eq!(
        form.parse(false).unwrap_err().get("revision"),
        Some(P::BadNumber)
    );
}

#[test]
fn an_address_of_a_repository_cannot_be_taken_for_an_option() {
    for good in [
        "https://github.com/acme/bots.git",
        "ssh://git@host/acme/bots",
        "https://acme@dev.azure.com/acme/shop/_git/bots",
        "git@github.com:acme/bots.git",
        "file:///srv/git/bots.git",
        "/srv/git/bots.git",
    ] {
        assert!(is_repository(good), "{good}");
    }
    for bad in [
        "",
        "-u",
        "--upload-pack=touch x",
        "http://github.com/acme/bots",
        "ext::sh -c touch",
        "ext::sh",
        "https://",
        "git@host:",
        "https://user:secret@host/a",
        "ssh://git:secret@host/a",
        "a b@host:c",
        "user@host::x",
        "https://host/a\nb",
    ] {
        assert!(!is_repository(bad), "{bad}");
    }
}

#[test]
fn a_branch_is_one_that_git_accepts() {
    for good in ["main", "feature/x-1", "release-2.3"] {
        assert!(is_branch(good), "{good}");
    }
    for bad in [
        "", "-x", "/x", "x/", "x.", ".x", "a..b", "a//b", "a@{b", "a b", "a~b", "a^", "a:b", "a?b",
        "a*b", "a[b", "a\\b", "x.lock", "a/.b",
    ] {
        assert!(!is_branch(bad), "{bad}");
    }
}

#[test]
fn onboarding_names_every_wrong_field_at_once() {
    let wrong = OnboardForm {
        slug: "Bad Slug".to_owned(),
        team: String::new(),
        connection: "acme".to_owned(),
        repository: "-x".to_owned(),
        branch: "a b".to_owned(),
        path: "../x".to_owned(),
    };
    let errors = wrong.parse().unwrap_err();
    let fields: Vec<&str> = errors.fields.iter().map(|(f, _)| f.as_str()).collect();
    assert_eq!(fields, ["slug", "team", "repository", "branch", "path"]);
    let right = OnboardForm {
        slug: "bot-1".to_owned(),
        team: "payments".to_owned(),
        connection: "acme".to_owned(),
        repository: "https://host/acme/bots".to_owned(),
        branch: String::new(),
        path: "/agents/bot/".to_owned(),
    };
    let onboard = right.parse().unwrap();
    assert_eq!(
        (onboard.branch.as_str(), onboard.path.as_str()),
        ("main", "agents/bot")
    );
}

#[test]
fn a_person_needs_an_address_a_long_password_and_a_role() {
    let person = |email: &str, password: &str, role: &str| {
        let form = PersonForm {
            name: "A".to_owned(),
            email: email.to_owned(),
            password: password.to_owned(),
            role: role.to_owned(),
            team: String::new(),
        };
        form.parse()
    };
    let right = person("A@Example.com", "twelve chars", "approver").unwrap();
    assert_eq!(right.email, "a@example.com");
    let wrong = person("nobody", "short", "king").unwrap_err();
    assert_eq!(wrong.get("email"), Some(P::BadEmail));
    assert_eq!(wrong.get("password"), Some(P::TooShort));
    assert_eq!(wrong.get("role"), Some(P::UnknownChoice));
    let long = person("a@example.com", &"x".repeat(201), "viewer").unwrap_err();
    assert_eq!(long.get("password"), Some(P::TooLong));
    for bad in ["a@b", "a b@c.de", "@c.de", "a@b@c.de", "a@.", "a\n@c.de"] {
        assert!(!is_email(bad), "{bad}");
    }
}

#[test]
fn a_password_is_in_no_debug_text() {
    let form = SignInForm {
        email: "a@example.com".to_owned(),
        password: "canary".to_owned(),
        next: String::new(),
    };
    assert!(!format!("{form:?}").contains("canary"));
    let form = PersonForm {
        name: "A".to_owned(),
        email: "a@example.com".to_owned(),
        password: "canary-canary".to_owned(),
        role: "viewer".to_owned(),
        team: String::new(),
    };
    assert!(!format!("{form:?} {:?}", form.parse()).contains("canary"));
}

#[test]
fn a_secret_reference_of_a_connection_is_a_name_in_the_environment() {
    let form = |reference: &str| ConnectionForm {
        slug: "acme".to_owned(),
        name: "Acme".to_owned(),
        kind: "github".to_owned(),
        secret_reference: reference.to_owned(),
    };
    assert_eq!(form("").parse().unwrap().secret_reference, None);
    assert!(form("env:WEBHOOK_SECRET").parse().is_ok());
    for bad in ["secret", "env:", "env:lower", "file:/etc/passwd", "env:A B"] {
        assert!(form(bad).parse().is_err(), "{bad}");
    }
}

#[test]
fn a_token_lives_at_most_ninety_days() {
    let form = |scopes: &str, days: &str| {
        let form = TokenForm {
            name: "ci".to_owned(),
            scopes: scopes.to_owned(),
            days: days.to_owned(),
        };
        form.parse()
    };
    assert!(form("read write", "90").is_ok());
    for (scopes, days) in [
        ("read", "91"),
        ("read", "0"),
        ("read", ""),
        ("", "30"),
        ("all", "30"),
    ] {
        assert!(form(scopes, days).is_err(), "{scopes} {days}");
    }
}

#[test]
fn a_page_is_bounded_and_says_where_the_next_one_begins() {
    assert_eq!(limit(Some(0)), 1);
    assert_eq!(limit(Some(u64::MAX)), LIMIT_MAX);
    let page = Page::cut(vec![5, 4, 3], 2, ToString::to_string);
    assert_eq!((page.rows, page.next.as_deref()), (vec![5, 4], Some("4")));
    let last = Page::cut(vec![5, 4], 2, ToString::to_string);
    assert_eq!(last.next, None);
}
