//! Labels that people give agents of the registry: all or none, counted beside every filter, found by, and in the log.

use control_plane::testing::TestPlane;
use control_plane::{Error, OpCtx, agents};
use domain::actor::Role;
use domain::authz::Action;
use domain::error::FieldProblem;
use domain::form::agent::{LABELS_MAX, LabelForm};
use domain::form::query::{AgentQuery, Facet};
use domain::registry::Field;
use domain::view::agent::AgentList;

use crate::support::World;

fn form(step: &str, labels: &str, agents: &[&str]) -> LabelForm {
    LabelForm {
        agents: agents.iter().map(|slug| (*slug).to_owned()).collect(),
        labels: labels.to_owned(),
        step: step.to_owned(),
        back: AgentQuery::default(),
    }
}

async fn list(plane: &TestPlane, ctx: &OpCtx, parts: &[(&str, &str)]) -> AgentList {
    let query = AgentQuery::read(parts.iter().copied());
    agents::list(&plane.cp, ctx, &query).await.unwrap()
}

fn count(list: &AgentList, facet: Facet, value: &str) -> u64 {
    list.count(facet, value)
}

#[tokio::test]
async fn labels_are_counted_beside_every_filter_found_by_and_taken_away_again() {
    let world = World::live().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    for slug in ["one", "two", "three"] {
        plane.agent(slug).await;
    }
    let label = async |step: &str, labels: &str, slugs: &[&str]| {
        let form = form(step, labels, slugs);
        agents::label(&plane.cp, &admin, &form).await.unwrap()
    };
    assert_eq!(
        label("add", "pci, eu-only", &["one", "two", "refund-assistant"]).await,
        3
    );
    assert_eq!(
        label("add", "eu-only", &["one", "three"]).await,
        1,
        "one has it"
    );
    let all = list(plane, &admin, &[]).await;
    assert_eq!(
        (
            count(&all, Facet::Label, "pci"),
            count(&all, Facet::Label, "eu-only")
        ),
        (3, 4)
    );
    let never = list(plane, &admin, &[("status", "never")]).await;
    assert_eq!((never.fitting, count(&never, Facet::Label, "pci")), (3, 2));
    let pci = list(plane, &admin, &[("label", "pci")]).await;
    assert_eq!(
        (pci.fitting, count(&pci, Facet::Status, "production")),
        (3, 1)
    );
    // Of several values one must hold, and the count beside another is of what it would show.
    assert_eq!(
        list(plane, &admin, &[("label", "pci,eu-only")])
            .await
            .fitting,
        4
    );
    assert_eq!(count(&pci, Facet::Label, "eu-only"), 4);
    let row = pci.rows.iter().find(|row| row.slug == "one").unwrap();
    assert_eq!(row.labels, ["eu-only", "pci"]);

    let found = list(plane, &admin, &[("q", "pci")]).await;
    assert_eq!(found.fitting, 3);
    assert_eq!(found.rows[0].why.as_ref().unwrap().field, Field::Label);
    // What goes live meanwhile keeps its labels.
    plane
        .push(&world.agent, world.agent.files_with("notes.md", "one more"))
        .await;
    plane.settle().await;
    assert_eq!(list(plane, &admin, &[("label", "pci")]).await.fitting, 3);

    assert_eq!(
        label("remove", "pci unknown", &["one", "two", "three"]).await,
        2
    );
    assert_eq!(label("remove", "pci", &["one"]).await, 0);
    let pci = list(plane, &admin, &[("label", "pci")]).await;
    assert_eq!(
        (pci.fitting, pci.rows[0].slug.as_str()),
        (1, "refund-assistant")
    );
    let events = plane.events().await;
    let told: Vec<_> = events
        .iter()
        .filter(|event| event.action == "agent_labelled")
        .map(|event| (event.object.id.as_str(), event.detail.clone()))
        .collect();
    assert_eq!(told.len(), 6);
    assert_eq!(told[0].1["added"], "eu-only, pci");
    assert_eq!((told[5].0, told[5].1["removed"].as_str()), ("two", "pci"));
    world.plane.finish().await;
}

#[tokio::test]
async fn all_are_labelled_or_none() {
    let plane = TestPlane::new().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let agent = plane.agent("one").await;
    let other = plane.add_team("elsewhere").await;
    let refused = async |ctx: &OpCtx, form: &LabelForm| {
        agents::label(&plane.cp, ctx, form).await.unwrap_err()
    };
    let missing = refused(&admin, &form("add", "pci", &["one", "nobody"])).await;
    assert!(
        matches!(missing, Error::NotFound { kind: "agent" }),
        "{missing:?}"
    );
    // Who reads every agent and may change those of another team alone.
    let roles = [(Role::Viewer, None), (Role::Administrator, Some(other))];
    let reader = plane.person_with("reader@example.com", &roles, &[]).await;
    let forbidden = refused(&reader, &form("add", "pci", &["one"])).await;
    assert!(
        matches!(
            forbidden,
            Error::Forbidden {
                action: Action::Modify
            }
        ),
        "{forbidden:?}"
    );
    for (form, field, problem) in [
        (form("add", "pci", &[]), "agents", FieldProblem::Required),
        (
            form("add", " , ", &["one"]),
            "labels",
            FieldProblem::Required,
        ),
        (
            form("add", "PCI", &["one"]),
            "labels",
            FieldProblem::BadLabel,
        ),
        (
            form("add", "=cmd", &["one"]),
            "labels",
            FieldProblem::BadLabel,
        ),
        (
            form("toggle", "pci", &["one"]),
            "step",
            FieldProblem::UnknownChoice,
        ),
    ] {
        let Error::Invalid(errors) = refused(&admin, &form).await else {
            panic!("{form:?}");
        };
        assert_eq!(errors.get(field), Some(problem), "{form:?}");
    }
    let many: Vec<String> = (0..LABELS_MAX).map(|n| format!("l{n}")).collect();
    let full = form("add", &many.join(","), &["one"]);
    agents::label(&plane.cp, &admin, &full).await.unwrap();
    let more = refused(&admin, &form("add", "one-more", &["one"])).await;
    assert!(matches!(more, Error::Invalid(_)), "{more:?}");
    assert_eq!(list(&plane, &admin, &[("label", "pci")]).await.fitting, 0);
    assert_eq!(plane.count_events("agent_labelled").await, 1);
    assert_eq!(agent.slug, "one");
    plane.finish().await;
}

#[tokio::test]
async fn many_who_label_the_same_agents_at_once_lose_nothing() {
    let plane = TestPlane::new().await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    for slug in ["one", "two", "three"] {
        plane.agent(slug).await;
    }
    let forms: Vec<LabelForm> = (0..6)
        .map(|n| {
            // In an order of their own each.
            let mut slugs = ["one", "two", "three"];
            slugs.rotate_left(n % 3);
            form("add", &format!("l{n}"), &slugs)
        })
        .collect();
    let all = forms
        .iter()
        .map(|form| agents::label(&plane.cp, &admin, form));
    for done in futures::future::join_all(all).await {
        assert_eq!(done.unwrap(), 3);
    }
    let rows = list(&plane, &admin, &[("label", "l0")]).await.rows;
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.labels.len() == 6), "{rows:?}");
    plane.finish().await;
}
