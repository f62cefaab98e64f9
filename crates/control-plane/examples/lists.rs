//! What `cargo xtask bench lists` measures: pages of the registry and of the audit trail with so many agents and events. Rows are
//! written past the use cases, which would take hours; the registry's index of them is made by the product. Prints one JSON object.
//!
//! Arguments: `registry` and how many agents, or `trail` and how many events.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a measurement that cannot go on stops"
)]
#![allow(clippy::print_stdout, reason = "its output is its purpose")]

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use audit_log::{Frontier, Hash, LeafActor, LeafEvent, LeafObject, Outcome};
use control_plane::testing::TestPlane;
use control_plane::{OpCtx, agents, audit, registry};
use domain::actor::Role;
use domain::form::query::{AgentQuery, AuditQuery};
use serde_json::{Map, Value, json};
use tokio::runtime::Builder;

const WARM_UP: usize = 20;
const REQUESTS: usize = 300;
/// Rows of one statement.
const BATCH: usize = 500;
const TEAMS: usize = 20;
/// Agents of the team that has few.
const FEW: usize = 12;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_default();
    let count = arguments
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1_000);
    let runtime = Builder::new_multi_thread().enable_all().build().unwrap();
    let figures = match what.as_str() {
        "registry" => runtime.block_on(of_registry(count)),
        "trail" => runtime.block_on(of_trail(count)),
        _ => panic!("registry or trail, and a number"),
    };
    println!("{figures}");
}

/// The middle and the slow end of a page, in milliseconds.
async fn timed<F: Future>(page: impl Fn() -> F) -> Value {
    let mut times = Vec::new();
    for _ in 0..WARM_UP + REQUESTS {
        let begun = Instant::now();
        page().await;
        times.push(begun.elapsed());
    }
    let mut times = times.split_off(WARM_UP);
    times.sort_unstable();
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    json!({ "p50": ms(times[REQUESTS / 2]), "p99": ms(times[REQUESTS * 99 / 100]) })
}

async fn of_registry(count: usize) -> Value {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Viewer).await;
    for team in 0..TEAMS {
        plane.add_team(&format!("team-{team:02}")).await;
    }
    plane.add_team("few").await;
    for first in (0..count).step_by(BATCH) {
        let numbers = first..std::cmp::min(first + BATCH, count);
        plane.sql(&rows_of_agents(numbers.clone())).await.unwrap();
        plane.sql(&rows_of_versions(numbers)).await.unwrap();
    }
    let begun = Instant::now();
    registry::fill(&plane.cp).await.unwrap();
    let filled = begun.elapsed();
    let asked: [(&str, &[(&str, &str)]); 13] = [
        ("first page", &[]),
        ("deep page", &[("cursor", "agent-009000")]),
        ("one team", &[("team", "team-07")]),
        ("one framework", &[("framework", "crewai")]),
        ("status", &[("status", "decommissioned")]),
        (
            "three filters",
            &[
                ("team", "team-07"),
                ("framework", "crewai"),
                ("risk", "high"),
            ],
        ),
        ("a team with few", &[("team", "few")]),
        (
            "few of a team with few",
            &[("team", "few"), ("framework", "crewai")],
        ),
        ("rare word", &[("q", "zeppelin")]),
        ("frequent word", &[("q", "invoices")]),
        ("one letter", &[("q", "a")]),
        (
            "frequent word, team with few",
            &[("q", "invoices"), ("team", "few")],
        ),
        ("no such word", &[("q", "nothing is called so")]),
    ];
    let mut figures = Map::new();
    for (name, parts) in asked {
        let query = AgentQuery::read(parts.iter().copied());
        let page = || async { agents::list(&plane.cp, &reader, &query).await.unwrap() };
        let shown = page().await.fitting;
        let mut figure = timed(page).await;
        figure["fitting"] = json!(shown);
        figures.insert(name.to_owned(), figure);
    }
    let page = || async {
        agents::get(&plane.cp, &reader, "agent-000005")
            .await
            .unwrap()
    };
    figures.insert("an agent".to_owned(), timed(page).await);
    let begun = Instant::now();
    plane.activate("compare_agents").await.unwrap();
    let compared = begun.elapsed();
    plane.remove().await;
    json!({
        "agents": count,
        "filled_seconds": filled.as_secs_f64(),
        "compared_20_ms": compared.as_secs_f64() * 1_000.0,
        "pages": figures,
    })
}

/// What an agent of this number is: team, framework and risk.
fn facets(number: usize) -> (String, &'static str, &'static str) {
    let team = if number < FEW {
        "few".to_owned()
    } else {
        format!("team-{:02}", number % TEAMS)
    };
    let framework = ["langgraph", "crewai", "strands", "lyzr", "custom"][number / TEAMS % 5];
    (team, framework, ["low", "medium", "high"][number / 7 % 3])
}

