//! What is told to whom, and that nothing hostile gets into a message.

use std::str::FromStr;

use domain::actor::Role;
use domain::event::AuditAction;
use domain::form::notification::{Address, ChannelForm, ChoiceForm};
use domain::gate::{Gate, Verdict};
use domain::notification::card::{Card, ONLY_ON_THE_PAGE};
use domain::notification::message::{LINES_MAX, Line, Mark, Message, MessageTone, TITLE_MAX};
use domain::notification::rules::{self, Audience, RULES, When};
use domain::notification::{ChannelKind, Subject};
use domain::view::deployment::GateBox;
use domain::view::diff::VersionDiff;

/// Tries to break lines, hide, reorder and speak each channel's own language.
const HOSTILE: &str = "a\r\nBcc: all@example.com\u{202e}evil\u{200b}<script>alert(1)</script><!channel> *b* [x](http://e.example)";

fn diff() -> VersionDiff {
    VersionDiff {
        live_version: Some("1.0.0".to_owned()),
        live_number: Some(2),
        proposed_version: "1.1.0".to_owned(),
        added_scopes: vec!["orders:write".to_owned()],
        removed_scopes: vec!["orders:read".to_owned()],
        kept_scopes: Vec::new(),
        config: Vec::new(),
        live_commit: None,
        proposed_commit: "a".repeat(40),
        commits: Vec::new(),
        files: Vec::new(),
        live_image: None,
        proposed_image: "sha256:00".to_owned(),
        packages: Vec::new(),
    }
}

fn card(diff: &VersionDiff, gates: &[GateBox], people: &[String]) -> Message {
    Card {
        agent: "refund-assistant",
        environment: "Production",
        requested_by: HOSTILE,
        expires_at: "26 Nov 18:00 UTC",
        quorum: 2,
        digest: "sha256:9f2c",
        diff,
        gates,
        can_approve: people,
        title: HOSTILE,
        link: "https://clearance.test/approvals/4",
    }
    .message()
}

fn lines(message: &Message) -> Vec<(Mark, String)> {
    let all = message.sections.iter().flat_map(|s| &s.lines);
    all.map(|l| (l.mark, l.text.clone())).collect()
}

#[test]
fn the_card_marks_added_scopes_and_names_digest_people_and_what_waiting_leads_to() {
    let gates = [GateBox {
        gate: Gate::Relevance,
        verdict: Some(Verdict::Inconclusive),
        running: false,
        summary: "11 of 12".to_owned(),
        reason: None,
        seconds: None,
        evidence_digest: None,
        carried_from: None,
    }];
    let message = card(&diff(), &gates, &["approver".to_owned()]);
    let lines = lines(&message);
    assert!(lines.contains(&(Mark::Attention, "Added: orders:write".to_owned())));
    assert!(lines.contains(&(Mark::Plain, "Removed: orders:read".to_owned())));
    assert!(
        lines
            .iter()
            .any(|(mark, text)| *mark == Mark::Attention && text.contains("11 of 12"))
    );
    assert!(
        message
            .lead
            .starts_with("1 scope added: this version may do more"),
        "{}",
        message.lead
    );
    assert_eq!(message.digest.as_deref(), Some("sha256:9f2c"));
    let people = message
        .facts
        .iter()
        .find(|(label, _)| label == "Can approve")
        .unwrap();
    assert_eq!(people.1, "approver; 2 approvals are needed");
    assert!(
        message
            .note
            .starts_with("If nobody decides, version 1.0.0 stays live")
    );
    assert!(message.note.ends_with(ONLY_ON_THE_PAGE));
    assert_eq!(message.link, "https://clearance.test/approvals/4");
}

#[test]
fn what_people_write_is_one_bounded_line_without_hidden_characters() {
    let long = "x".repeat(100_000);
    let message = card(&diff(), &[], &[HOSTILE.to_owned(), long]);
    let mut texts = vec![
        message.title.clone(),
        message.lead.clone(),
        message.note.clone(),
    ];
    texts.extend(message.facts.iter().map(|(_, value)| value.clone()));
    texts.extend(lines(&message).into_iter().map(|(_, text)| text));
    for text in texts {
        assert!(text.chars().count() <= 600, "{text}");
        let hidden = text
            .chars()
            .any(|c| c.is_control() || domain::text::is_hidden(c));
        assert!(!hidden, "{text:?}");
    }
    assert!(message.title.chars().count() <= TITLE_MAX);
}

