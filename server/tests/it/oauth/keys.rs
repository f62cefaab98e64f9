//! The keys of access tokens, as those who check tokens see them.

use control_plane::signing_keys;
use domain::form::signing_key::RotateSigningKeyForm;
use domain::signing_key::{KEPT, LEAD};
use serde_json::Value;

use super::agent::{LIVE, Stage, part};
use crate::support::Plane;

async fn published(plane: &Plane) -> Vec<String> {
    let answer = plane.get("/oauth/jwks").await;
    assert_eq!(answer.header("cache-control"), "public, max-age=300");
    let keys = answer.json()["keys"].as_array().unwrap().clone();
    let text = |key: &Value| key["kid"].as_str().unwrap().to_owned();
    let private = keys.iter().any(|key| key.get("d").is_some());
    assert!(!private, "a private half is shown");
    let mut ids: Vec<String> = keys.iter().map(text).collect();
    ids.sort();
    ids
}

fn kid(token: &str) -> String {
    part(token, 0)["kid"].as_str().unwrap().to_owned()
}

async fn change(stage: &Stage) {
    let form = RotateSigningKeyForm {
        reason: "the yearly exercise of the team".to_owned(),
    };
    let admin = stage.plane.admin().await;
    signing_keys::rotate(&stage.plane.cp, &admin, &form)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_key_is_published_before_it_signs_and_its_predecessor_stays_while_its_tokens_live() {
    let stage = Stage::new().await;
    // A second replica with the same root, which remembers what it knew.
    let replica = stage.plane.replica();
    let first = published(&replica).await;
    assert_eq!(first.len(), 1);
    change(&stage).await;
    stage.test.clock.advance(chrono::TimeDelta::seconds(3));
    let both = published(&replica).await;
    assert_eq!(both.len(), 2, "{both:?}");
    assert_eq!(published(&stage.plane).await, both, "the replicas differ");

    let old = stage.token(LIVE, "one").await;
    assert_eq!(kid(&old), first[0], "the next one signs too early");
    stage.test.clock.advance(LEAD);
    assert_eq!(
        stage.introspected(&old, "two").await["active"],
        false,
        "it ended by itself"
    );
    let new = stage.token(LIVE, "three").await;
    assert!(both.contains(&kid(&new)) && kid(&new) != first[0]);
    assert_eq!(stage.introspected(&new, "four").await["active"], true);
    stage.test.clock.advance(KEPT);
    assert_eq!(published(&replica).await, [kid(&new)]);
    stage.test.finish().await;
}

#[tokio::test]
async fn a_token_of_the_old_key_is_good_to_its_end() {
    let stage = Stage::new().await;
    change(&stage).await;
    stage
        .test
        .clock
        .advance(LEAD - chrono::TimeDelta::seconds(10));
    let old = stage.token(LIVE, "one").await;
    stage.test.clock.advance(chrono::TimeDelta::seconds(200));
    let new = stage.token(LIVE, "two").await;
    assert_ne!(kid(&old), kid(&new));
    assert_eq!(stage.introspected(&old, "three").await["active"], true);
    stage.test.finish().await;
}

#[tokio::test]
async fn a_token_of_another_installation_or_under_another_keys_name_is_none_of_ours() {
    let stage = Stage::new().await;
    // Its root is another, its issuer and the database are the same.
    let other = Plane::beside(&stage.test, &[]);
    let ours = stage.token(LIVE, "one").await;
    let theirs = {
        let assertion = stage.assertion(LIVE, "two");
        let body = super::agent::form(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", super::agent::TYPE),
            ("client_assertion", &assertion),
        ]);
        let call = crate::support::Call::post("/oauth/token").form(&body);
        other.send(call).await.json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut header = part(&theirs, 0);
    header["kid"] = kid(&ours).into();
    let (_, rest) = theirs.split_once('.').unwrap();
    let renamed = format!("{}.{rest}", super::agent::encoded(&header));
    for (jti, token) in [("three", theirs.as_str()), ("four", renamed.as_str())] {
        assert_eq!(stage.introspected(token, jti).await["active"], false);
    }
    stage.test.finish().await;
}
