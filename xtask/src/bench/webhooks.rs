//! How soon a webhook is answered while ten deployments run: a git host gives up after ten seconds, and waits for every
//! answer before it says the next.

use anyhow::{Result, bail, ensure};
use serde_json::Value;

use super::figures::Figures;
use super::world::World;

/// Deployments that run meanwhile.
const AGENTS: usize = 10;
/// Milliseconds.
const GOAL: f64 = 25.0;
const DELIVERIES_MAX: usize = 2_000;
/// How many deliveries come between two looks at the deployments.
const LOOK_EVERY: usize = 10;

pub(super) fn measure(figures: &mut Figures, world: &mut World) -> Result<()> {
    let agents: Vec<String> = (1..=AGENTS).map(|n| format!("busy-{n:02}")).collect();
    let mut repository = world.repository("busy", &agents)?;
    let before = repository.commit(&agents, "Add the agents")?;
    world.deliver(&repository, &before)?;
    let mut times = Vec::new();
    let mut most = 0;
    loop {
        let running = running(world)?;
        most = most.max(running);
        if most > 0 && running == 0 {
            break;
        }
        // What comes in before the first deployment or beyond the bound is not what is measured.
        if running == 0 || times.len() >= DELIVERIES_MAX {
            std::thread::sleep(std::time::Duration::from_millis(100));
            continue;
        }
        for _ in 0..LOOK_EVERY {
            times.push(world.deliver(&repository, &before)?.took);
        }
    }
    all_live(world)?;
    ensure!(!times.is_empty(), "no delivery came while deployments ran");
    let note = format!("up to {most} deployments running, 8 kB bodies");
    figures.add_times("webhook answered", &times, GOAL, &note);
    Ok(())
}

/// Deployments on their way that do not wait for people.
fn running(world: &mut World) -> Result<usize> {
    let rows = world.deployments()?;
    let works = |row: &&Value| {
        matches!(
            row.get("state").and_then(Value::as_str),
            Some("queued" | "building" | "checking" | "deploying" | "verifying")
        )
    };
    Ok(rows.iter().filter(works).count())
}

fn all_live(world: &mut World) -> Result<()> {
    for row in world.deployments()? {
        let word = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
        if word("environment") == "non_prod" && word("state") != "live" {
            bail!("{} is {} and not live: {row}", word("agent"), word("state"));
        }
    }
    Ok(())
}
