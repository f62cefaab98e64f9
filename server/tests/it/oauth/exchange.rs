//! An agent acts for a person: only where it was approved, with both in the token and in the record, and never wider.

use axum::http::StatusCode;
use chrono::TimeDelta;
use control_plane::directories;
use control_plane::identities::ACT_FOR_PEOPLE;
use control_plane::ports::sign_in::Person;
use domain::actor::Role;
use domain::directory::UserFields;
use domain::form::directory::DirectoryTokenForm;
use domain::sign_in::Provider;
use serde_json::{Value, json};

use super::agent::{LIVE, Stage, part};
use crate::support::Answer;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ADA: &str = "adas-token";

/// The agent may act for people, and a provider vouches for Ada for so many seconds.
async fn stage(seconds: i64) -> Stage {
    let stage = Stage::of(&["orders:read", "orders:write", ACT_FOR_PEOPLE]).await;
    let person = Person {
        provider: "acme".to_owned(),
        issuer: "https://acme.example.com".to_owned(),
        subject: "ada".to_owned(),
        directory_id: Some("ada".to_owned()),
        expires_at: stage.test.now() + TimeDelta::seconds(seconds),
    };
    stage.test.fakes.sign_in.speaks_for(ADA, person);
    stage
}

async fn exchange(stage: &Stage, jti: &str, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut fields = vec![
        ("grant_type", EXCHANGE),
        ("subject_token", token),
        ("subject_token_type", ID_TOKEN),
    ];
    fields.retain(|(name, _)| more.iter().all(|(other, _)| other != name));
    fields.extend(more.iter().filter(|(_, value)| !value.is_empty()));
    stage.ask("/oauth/token", LIVE, jti, &fields).await
}

#[tokio::test]
async fn the_token_names_the_person_and_the_agent_and_so_does_the_log() {
    let stage = stage(3_600).await;
    let answer = exchange(&stage, "one", ADA, &[("scope", "orders:read")]).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let given = answer.json();
    assert_eq!(given["issued_token_type"], ACCESS_TOKEN);
    assert_eq!(
        (&given["scope"], &given["expires_in"]),
        (&json!("orders:read"), &json!(300))
    );
    let token = given["access_token"].as_str().unwrap();
    let claims = part(token, 1);
    assert_eq!(claims["sub"], "acme|ada");
    assert_eq!(
        claims["sub_id"],
        json!({ "format": "iss_sub", "iss": "https://acme.example.com", "sub": "ada" })
    );
    assert_eq!(
        claims["act"],
        json!({ "iss": stage.plane.config.base_url, "sub": LIVE })
    );
    assert_eq!(
        (&claims["client_id"], &claims["deployment"]),
        (&json!(LIVE), &json!(2))
    );
    let events = stage.test.events().await;
    let event = events
        .iter()
        .rfind(|event| event.action == "token_exchanged")
        .unwrap();
    let said = serde_json::to_value(event).unwrap().to_string();
    for word in [
        "https://acme.example.com",
        "\"ada\"",
        LIVE,
        "orders:read",
        claims["jti"].as_str().unwrap(),
    ] {
        assert!(said.contains(word), "{word}: {said}");
    }
    assert!(!said.contains(ADA), "the token itself is in the log");

    let asked = stage.introspected(token, "two").await;
    assert_eq!(
        (&asked["active"], &asked["act"]["sub"]),
        (&json!(true), &json!(LIVE))
    );
    // The agent ends, and so does what it does for people.
    let revoked = stage
        .ask("/oauth/revoke", LIVE, "three", &[("token", token)])
        .await;
    assert_eq!(revoked.status, StatusCode::OK);
    assert_eq!(
        stage.introspected(token, "four").await,
        json!({ "active": false })
    );
    stage.test.finish().await;
}

