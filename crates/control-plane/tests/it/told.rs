//! Whoever is asked, is owed an answer, or must act is told of it, and nobody else is.

use chrono::Duration;
use control_plane::testing::TEAM;
use control_plane::{approvals, break_glass, deployments, elevations, policies, stand_ins};
use domain::actor::Role;
use domain::form::break_glass::{BreakGlassForm, PostReviewForm};
use domain::form::elevation::{ElevationDecisionForm, ElevationForm, TakeAwayForm};
use domain::form::group::StandInForm;

use crate::approval_rules::policy;
use crate::policies::{administrators, adopt, answer, form, with};
use crate::support::World;

const APPROVER: &str = "approver@example.com";

/// A world with a mail server, nothing pushed.
async fn with_mail() -> World {
    let world = World::new().await;
    world.plane.fakes.notifier.with_mail();
    world
}

async fn push(world: &World) {
    world.plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
}

/// How often a person was told something with these words in its title.
fn heard(world: &World, email: &str, words: &str) -> usize {
    let titles = world.plane.fakes.notifier.mailbox(email);
    titles.iter().filter(|title| title.contains(words)).count()
}

#[tokio::test]
async fn who_stands_in_for_an_approver_is_told_and_named() {
    let world = with_mail().await;
    let plane = &world.plane;
    plane.person("sam@example.com", Role::Viewer).await;
    let away = StandInForm {
        email: "sam@example.com".to_owned(),
        from: String::new(),
        until: "2026-03-03 09:00".to_owned(),
        reason: "On holiday".to_owned(),
    };
    stand_ins::name(&plane.cp, &world.approver, &away)
        .await
        .unwrap();
    push(&world).await;
    for email in [APPROVER, "sam@example.com"] {
        assert_eq!(heard(&world, email, "waits for approval"), 1, "{email}");
    }
    let asked = approvals::get(&plane.cp, &world.approver, 2).await.unwrap();
    let letters = plane.fakes.notifier.arrived();
    let facts = letters.iter().flat_map(|letter| &letter.message.facts);
    let can: Vec<&str> = facts
        .filter(|(label, _)| label == "Can approve")
        .map(|(_, value)| value.as_str())
        .collect();
    let named = format!("{}; 1 approval is needed", asked.can_approve.join(", "));
    assert!(named.contains("sam (for approver)"), "{named}");
    assert_eq!(can, [named.as_str(), named.as_str()]);

    // The time is over: the next question is for whoever came back.
    plane.clock.advance(Duration::hours(24));
    world.push_code("print('second')\n").await;
    world.settle().await;
    assert_eq!(heard(&world, "sam@example.com", "waits for approval"), 1);
    assert_eq!(heard(&world, APPROVER, "waits for approval"), 2);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_reminder_reaches_who_can_decide_and_an_escalation_who_can_help() {
    let world = with_mail().await;
    let plane = &world.plane;
    plane.person("operator@example.com", Role::Operator).await;
    plane.person("viewer@example.com", Role::Viewer).await;
    // Whoever wrote the commit approves too, but not this.
    plane.person("author@example.com", Role::Approver).await;
    adopt(&world, &policy("reminder_hours: 2, escalation_hours: 5")).await;
    push(&world).await;
    plane.clock.advance(Duration::hours(2));
    world.settle().await;
    assert_eq!(heard(&world, APPROVER, "still waits for approval"), 1);
    assert_eq!(heard(&world, "operator@example.com", "#2"), 0);
    plane.clock.advance(Duration::hours(3));
    world.settle().await;
    let late = "Nobody has decided about refund-assistant #2";
    for (email, times) in [
        ("operator@example.com", 1),
        ("first.admin@example.com", 1),
        (APPROVER, 0),
        ("viewer@example.com", 0),
        ("author@example.com", 0),
    ] {
        assert_eq!(heard(&world, email, late), times, "{email}");
    }
    assert_eq!(heard(&world, APPROVER, "still waits"), 1, "once");
    assert_eq!(heard(&world, "author@example.com", "still waits"), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_broken_glass_is_told_to_who_may_review_it_and_a_late_review_to_the_team() {
    let world = with_mail().await;
    let plane = &world.plane;
    let operator = plane.person("operator@example.com", Role::Operator).await;
    plane.person("author@example.com", Role::Approver).await;
    push(&world).await;
    let shown = deployments::get(&plane.cp, &operator, 2, None, None).await;
    let offer = shown.unwrap().break_glass_offer.unwrap();
    let glass = BreakGlassForm {
        number: "2".to_owned(),
        manifest_digest: offer.manifest_digest,
        reason: "Customers are charged twice, nobody answers.".to_owned(),
        incident: "INC-118".to_owned(),
    };
    break_glass::start(&plane.cp, &operator, &glass)
        .await
        .unwrap();
    world.settle().await;
    let broke = "operator broke the glass for refund-assistant #2: review PR-1";
    assert_eq!(heard(&world, APPROVER, broke), 1);
    for email in ["author@example.com", "operator@example.com"] {
        assert_eq!(heard(&world, email, broke), 0, "{email}");
    }
    let letters = plane.fakes.notifier.arrived();
    let told = letters.iter().find(|l| l.message.title == broke).unwrap();
    assert_eq!(told.message.link, "https://clearance.test/post-reviews/1");
    assert!(told.message.lead.contains("charged twice"));
    let facts = &told.message.facts;
    assert!(facts.contains(&("Incident".to_owned(), "INC-118".to_owned())));
    assert!(facts.contains(&("Review due".to_owned(), "5 Mar 2026 09:00 UTC".to_owned())));

    plane.clock.advance(Duration::hours(72));
    world.settle().await;
    for email in [APPROVER, "operator@example.com", "author@example.com"] {
        assert_eq!(
            heard(&world, email, "PR-1 of refund-assistant #2 is overdue"),
            1
        );
    }
    let close = PostReviewForm {
        number: "1".to_owned(),
        outcome: "violation".to_owned(),
        reason: "Nobody was asked before.".to_owned(),
    };
    let late = plane.fresh(&world.approver);
    break_glass::review(&plane.cp, &late, &close).await.unwrap();
    world.settle().await;
    let broken = "letting refund-assistant #2 through broke a rule";
    assert_eq!(heard(&world, "operator@example.com", broken), 1);
    assert_eq!(heard(&world, APPROVER, broken), 0, "they said it");
    world.plane.finish().await;
}

fn ask(role: &str) -> ElevationForm {
    ElevationForm {
        wanted_role: role.to_owned(),
        team: TEAM.to_owned(),
        hours: "2".to_owned(),
        reason: "The refunds are stuck, I look into it.".to_owned(),
    }
}

fn reply(number: i64, verdict: &str) -> ElevationDecisionForm {
    ElevationDecisionForm {
        number: number.to_string(),
        verdict: verdict.to_owned(),
        reason: "Read and understood.".to_owned(),
    }
}

#[tokio::test]
async fn a_request_for_a_role_reaches_who_can_give_it_and_the_answer_who_asked() {
    let world = with_mail().await;
    let plane = &world.plane;
    let elsewhere = plane.add_team("elsewhere").await;
    let far = [(Role::Approver, Some(elsewhere))];
    plane.person_with("far@example.com", &far, &[]).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    plane.person("admin@example.com", Role::Administrator).await;
    let number = elevations::request(&plane.cp, &viewer, &ask("operator"))
        .await
        .unwrap();
    world.settle().await;
    let asks = "viewer asks for the role operator in team payments";
    for (email, times) in [
        (APPROVER, 1),
        ("admin@example.com", 1),
        ("viewer@example.com", 0),
        ("far@example.com", 0),
    ] {
        assert_eq!(heard(&world, email, asks), times, "{email}");
    }
    let letters = plane.fakes.notifier.arrived();
    assert_eq!(letters[0].message.link, "https://clearance.test/elevations");

    elevations::decide(&plane.cp, &world.approver, &reply(number, "approve"))
        .await
        .unwrap();
    elevations::end(&plane.cp, &world.approver, &reply(number, ""))
        .await
        .unwrap();
    let other = elevations::request(&plane.cp, &viewer, &ask("developer"))
        .await
        .unwrap();
    assert_ne!(other, number);
    plane.clock.advance(Duration::hours(24));
    world.settle().await;
    for told in [
        "approver decided on the role operator for viewer: approve",
        "approver ended the role operator of viewer early",
        "Nobody answered the request of viewer for the role developer",
    ] {
        assert_eq!(heard(&world, "viewer@example.com", told), 1, "{told}");
        assert_eq!(heard(&world, "admin@example.com", told), 0, "{told}");
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn who_loses_a_role_is_told_and_who_ends_their_own_is_not() {
    let world = with_mail().await;
    let plane = &world.plane;
    let (one, _) = administrators(plane).await;
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let number = elevations::request(&plane.cp, &viewer, &ask("operator"))
        .await
        .unwrap();
    elevations::decide(&plane.cp, &world.approver, &reply(number, "approve"))
        .await
        .unwrap();
    elevations::end(&plane.cp, &viewer, &reply(number, ""))
        .await
        .unwrap();
    plane.person("idle@example.com", Role::Operator).await;
    plane.clock.advance(Duration::days(31));
    let seen = elevations::list(&plane.cp, &one, "").await.unwrap();
    let unused = seen.unused.unwrap_or_default();
    let idle = unused.iter().find(|grant| grant.person == "idle").unwrap();
    let away = TakeAwayForm {
        grant: idle.id.clone(),
        reason: "Nobody used it for a month.".to_owned(),
    };
    elevations::take_away(&plane.cp, &one, &away).await.unwrap();
    world.settle().await;
    assert_eq!(heard(&world, "viewer@example.com", "early"), 0);
    let taken = "first.admin took the role operator in every team away";
    assert_eq!(heard(&world, "idle@example.com", taken), 1);
    assert_eq!(heard(&world, "first.admin@example.com", taken), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn a_policy_waits_for_the_other_administrators_and_its_proposer_hears_the_answer() {
    let world = with_mail().await;
    let plane = &world.plane;
    let (one, other) = administrators(plane).await;
    plane
        .person("third.admin@example.com", Role::Administrator)
        .await;
    let text = with(&[("approval_hours: 72", "approval_hours: 24")]);
    policies::propose(&plane.cp, &one, &form(&text))
        .await
        .unwrap();
    world.settle().await;
    let waits = "first.admin proposes version 2 of the policy";
    let decided = "second.admin decided on version 2 of the policy: approve";
    assert_eq!(heard(&world, "first.admin@example.com", waits), 0);
    assert_eq!(heard(&world, "second.admin@example.com", waits), 1);
    assert_eq!(heard(&world, "third.admin@example.com", waits), 1);
    policies::decide(&plane.cp, &other, &answer(2, "approve", 1))
        .await
        .unwrap();
    world.settle().await;
    assert_eq!(heard(&world, "first.admin@example.com", decided), 1);
    for email in [
        "second.admin@example.com",
        "third.admin@example.com",
        APPROVER,
    ] {
        assert_eq!(heard(&world, email, decided), 0, "{email}");
    }
    world.plane.finish().await;
}