#[test]
fn of_a_long_section_the_rest_is_counted() {
    let lines = (0..50).map(|n| Line::plain(n.to_string())).collect();
    let message = Message::new(MessageTone::Ok, "t", "l", ("x", String::new())).section("S", lines);
    assert_eq!(message.sections[0].lines.len(), LINES_MAX + 1);
    assert!(
        message.sections[0].lines[LINES_MAX]
            .text
            .contains("38 more")
    );
    let empty =
        Message::new(MessageTone::Ok, "t", "l", ("x", String::new())).section("S", Vec::new());
    assert!(empty.sections.is_empty());
}

#[test]
fn people_hear_little_unless_they_choose_more() {
    let heard = |roles: &[Role]| -> Vec<Subject> {
        Subject::ALL
            .iter()
            .copied()
            .filter(|s| s.by_default(roles))
            .collect()
    };
    assert_eq!(
        heard(&[Role::Developer]),
        [Subject::WaitsForMe, Subject::Failed]
    );
    assert_eq!(
        heard(&[Role::Administrator, Role::Auditor]),
        [Subject::WaitsForMe]
    );
}

#[test]
fn the_first_line_that_fits_tells_of_an_event() {
    let told = |action, name: &'static str, word: &'static str| {
        rules::of(action, |asked| (asked == name).then_some(word)).map(|r| (r.subject, r.to))
    };
    assert_eq!(
        told(AuditAction::ApprovalOpened, "", ""),
        Some((Subject::WaitsForMe, Audience::Deciders))
    );
    assert_eq!(
        told(AuditAction::DeploymentMoved, "to", "failed"),
        Some((Subject::Failed, Audience::Team))
    );
    assert_eq!(told(AuditAction::DeploymentMoved, "to", "building"), None);
    assert_eq!(told(AuditAction::SignedIn, "", ""), None);
    // A rejection is told of once: by the deployment that it ended.
    assert_eq!(
        told(AuditAction::ApprovalDecided, "verdict", "reject"),
        None
    );
    assert_eq!(
        told(AuditAction::ApprovalSettled, "state", "rejected"),
        None
    );
}

#[test]
fn every_word_of_the_table_is_a_word_of_its_enum() {
    for rule in RULES {
        let When::Detail(name, words) = rule.when else {
            continue;
        };
        for word in words {
            let known = match (rule.action, name) {
                (AuditAction::DeploymentMoved, "to") => {
                    domain::deployment::DeploymentState::from_str(word).is_ok()
                }
                (AuditAction::ApprovalSettled, "state") => {
                    domain::approval::ApprovalState::from_str(word).is_ok()
                }
                (AuditAction::PushSettled, "state") => {
                    domain::delivery::PushState::from_str(word).is_ok()
                }
                (AuditAction::ApprovalDecided, "verdict") => {
                    domain::approval::DecisionVerdict::from_str(word).is_ok()
                }
                (AuditAction::PostReviewed, "state") => {
                    domain::break_glass::PostReviewState::from_str(word).is_ok()
                }
                (AuditAction::ElevationEnded, "state" | "from") => {
                    domain::elevation::ElevationState::from_str(word).is_ok()
                }
                (AuditAction::ReviewItemDecided, "asks") => *word == domain::review::OWNERS,
                (AuditAction::IdentityRevoked, "cause") => {
                    *word == domain::identity::REVOKED_BY_PERSON
                }
                (AuditAction::PackageMade | AuditAction::PackageFailed, "ordered_as") => {
                    *word == domain::package::BY_SCHEDULE
                }
                (AuditAction::PackageSchedulePaused, "cause") => {
                    *word == domain::package::RIGHT_LOST
                }
                (AuditAction::ComplianceChanged, "complies") => bool::from_str(word).is_ok(),
                _ => false,
            };
            assert!(known, "{}: {name} is never {word}", rule.action);
        }
    }
}

