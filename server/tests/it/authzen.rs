//! The examples of the Authorization API 1.0 of OpenID AuthZEN (<https://openid.net/specs/authorization-api-1_0.html>, by its
//! sections) and the request shapes of the working group's Todo interop scenario
//! (<https://authzen-interop.net/docs/scenarios/todo-1.1/>), each sent as it stands there. Their people are none of ours, so the decisions about
//! them are no; the semantics are shown once more with an agent that is live.

use axum::http::StatusCode;
use control_plane::testing::TestPlane;
use serde_json::{Value, json};

use crate::support::{ADMIN, Answer, Call, Plane};

const ONE: &str = "/access/v1/evaluation";
const MANY: &str = "/access/v1/evaluations";
const AGENT: &str = "refund-assistant-2";

async fn live() -> (TestPlane, Plane, String) {
    let (test, plane) = Plane::live().await;
    let token = plane.token(ADMIN, "access").await;
    (test, plane, token)
}

async fn ask(plane: &Plane, token: &str, path: &str, body: &Value) -> Answer {
    plane.send(Call::post(path).token(token).json(body)).await
}

fn decisions(answer: &Answer) -> Vec<bool> {
    let all = answer.json()["evaluations"].as_array().cloned();
    let all = all.unwrap_or_else(|| panic!("no evaluations: {}", answer.text()));
    all.iter()
        .map(|one| one["decision"].as_bool().expect("a decision"))
        .collect()
}

#[tokio::test]
async fn every_single_example_is_answered_with_a_decision() {
    let (test, plane, token) = live().await;
    let todo = "CiRmZDA2MTRkMy1jMzlhLTQ3ODEtYjdiZC04Yjk2ZjVhNTEwMGQSBWxvY2Fs";
    for (source, body) in [
        (
            "6.1, the request",
            json!({
                "subject": { "type": "user", "id": "alice@acmecorp.com" },
                "resource": { "type": "account", "id": "123" },
                "action": { "name": "can_read", "properties": { "method": "GET" } },
                "context": { "time": "1985-10-26T01:22-07:00" },
            }),
        ),
        (
            "5.1, a subject with properties",
            json!({
                "subject": { "type": "user", "id": "alice@acmecorp.com", "properties": {
                    "department": "Sales", "ip_address": "172.217.22.14", "device_id": "8:65:ee:17:7e:0b",
                } },
                "resource": { "type": "book", "id": "123", "properties": { "library_record": { "title": "AuthZEN in Action", "isbn": "978-0593383322" } } },
                "action": { "name": "extend-loan", "properties": { "period": "2W" } },
            }),
        ),
        (
            "Todo, can_read_user",
            json!({
                "subject": { "type": "user", "id": todo }, "action": { "name": "can_read_user" },
                "resource": { "type": "user", "id": "beth@the-smiths.com" },
            }),
        ),
        (
            "Todo, can_update_todo",
            json!({
                "subject": { "type": "user", "id": todo }, "action": { "name": "can_update_todo" },
                "resource": { "type": "todo", "id": "7240d0db-8ff0-41ec-98b2-34a096273b9f", "properties": { "ownerID": "rick@the-citadel.com" } },
            }),
        ),
    ] {
        let answer = ask(&plane, &token, ONE, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{source}: {}", answer.text());
        assert!(
            answer
                .header("content-type")
                .starts_with("application/json"),
            "{source}"
        );
        let answer = answer.json();
        assert_eq!(answer["decision"], false, "{source}");
        assert!(answer["context"].is_object(), "{source}");
        // 7.1: without `evaluations` it is the single request.
        let same = ask(&plane, &token, MANY, &body).await.json();
        assert_eq!(same, answer, "{source}");
        let mut empty = body.clone();
        empty["evaluations"] = json!([]);
        assert_eq!(
            ask(&plane, &token, MANY, &empty).await.json(),
            answer,
            "{source}, empty"
        );
    }
    test.finish().await;
}

#[tokio::test]
async fn every_example_of_many_is_answered_in_its_order() {
    let (test, plane, token) = live().await;
    let alice = json!({ "type": "user", "id": "alice@acmecorp.com" });
    let time = json!({ "time": "2024-05-31T15:22-07:00" });
    let read = json!({ "name": "can_read" });
    let document = |id: &str| json!({ "type": "document", "id": id });
    let whole = |id: &str| json!({ "subject": alice, "action": read, "resource": document(id), "context": time });
    for (source, body) in [
        (
            "7.1, each whole",
            json!({ "evaluations": [whole("boxcarring.md"), whole("subject-search.md"), whole("resource-search.md")] }),
        ),
        (
            "7.1.1, subject and context shared",
            json!({ "subject": alice, "context": time, "evaluations": [
            { "action": read, "resource": document("boxcarring.md") },
            { "action": read, "resource": document("subject-search.md") },
            { "action": read, "resource": document("resource-search.md") },
        ] }),
        ),
        (
            "7.1.1, an action of its own",
            json!({ "subject": alice, "context": time, "action": read, "evaluations": [
            { "resource": document("boxcarring.md") },
            { "resource": document("subject-search.md") },
            { "action": { "name": "can_edit" }, "resource": document("resource-search.md") },
        ] }),
        ),
        (
            "7.1.2, an option that nobody knows",
            json!({ "subject": alice, "action": read, "options": { "evaluations_semantic": "execute_all", "another_option": "value" }, "evaluations": [
            { "resource": document("1") }, { "resource": document("2") }, { "resource": document("3") },
        ] }),
        ),
        (
            "Todo 1.1, evaluations",
            json!({ "subject": alice, "action": { "name": "can_update_todo" }, "evaluations": [
            { "resource": { "type": "todo", "id": "1", "properties": { "ownerID": "rick@the-citadel.com" } } },
            { "resource": { "type": "todo", "id": "2", "properties": { "ownerID": "morty@the-citadel.com" } } },
            { "resource": { "type": "todo", "id": "3", "properties": { "ownerID": "morty@the-citadel.com" } } },
        ] }),
        ),
    ] {
        let answer = ask(&plane, &token, MANY, &body).await;
        assert_eq!(answer.status, StatusCode::OK, "{source}: {}", answer.text());
        assert_eq!(decisions(&answer), [false; 3], "{source}");
        assert!(
            answer.json().get("decision").is_none(),
            "{source}: {}",
            answer.text()
        );
    }
    test.finish().await;
}

#[tokio::test]
async fn the_three_semantics_stop_where_the_standard_says() {
    let (test, plane, token) = live().await;
    // 7.1.2.1: the first and the third may be read, the second not.
    let ask_by = |semantic: &'static str| {
        let body = json!({
            "subject": { "type": "agent", "id": AGENT }, "resource": { "type": "orders", "id": "1" },
            "options": { "evaluations_semantic": semantic },
            "evaluations": [{ "action": { "name": "read" } }, { "action": { "name": "delete" } }, { "action": { "name": "read" } }],
        });
        let (plane, token) = (&plane, &token);
        async move { decisions(&ask(plane, token, MANY, &body).await) }
    };
    assert_eq!(ask_by("execute_all").await, [true, false, true]);
    assert_eq!(ask_by("deny_on_first_deny").await, [true, false]);
    assert_eq!(ask_by("permit_on_first_permit").await, [true]);
    // 7.2.1: an error of one is a no of its own.
    let body = json!({ "subject": { "type": "agent", "id": AGENT }, "action": { "name": "read" }, "evaluations": [
        { "resource": { "type": "orders", "id": "1" } }, { "resource": { "type": "orders" } }, {},
    ] });
    let answer = ask(&plane, &token, MANY, &body).await;
    assert_eq!(decisions(&answer), [true, false, false]);
    let error = &answer.json()["evaluations"][1]["context"]["error"];
    assert!(
        error["status"] == 400 && error["message"].is_string(),
        "{error}"
    );
    test.finish().await;
}

