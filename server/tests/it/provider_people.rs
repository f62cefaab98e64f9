//! Who comes in through a provider, and how they go: here, there, and while it is down.

use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::provider::{
    NEW, Provider, come_back, depart, good, is_somebody, leave, refused, session, sign, sign_in,
};
use crate::support::{ADMIN, Call};

#[tokio::test]
async fn a_provider_that_is_down_is_said_and_sessions_and_passwords_go_on() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let cookie = session(&sign_in(&provider, &plane, |_| {}).await);
    let nobody = Provider {
        issuer: "http://127.0.0.1:9".to_owned(),
        ..provider.clone()
    };
    let down = nobody.plane(NEW).await;
    let answer = depart(&down, "?next=%2Fagents", None).await;
    assert_eq!(
        answer.header("location"),
        "/sign-in?error=provider_unavailable&next=%2Fagents"
    );
    let page = down
        .send(
            Call::get(answer.header("location"))
                .header("accept", "text/html")
                .build(),
        )
        .await
        .text();
    assert!(
        page.contains("does not answer at this time") && page.contains("Continue with Acme"),
        "{page}"
    );
    let own = down.sign_in(ADMIN).await;
    assert!(
        is_somebody(&down, &own).await,
        "the password of the administrator"
    );
    let log = down
        .send(Call::get("/api/v1/audit").cookie(&own).build())
        .await
        .text();
    assert!(log.contains("password_used"), "loudly: {log}");
    assert!(is_somebody(&plane, &cookie).await);
}

#[tokio::test]
async fn an_address_links_nobody_and_strangers_stay_outside() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let answer = sign_in(&provider, &plane, |claims| claims["email"] = json!(ADMIN)).await;
    refused(&answer, "address_taken", "the administrator's address");
    for unverified in [json!(false), json!("true"), Value::Null] {
        let answer = sign_in(&provider, &plane, |claims| {
            claims["email_verified"] = unverified.clone()
        })
        .await;
        refused(&answer, "unverified_address", &unverified.to_string());
    }
    let answer = sign_in(&provider, &plane, |claims| {
        claims["groups"] = json!(["Everyone"])
    })
    .await;
    refused(&answer, "no_role", "no group of the table");
    let answer = sign_in(&provider, &plane, |claims| {
        claims.as_object_mut().unwrap().remove("groups");
        claims["_claim_names"] = json!({ "groups": "src1" });
    })
    .await;
    refused(&answer, "groups_not_told", "overage");
    let closed = provider.plane("").await;
    refused(
        &sign_in(&provider, &closed, |_| {}).await,
        "not_invited",
        "new people may not come",
    );
}

#[tokio::test]
async fn what_the_token_lacks_is_asked_and_must_be_of_the_same_person() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let bare = |claims: &mut Value| {
        for name in ["email", "email_verified", "groups"] {
            claims.as_object_mut().unwrap().remove(name);
        }
    };
    let told = |sub: &str| json!({ "sub": sub, "email": "Ada@Example.com", "email_verified": true, "groups": ["Admins"] });
    provider.tells(told("eve"));
    refused(
        &sign_in(&provider, &plane, bare).await,
        "provider_untrusted",
        "somebody else",
    );
    provider.tells(told("ada"));
    session(&sign_in(&provider, &plane, bare).await);
}

