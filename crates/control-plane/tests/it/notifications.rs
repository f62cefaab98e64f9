//! Who hears of what, over which channel, and what becomes of a message whose receiver is in trouble.

use chrono::Duration;
use control_plane::fakes::Fault;
use control_plane::notifications;
use control_plane::ports::PortErrorKind;
use control_plane::ports::notifier::Destination;
use control_plane::{Error, OpCtx};
use domain::actor::Role;
use domain::deployment::DeploymentState;
use domain::error::Conflict;
use domain::form::notification::{ChannelForm, ChoiceForm, MeantForm};
use domain::form::query::MessageQuery;
use domain::gate::{Gate, Verdict};
use domain::notification::{ChannelKind, MessageState, Subject};
use domain::view::notification::MessageRow;

use crate::support::{World, conflict};

pub(crate) const ADDRESS: &str = "https://hooks.example.com/T0/B0/canary-4f1c";

/// A world with a mail server, nothing pushed.
async fn with_mail() -> World {
    let world = World::new().await;
    world.plane.fakes.notifier.with_mail();
    world
}

pub(crate) fn channel(kind: &str, team: &str) -> ChannelForm {
    ChannelForm {
        name: format!("{kind} of {team}"),
        kind: kind.to_owned(),
        team: team.to_owned(),
        address: ADDRESS.to_owned(),
        waits_for_me: "on".to_owned(),
        failed: "on".to_owned(),
        ..ChannelForm::default()
    }
}

async fn push(world: &World) {
    world.plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
}

async fn fails(world: &World) {
    world
        .plane
        .fakes
        .verdicts
        .set(Gate::Relevance, Verdict::Failed);
    push(world).await;
}

async fn all(world: &World, ctx: &OpCtx) -> Vec<MessageRow> {
    let page = notifications::messages(&world.plane.cp, ctx, &MessageQuery::default()).await;
    page.unwrap().rows
}

fn listed(state: &str, channel: &str, cursor: &str) -> MessageQuery {
    MessageQuery {
        state: state.to_owned(),
        channel: channel.to_owned(),
        cursor: cursor.to_owned(),
    }
}

fn meant(id: &str) -> MeantForm {
    MeantForm { id: id.to_owned() }
}