fn described(number: usize) -> String {
    const VERBS: [&str; 8] = [
        "Matches",
        "Reconciles",
        "Plans",
        "Answers",
        "Drafts",
        "Checks",
        "Routes",
        "Scores",
    ];
    const THINGS: [&str; 11] = [
        "invoices",
        "orders",
        "shifts",
        "claims",
        "contracts",
        "leads",
        "tickets",
        "parcels",
        "loans",
        "meters",
        "tenders",
    ];
    let rare = if number.is_multiple_of(1_000) {
        " of the zeppelin works"
    } else {
        ""
    };
    let (verb, thing) = (VERBS[number % 8], THINGS[number / 3 % 11]);
    format!("{verb} {thing} for plant {}{rare}", number % 977)
}

/// A key of its own for each row.
fn key(kind: u8, number: usize) -> String {
    format!("X'{kind:02x}{number:030x}'")
}

const AT: &str = "'2026-01-05 09:00:00+00:00'";

fn rows_of_agents(numbers: std::ops::Range<usize>) -> String {
    let mut sql = "INSERT INTO agents (id, slug, team_id, connection_id, repository, repository_key, branch, path, description, \
        framework, risk, head_commit, created_by, created_at, decommissioned_at, revision) VALUES "
        .to_owned();
    for number in numbers.clone() {
        let (team, framework, risk) = facets(number);
        let ended = if number % 10 == 9 { AT } else { "NULL" };
        let comma = if number == numbers.start { "" } else { ", " };
        write!(
            sql,
            "{comma}({}, 'agent-{number:06}', (SELECT id FROM teams WHERE slug = '{team}'), (SELECT id FROM connections LIMIT 1), \
             'https://git.example.com/acme/agents', 'git.example.com/acme/agents', 'main', 'agents/{number}', '{}', '{framework}', \
             '{risk}', NULL, 'bench', {AT}, {ended}, 0)",
            key(1, number),
            described(number),
        )
        .unwrap();
    }
    sql
}

fn rows_of_versions(numbers: std::ops::Range<usize>) -> String {
    let mut sql = "INSERT INTO versions (id, agent_id, number, commit_id, subject, author_name, author_email, committer_name, \
        committer_email, config_digest, manifest_text, manifest_digest, scopes, created_at, revision) VALUES "
        .to_owned();
    for number in numbers.clone() {
        let (_, framework, risk) = facets(number);
        let comma = if number == numbers.start { "" } else { ", " };
        let manifest = format!(
            "schema: 1\nagent: agent-{number:06}\ndescription: {}\nversion: \"1.0\"\nframework: {framework}\nrisk: {risk}\n\
             skills: [read plant {}, post results]\ntags: [plant]\nscopes: [\"orders:read\"]\nruntime:\n  entrypoint: agent.py\n\
             config:\n  tools: [{{name: read_{}, scopes: [\"orders:read\"]}}]\n",
            described(number),
            number % 977,
            number % 40,
        );
        write!(
            sql,
            "{comma}({}, {}, '1.0.0', '{number:040x}', 'Change', 'dev', 'dev@example.com', 'dev', 'dev@example.com', 'sha256:0', \
             '{}', 'sha256:0', '[]', {AT}, 0)",
            key(2, number),
            key(1, number),
            manifest.replace('\'', "''"),
        )
        .unwrap();
    }
    sql
}

