//! The explorer of the trail: the right events by every combination of filters, and for nobody more than they may see.

use std::collections::BTreeSet;

use control_plane::testing::{TEAM, TestAgent, TestPlane};
use control_plane::workers::Status;
use control_plane::{Error, OpCtx, audit, saved_views};
use domain::actor::Role;
use domain::error::FieldProblem;
use domain::form::query::AuditQuery;
use domain::form::saved_view::SavedViewForm;
use domain::search;
use domain::view::audit::AuditRow;

use crate::support::World;

/// Every row that fits, over all pages of this length.
async fn all(plane: &TestPlane, ctx: &OpCtx, asked: &AuditQuery, limit: u64) -> Vec<AuditRow> {
    let mut asked = AuditQuery {
        limit: Some(limit),
        ..asked.clone()
    };
    let mut rows = Vec::new();
    loop {
        let page = audit::trail(&plane.cp, ctx, &asked).await.unwrap();
        assert!(page.rows.len() <= usize::try_from(limit).unwrap());
        rows.extend(page.rows);
        let Some(next) = page.next else {
            return rows;
        };
        assert_ne!(asked.cursor, next, "it goes on");
        asked.cursor = next;
    }
}

/// Does a row fit, by the plainest reading?
fn fits(row: &AuditRow, asked: &AuditQuery) -> bool {
    let same = |wanted: &str, is: &str| wanted.is_empty() || wanted == is;
    let object = match asked.object.split_once(':') {
        Some((kind, id)) => row.object_type == kind && row.object_id == id,
        None => same(&asked.object, &row.object_id),
    };
    let number = row.deployment.map(|n| n.to_string()).unwrap_or_default();
    object
        && same(&asked.agent, row.agent.as_deref().unwrap_or_default())
        && same(&asked.deployment, &number)
        && same(&asked.action, &row.action)
        && same(&asked.actor, &row.actor)
        && same(&asked.outcome, &row.outcome)
}

fn filters(row: &AuditRow, choice: u32) -> AuditQuery {
    let chosen = |bit: u32, word: &str| {
        if choice & (1 << bit) == 0 {
            String::new()
        } else {
            word.to_owned()
        }
    };
    let number = row.deployment.map(|n| n.to_string()).unwrap_or_default();
    AuditQuery {
        agent: chosen(0, row.agent.as_deref().unwrap_or_default()),
        deployment: chosen(1, &number),
        action: chosen(2, &row.action),
        actor: chosen(3, &row.actor),
        outcome: chosen(4, &row.outcome),
        object: chosen(5, &format!("{}:{}", row.object_type, row.object_id)),
        ..AuditQuery::default()
    }
}

fn words(text: &str) -> AuditQuery {
    AuditQuery {
        q: text.to_owned(),
        ..AuditQuery::default()
    }
}

#[tokio::test]
async fn every_combination_of_filters_finds_what_fits_and_nothing_else() {
    let world = World::asked().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Auditor).await;
    let whole = all(plane, &reader, &AuditQuery::default(), 200).await;
    assert!(whole.len() > 20, "{}", whole.len());
    let mut tried = BTreeSet::new();
    for row in whole.iter().step_by(9) {
        for choice in 1_u32..64 {
            let asked = filters(row, choice);
            if !tried.insert(format!("{asked:?}")) {
                continue;
            }
            let fit = whole.iter().filter(|row| fits(row, &asked));
            let expected: Vec<_> = fit.cloned().collect();
            let found = all(plane, &reader, &asked, 7).await;
            assert_eq!(found, expected, "{asked:?}");
        }
    }
    assert!(tried.len() > 100, "{}", tried.len());
    world.plane.finish().await;
}

