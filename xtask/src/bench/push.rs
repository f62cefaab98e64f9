//! What the control plane itself takes from a push to live in non-prod, and from the last approval to live in production,
//! beside the agent's own build, start and evaluation. Read from the times of the audit events: what passes before an
//! event is what it took to come to it.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::figures::Figures;
use super::server::{ADMIN, APPROVER};
use super::world::World;

/// Seconds.
const GOAL: f64 = 3.0;
const PUSHES: usize = 3;
const PATIENCE: Duration = Duration::from_secs(300);

/// Seconds of one push, by whose they are.
#[derive(Debug, Clone, Copy, Default)]
struct Spent {
    build: f64,
    start: f64,
    evaluation: f64,
    own: f64,
}

pub(super) fn measure(figures: &mut Figures, world: &mut World) -> Result<()> {
    let agents = ["alone".to_owned()];
    let mut repository = world.repository("alone", &agents)?;
    let mut all = Vec::new();
    for number in 1..=PUSHES {
        world.settle()?;
        let before = repository.commit(&agents, &format!("Change {number}"))?;
        let known = newest(world)?;
        let answered = world.deliver(&repository, &before)?.took.as_secs_f64();
        let live = wait_until_live(world, known, "non_prod")?;
        let mut spent = spent(world, live, "delivery_received")?;
        spent.own += answered;
        all.push(spent);
    }
    all.sort_by(|a, b| a.own.total_cmp(&b.own));
    let middle = all.get(PUSHES / 2).copied().unwrap_or_default();
    let note = format!("the middle of {PUSHES} pushes of a plain Python agent, alone");
    figures.add(
        "push to live, the control plane's own",
        middle.own,
        "s",
        Some(GOAL),
        &note,
    );
    for (name, seconds) in [
        ("push to live, the agent's build", middle.build),
        ("push to live, the agent's start", middle.start),
        ("push to live, gates", middle.evaluation),
    ] {
        figures.add(name, seconds, "s", None, "the same push");
    }
    promotion(figures, world)
}

/// The promotion that the last push opened is approved.
fn promotion(figures: &mut Figures, world: &mut World) -> Result<()> {
    let number = wait_until(world, 0, "production", &["awaiting_approval"])?;
    let path = format!("/api/v1/approvals/{number}");
    let asked = world.api(&path)?;
    let digest = asked.get("manifest_digest").context("no digest")?;
    let scopes = asked
        .pointer("/diff/added_scopes")
        .and_then(Value::as_array);
    let scopes = scopes.into_iter().flatten().filter_map(Value::as_str);
    let decision = json!({
        "verdict": "approve", "manifest_digest": digest, "reason": "Measured.",
        "accepted_scopes": scopes.collect::<Vec<_>>().join(" "),
    });
    world.sign_in(APPROVER)?;
    world
        .post_as_person(&format!("{path}/decisions"), &decision)?
        .expect(201, "a decision")?;
    world.sign_in(ADMIN)?;
    let live = wait_until_live(world, number - 1, "production")?;
    let spent = spent(world, live, "approval_decided")?;
    let name = "last approval to live, the control plane's own";
    figures.add(name, spent.own, "s", None, "a promotion, alone");
    let name = "last approval to live, the agent's start";
    figures.add(
        name,
        spent.start + spent.evaluation,
        "s",
        None,
        "the same promotion, with its health check",
    );
    Ok(())
}

fn newest(world: &mut World) -> Result<i64> {
    let rows = world.deployments()?;
    Ok(rows
        .first()
        .and_then(|row| row.get("number"))
        .and_then(Value::as_i64)
        .unwrap_or(0))
}

/// The number of the deployment to an environment that came after `known`, once it is live.
fn wait_until_live(world: &mut World, known: i64, environment: &str) -> Result<i64> {
    wait_until(world, known, environment, &["live"])
}

fn wait_until(world: &mut World, known: i64, environment: &str, states: &[&str]) -> Result<i64> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        for row in world.deployments()? {
            let word = |name: &str| row.get(name).and_then(Value::as_str).unwrap_or_default();
            let number = row.get("number").and_then(Value::as_i64).unwrap_or(0);
            if number <= known || word("environment") != environment {
                continue;
            }
            match word("state") {
                state if states.contains(&state) => return Ok(number),
                "failed" | "errored" if known > 0 => bail!("#{number} is {}", word("state")),
                _ => {}
            }
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    bail!("nothing was {states:?} within {} s", PATIENCE.as_secs())
}

/// Sorts the time between the last event of this kind before the deployment was live and its last move by what it was
/// spent on.
fn spent(world: &mut World, number: i64, since: &str) -> Result<Spent> {
    let detail = world.api(&format!("/api/v1/deployments/{number}"))?;
    let ledger = detail
        .get("ledger")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let page = world.api("/api/v1/audit?limit=200")?;
    let mut events = page
        .get("rows")
        .and_then(Value::as_array)
        .cloned()
        .context("no events")?;
    events.reverse();
    let is =
        |event: &Value, action: &str| event.get("action").and_then(Value::as_str) == Some(action);
    let of = |event: &Value| event.get("deployment").and_then(Value::as_i64) == Some(number);
    let end = events
        .iter()
        .rposition(|e| of(e) && is(e, "deployment_moved"));
    let end = end.with_context(|| format!("no events of #{number}"))?;
    let begin = events.iter().take(end).rposition(|e| is(e, since));
    let begin = begin.with_context(|| format!("no {since} before #{number} was live"))?;
    let way = events.get(begin..=end).unwrap_or_default();
    let mut spent = Spent::default();
    for (before, event) in way.iter().zip(way.iter().skip(1)) {
        let seconds = between(before, event)?;
        let kind = ledger
            .iter()
            .find(|row| is(event, "resource_created") && row.get("name") == event.get("object_id"))
            .and_then(|row| row.get("kind"))
            .and_then(Value::as_str);
        match kind {
            Some("image") => spent.build += seconds,
            Some("runtime") => spent.start += seconds,
            _ if is(event, "image_built") => spent.build += seconds,
            _ if is(event, "gate_settled") => spent.evaluation += seconds,
            _ => spent.own += seconds,
        }
    }
    Ok(spent)
}

fn between(before: &Value, after: &Value) -> Result<f64> {
    let time = |event: &Value| event.get("time").and_then(Value::as_str).and_then(of_day);
    let (Some(from), Some(to)) = (time(before), time(after)) else {
        bail!("an event without a time: {before}");
    };
    // Over midnight.
    let seconds = if to < from {
        to + 86_400.0 - from
    } else {
        to - from
    };
    ensure!(seconds < 43_200.0, "the clock went back between two events");
    Ok(seconds)
}

/// Seconds since midnight of `2026-01-31T12:34:56.789012Z`.
fn of_day(time: &str) -> Option<f64> {
    let clock = time.split_once('T')?.1.strip_suffix('Z')?;
    let mut parts = clock.splitn(3, ':').map(str::parse::<f64>);
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    Some(hours.ok()? * 3_600.0 + minutes.ok()? * 60.0 + seconds.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_read_and_midnight_is_no_surprise() {
        let at = |time: &str| json!({ "time": time });
        let from = at("2026-01-31T23:59:59.750000Z");
        let took = between(&from, &at("2026-02-01T00:00:01.000000Z")).unwrap();
        assert_eq!(took.to_bits(), 1.25_f64.to_bits());
        assert!(between(&from, &at("noon")).is_err());
    }
}
