//! Each event is told once to each receiver, whatever is killed when: exactly once where the receiver knows keys, at least
//! once where it does not.

use std::collections::BTreeMap;

use control_plane::fakes::Fault;
use control_plane::notifications;
use control_plane::ports::notifier::Destination;
use domain::actor::Role;
use domain::notification::ChannelKind;
use futures::StreamExt;

use crate::notifications::channel;
use crate::support::World;

/// Worlds that live at the same time; they mostly wait.
const AT_ONCE: usize = 6;

async fn world() -> World {
    let world = World::new().await;
    world.plane.fakes.notifier.with_mail();
    let admin = world
        .plane
        .person("admin@example.com", Role::Administrator)
        .await;
    for kind in ["slack", "webhook"] {
        notifications::add(&world.plane.cp, &admin, &channel(kind, ""))
            .await
            .unwrap();
    }
    world
}

/// How often each receiver got each event.
fn counts(world: &World) -> BTreeMap<(Option<i64>, String), usize> {
    let mut counts = BTreeMap::new();
    for letter in world.plane.fakes.notifier.arrived() {
        let to = match letter.to {
            Destination::Person { email, .. } => email,
            Destination::Channel { kind, .. } => kind.to_string(),
        };
        *counts.entry((letter.event, to)).or_insert(0) += 1;
    }
    counts
}

/// Pushes; the approval is told to the approver and two channels.
async fn pushed(trouble: Option<(&'static str, Fault)>) -> World {
    let world = world().await;
    if let Some((call, fault)) = trouble {
        for _ in 0..3 {
            world.plane.fakes.faults.next(call, 1, fault);
        }
    }
    world.plane.push(&world.agent, world.agent.files()).await;
    world.plane.settle_all().await;
    world
}

#[tokio::test]
async fn without_trouble_each_receiver_gets_each_event_once() {
    let world = pushed(None).await;
    let counts = counts(&world);
    let to: Vec<&str> = counts.keys().map(|(_, to)| to.as_str()).collect();
    assert_eq!(to, ["approver@example.com", "slack", "webhook"]);
    assert!(counts.values().all(|n| *n == 1), "{counts:?}");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_kill_around_a_call_repeats_nothing_where_the_receiver_knows_keys() {
    for fault in [Fault::HangsBefore, Fault::HangsAfter, Fault::AnswerLost] {
        let world = pushed(Some(("notifier.send", fault))).await;
        for ((event, to), n) in counts(&world) {
            assert!(
                n == 1 || to != ChannelKind::Webhook.as_str(),
                "{fault:?} {event:?} {to}: {n}"
            );
        }
        assert_eq!(counts(&world).len(), 3, "{fault:?}: nothing is lost");
        world.plane.finish().await;
    }
}

/// Kills nearly every activation after a growing number of polls, then lets it be.
async fn killed_often(seed: u32) {
    let world = world().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    let mut state = seed.wrapping_mul(2_654_435_761).wrapping_add(1);
    let mut polls = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        Some((state >> 16) % (4 + seed % 90))
    };
    for _ in 0..12 {
        plane.settle_killing(&mut polls).await;
        plane.clock.advance(chrono::Duration::seconds(31));
    }
    plane.settle_all().await;
    let told = plane.count_events("approval_opened").await;
    let counts = counts(&world);
    let asked = |to: &str| {
        let letters = plane.fakes.notifier.arrived();
        letters
            .iter()
            .filter(|l| l.action == "approval_opened")
            .filter(|l| matches!(&l.to, Destination::Channel { kind, .. } if kind.as_str() == to))
            .count()
    };
    assert_eq!(asked("webhook"), told, "seed {seed}");
    assert!(asked("slack") >= told, "seed {seed}");
    for ((event, to), n) in counts {
        assert!(
            n == 1 || to != "webhook",
            "seed {seed}: {event:?} {to}: {n}"
        );
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn a_kill_between_any_two_steps_loses_nothing_and_repeats_nothing() {
    let runs = futures::stream::iter((0..16).map(killed_often)).buffer_unordered(AT_ONCE);
    runs.collect::<Vec<_>>().await;
}

#[tokio::test]
async fn three_servers_tell_of_each_event_once() {
    let world = world().await;
    let plane = &world.plane;
    plane.push(&world.agent, world.agent.files()).await;
    tokio::join!(plane.settle(), plane.settle(), plane.settle());
    plane.settle_all().await;
    let counts = counts(&world);
    assert_eq!(counts.len(), 3);
    assert!(counts.values().all(|n| *n == 1), "{counts:?}");
    world.plane.finish().await;
}

#[tokio::test]
async fn the_cursor_skips_no_event_while_many_write() {
    let world = world().await;
    let plane = &world.plane;
    let admin = plane
        .person("admin2@example.com", Role::Administrator)
        .await;
    let channels = notifications::channels(&plane.cp, &admin)
        .await
        .unwrap()
        .channels;
    let webhook = channels
        .iter()
        .find(|c| c.kind == ChannelKind::Webhook)
        .unwrap();
    let form = domain::form::notification::MeantForm {
        id: webhook.id.clone(),
    };
    let before = plane.count_events("push_found").await;
    let agents: Vec<_> = {
        let mut agents = Vec::new();
        for n in 0..4 {
            agents.push(plane.agent(&format!("bot-{n}")).await);
        }
        agents
    };
    // Writers and routers take turns in every order.
    let write = async {
        for agent in &agents {
            plane.push(agent, agent.files()).await;
            notifications::test(&plane.cp, &admin, &form).await.unwrap();
        }
    };
    let route = async {
        for _ in 0..20 {
            let _ = plane.activate("route_notifications").await;
        }
    };
    tokio::join!(write, route, plane.settle(), plane.settle());
    plane.settle_all().await;
    assert_eq!(plane.count_events("push_found").await, before + 4);
    let told = plane.count_events("approval_opened").await;
    assert_eq!(told, 4);
    let letters = plane.fakes.notifier.arrived();
    let asked = letters.iter().filter(|l| {
        l.action == "approval_opened"
            && matches!(
                l.to,
                Destination::Channel {
                    kind: ChannelKind::Webhook,
                    ..
                }
            )
    });
    assert_eq!(asked.count(), 4);
    world.plane.finish().await;
}
