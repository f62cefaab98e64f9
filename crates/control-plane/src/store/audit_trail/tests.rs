//! The statements themselves: each goes through an index in the log's order, and none looks at more than its window.

use chrono::DateTime;
use domain::form::query::AuditQuery;
use migrations::{Migrator, MigratorTrait as _};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, QueryTrait as _, Statement};
use uuid::Uuid;

use super::times::{before, since};
use super::*;

async fn empty() -> DatabaseConnection {
    let mut options = ConnectOptions::new("sqlite::memory:");
    // Each connection to a database in memory is a database of its own.
    options.max_connections(1).sqlx_logging(false);
    let db = Database::connect(options).await.unwrap();
    Migrator::up(&db, None).await.unwrap();
    db
}

/// 25,000 events of one agent, each in its own second; one of a thousand was refused, and event 3 alone is of the deployment 7.
async fn full() -> DatabaseConnection {
    let db = empty().await;
    for statement in [
        "INSERT INTO audit_leaves (idx, leaf, leaf_hash, time, actor_kind, actor_id, actor_name, action, object_type, object_id, agent, \
         deployment, outcome) \
         WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 24999) \
         SELECT i, X'00', '', strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1800000000 + i, 'unixepoch'), 'system', 'w', \
         CASE WHEN i = 3 THEN 'rare' ELSE 'w' END, 'gate_settled', 'gate', 'g' || (i % 10), 'bot', CASE WHEN i = 3 THEN 7 END, \
         CASE WHEN i % 1000 = 3 THEN 'refused' ELSE 'done' END FROM n",
        "INSERT INTO audit_words (rowid, words) SELECT idx, agent || ' ' || outcome || ' ' || actor_name FROM audit_leaves WHERE idx < 24000",
        // Those of the newest events wait yet.
        "INSERT INTO audit_words_waiting (idx, words) SELECT idx, ' ' || agent || ' ' || outcome || ' ' || actor_name || ' ' FROM audit_leaves \
         WHERE idx >= 24000",
    ] {
        db.execute_unprepared(statement).await.unwrap();
    }
    db
}

fn asked(filters: &[(&str, &str)]) -> TrailFilter {
    let text = |name: &str| {
        let found = filters.iter().find(|(filter, _)| *filter == name);
        found.map_or_else(String::new, |(_, text)| (*text).to_owned())
    };
    let query = AuditQuery {
        q: text("q"),
        actor: text("actor"),
        action: text("action"),
        agent: text("agent"),
        deployment: text("deployment"),
        object: text("object"),
        outcome: text("outcome"),
        from: text("from"),
        to: text("to"),
        ..AuditQuery::default()
    };
    query.parse().unwrap()
}

async fn explained(db: &DatabaseConnection, statement: Statement) -> String {
    let sql = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    let values = statement.values.map(|values| values.0).unwrap_or_default();
    let explain = Statement::from_sql_and_values(DbBackend::Sqlite, sql, values);
    let rows = db.query_all_raw(explain).await.unwrap();
    let steps = rows
        .iter()
        .map(|row| row.try_get::<String>("", "detail").unwrap());
    steps.collect::<Vec<_>>().join("; ")
}

/// How SQLite goes about every statement of a page.
async fn steps(db: &DatabaseConnection, filter: &TrailFilter, teams: Option<&[TeamId]>) -> String {
    let agents = ["a", "b", "c"].map(str::to_owned);
    let plan = plan(DbBackend::Sqlite, filter, teams, &agents, 50).unwrap();
    let build = |query: &SelectStatement| DbBackend::Sqlite.build(query);
    let newest = plan.lead.newest((0, 9), plan.window);
    let mut steps = vec![explained(db, build(&newest)).await];
    let query = if plan.lead.is_a_set() {
        of_numbers(vec![3, 5, 7])
    } else {
        let depth = plan.lead.depth((0, 9), plan.window);
        steps.push(explained(db, build(&depth)).await);
        of_value(&plan.lead, (0, 9))
    };
    let mut query = query.limit(51);
    for condition in plan.rest {
        query = query.filter(condition);
    }
    steps.push(explained(db, query.build(DbBackend::Sqlite)).await);
    for (at, query) in [
        (filter.from, before("x".to_owned())),
        (filter.to, since("x".to_owned())),
    ] {
        if at.is_some() {
            steps.push(explained(db, query.build(DbBackend::Sqlite)).await);
        }
    }
    steps.join("\n")
}

#[tokio::test]
async fn every_filter_goes_through_an_index_that_ends_in_the_logs_order() {
    let db = empty().await;
    let team = [TeamId(Uuid::nil())];
    let of = |column: &str| format!("ix_audit_leaves_{column}_idx");
    for (name, text, teams, index) in [
        ("q", "bot", None, "VIRTUAL TABLE INDEX".to_owned()),
        ("actor", "w", None, of("actor_name")),
        ("action", "gate_settled", None, of("action")),
        ("agent", "bot", None, of("agent")),
        ("deployment", "7", None, of("deployment")),
        ("object", "g", None, of("object_id")),
        ("object", "gate:g", None, of("object_id")),
        ("outcome", "refused", None, of("outcome")),
        ("from", "2026-01-01", None, of("time")),
        ("to", "2026-01-01", None, of("time")),
        ("", "", Some(team.as_slice()), of("agent")),
        ("", "", None, "INTEGER PRIMARY KEY".to_owned()),
    ] {
        let steps = steps(&db, &asked(&[(name, text)]), teams).await;
        assert!(steps.contains(&index), "{name}: {steps}");
        assert!(!steps.contains("TEMP B-TREE"), "{name}: {steps}");
        assert!(!steps.contains("SCAN audit_leaves"), "{name}: {steps}");
    }
}