#[tokio::test]
async fn an_account_is_linked_by_its_person_and_confirms_only_them() {
    let provider = Provider::start().await;
    let plane = provider.plane("").await;
    let own = plane.sign_in(ADMIN).await;
    // Another site cannot make the browser of a person link somebody's account.
    let led = Call::get("/sign-in/with/acme?for=link")
        .header("sec-fetch-site", "cross-site")
        .cookie(&own);
    let led = plane.send(led.build()).await;
    assert_eq!(
        led.header("location"),
        "/settings/sessions?problem=flow_expired"
    );
    assert_eq!(
        depart(&plane, "?for=link", None).await.header("location"),
        "/settings/sessions?problem=unauthenticated"
    );

    let trip = leave(&plane, "?for=link", Some(&own)).await;
    let both = format!("{own}; {}", trip.cookie);
    provider.trades(&trip, sign(1, &provider.claims(&plane, &trip)));
    let answer = come_back(&plane, &good(&provider, &trip), &both).await;
    assert_eq!(
        answer.header("location"),
        "/settings/sessions?notice=account_linked"
    );
    let cookie = session(&sign_in(&provider, &plane, |_| {}).await);
    assert!(is_somebody(&plane, &cookie).await);

    let now = plane.cp.clock().now().timestamp();
    for (change, to) in [
        (
            ("sub", json!("eve")),
            "/settings/sessions?problem=other_person",
        ),
        (
            ("auth_time", json!(now - 3_600)),
            "/settings/sessions?problem=not_fresh",
        ),
        (
            ("auth_time", Value::Null),
            "/settings/sessions?problem=not_fresh",
        ),
        (("name", json!("Ada")), "/approvals/7"),
    ] {
        let trip = leave(&plane, "?for=confirm&next=%2Fapprovals%2F7", Some(&cookie)).await;
        assert_eq!(
            (
                trip.query("prompt").as_str(),
                trip.query("max_age").as_str()
            ),
            ("login", "0")
        );
        let mut claims = provider.claims(&plane, &trip);
        claims[change.0] = change.1;
        provider.tells(json!({ "sub": claims["sub"] }));
        provider.trades(&trip, sign(1, &claims));
        let both = format!("{cookie}; {}", trip.cookie);
        let answer = come_back(&plane, &good(&provider, &trip), &both).await;
        assert_eq!(answer.header("location"), to);
    }
}

#[tokio::test]
async fn signing_out_goes_on_to_the_provider() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let cookie = session(&sign_in(&provider, &plane, |_| {}).await);
    let answer = plane
        .send(Call::post("/sign-out").own().cookie(&cookie).build())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let onward = answer.header("refresh");
    assert!(
        onward.starts_with(&format!("0; url={}/end?id_token_hint=", provider.issuer)),
        "{onward}"
    );
    assert!(onward.contains("post_logout_redirect_uri=") && onward.contains("client_id=clearance"));
    assert!(!is_somebody(&plane, &cookie).await, "ours ended first");
}

#[tokio::test]
async fn a_notice_of_a_sign_out_ends_the_sessions_it_names_once() {
    let provider = Provider::start().await;
    let plane = provider.plane(NEW).await;
    let event = json!({ "http://schemas.openid.net/event/backchannel-logout": {} });
    let now = plane.cp.clock().now().timestamp();
    let notice = json!({
        "iss": provider.issuer, "aud": "clearance", "iat": now, "exp": now + 120, "jti": "notice-1",
        "sub": "ada", "sid": "session-1", "events": event,
    });
    let send = async |token: String| {
        let call = Call::post("/sign-in/with/acme/back-channel-logout");
        plane
            .send(call.form(&format!("logout_token={token}")))
            .await
            .status
    };
    let cookie = session(&sign_in(&provider, &plane, |_| {}).await);
    let other = session(
        &sign_in(&provider, &plane, |claims| {
            claims["sid"] = json!("session-2")
        })
        .await,
    );
    for (name, value) in [
        ("events", Value::Null),
        ("events", json!({})),
        ("events", json!("x")),
        ("nonce", json!("n")),
        ("jti", Value::Null),
        ("aud", json!("x")),
        ("iss", json!("https://evil.example")),
        ("iat", json!(now - 3_600)),
    ] {
        let mut wrong = notice.clone();
        if value.is_null() {
            wrong.as_object_mut().unwrap().remove(name);
        } else {
            wrong[name] = value;
        }
        assert_eq!(
            send(sign(1, &wrong)).await,
            StatusCode::BAD_REQUEST,
            "{name}"
        );
    }
    let mut nobody = notice.clone();
    nobody
        .as_object_mut()
        .unwrap()
        .retain(|name, _| name != "sub" && name != "sid");
    assert_eq!(send(sign(1, &nobody)).await, StatusCode::BAD_REQUEST);
    assert_eq!(
        send(sign(2, &notice)).await,
        StatusCode::BAD_REQUEST,
        "another key"
    );
    assert!(is_somebody(&plane, &cookie).await);
    assert_eq!(send(sign(1, &notice)).await, StatusCode::OK);
    assert!(!is_somebody(&plane, &cookie).await);
    assert!(
        is_somebody(&plane, &other).await,
        "another session of the provider"
    );
    let cookie = session(&sign_in(&provider, &plane, |_| {}).await);
    assert_eq!(send(sign(1, &notice)).await, StatusCode::OK);
    assert!(is_somebody(&plane, &cookie).await, "a notice counts once");
}
