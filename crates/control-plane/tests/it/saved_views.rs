//! Saved views of the trail: kept by their own person, found by those they are shared with, and never a way to see more.

use control_plane::testing::TestPlane;
use control_plane::{Error, saved_views};
use domain::actor::Role;
use domain::error::{Conflict, FieldProblem};
use domain::form::query::{AgentQuery, AuditQuery};
use domain::form::saved_view::{ChangeViewForm, RemoveViewForm, SavedViewForm, VIEWS_MAX};

use crate::support::{conflict, token_of};

fn view(name: &str, shared: bool) -> SavedViewForm {
    SavedViewForm {
        name: name.to_owned(),
        shared: if shared { "yes" } else { "" }.to_owned(),
        filters: AuditQuery {
            outcome: "refused".to_owned(),
            cursor: "7".to_owned(),
            limit: Some(3),
            ..AuditQuery::default()
        },
        agents: None,
    }
}

#[tokio::test]
async fn views_are_kept_shared_renamed_and_removed_by_their_own_person() {
    let plane = TestPlane::new().await;
    let (cp, one) = (
        &plane.cp,
        plane.person("one@example.com", Role::Viewer).await,
    );
    let two = plane.person("two@example.com", Role::Viewer).await;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let id = saved_views::save(cp, &one, &view("Refusals", false))
        .await
        .unwrap();
    let own = saved_views::list(cp, &one).await.unwrap().own;
    assert_eq!((own[0].name.as_str(), own[0].shared), ("Refusals", false));
    // The place in a list is no part of a view.
    assert_eq!(own[0].filters.filters(), [("outcome", "refused")]);
    assert_eq!(
        (own[0].filters.cursor.as_str(), own[0].filters.limit),
        ("", None)
    );
    assert!(saved_views::list(cp, &two).await.unwrap().shared.is_empty());
    let change = |name: &str, shared: &str| ChangeViewForm {
        id: id.to_string(),
        name: name.to_owned(),
        shared: shared.to_owned(),
        ..ChangeViewForm::default()
    };
    let gone = RemoveViewForm {
        id: id.to_string(),
        ..RemoveViewForm::default()
    };
    for (ctx, remove) in [(&two, &gone), (&admin, &gone)] {
        // Nobody else knows of it.
        let changed = saved_views::change(cp, ctx, &change("Mine", "")).await;
        assert!(matches!(changed, Err(Error::NotFound { .. })));
        let removed = saved_views::remove(cp, ctx, remove).await;
        assert!(matches!(removed, Err(Error::NotFound { .. })));
    }
    saved_views::change(cp, &one, &change("What was refused", "yes"))
        .await
        .unwrap();
    let shared = saved_views::list(cp, &two).await.unwrap().shared;
    assert_eq!(
        (shared[0].name.as_str(), shared[0].owner.as_str()),
        ("What was refused", "one")
    );
    assert!(!shared[0].can_remove);
    let removed = saved_views::remove(cp, &two, &gone).await;
    assert!(matches!(removed, Err(Error::Forbidden { .. })));
    saved_views::remove(cp, &admin, &gone).await.unwrap();
    assert!(saved_views::list(cp, &one).await.unwrap().own.is_empty());
    let events = plane.events().await;
    let views: Vec<_> = events
        .iter()
        .filter(|event| event.object.kind == "saved_view")
        .map(|event| (event.action.as_str(), event.actor.name.as_str()))
        .collect();
    assert_eq!(
        views,
        [
            ("view_saved", "one"),
            ("view_changed", "one"),
            ("view_removed", "admin")
        ]
    );
    plane.finish().await;
}

#[tokio::test]
async fn views_are_bounded_named_once_and_no_tokens_to_keep() {
    let plane = TestPlane::new().await;
    let (cp, one) = (
        &plane.cp,
        plane.person("one@example.com", Role::Viewer).await,
    );
    for number in 0..VIEWS_MAX {
        let form = view(&format!("View {number}"), number % 2 == 0);
        saved_views::save(cp, &one, &form).await.unwrap();
    }
    let full = saved_views::save(cp, &one, &view("One more", false)).await;
    assert_eq!(conflict(full), Conflict::Full);
    let two = plane.person("two@example.com", Role::Viewer).await;
    let problem = |outcome: Result<_, Error>, field: &str| match outcome {
        Err(Error::Invalid(fields)) => fields.get(field),
        other => panic!("{other:?}"),
    };
    saved_views::save(cp, &two, &view("View 1", false))
        .await
        .unwrap();
    let twice = saved_views::save(cp, &two, &view("View 1", false)).await;
    assert_eq!(problem(twice, "name"), Some(FieldProblem::Taken));
    let nameless = saved_views::save(cp, &two, &view(" ", false)).await;
    assert_eq!(problem(nameless, "name"), Some(FieldProblem::Required));
    let long = saved_views::save(cp, &two, &view(&"x".repeat(81), false)).await;
    assert_eq!(problem(long, "name"), Some(FieldProblem::TooLong));
    let wrong = SavedViewForm {
        filters: AuditQuery {
            to: "soon".to_owned(),
            ..AuditQuery::default()
        },
        ..view("Soon", false)
    };
    let wrong = saved_views::save(cp, &two, &wrong).await;
    assert_eq!(problem(wrong, "filters"), Some(FieldProblem::UnknownChoice));
    let token = token_of(&plane, &two);
    let kept = saved_views::save(cp, &token, &view("By a token", false)).await;
    assert!(matches!(kept, Err(Error::Forbidden { .. })));
    assert!(!saved_views::list(cp, &token).await.unwrap().can_save);
    let stranger = saved_views::list(cp, &plane.anonymous()).await;
    assert!(matches!(stranger, Err(Error::Unauthenticated)));
    plane.finish().await;
}

#[tokio::test]
async fn filters_of_the_registry_are_kept_beside_those_of_the_trail() {
    let plane = TestPlane::new().await;
    let (cp, one) = (
        &plane.cp,
        plane.person("one@example.com", Role::Viewer).await,
    );
    let agents = AgentQuery {
        cursor: "agent-7".to_owned(),
        ..AgentQuery::read([("status", "production,never"), ("q", "invoices")])
    };
    let form = SavedViewForm {
        name: "Invoices".to_owned(),
        agents: Some(agents.clone()),
        ..SavedViewForm::default()
    };
    saved_views::save(cp, &one, &form).await.unwrap();
    saved_views::save(cp, &one, &view("Refusals", false))
        .await
        .unwrap();
    let all = saved_views::list(cp, &one).await.unwrap();
    let registry = all.clone().of_registry(true).own;
    assert_eq!(registry.len(), 1);
    assert_eq!(registry[0].agents, Some(agents.kept()));
    assert_eq!(all.of_registry(false).own[0].name, "Refusals");
    let wrong = SavedViewForm {
        name: "Wrong".to_owned(),
        agents: Some(AgentQuery::read([("status", "sleeping")])),
        ..SavedViewForm::default()
    };
    assert!(matches!(
        saved_views::save(cp, &one, &wrong).await,
        Err(Error::Invalid(_))
    ));
    plane.finish().await;
}