#[tokio::test]
async fn errors_are_those_of_the_transport_and_a_request_keeps_its_name() {
    let (test, plane, token) = live().await;
    let good = json!({
        "subject": { "type": "agent", "id": AGENT }, "resource": { "type": "orders", "id": "1" }, "action": { "name": "read" },
    });
    for missing in ["subject", "resource", "action"] {
        let mut body = good.clone();
        body.as_object_mut().unwrap().remove(missing);
        let answer = ask(&plane, &token, ONE, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{missing}");
    }
    let stranger = plane.send(Call::post(ONE).json(&good)).await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
    let reader = plane.token(ADMIN, "read").await;
    assert_eq!(
        ask(&plane, &reader, ONE, &good).await.status,
        StatusCode::FORBIDDEN
    );
    // 10.1.4: the name that the caller gives the request is in the answer, also where that is an error.
    for (path, body, name) in [
        (ONE, &good, "bfe9eb29-ab87-4ca3-be83-a1d5d8305716"),
        (MANY, &good, "pep-1"),
        (ONE, &json!({}), "pep-2"),
    ] {
        let call = Call::post(path)
            .token(&token)
            .header("x-request-id", name)
            .json(body);
        assert_eq!(plane.send(call).await.header("x-request-id"), name);
    }
    let own = plane.send(Call::post(ONE).token(&token).json(&good)).await;
    assert_eq!(
        own.header("x-request-id").len(),
        32,
        "one of ours where none is given"
    );
    for hostile in ["a b", &"a".repeat(129), "<script>"] {
        let call = Call::post(ONE)
            .token(&token)
            .header("x-request-id", hostile)
            .json(&good);
        assert_ne!(plane.send(call).await.header("x-request-id"), hostile);
    }
    // Elsewhere a caller names nothing.
    let call = Call::get("/health/live")
        .header("x-request-id", "pep-3")
        .build();
    assert_ne!(plane.send(call).await.header("x-request-id"), "pep-3");
    test.finish().await;
}
