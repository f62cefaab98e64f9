//! Suites: shown as the newest judged version has them, and looked at before they are committed.

use control_plane::{Error, suites};
use domain::actor::Role;
use domain::form::suite::SuiteForm;
use domain::gate::{Gate, Verdict};

use crate::support::World;

#[tokio::test]
async fn the_suites_of_an_agent_are_those_that_it_was_judged_by() {
    let world = World::new().await;
    let plane = &world.plane;
    let slug = &world.agent.slug;
    let before = suites::of(&plane.cp, &world.approver, slug).await.unwrap();
    assert_eq!(before.judged, None);
    assert!(
        before
            .gates
            .iter()
            .all(|gate| gate.files.is_empty() && !gate.advice.enough())
    );

    plane.push(&world.agent, world.agent.files()).await;
    world.settle().await;
    let found = suites::of(&plane.cp, &world.approver, slug).await.unwrap();
    assert_eq!(found.judged.map(|(_, number)| number), Some(1));
    let gates: Vec<Gate> = found.gates.iter().map(|gate| gate.gate).collect();
    assert_eq!(
        gates,
        [Gate::ResponsibleAi, Gate::Hallucination, Gate::Relevance]
    );
    for gate in &found.gates {
        assert_eq!(gate.verdict, Some(Verdict::Passed));
        assert_eq!(gate.files.len(), 1, "{gate:?}");
        let digest = gate.files[0].digest.as_deref().unwrap_or_default();
        assert!(digest.starts_with("sha256:"), "{gate:?}");
    }

    let other = plane.add_team("other").await;
    let outsider = plane
        .person_with("viewer@example.com", &[(Role::Viewer, Some(other))], &[])
        .await;
    let hidden = suites::of(&plane.cp, &outsider, slug).await;
    assert!(matches!(hidden, Err(Error::NotFound { .. })), "{hidden:?}");
    world.plane.finish().await;
}

#[tokio::test]
async fn a_file_is_looked_at_and_nothing_is_kept() {
    let world = World::new().await;
    let plane = &world.plane;
    let form = |gate: &str, text: &str| SuiteForm {
        gate: gate.to_owned(),
        name: "relevance.jsonl".to_owned(),
        text: text.to_owned(),
    };
    let look = async |form: &SuiteForm| suites::check(&plane.cp, &world.approver, form).await;
    let found = look(&form("relevance", "one\r\ntwo\r\n")).await.unwrap();
    assert_eq!((found.advice.cases, found.advice.enough()), (2, true));
    let few = look(&form("relevance", "one")).await.unwrap();
    assert!(few.advice.words().starts_with("1 case. To show"), "{few:?}");
    for wrong in [
        form("image_scan", "one"),
        form("relevance", ""),
        form("x", "one"),
    ] {
        assert!(
            matches!(look(&wrong).await, Err(Error::Invalid(_))),
            "{wrong:?}"
        );
    }
    let stranger = suites::check(&plane.cp, &plane.anonymous(), &form("relevance", "one")).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    world.plane.finish().await;
}