#[tokio::test]
async fn words_find_what_an_event_says_beside_every_other_filter() {
    let world = World::live().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Auditor).await;
    let whole = all(plane, &reader, &AuditQuery::default(), 200).await;
    let decided = all(plane, &reader, &words("approval decided"), 3).await;
    assert_eq!(decided.len(), 1);
    assert_eq!(decided[0].action, "approval_decided");
    // The words that people read, in any order and case, and the id in its parts.
    assert_eq!(
        all(plane, &reader, &words("ASKED approval for"), 3)
            .await
            .len(),
        1
    );
    let agents = all(plane, &reader, &words("Assistant, refund"), 50).await;
    let named = |row: &&AuditRow| {
        let said = format!("{:?} {} {}", row.agent, row.object_id, row.actor);
        let said = search::words(&said, 99);
        ["refund", "assistant"]
            .iter()
            .all(|word| said.iter().any(|one| one == word))
    };
    let expected: Vec<_> = whole.iter().filter(named).cloned().collect();
    assert_eq!(agents, expected);
    for choice in [1, 2, 4, 8, 16, 32] {
        let asked = AuditQuery {
            q: "approval decided".to_owned(),
            ..filters(&decided[0], choice)
        };
        assert_eq!(all(plane, &reader, &asked, 3).await, decided, "{asked:?}");
    }
    // Syntax of a search engine is nothing but words.
    for hostile in [
        "\"approval\" OR *",
        "approval NOT decided",
        "words:approval",
        "approval & !decided'",
    ] {
        let found = audit::trail(&plane.cp, &reader, &words(hostile)).await;
        assert!(found.is_ok(), "{hostile}: {found:?}");
    }
    assert!(all(plane, &reader, &words("approv"), 9).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn words_are_found_while_they_wait_and_when_they_are_indexed() {
    let plane = TestPlane::new().await;
    let reader = plane.person("reader@example.com", Role::Auditor).await;
    for number in 0..520 {
        plane.note(&format!("thing-{number}")).await;
    }
    let asked = [words("thing 7"), words("thing 519"), words("thing")];
    let mut before = Vec::new();
    for asked in &asked {
        before.push(all(&plane, &reader, asked, 200).await);
    }
    let found: Vec<usize> = before.iter().map(Vec::len).collect();
    assert_eq!(found, [1, 1, 520]);
    let beside = AuditQuery {
        object: "thing-7".to_owned(),
        ..words("thing")
    };
    assert_eq!(all(&plane, &reader, &beside, 9).await, before[0]);
    let worked = plane.activate("index_trail").await.unwrap();
    assert_eq!(worked == Status::Worked, !plane.is_postgres());
    for (asked, before) in asked.iter().zip(before) {
        assert_eq!(all(&plane, &reader, asked, 200).await, before);
    }
    assert_eq!(all(&plane, &reader, &beside, 9).await.len(), 1);
    assert_eq!(plane.activate("index_trail").await.unwrap(), Status::Idle);
    plane.finish().await;
}

#[tokio::test]
async fn times_and_teams_narrow_the_trail() {
    let world = World::asked().await;
    let plane = &world.plane;
    let reader = &plane.person("reader@example.com", Role::Auditor).await;
    let day = plane.now().format("%Y-%m-%d").to_string();
    plane.clock.advance(chrono::Duration::days(3));
    plane.person("later@example.com", Role::Viewer).await;
    let next = plane.now().format("%Y-%m-%d").to_string();
    let whole = all(plane, reader, &AuditQuery::default(), 200).await;
    let found = |asked: AuditQuery| async move { all(plane, reader, &asked, 50).await };
    let on = |from: &str, to: &str| AuditQuery {
        from: from.to_owned(),
        to: to.to_owned(),
        ..AuditQuery::default()
    };
    let early = found(on("", &day)).await;
    let late = found(on(&next, "")).await;
    assert!(!early.is_empty() && !late.is_empty());
    assert_eq!(early.len() + late.len(), whole.len());
    assert!(late.iter().all(|row| row.time.starts_with(&next)));
    assert_eq!(found(on(&day, &next)).await, whole);
    assert!(found(on("2999-01-01", "")).await.is_empty());
    let team = |team: &str| AuditQuery {
        team: team.to_owned(),
        ..AuditQuery::default()
    };
    let theirs = found(team(TEAM)).await;
    let of_agents = whole.iter().filter(|row| row.agent.is_some());
    assert_eq!(theirs, of_agents.cloned().collect::<Vec<_>>());
    assert!(found(team("no-such-team")).await.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn what_cannot_be_meant_is_said_of_its_field_and_what_excludes_is_named() {
    let world = World::asked().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Auditor).await;
    let wrong = AuditQuery {
        from: "yesterday".to_owned(),
        deployment: "'; --".to_owned(),
        outcome: "maybe".to_owned(),
        ..AuditQuery::default()
    };
    match audit::trail(&plane.cp, &reader, &wrong).await {
        Err(Error::Invalid(fields)) => {
            assert_eq!(fields.get("from"), Some(FieldProblem::BadMoment));
            assert_eq!(fields.get("deployment"), Some(FieldProblem::BadNumber));
            assert_eq!(fields.get("outcome"), Some(FieldProblem::UnknownChoice));
        }
        other => panic!("{other:?}"),
    }
    // A stranger does not even hear that.
    let stranger = audit::trail(&plane.cp, &plane.anonymous(), &wrong).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    let asked = AuditQuery {
        agent: world.agent.slug.clone(),
        actor: "nobody of this name".to_owned(),
        object: "user:' OR 1=1 --".to_owned(),
        ..AuditQuery::default()
    };
    let page = audit::trail(&plane.cp, &reader, &asked).await.unwrap();
    assert!(page.rows.is_empty());
    assert_eq!(page.excluded, ["actor", "object"]);
    let both = AuditQuery {
        action: "user_created".to_owned(),
        agent: world.agent.slug.clone(),
        ..AuditQuery::default()
    };
    let page = audit::trail(&plane.cp, &reader, &both).await.unwrap();
    assert!(page.rows.is_empty() && page.excluded.is_empty());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_list_is_paged_to_its_end_while_the_log_grows() {
    let world = World::asked().await;
    let plane = &world.plane;
    let reader = plane.person("reader@example.com", Role::Auditor).await;
    let agent = world.agent.slug.clone();
    let mut added = 0;
    for asked in [
        AuditQuery {
            agent,
            ..AuditQuery::default()
        },
        words("deployment"),
        AuditQuery {
            team: TEAM.to_owned(),
            ..AuditQuery::default()
        },
    ] {
        let whole = all(plane, &reader, &asked, 200).await;
        let (mut rows, mut cursor) = (Vec::new(), String::new());
        loop {
            let asked = AuditQuery {
                limit: Some(2),
                cursor: cursor.clone(),
                ..asked.clone()
            };
            let page = audit::trail(&plane.cp, &reader, &asked).await.unwrap();
            rows.extend(page.rows);
            let Some(next) = page.next else { break };
            cursor = next;
            if added < 12 {
                added += 1;
                plane.agent(&format!("deployment-{added}")).await;
            }
        }
        assert_eq!(rows, whole);
    }
    assert_eq!(added, 12);
    world.plane.finish().await;
}

#[tokio::test]
async fn filters_and_views_show_nobody_more_than_they_may_see() {
    let world = World::asked().await;
    let plane = &world.plane;
    let care = plane.add_team("care").await;
    let other = TestAgent::new("care-bot");
    plane.onboard(&other, "care").await;
    let auditor = plane.person("auditor@example.com", Role::Auditor).await;
    let local = plane
        .person_with("local@example.com", &[(Role::Viewer, Some(care))], &[])
        .await;
    let whole = all(plane, &auditor, &AuditQuery::default(), 200).await;
    let theirs: Vec<_> = whole
        .iter()
        .filter(|row| row.agent.as_deref() == Some("care-bot"))
        .cloned()
        .collect();
    assert!(!theirs.is_empty());
    for row in whole.iter().step_by(5) {
        for choice in 0_u32..64 {
            let asked = filters(row, choice);
            let found = all(plane, &local, &asked, 50).await;
            let fit = theirs.iter().filter(|row| fits(row, &asked));
            assert_eq!(found, fit.cloned().collect::<Vec<_>>(), "{asked:?}");
        }
    }
    for asked in [
        AuditQuery {
            team: TEAM.to_owned(),
            ..AuditQuery::default()
        },
        words("refund"),
        words("set up"),
    ] {
        let page = audit::trail(&plane.cp, &local, &asked).await.unwrap();
        assert!(page.rows.is_empty() && page.next.is_none(), "{asked:?}");
        // What they may not see looks like what is not there.
        assert_eq!(page.excluded.len(), 1);
    }
    let lines = audit::lines(&plane.cp, &local, &words("agent")).await;
    assert_eq!(lines.unwrap().rows, theirs);
    // A shared view is a way to ask, not to see.
    let form = SavedViewForm {
        name: "Of refunds".to_owned(),
        shared: "yes".to_owned(),
        filters: words("refund"),
        agents: None,
    };
    saved_views::save(&plane.cp, &auditor, &form).await.unwrap();
    let views = saved_views::list(&plane.cp, &local).await.unwrap();
    assert_eq!(views.shared[0].filters, words("refund"));
    let found = all(plane, &local, &views.shared[0].filters, 50).await;
    assert!(found.is_empty());
    world.plane.finish().await;
}
