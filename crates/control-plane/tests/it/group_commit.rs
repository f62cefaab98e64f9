//! Those who write at the same time share a commit, and each is told the truth about their own part.

use std::collections::BTreeSet;
use std::sync::Arc;

use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, people};
use domain::actor::Role;
use domain::form::person::TeamForm;
use tokio::task::JoinSet;

/// Callers at the same time.
const CALLERS: usize = 48;

async fn add_team(plane: Arc<TestPlane>, ctx: OpCtx, slug: String) -> (String, Result<(), Error>) {
    let form = TeamForm {
        slug: slug.clone(),
        name: format!("The team {slug}"),
    };
    let outcome = people::create_team(&plane.cp, &ctx, &form).await;
    (slug, outcome)
}

async fn begun() -> (Arc<TestPlane>, OpCtx) {
    let plane = TestPlane::new().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    (Arc::new(plane), admin)
}

/// The teams that are there, and those whose making the log tells of.
async fn made(plane: &TestPlane) -> (BTreeSet<String>, BTreeSet<String>) {
    let rows = plane
        .column("SELECT slug FROM teams WHERE slug LIKE 'of-%'")
        .await;
    let told = plane
        .column("SELECT object_id FROM audit_leaves WHERE action = 'team_created' AND outcome = 'done' AND object_id LIKE 'of-%'")
        .await;
    let counted = (rows.len(), told.len());
    let sets: (BTreeSet<String>, BTreeSet<String>) =
        (rows.into_iter().collect(), told.into_iter().collect());
    assert_eq!(counted, (sets.0.len(), sets.1.len()), "nothing twice");
    sets
}

async fn finish(plane: Arc<TestPlane>) {
    Arc::into_inner(plane).expect("ours alone").finish().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_at_once_are_all_done_and_all_told_of() {
    let (plane, admin) = begun().await;
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        callers.spawn(add_team(
            Arc::clone(&plane),
            admin.clone(),
            format!("of-{number}"),
        ));
    }
    for (slug, outcome) in callers.join_all().await {
        assert!(outcome.is_ok(), "{slug}: {outcome:?}");
    }
    let (rows, told) = made(&plane).await;
    assert_eq!(rows.len(), CALLERS);
    assert_eq!(rows, told);
    finish(plane).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_refusal_undoes_nothing_of_others() {
    let (plane, admin) = begun().await;
    let mut callers = JoinSet::new();
    for number in 0..CALLERS {
        // Every other one is the same, so that one of them is first and the rest are refused in the midst of the others.
        let slug = if number % 2 == 0 {
            format!("of-{number}")
        } else {
            "of-all".to_owned()
        };
        callers.spawn(add_team(Arc::clone(&plane), admin.clone(), slug));
    }
    let mut firsts = 0;
    for (slug, outcome) in callers.join_all().await {
        if slug == "of-all" {
            firsts += usize::from(outcome.is_ok());
        } else {
            assert!(outcome.is_ok(), "{slug}: {outcome:?}");
        }
    }
    assert_eq!(firsts, 1);
    let (rows, told) = made(&plane).await;
    assert_eq!(rows.len(), CALLERS / 2 + 1);
    assert_eq!(rows, told);
    finish(plane).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_dropped_on_the_way_takes_nothing_of_others_along() {
    let (plane, admin) = begun().await;
    for round in 0..12 {
        let mut callers = JoinSet::new();
        let mut handles = Vec::new();
        for number in 0..CALLERS {
            let slug = format!("of-{round}-{number}");
            handles.push(callers.spawn(add_team(Arc::clone(&plane), admin.clone(), slug)));
        }
        // Each third is dropped, at a moment that the machine decides; nothing here rests on which.
        let mut done = BTreeSet::new();
        let mut victims = handles.into_iter().step_by(3);
        while let Some(ended) = callers.join_next().await {
            if let Some(victim) = victims.next() {
                victim.abort();
            }
            match ended {
                Ok((slug, outcome)) => {
                    assert!(outcome.is_ok(), "{slug}: {outcome:?}");
                    done.insert(slug);
                }
                Err(error) => assert!(error.is_cancelled(), "{error}"),
            }
        }
        // Ends whatever a dropped caller left open.
        let last = format!("of-{round}-last");
        add_team(Arc::clone(&plane), admin.clone(), last)
            .await
            .1
            .unwrap();
        let (rows, told) = made(&plane).await;
        assert_eq!(rows, told, "round {round}");
        let lost: Vec<_> = done.difference(&rows).collect();
        assert!(
            lost.is_empty(),
            "round {round}: said to be done, and not there: {lost:?}"
        );
    }
    finish(plane).await;
}