#[tokio::test]
async fn an_approval_is_told_to_those_who_can_decide_it_and_to_nobody_else() {
    let world = with_mail().await;
    let plane = &world.plane;
    // One wrote the commit, one has no part in approving, one approves for another team.
    plane.person("author@example.com", Role::Approver).await;
    plane.person("developer@example.com", Role::Developer).await;
    let other = plane.add_team("elsewhere").await;
    plane
        .person_with("far@example.com", &[(Role::Approver, Some(other))], &[])
        .await;
    push(&world).await;
    world.expect(2, DeploymentState::AwaitingApproval).await;
    let letters = plane.fakes.notifier.arrived();
    let to: Vec<_> = letters.iter().map(|l| &l.to).collect();
    assert_eq!(
        to,
        [&Destination::Person {
            name: "approver".to_owned(),
            email: "approver@example.com".to_owned()
        }]
    );
    let asked = control_plane::approvals::get(&plane.cp, &world.approver, 2)
        .await
        .unwrap();
    let message = &letters[0].message;
    assert_eq!(message.title, "refund-assistant #2 waits for approval");
    assert_eq!(
        message.digest.as_deref(),
        Some(asked.manifest_digest.as_str())
    );
    assert_eq!(message.link, "https://clearance.test/approvals/2");
    let people = message
        .facts
        .iter()
        .find(|(label, _)| label == "Can approve")
        .unwrap();
    assert_eq!(
        people.1,
        format!("{}; 1 approval is needed", asked.can_approve.join(", "))
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn what_failed_is_told_to_the_people_of_the_team_who_work_there() {
    let world = with_mail().await;
    let plane = &world.plane;
    plane
        .person_with(
            "dev@example.com",
            &[(Role::Developer, Some(plane.team))],
            &[],
        )
        .await;
    plane
        .person_with(
            "reader@example.com",
            &[(Role::Viewer, Some(plane.team))],
            &[],
        )
        .await;
    let other = plane.add_team("elsewhere").await;
    plane
        .person_with("far@example.com", &[(Role::Developer, Some(other))], &[])
        .await;
    fails(&world).await;
    let box_of = |address: &str| plane.fakes.notifier.mailbox(address);
    assert_eq!(box_of("dev@example.com"), ["refund-assistant #1 failed"]);
    assert_eq!(
        box_of("approver@example.com"),
        ["refund-assistant #1 failed"]
    );
    assert!(box_of("reader@example.com").is_empty());
    assert!(box_of("far@example.com").is_empty());
    let letter = plane.fakes.notifier.arrived().remove(0);
    assert!(
        letter.message.lead.starts_with("Relevance"),
        "{}",
        letter.message.lead
    );
    assert_eq!(letter.message.link, "https://clearance.test/deployments/1");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_person_hears_what_they_chose_and_nothing_if_they_chose_nothing() {
    let world = with_mail().await;
    let plane = &world.plane;
    let dev = plane.person("dev@example.com", Role::Developer).await;
    let before = notifications::choice(&plane.cp, &dev).await.unwrap();
    assert!(!before.chosen);
    assert_eq!(before.subjects, [Subject::WaitsForMe, Subject::Failed]);
    let only_live = ChoiceForm {
        live: "on".to_owned(),
        ..ChoiceForm::default()
    };
    notifications::choose(&plane.cp, &dev, &only_live)
        .await
        .unwrap();
    notifications::choose(&plane.cp, &world.approver, &ChoiceForm::default())
        .await
        .unwrap();
    push(&world).await;
    assert_eq!(
        plane.fakes.notifier.mailbox("dev@example.com"),
        ["refund-assistant #1 is live"]
    );
    assert!(
        plane
            .fakes
            .notifier
            .mailbox("approver@example.com")
            .is_empty()
    );
    let after = notifications::choice(&plane.cp, &world.approver)
        .await
        .unwrap();
    assert!(after.chosen && after.subjects.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn who_decided_is_not_told_of_their_own_decision() {
    let world = with_mail().await;
    let plane = &world.plane;
    let dev = plane.person("dev@example.com", Role::Developer).await;
    let decided = ChoiceForm {
        decided: "on".to_owned(),
        ..ChoiceForm::default()
    };
    for person in [&dev, &world.approver] {
        notifications::choose(&plane.cp, person, &decided)
            .await
            .unwrap();
    }
    push(&world).await;
    plane.approve(&world.approver, 2).await.unwrap();
    world.settle().await;
    assert_eq!(
        plane.fakes.notifier.mailbox("dev@example.com"),
        ["approver approved refund-assistant #2"]
    );
    assert!(
        plane
            .fakes
            .notifier
            .mailbox("approver@example.com")
            .is_empty()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn without_a_mail_server_nothing_is_queued_for_people() {
    let world = World::asked().await;
    assert!(all(&world, &world.approver).await.is_empty());
    assert_eq!(world.plane.fakes.faults.count("notifier.send"), 0);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_happened_before_the_cursor_is_told_to_nobody() {
    let world = World::asked().await;
    // The mail server came later.
    world.plane.fakes.notifier.with_mail();
    world.settle().await;
    assert!(world.plane.fakes.notifier.arrived().is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_channel_hears_of_its_team_and_its_subjects_until_it_is_removed() {
    let world = World::new().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    plane.add_team("elsewhere").await;
    for (kind, team) in [
        ("slack", "payments"),
        ("teams", ""),
        ("webhook", "elsewhere"),
    ] {
        notifications::add(&plane.cp, &admin, &channel(kind, team))
            .await
            .unwrap();
    }
    push(&world).await;
    let kinds = |world: &World| -> Vec<ChannelKind> {
        let letters = world.plane.fakes.notifier.arrived().into_iter();
        let mut kinds: Vec<_> = letters
            .map(|l| match l.to {
                Destination::Channel { kind, .. } => kind,
                Destination::Person { .. } => ChannelKind::Email,
            })
            .collect();
        kinds.sort_unstable();
        kinds
    };
    assert_eq!(kinds(&world), [ChannelKind::Slack, ChannelKind::Teams]);
    let channels = notifications::channels(&plane.cp, &admin)
        .await
        .unwrap()
        .channels;
    assert_eq!(channels.len(), 3);
    let slack = channels
        .iter()
        .find(|c| c.kind == ChannelKind::Slack)
        .unwrap();
    notifications::remove(&plane.cp, &admin, &meant(&slack.id))
        .await
        .unwrap();
    assert!(!format!("{channels:?}").contains("canary"));
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    world.push_code("print('again')\n").await;
    world.settle().await;
    assert_eq!(
        kinds(&world),
        [ChannelKind::Slack, ChannelKind::Teams, ChannelKind::Teams]
    );
    assert!(
        notifications::remove(&plane.cp, &admin, &meant(&slack.id))
            .await
            .is_err()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn the_address_and_the_key_of_a_channel_are_in_no_table_event_or_error() {
    let world = World::new().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let made = notifications::add(&plane.cp, &admin, &channel("webhook", ""))
        .await
        .unwrap();
    let key = made.signing_key.clone().expect("shown once");
    assert!(key.starts_with("whsec_"));
    push(&world).await;
    plane
        .fakes
        .faults
        .next("notifier.send", 1, Fault::Refused(PortErrorKind::Rejected));
    notifications::test(&plane.cp, &admin, &meant(&made.channel.id))
        .await
        .unwrap();
    world.settle().await;
    let everything = plane.dump().await;
    let holds = |text: &str| {
        everything
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(holds("webhook of"), "the dump is real");
    assert!(!holds("canary-4f1c") && !holds(&key));
    assert!(plane.fakes.secrets.values().iter().any(|v| v == ADDRESS));
    notifications::remove(&plane.cp, &admin, &meant(&made.channel.id))
        .await
        .unwrap();
    let left = plane.fakes.secrets.values();
    assert!(
        !left.iter().any(|v| v == ADDRESS || *v == key),
        "the secrets are forgotten"
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn only_administrators_of_a_team_change_its_channels() {
    let world = World::new().await;
    let plane = &world.plane;
    let other = plane.add_team("elsewhere").await;
    let theirs = plane
        .person_with(
            "lead@example.com",
            &[(Role::Administrator, Some(other))],
            &[],
        )
        .await;
    let made = notifications::add(&plane.cp, &theirs, &channel("slack", "elsewhere"))
        .await
        .unwrap();
    for team in ["payments", "", "nowhere"] {
        let refused = notifications::add(&plane.cp, &theirs, &channel("slack", team)).await;
        assert!(matches!(refused, Err(Error::Forbidden { .. })), "{team}");
    }
    let id = meant(&made.channel.id);
    let seen = notifications::test(&plane.cp, &world.approver, &id).await;
    assert!(matches!(seen, Err(Error::Forbidden { .. })));
    let reader = plane
        .person_with("r@example.com", &[(Role::Viewer, Some(plane.team))], &[])
        .await;
    let hidden = notifications::remove(&plane.cp, &reader, &id).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })));
    let listed = notifications::channels(&plane.cp, &reader).await.unwrap();
    assert!(listed.channels.is_empty());
    let wrong = ChannelForm {
        address: "http://plain.example".to_owned(),
        ..channel("slack", "elsewhere")
    };
    let refused = notifications::add(&plane.cp, &theirs, &wrong).await;
    assert!(matches!(refused, Err(Error::Invalid(_))));
    assert!(!format!("{refused:?}").contains("plain.example"));
    world.plane.finish().await;
}

/// A world with one webhook channel and an administrator.
pub(crate) async fn with_webhook() -> (World, OpCtx, String) {
    let world = World::new().await;
    let admin = world
        .plane
        .person("admin@example.com", Role::Administrator)
        .await;
    let made = notifications::add(&world.plane.cp, &admin, &channel("webhook", "")).await;
    let id = made.unwrap().channel.id;
    (world, admin, id)
}

#[tokio::test]
async fn a_receiver_that_is_down_gets_it_later_and_does_not_hold_up_others() {
    let (world, admin, _) = with_webhook().await;
    let plane = &world.plane;
    plane.fakes.faults.next(
        "notifier.send",
        2,
        Fault::Refused(PortErrorKind::Unavailable),
    );
    push(&world).await;
    let waiting = all(&world, &admin).await;
    assert_eq!(waiting[0].state, MessageState::Waiting);
    assert_eq!(waiting[0].attempts, 1);
    assert!(
        waiting[0]
            .last_error
            .as_deref()
            .unwrap()
            .contains("refused")
    );
    plane.settle_all().await;
    let sent = all(&world, &admin).await;
    assert_eq!((sent[0].state, sent[0].attempts), (MessageState::Sent, 3));
    assert_eq!(sent[0].last_error, None);
    assert_eq!(plane.fakes.notifier.arrived().len(), 1);
    world.plane.finish().await;
}

#[tokio::test]
async fn after_many_tries_a_message_is_given_up_visibly_and_a_person_sends_it_again() {
    let (world, admin, _) = with_webhook().await;
    let plane = &world.plane;
    plane.fakes.faults.next(
        "notifier.send",
        12,
        Fault::Refused(PortErrorKind::Unavailable),
    );
    push(&world).await;
    plane.settle_all().await;
    let dead = all(&world, &admin).await;
    assert_eq!((dead[0].state, dead[0].attempts), (MessageState::Dead, 12));
    assert!(dead[0].last_error.is_some() && dead[0].again);
    assert!(plane.fakes.notifier.arrived().is_empty());
    let viewer = plane.person("viewer@example.com", Role::Viewer).await;
    let refused = notifications::send_again(&plane.cp, &viewer, &meant(&dead[0].id)).await;
    assert!(matches!(refused, Err(Error::Forbidden { .. })));
    notifications::send_again(&plane.cp, &admin, &meant(&dead[0].id))
        .await
        .unwrap();
    let twice = notifications::send_again(&plane.cp, &admin, &meant(&dead[0].id)).await;
    assert_eq!(conflict(twice), Conflict::WrongState);
    world.settle().await;
    assert_eq!(all(&world, &admin).await[0].state, MessageState::Sent);
    let key = plane.fakes.notifier.arrived()[0].key.clone();
    assert_eq!(key, dead[0].id, "the receiver knows it by the same key");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_receiver_that_says_no_for_good_is_not_asked_again() {
    for kind in [PortErrorKind::Rejected, PortErrorKind::NotFound] {
        let (world, admin, _) = with_webhook().await;
        world
            .plane
            .fakes
            .faults
            .next("notifier.send", 1, Fault::Refused(kind));
        push(&world).await;
        world.plane.settle_all().await;
        let dead = all(&world, &admin).await;
        assert_eq!((dead[0].state, dead[0].attempts), (MessageState::Dead, 1));
        world.plane.finish().await;
    }
}

#[tokio::test]
async fn a_receiver_that_took_it_and_answered_with_trouble_has_it_once() {
    let (world, admin, _) = with_webhook().await;
    world
        .plane
        .fakes
        .faults
        .next("notifier.send", 3, Fault::AnswerLost);
    push(&world).await;
    world.plane.settle_all().await;
    assert_eq!(world.plane.fakes.faults.count("notifier.send"), 4);
    assert_eq!(world.plane.fakes.notifier.arrived().len(), 1);
    assert_eq!(all(&world, &admin).await[0].state, MessageState::Sent);
    world.plane.finish().await;
}

#[tokio::test]
async fn what_waits_for_a_removed_channel_is_given_up() {
    let (world, admin, id) = with_webhook().await;
    let plane = &world.plane;
    plane.fakes.faults.next(
        "notifier.send",
        1,
        Fault::Refused(PortErrorKind::Unavailable),
    );
    push(&world).await;
    notifications::remove(&plane.cp, &admin, &meant(&id))
        .await
        .unwrap();
    plane.settle_all().await;
    let dead = all(&world, &admin).await;
    assert_eq!(dead[0].state, MessageState::Dead);
    assert_eq!(
        dead[0].last_error.as_deref(),
        Some("The channel was removed.")
    );
    assert_eq!(dead[0].to, "webhook of", "its name is kept");
    world.plane.finish().await;
}

#[tokio::test]
async fn people_of_a_team_see_its_messages_and_their_own_alone() {
    let (world, admin, _) = with_webhook().await;
    let plane = &world.plane;
    let other = plane.add_team("elsewhere").await;
    let far = plane
        .person_with("far@example.com", &[(Role::Viewer, Some(other))], &[])
        .await;
    let near = plane
        .person_with("near@example.com", &[(Role::Viewer, Some(plane.team))], &[])
        .await;
    push(&world).await;
    assert_eq!(all(&world, &admin).await.len(), 1);
    assert!(all(&world, &far).await.is_empty());
    let seen = all(&world, &near).await;
    assert_eq!(seen.len(), 1);
    assert!(!seen[0].again);
    let hidden = notifications::send_again(&plane.cp, &far, &meant(&seen[0].id)).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })));
    world.plane.finish().await;
}

#[tokio::test]
async fn messages_are_paged_by_key() {
    let (world, admin, id) = with_webhook().await;
    let plane = &world.plane;
    for _ in 0..60 {
        notifications::test(&plane.cp, &admin, &meant(&id))
            .await
            .unwrap();
        plane.clock.advance(Duration::milliseconds(5));
    }
    world.settle().await;
    let first = notifications::messages(&plane.cp, &admin, &listed("sent", "", ""))
        .await
        .unwrap();
    let next = first.next.expect("more");
    let second = notifications::messages(&plane.cp, &admin, &listed("sent", "", &next))
        .await
        .unwrap();
    assert_eq!((first.rows.len(), second.rows.len()), (50, 10));
    assert!(second.next.is_none());
    assert!(
        notifications::messages(&plane.cp, &admin, &listed("dead", "", ""))
            .await
            .unwrap()
            .rows
            .is_empty()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn messages_are_listed_by_channel_and_by_mail() {
    let world = with_mail().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let mut ids = Vec::new();
    for kind in ["slack", "teams"] {
        let made = notifications::add(&plane.cp, &admin, &channel(kind, "")).await;
        ids.push(made.unwrap().channel.id);
    }
    fails(&world).await;
    let over = async |state: &str, word: &str| {
        let asked = listed(state, word, "");
        let page = notifications::messages(&plane.cp, &admin, &asked).await;
        let kinds = page.unwrap().rows.into_iter().map(|row| row.kind);
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(over("", &ids[0]).await, [ChannelKind::Slack]);
    assert_eq!(over("sent", &ids[1]).await, [ChannelKind::Teams]);
    assert!(over("dead", &ids[1]).await.is_empty());
    let mails = over("", "email").await;
    assert!(!mails.is_empty() && mails.iter().all(|kind| *kind == ChannelKind::Email));
    assert_eq!(over("", "").await.len(), mails.len() + 2);
    assert!(over("", "nothing").await.is_empty(), "not everything");
    world.plane.finish().await;
}
