//! Kills the real program fifty times at random points of the path, and starts it again on the same folder. Afterwards
//! everything has come to an end state, nothing that was created is left over, the audit log verifies, and whatever was
//! live when the server died went on answering from the same process.
//!
//! The server is the built binary; this test plays the git host, the people and the reader of the outcome.

mod world;

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::deployment::DeploymentState as S;
use domain::ledger::ResourceState;

use self::world::World;

const KILLS: u32 = 50;
/// Longest time from a start to a kill.
const DELAY_MAX_MS: u64 = 1_200;
/// An interrupted step is free for the next worker once its lease ends, and may be tried several times.
const SETTLED_WITHIN: Duration = Duration::from_secs(150);
const SEED: u64 = 0x5eed_c1ea;

/// Random numbers that are the same in every run (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % limit
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_kills_leave_nothing_over_and_stop_no_agent() {
    let mut world = World::new(&["care-east", "care-west"]).await;
    let mut dice = Dice(SEED);
    for round in 0..KILLS {
        world.start().await;
        act(&mut world, &mut dice, round).await;
        tokio::time::sleep(Duration::from_millis(dice.below(DELAY_MAX_MS))).await;
        world.kill();
        let live = world.live_agents().await;
        for (name, agent) in &live {
            assert!(
                agent.answers().await,
                "{name} was live and does not answer while the server is down, round {round}"
            );
        }
        world.remember(live);
    }
    world.start().await;
    settled(&world).await;
    world.assert_same_agents().await;
    nothing_is_left(&world).await;
    world.kill();
    world.verify_audit_log();
    world.end().await;
}

/// One thing that somebody does. What the server refuses in its present state is part of the game.
async fn act(world: &mut World, dice: &mut Dice, round: u32) {
    let agent = usize::try_from(dice.below(2)).unwrap();
    match dice.below(10) {
        // The first rounds bring something live; later ones also go wrong and back.
        _ if round < 2 => world.push(usize::try_from(round).unwrap(), "").await,
        0 | 1 => world.push(agent, "").await,
        2 => world.push(agent, "refund-assistant-insecure").await,
        3 => world.push(agent, "refund-assistant-next").await,
        4 => world.push(agent, "refund-assistant-broken").await,
        5 => world.roll_back(agent).await,
        6 => world.cancel(agent).await,
        _ => world.approve_all().await,
    }
}

/// Waits until nothing is on its way any more, approving what asks.
async fn settled(world: &World) {
    let begun = Instant::now();
    loop {
        world.approve_all().await;
        let rows = world.deployments().await;
        let moving: Vec<String> = rows
            .iter()
            .filter(|row| row.state.has_work() || row.state == S::AwaitingApproval)
            .map(|row| format!("#{} {}", row.number, row.state))
            .collect();
        if moving.is_empty() && !world.anything_to_ingest().await {
            return;
        }
        assert!(
            begun.elapsed() < SETTLED_WITHIN,
            "still on their way: {}\n{}",
            moving.join(", "),
            world.log_tail()
        );
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// What the providers list is what the ledgers say is there, and no ledger has anything open.
async fn nothing_is_left(world: &World) {
    let mut expected = world::Names::default();
    for row in world.deployments().await {
        let detail = world.deployment(row.number).await;
        let live = row.state == S::Live;
        if let Some(receipt) = &detail.receipt {
            assert_eq!(
                receipt.left,
                Vec::<String>::new(),
                "#{} left something",
                row.number
            );
        }
        for resource in detail.ledger {
            let kept = matches!(
                resource.state,
                ResourceState::Created | ResourceState::Retained
            );
            let settled = kept || resource.state == ResourceState::Deleted;
            assert!(
                settled,
                "#{} ({}): {} {} is {}",
                row.number, row.state, resource.kind, resource.name, resource.state
            );
            if kept {
                expected.add(resource.kind, resource.name, live);
            }
        }
    }
    let found = world.listed().await;
    assert_eq!(found.runtimes, expected.runtimes, "runtimes");
    assert_eq!(found.identities, expected.identities, "identities");
    let unknown: BTreeSet<_> = found.images.difference(&expected.images).collect();
    assert!(
        unknown.is_empty(),
        "images that no ledger knows: {unknown:?}"
    );
    assert_eq!(
        world.runtime_folders(),
        expected.runtimes,
        "folders of runtimes"
    );
}
