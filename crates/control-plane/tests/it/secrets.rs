//! Secrets are references: their values are in no table, event or error (invariant 9).

use control_plane::people;
use control_plane::testing::WEBHOOK_SECRET;
use control_plane::{connections, tokens};
use domain::actor::Role;
use domain::form::connection::ConnectionForm;
use domain::form::person::{PersonForm, SignInForm, TokenForm};

use crate::support::World;

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|part| part == text.as_bytes())
}

#[tokio::test]
async fn no_value_of_a_secret_is_in_the_database() {
    let world = World::live().await;
    let plane = &world.plane;
    let admin = plane.person("admin@example.com", Role::Administrator).await;
    let password = "canary-password-81f0c2";
    let person = PersonForm {
        name: "New Person".to_owned(),
        email: "new@example.com".to_owned(),
        password: password.to_owned(),
        role: "viewer".to_owned(),
        team: String::new(),
    };
    people::add(&plane.cp, &admin, &person).await.unwrap();
    let sign_in = |password: &str| SignInForm {
        email: "new@example.com".to_owned(),
        password: password.to_owned(),
        next: String::new(),
    };
    let ctx = plane.anonymous();
    people::sign_in(&plane.cp, &ctx, &sign_in(password))
        .await
        .unwrap();
    let wrong = "canary-wrong-password-77aa";
    let refused = people::sign_in(&plane.cp, &ctx, &sign_in(wrong)).await;
    assert!(!refused.unwrap_err().chain().contains(wrong));
    let form = TokenForm {
        name: "ci".to_owned(),
        scopes: "read".to_owned(),
        days: "30".to_owned(),
    };
    let token = tokens::create(&plane.cp, &admin, &form).await.unwrap();
    let form = ConnectionForm {
        slug: "second".to_owned(),
        name: "Second".to_owned(),
        kind: "github".to_owned(),
        secret_reference: String::new(),
    };
    let made = connections::create(&plane.cp, &admin, &form).await.unwrap();
    let made = made.secret.expect("shown once");

    let everything = plane.dump().await;
    assert!(holds(&everything, "new@example.com"), "the dump is real");
    for value in [WEBHOOK_SECRET, password, wrong, &token.text, &made] {
        assert!(!holds(&everything, value), "{value} is in the database");
    }
    for value in plane.fakes.secrets.values() {
        assert!(!holds(&everything, &value));
    }
    world.plane.finish().await;
}

#[tokio::test]
async fn a_secret_in_a_manifest_is_refused_without_being_repeated() {
    let world = World::new().await;
    let plane = &world.plane;
    let canary = "canary-token-5f21d9c0";
    let manifest = world.agent.manifest(&["orders:read"]);
    let manifest = manifest.replace("env:CRM_TOKEN", canary);
    let files = world.agent.files_with("clearance.yaml", &manifest);
    plane.push(&world.agent, files).await;
    world.settle().await;
    assert_eq!(plane.pushes().await[0].2, "rejected");
    assert!(!holds(&plane.dump().await, canary));
    world.plane.finish().await;
}