#[tokio::test]
async fn what_supports_evidence_is_merged_from_the_index_of_each_action() {
    let db = empty().await;
    let evidence = TrailFilter {
        evidence: Some("gates".to_owned()),
        supporting: vec![AuditAction::GateSettled, AuditAction::ConditionsJudged],
        ..TrailFilter::default()
    };
    let steps = steps(&db, &evidence, None).await;
    assert!(steps.contains("ix_audit_leaves_action_idx"), "{steps}");
    assert!(!steps.contains("TEMP B-TREE"), "{steps}");
    assert!(!steps.contains("SCAN audit_leaves"), "{steps}");
    // Beside another filter it is looked at event by event.
    let db = full().await;
    let beside = TrailFilter {
        supporting: vec![AuditAction::VersionCut],
        ..TrailFilter {
            agent: Some("bot".to_owned()),
            ..evidence
        }
    };
    assert!(walk(&db, &beside).await.0.is_empty());
}

#[tokio::test]
async fn what_leads_leads_whatever_else_is_asked() {
    let db = empty().await;
    let team = [TeamId(Uuid::nil())];
    let all = [
        ("object", "g"),
        ("deployment", "7"),
        ("agent", "bot"),
        ("actor", "w"),
        ("action", "gate_settled"),
        ("outcome", "done"),
        ("from", "2026-01-01"),
    ];
    for first in 0..all.len() - 1 {
        let (lead, _) = all[first];
        let column = match lead {
            "object" => "object_id",
            "actor" => "actor_name",
            other => other,
        };
        let steps = steps(&db, &asked(&all[first..]), Some(&team)).await;
        let index = format!("ix_audit_leaves_{column}_idx");
        let pages: Vec<&str> = steps.lines().take(3).collect();
        for page in pages {
            assert!(page.contains(&index), "{lead}: {steps}");
            assert!(
                !page.contains("TEMP B-TREE FOR ORDER BY"),
                "{lead}: {steps}"
            );
        }
    }
}

/// All pages of a filter: the events, and how many pages it took.
async fn walk(db: &DatabaseConnection, filter: &TrailFilter) -> (Vec<i64>, usize) {
    let (mut events, mut pages, mut below) = (Vec::new(), 0, None);
    loop {
        let found = page(db, filter, None, below, 50).await.unwrap();
        assert!(found.rows.len() <= 50);
        assert!(
            found
                .next
                .is_none_or(|next| below.is_none_or(|below| next < below))
        );
        events.extend(found.rows.iter().map(|row| row.idx));
        pages += 1;
        below = found.next;
        if below.is_none() {
            return (events, pages);
        }
    }
}

#[tokio::test]
async fn a_page_looks_no_further_than_its_window_and_says_how_far() {
    let db = full().await;
    let rare = asked(&[("agent", "bot"), ("actor", "rare")]);
    let first = page(&db, &rare, None, None, 50).await.unwrap();
    assert!(first.rows.is_empty());
    assert_eq!(first.next, Some(15_000));
    assert_eq!(first.looked_to, Some(15_000));
    assert_eq!(walk(&db, &rare).await, (vec![3], 3));
    // Where the rare one leads, it is one page.
    let led = asked(&[("agent", "bot"), ("deployment", "7")]);
    assert_eq!(walk(&db, &led).await, (vec![3], 1));
    let refused = asked(&[("agent", "bot"), ("outcome", "refused")]);
    let expected: Vec<i64> = (0..25).rev().map(|n| n * 1_000 + 3).collect();
    assert_eq!(walk(&db, &refused).await.0, expected);
}

#[tokio::test]
async fn words_find_events_at_any_depth() {
    let db = full().await;
    assert_eq!(walk(&db, &asked(&[("q", "RARE bot")])).await, (vec![3], 1));
    let (all, pages) = walk(&db, &asked(&[("q", "bot")])).await;
    assert_eq!((all.len(), pages), (25_000, 500));
    assert!(all.is_sorted_by(|a, b| a > b));
    let (none, _) = walk(&db, &asked(&[("q", "nothing bot")])).await;
    assert!(none.is_empty());
    // Beside a filter that leads, they are looked up event by event.
    let beside = asked(&[("q", "refused"), ("object", "gate:g3")]);
    let expected: Vec<i64> = (0..25).rev().map(|n| n * 1_000 + 3).collect();
    assert_eq!(walk(&db, &beside).await.0, expected);
}

#[tokio::test]
async fn times_hold_to_the_microsecond_whatever_the_order_of_the_log() {
    let db = full().await;
    // Two events that were written in the order of their transactions, and not of their clocks.
    let swap = "UPDATE audit_leaves SET time = strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1800000000 + (30020 - idx), 'unixepoch') \
                WHERE idx BETWEEN 15000 AND 15020";
    for statement in ["DROP TRIGGER seal_audit_leaves_UPDATE", swap] {
        db.execute_unprepared(statement).await.unwrap();
    }
    let at = |second: i64| DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap();
    let filter = TrailFilter {
        from: Some(at(15_005)),
        to: Some(at(15_030)),
        ..TrailFilter::default()
    };
    let (events, _) = walk(&db, &filter).await;
    let mut expected: Vec<i64> = (15_000..=15_015).chain(15_021..15_030).collect();
    expected.reverse();
    assert_eq!(events, expected);
    let none = asked(&[("from", "2999-01-01")]);
    assert!(walk(&db, &none).await.0.is_empty());
    let none = asked(&[("to", "1999-01-01")]);
    assert!(walk(&db, &none).await.0.is_empty());
}