async fn of_trail(count: usize) -> Value {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Auditor).await;
    let first: usize = plane
        .column("SELECT CAST(COALESCE(MAX(idx), -1) + 1 AS TEXT) FROM audit_leaves")
        .await[0]
        .parse()
        .unwrap();
    for from in (first..count).step_by(100_000) {
        let last = std::cmp::min(from + 100_000, count) - 1;
        plane.sql(&rows_of_events(from, last)).await.unwrap();
        plane.sql(&words_of_events(from, last)).await.unwrap();
    }
    grow_tree(&plane, first, count).await;
    let deep = (count / 10).to_string();
    let asked: Vec<(&str, AuditQuery)> = vec![
        ("first page", AuditQuery::default()),
        (
            "deep page",
            AuditQuery {
                cursor: deep.clone(),
                ..AuditQuery::default()
            },
        ),
        (
            "an agent",
            AuditQuery {
                agent: "agent-7".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "an agent, deep",
            AuditQuery {
                agent: "agent-7".to_owned(),
                cursor: deep.clone(),
                ..AuditQuery::default()
            },
        ),
        (
            "an action",
            AuditQuery {
                action: "gate_settled".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "what was refused",
            AuditQuery {
                outcome: "refused".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "a deployment",
            AuditQuery {
                deployment: "77".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "somebody rare",
            AuditQuery {
                actor: "rare".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "an agent, refused",
            AuditQuery {
                agent: "agent-7".to_owned(),
                outcome: "refused".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "a frequent word",
            AuditQuery {
                q: "settled".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "a rare word",
            AuditQuery {
                q: "rare".to_owned(),
                ..AuditQuery::default()
            },
        ),
        (
            "two words, deep",
            AuditQuery {
                q: "settled agent".to_owned(),
                cursor: deep,
                ..AuditQuery::default()
            },
        ),
        (
            "from a day on",
            AuditQuery {
                from: "2027-01-20".to_owned(),
                ..AuditQuery::default()
            },
        ),
    ];
    let mut figures = Map::new();
    for (name, query) in asked {
        let figure = timed(|| page(&plane, &reader, &query)).await;
        figures.insert(name.to_owned(), figure);
    }
    let third = u64::try_from(count / 3).unwrap();
    let proven = async || {
        let shown = audit::get(&plane.cp, &reader, third).await.unwrap();
        assert!(shown.proof.unwrap().valid);
    };
    figures.insert("an event with its proof".to_owned(), timed(proven).await);
    plane.remove().await;
    json!({ "events": count, "pages": figures })
}

/// An event as the log holds it; it is the same for all of them, beside which the rows differ.
fn leaf() -> Vec<u8> {
    let event = LeafEvent {
        v: 1,
        id: "bench".to_owned(),
        time: "2027-01-15T08:00:00.000000Z".to_owned(),
        actor: LeafActor {
            kind: "system".to_owned(),
            id: "w".to_owned(),
            name: "w".to_owned(),
        },
        action: "gate_settled".to_owned(),
        object: LeafObject {
            kind: "deployment".to_owned(),
            id: "d7".to_owned(),
        },
        agent: Some("agent-7".to_owned()),
        deployment: Some(7),
        subject_digest: None,
        outcome: Outcome::Done,
        reason: None,
        request_id: "bench".to_owned(),
        detail: std::collections::BTreeMap::new(),
    };
    event.to_bytes().unwrap()
}

/// Writes the hashes of these events' tree, and lets the product sign it.
async fn grow_tree(plane: &TestPlane, first: usize, count: usize) {
    let stored = "SELECT lower(hex(hash)) FROM audit_hashes ORDER BY idx";
    let stored: std::collections::BTreeMap<u64, Hash> = (0..)
        .zip(plane.column(stored).await)
        .map(|(at, hash)| (at, Hash::from_hex(&hash).unwrap()))
        .collect();
    let mut edge = Frontier::load(u64::try_from(first).unwrap(), &stored).unwrap();
    let hash = audit_log::leaf_hash(&leaf());
    for from in (first..count).step_by(1_000) {
        let mut sql = "INSERT INTO audit_hashes (idx, hash) VALUES ".to_owned();
        for _ in from..std::cmp::min(from + 1_000, count) {
            for (at, hash) in edge.push(hash).unwrap() {
                write!(sql, "({at}, X'{}'),", hash.to_hex()).unwrap();
            }
        }
        plane.sql(sql.trim_end_matches(',')).await.unwrap();
    }
    let size = format!("UPDATE audit_tree SET size = {count}");
    plane.sql(&size).await.unwrap();
    plane.activate("publish_checkpoints").await.unwrap();
    // Else the pages are read while the system writes gigabytes.
    plane.sql("PRAGMA wal_checkpoint(TRUNCATE)").await.unwrap();
    let _ = std::process::Command::new("sync").status();
}

async fn page(plane: &TestPlane, reader: &OpCtx, query: &AuditQuery) {
    audit::trail(&plane.cp, reader, query).await.unwrap();
}

/// Events of a thousand agents, one of a hundred refused, each in its own second.
fn rows_of_events(from: usize, last: usize) -> String {
    let (leaf, hash) = (leaf(), audit_log::leaf_hash(&leaf()).to_hex());
    let leaf: String = leaf.iter().map(|byte| format!("{byte:02x}")).collect();
    format!(
        "INSERT INTO audit_leaves (idx, leaf, leaf_hash, time, actor_kind, actor_id, actor_name, action, object_type, object_id, agent, \
         deployment, outcome) \
         WITH RECURSIVE n(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM n WHERE i < {last}) \
         SELECT i, X'{leaf}', '{hash}', strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1800000000 + i, 'unixepoch'), 'system', 'w', \
         CASE WHEN i % 500009 = 3 THEN 'rare' ELSE 'w' END, CASE WHEN i % 3 = 0 THEN 'gate_settled' ELSE 'deployment_moved' END, \
         'deployment', 'd' || (i / 20), 'agent-' || (i % 1000), i / 20, CASE WHEN i % 100 = 7 THEN 'refused' ELSE 'done' END FROM n"
    )
}

fn words_of_events(from: usize, last: usize) -> String {
    format!(
        "INSERT INTO audit_words (rowid, words) SELECT idx, replace(action, '_', ' ') || ' agent ' || (idx % 1000) || ' ' || outcome || ' ' \
         || actor_name FROM audit_leaves WHERE idx BETWEEN {from} AND {last}"
    )
}
