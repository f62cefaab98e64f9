//! How soon the lists are there with many agents, and how many statements each asks the database.

use anyhow::{Context, Result};

use super::figures::{Figures, number};
use super::world::World;

/// Milliseconds.
const GOAL: f64 = 50.0;
const WARM_UP: usize = 20;
const COUNTER: &str = "clearance_sql_statements_total";

const PAGES: [&str; 5] = ["/", "/agents", "/deployments", "/approvals", "/audit"];
const LISTS: [&str; 4] = [
    "/api/v1/agents",
    "/api/v1/deployments",
    "/api/v1/approvals",
    "/api/v1/audit",
];

pub(super) fn measure(figures: &mut Figures, world: &mut World, requests: usize) -> Result<()> {
    let page = ("cookie", world.cookie.clone());
    let list = ("authorization", world.bearer.clone());
    let all = PAGES.map(|path| (path, &page)).into_iter();
    for (path, (name, value)) in all.chain(LISTS.map(|path| (path, &list))) {
        let headers = [(*name, value.as_str())];
        let mut times = Vec::new();
        for _ in 0..WARM_UP + requests {
            let answer = world.client.get(path, &headers)?.expect(200, path)?;
            times.push(answer.took);
        }
        let before = statements(world)?;
        world.client.get(path, &headers)?.expect(200, path)?;
        let taken = statements(world)?.saturating_sub(before);
        let measured = times.get(WARM_UP..).unwrap_or_default();
        figures.add_times(&format!("GET {path}"), measured, GOAL, "");
        let name = format!("GET {path}, statements");
        figures.add(name, number(taken), "", None, "one request");
    }
    Ok(())
}

/// How many statements the server has asked so far.
fn statements(world: &mut World) -> Result<u64> {
    let answer = world.client.get("/metrics", &[])?.expect(200, "/metrics")?;
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    text.lines()
        .filter_map(|line| line.strip_prefix(COUNTER))
        .find_map(|rest| rest.trim().parse().ok())
        .with_context(|| format!("/metrics has no {COUNTER}"))
}