#[tokio::test]
async fn it_is_never_wider_than_the_identity_nor_longer_than_the_persons_word() {
    let stage = stage(40).await;
    let wider = exchange(
        &stage,
        "one",
        ADA,
        &[("scope", "orders:read orders:delete")],
    )
    .await;
    assert_eq!(wider.json()["error"], "invalid_scope");
    let all = exchange(&stage, "two", ADA, &[]).await.json();
    assert_eq!(
        all["scope"], "orders:read orders:write",
        "what allows it is in no token"
    );
    assert_eq!(all["expires_in"], 40);
    let token = all["access_token"].as_str().unwrap();
    stage.test.clock.advance(TimeDelta::seconds(40));
    assert_eq!(stage.introspected(token, "three").await["active"], false);
    let over = exchange(&stage, "four", ADA, &[]).await;
    assert_eq!(
        over.json()["error"],
        "invalid_request",
        "the person's token ended"
    );
    let plain = stage.token(LIVE, "five").await;
    assert_eq!(part(&plain, 1)["scope"], "orders:read orders:write");
    stage.test.finish().await;
}

#[tokio::test]
async fn what_is_wrong_with_a_call_is_told_in_the_standards_words_and_leaves_no_record() {
    let stage = stage(3_600).await;
    for (number, (more, error)) in [
        (vec![("subject_token", "forged")], "invalid_request"),
        (vec![("subject_token", "")], "invalid_request"),
        (vec![("subject_token_type", "")], "invalid_request"),
        (
            vec![(
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:saml2",
            )],
            "invalid_request",
        ),
        (
            vec![("actor_token", ADA), ("actor_token_type", ID_TOKEN)],
            "invalid_request",
        ),
        (
            vec![(
                "requested_token_type",
                "urn:ietf:params:oauth:token-type:refresh_token",
            )],
            "invalid_request",
        ),
        (
            vec![("audience", "https://other.example")],
            "invalid_target",
        ),
        (
            vec![("resource", "https://other.example")],
            "invalid_target",
        ),
        (
            vec![("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer")],
            "unsupported_grant_type",
        ),
        (vec![("client_id", "refund-assistant-1")], "invalid_client"),
    ]
    .into_iter()
    .enumerate()
    {
        let answer = exchange(&stage, &format!("a{number}"), ADA, &more).await;
        assert_eq!(answer.json()["error"], error, "{more:?}");
    }
    // A token of ours is no person's, so nobody passes an identity on.
    let own = stage.token(LIVE, "b").await;
    let chained = exchange(&stage, "c", &own, &[("subject_token_type", ACCESS_TOKEN)]).await;
    assert_eq!(chained.json()["error"], "invalid_request");
    assert_eq!(stage.test.count_events("token_exchanged").await, 0);
    stage.test.finish().await;
}

#[tokio::test]
async fn an_agent_that_was_not_approved_for_it_acts_for_nobody() {
    let stage = Stage::new().await;
    let answer = exchange(&stage, "one", ADA, &[]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.json()["error"], "unauthorized_client");
    let listed: Value = stage
        .plane
        .get("/.well-known/oauth-authorization-server")
        .await
        .json();
    assert!(
        listed["grant_types_supported"]
            .to_string()
            .contains(EXCHANGE)
    );
    stage.test.finish().await;
}

#[tokio::test]
async fn nobody_acts_for_whoever_left_by_the_directory() {
    let stage = stage(3_600).await;
    let (cp, test) = (&stage.test.cp, &stage.test);
    test.fakes.sign_in.configure(Provider {
        id: "acme".to_owned(),
        label: "Acme".to_owned(),
        issuer: "https://acme.example.com".to_owned(),
        new_people: false,
        asks_anew: true,
        rules: Vec::new(),
    });
    let admin = test.person("root@example.com", Role::Administrator).await;
    let form = DirectoryTokenForm {
        provider: "acme".to_owned(),
        days: "1".to_owned(),
    };
    let made = directories::make_token(cp, &admin, &form).await.unwrap();
    let caller = directories::open(cp, &test.anonymous(), "acme", &made.text).await;
    let caller = caller.unwrap().unwrap();
    let ada = json!({ "userName": "ada@example.com", "externalId": "ada" });
    let ada = UserFields::read(&ada).unwrap();
    let user = directories::create_user(cp, &caller, &ada).await.unwrap();
    let before = exchange(&stage, "one", ADA, &[]).await;
    assert_eq!(before.status, StatusCode::OK, "{}", before.text());
    let away = UserFields {
        active: false,
        ..ada
    };
    directories::replace_user(cp, &caller, user.id, &away, None)
        .await
        .unwrap();
    let after = exchange(&stage, "two", ADA, &[]).await;
    assert_eq!(after.json()["error"], "invalid_request");
    stage.test.finish().await;
}
