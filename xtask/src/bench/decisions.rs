//! How soon the question "may this agent do this, now?" is answered, and how many are in a second.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::figures::{Figures, number};
use super::http::Client;
use super::world::World;

/// Milliseconds.
const GOAL: f64 = 1.0;
const WARM_UP: usize = 200;
const ASKED: usize = 20_000;
/// Connections that ask at the same time, and for how long.
const CONNECTIONS: usize = 8;
const SECONDS: u64 = 10;
/// Questions of one batch.
const BATCH: usize = 200;
const BATCHES: usize = 500;

pub(super) fn measure(figures: &mut Figures, world: &mut World, token: &str) -> Result<()> {
    let known = world.api("/api/v1/identities")?;
    let client = known
        .pointer("/rows/0/client_id")
        .and_then(Value::as_str)
        .context("no agent has an identity")?;
    let question = json!({
        "subject": { "type": "agent", "id": client },
        "action": { "name": "read" },
        "resource": { "type": "orders", "id": "1" },
    });
    let bearer = format!("Bearer {token}");
    let addr = world.client.addr();
    let one = question.to_string();
    let mut client = Client::new(addr);
    let mut times = Vec::new();
    for _ in 0..WARM_UP + ASKED {
        times.push(ask(&mut client, &bearer, "evaluation", &one)?);
    }
    let measured = times.get(WARM_UP..).unwrap_or_default();
    figures.add_times(
        "access decision",
        measured,
        GOAL,
        "over HTTP, one connection",
    );

    let threads: Vec<_> = (0..CONNECTIONS)
        .map(|_| {
            let (bearer, one) = (bearer.clone(), one.clone());
            std::thread::spawn(move || until_over(Client::new(addr), &bearer, &one))
        })
        .collect();
    let mut all = Vec::new();
    for thread in threads {
        let times = thread.join().ok().context("a connection is gone")??;
        all.extend(times);
    }
    let note = format!("over HTTP, {CONNECTIONS} connections of the same machine");
    let a_second = u64::try_from(all.len())? / SECONDS;
    figures.add(
        "access decisions a second",
        number(a_second),
        "",
        None,
        &note,
    );
    figures.add_times("access decision, all at once", &all, GOAL, &note);

    let batch = json!({ "evaluations": vec![question; BATCH] }).to_string();
    let begun = Instant::now();
    for _ in 0..BATCHES {
        ask(&mut client, &bearer, "evaluations", &batch)?;
    }
    let taken = begun.elapsed().as_millis().max(1);
    let a_second = u128::try_from(BATCH * BATCHES)? * 1_000 / taken;
    let note = format!("over HTTP, {BATCH} in a request, one connection");
    let a_second = number(u64::try_from(a_second)?);
    figures.add(
        "access decisions a second, batches",
        a_second,
        "",
        None,
        note,
    );
    Ok(())
}

fn until_over(mut client: Client, bearer: &str, question: &str) -> Result<Vec<Duration>> {
    let begun = Instant::now();
    let mut times = Vec::new();
    while begun.elapsed() < Duration::from_secs(SECONDS) {
        times.push(ask(&mut client, bearer, "evaluation", question)?);
    }
    Ok(times)
}

/// Asks, and holds the answer to be a yes: a refusal would be quick too.
fn ask(client: &mut Client, bearer: &str, endpoint: &str, body: &str) -> Result<Duration> {
    let path = format!("/access/v1/{endpoint}");
    let headers = [
        ("authorization", bearer),
        ("content-type", "application/json"),
    ];
    let answer = client.send("POST", &path, &headers, body.as_bytes())?;
    let answer = answer.expect(200, &path)?;
    let said = String::from_utf8_lossy(&answer.body);
    ensure!(
        said.contains("\"decision\":true") && !said.contains("\"decision\":false"),
        "{path} did not say yes: {said}"
    );
    Ok(answer.took)
}