#[test]
fn whoever_must_act_hears_of_it_without_having_asked() {
    for (action, to) in [
        (AuditAction::ApprovalOpened, Audience::Deciders),
        (AuditAction::ApprovalReminded, Audience::Deciders),
        (AuditAction::ApprovalEscalated, Audience::Helpers),
        (AuditAction::PolicyProposed, Audience::Administrators),
        (AuditAction::GlassBroken, Audience::Reviewers),
        (AuditAction::ElevationRequested, Audience::Granters),
        (AuditAction::FindingOwned, Audience::Concerned),
    ] {
        let rule = rules::of(action, |_| None).unwrap();
        assert_eq!(
            (rule.subject, rule.to),
            (Subject::WaitsForMe, to),
            "{action}"
        );
    }
    // A post-review that is in order is quieter than one that found a rule broken.
    let reviewed = |word: &'static str| {
        rules::of(AuditAction::PostReviewed, |_| Some(word)).map(|rule| rule.subject)
    };
    assert_eq!(reviewed("reviewed_ok"), Some(Subject::Governance));
    assert_eq!(reviewed("reviewed_violation"), Some(Subject::Failed));
    // What the clock ended after it was held is no news; a request that nobody answered is.
    let ended = |from: &'static str| {
        rules::of(AuditAction::ElevationEnded, |name| match name {
            "state" => Some("expired"),
            "from" => Some(from),
            _ => None,
        })
    };
    assert!(ended("active").is_none() && ended("requested").is_some());
}

#[test]
fn titles_are_filled_in_and_gaps_stay_empty() {
    let rule = rules::of(AuditAction::RolledBack, |_| None).unwrap();
    let title = rule.title(|name| match name {
        "agent" => Some("bot".to_owned()),
        "deployment" => Some("4".to_owned()),
        _ => None,
    });
    assert_eq!(title, "bot was rolled back from #4 to ");
}

fn form(kind: &str, address: &str) -> ChannelForm {
    ChannelForm {
        name: "Ops".to_owned(),
        kind: kind.to_owned(),
        address: address.to_owned(),
        failed: "on".to_owned(),
        ..ChannelForm::default()
    }
}

#[test]
fn a_channel_has_an_address_a_kind_and_a_subject() {
    let parsed = form("slack", "https://hooks.example/T0/x").parse().unwrap();
    assert_eq!(parsed.kind, ChannelKind::Slack);
    assert_eq!(parsed.subjects, [Subject::Failed]);
    assert!(matches!(parsed.address, Address::Value(_)));
    let by_name = form("webhook", "env:CLEARANCE_CHANNEL_OPS_SECRET")
        .parse()
        .unwrap();
    assert!(matches!(by_name.address, Address::Reference(_)));
    let wrong = [
        ("email", "https://hooks.example/x", "kind"),
        ("slack", "ftp://hooks.example/x", "address"),
        ("slack", "https://hooks.example/a b", "address"),
        ("slack", "env:HOME", "address"),
        ("slack", "env:CLEARANCE_DATABASE_URL", "address"),
        ("slack", "file:connection-acme", "address"),
        ("slack", "", "address"),
    ];
    for (kind, address, field) in wrong {
        let errors = form(kind, address).parse().unwrap_err();
        assert!(errors.get(field).is_some(), "{kind} {address}");
    }
    let silent = ChannelForm {
        failed: String::new(),
        ..form("slack", "https://hooks.example/x")
    };
    assert!(silent.parse().unwrap_err().get("waits_for_me").is_some());
    assert_eq!(ChoiceForm::default().subjects(), []);
}

#[test]
fn the_address_is_in_no_debug_output() {
    let form = form("slack", "https://hooks.example/canary-91");
    assert!(!format!("{form:?}").contains("canary"));
    assert!(!format!("{:?}", form.parse().unwrap()).contains("canary"));
    let address = Address::Value("canary".to_owned());
    assert!(!format!("{address:?}").contains("canary"));
}
