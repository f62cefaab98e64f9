//! Heads of the audit log written down outside: at most as often as configured, again after trouble, and only what counts.

use audit_log::open;
use chrono::Duration;
use control_plane::audit;
use control_plane::fakes::{FakeWitnesses, Fault};
use control_plane::ports::PortErrorKind;
use control_plane::testing::TestPlane;
use domain::actor::Role;
use domain::form::query::AuditQuery;
use domain::view::audit::{Keeper, KeeperKind};

const AUDITOR: &str = "auditor@example.com";

async fn settle(plane: &TestPlane) {
    let errors = plane.settle().await;
    assert!(errors.is_empty(), "{errors:?}");
}

async fn grow(plane: &TestPlane, who: &str) {
    plane.person(who, Role::Developer).await;
}

async fn keeper(plane: &TestPlane, kind: KeeperKind) -> Keeper {
    let trail = audit::trail(&plane.cp, &plane.system(), &AuditQuery::default()).await;
    let keepers = trail.unwrap().keepers;
    keepers.into_iter().find(|one| one.kind == kind).unwrap()
}

#[tokio::test]
async fn heads_go_into_the_repository_at_most_once_an_hour() {
    let plane = TestPlane::with(|settings| settings.anchors.git_minutes = Some(60)).await;
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    assert_eq!(plane.fakes.anchors.notes().len(), 1);
    grow(&plane, "second@example.com").await;
    plane.clock.advance(Duration::minutes(59));
    settle(&plane).await;
    assert_eq!(plane.fakes.anchors.notes().len(), 1);
    plane.clock.advance(Duration::minutes(2));
    settle(&plane).await;
    let notes = plane.fakes.anchors.notes();
    assert_eq!(notes.len(), 2);
    let newest = open(&notes[1], std::slice::from_ref(&plane.key)).unwrap();
    let shown = keeper(&plane, KeeperKind::Git).await;
    assert_eq!(shown.size, newest.size);
    assert_eq!(shown.kept_as, Some(format!("commit-{}", newest.size)));
    // A log that rests is not written again.
    audit::publish(&plane.cp).await.unwrap();
    plane.clock.advance(Duration::hours(2));
    settle(&plane).await;
    let rested = plane.fakes.anchors.notes().len();
    plane.clock.advance(Duration::hours(2));
    settle(&plane).await;
    assert_eq!(plane.fakes.anchors.notes().len(), rested);
    plane.finish().await;
}

#[tokio::test]
async fn trouble_is_shown_and_tried_again() {
    let plane = TestPlane::with(|settings| settings.anchors.git_minutes = Some(60)).await;
    grow(&plane, "first@example.com").await;
    let refused = Fault::Refused(PortErrorKind::Rejected);
    plane.fakes.faults.next("anchor.write", 1, refused);
    settle(&plane).await;
    assert_eq!(plane.fakes.anchors.notes().len(), 0);
    assert!(keeper(&plane, KeeperKind::Git).await.trouble.is_some());
    plane
        .fakes
        .faults
        .next("anchor.write", 1, Fault::AnswerLost);
    for _ in 0..3 {
        plane.clock.advance(Duration::minutes(5));
        settle(&plane).await;
    }
    let shown = keeper(&plane, KeeperKind::Git).await;
    assert_eq!(shown.trouble, None);
    assert!(shown.size > 0);
    plane.finish().await;
}

#[tokio::test]
async fn a_head_a_day_goes_out_by_mail() {
    let plane = TestPlane::with(|settings| settings.anchors.mail = vec![AUDITOR.to_owned()]).await;
    plane.fakes.notifier.with_mail();
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    grow(&plane, "second@example.com").await;
    plane.clock.advance(Duration::hours(23));
    settle(&plane).await;
    assert_eq!(plane.fakes.notifier.mailbox(AUDITOR).len(), 1);
    plane.clock.advance(Duration::hours(2));
    settle(&plane).await;
    assert_eq!(plane.fakes.notifier.mailbox(AUDITOR).len(), 2);
    let letters = plane.fakes.notifier.arrived();
    let last = letters.last().unwrap();
    let lines: Vec<&str> = last.message.sections[0]
        .lines
        .iter()
        .map(|line| line.text.as_str())
        .collect();
    // The lines of the message are the note.
    let note = lines.join("\n") + "\n";
    let sent = open(&note, std::slice::from_ref(&plane.key)).unwrap();
    assert_eq!(keeper(&plane, KeeperKind::Mail).await.size, sent.size);
    plane.finish().await;
}

#[tokio::test]
async fn with_witnesses_only_what_they_have_seen_is_written_down() {
    let plane = TestPlane::with(|settings| {
        settings.witnesses = Some(FakeWitnesses::policy(1, 1));
        settings.anchors.git_minutes = Some(1);
    })
    .await;
    plane.fakes.witnesses.answers(0, false);
    grow(&plane, "first@example.com").await;
    settle(&plane).await;
    assert_eq!(plane.fakes.anchors.notes(), Vec::<String>::new());
    plane.fakes.witnesses.answers(0, true);
    plane.clock.advance(Duration::minutes(6));
    settle(&plane).await;
    let notes = plane.fakes.anchors.notes();
    let policy = FakeWitnesses::policy(1, 1);
    assert_eq!(notes.len(), 1);
    assert!(policy.check(&notes[0]).is_ok());
    plane.finish().await;
}
