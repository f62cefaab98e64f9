//! Identities: usable only while their deployment is entitled to them (invariant 7).

use control_plane::testing::TestPlane;
use control_plane::{Error, identities, rollbacks};
use domain::actor::Role;
use domain::gate::{Gate, Verdict};
use domain::identity::ASSERTION_SECONDS;

use crate::support::World;

/// When an assertion made now ends.
fn exp(plane: &TestPlane) -> i64 {
    plane.now().timestamp() + ASSERTION_SECONDS
}

#[tokio::test]
async fn an_identity_says_under_which_approval_it_acts() {
    let world = World::live().await;
    let plane = &world.plane;
    let ctx = plane.anonymous();
    let client = "refund-assistant-2";
    let grant = identities::grant(&plane.cp, &ctx, client, "one", exp(plane)).await;
    let grant = grant.unwrap();
    assert_eq!((grant.deployment, grant.approval), (2, Some(2)));
    assert_eq!(grant.scopes, ["orders:read"]);
    assert_eq!(grant.version, "2.3.0");
    let non_prod = identities::active(&plane.cp, "refund-assistant-1").await;
    assert_eq!(non_prod.unwrap().unwrap().approval, None);
    assert!(
        identities::public_jwk(&plane.cp, client)
            .await
            .unwrap()
            .is_some()
    );
    world.plane.finish().await;
}

#[tokio::test]
async fn an_assertion_counts_once_and_not_for_long() {
    let world = World::live().await;
    let plane = &world.plane;
    let ctx = plane.anonymous();
    let client = "refund-assistant-2";
    let grant = |jti: &'static str, exp: i64| identities::grant(&plane.cp, &ctx, client, jti, exp);
    grant("one", exp(plane)).await.unwrap();
    let refused = [
        grant("one", exp(plane)).await,
        grant("", exp(plane)).await,
        grant("two", plane.now().timestamp()).await,
        grant("three", exp(plane) + 1).await,
    ];
    for outcome in refused {
        assert!(
            matches!(outcome, Err(Error::Unauthenticated)),
            "{outcome:?}"
        );
    }
    let (one, two) = tokio::join!(grant("both", exp(plane)), grant("both", exp(plane)));
    assert_ne!(one.is_ok(), two.is_ok());
    world.plane.finish().await;
}

#[tokio::test]
async fn a_replaced_or_failed_deployment_has_no_usable_identity() {
    let world = World::live_twice().await;
    let plane = &world.plane;
    let operator = plane.person("ops@example.com", Role::Operator).await;
    let form = TestPlane::back(4);
    rollbacks::start(&plane.cp, &operator, &form).await.unwrap();
    world.settle().await;
    plane.fakes.verdicts.set(Gate::Relevance, Verdict::Failed);
    world.push_code("print('worse')\n").await;
    world.settle().await;
    for (number, usable) in [
        (1, false),
        (2, false),
        (3, true),
        (4, false),
        (5, true),
        (6, false),
    ] {
        let client = format!("refund-assistant-{number}");
        let active = identities::active(&plane.cp, &client).await.unwrap();
        assert_eq!(active.is_some(), usable, "{client}");
        let key = identities::public_jwk(&plane.cp, &client).await.unwrap();
        assert_eq!(key.is_some(), usable, "{client}");
    }
    let restored = identities::active(&plane.cp, "refund-assistant-5").await;
    assert_eq!(restored.unwrap().unwrap().approval, Some(2));
    world.plane.finish().await;
}

#[tokio::test]
async fn an_identity_whose_deployment_is_over_is_useless_even_if_its_row_says_active() {
    let world = World::live().await;
    let plane = &world.plane;
    let over = "UPDATE deployments SET state = 'superseded' WHERE number = 2";
    plane.sql(over).await.unwrap();
    let active = identities::active(&plane.cp, "refund-assistant-2").await;
    assert_eq!(active.unwrap(), None);
    world.plane.remove().await;
}
