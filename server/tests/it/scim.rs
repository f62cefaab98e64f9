//! SCIM as the large directories speak it, and as nobody should. The requests have the shapes that Okta and Microsoft document
//! for their provisioning.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use control_plane::directories;
use domain::form::directory::DirectoryTokenForm;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};

use crate::provider::{NEW, Provider, is_somebody, refused, session, sign_in};
use crate::support::{ADMIN, Answer, Call, Plane};

const BASE: &str = "/scim/v2/acme";

/// A server, its provider, and the door of the provider's directory.
struct Directory {
    provider: Provider,
    plane: Plane,
    token: String,
}

impl Directory {
    async fn new() -> Self {
        let provider = Provider::start().await;
        let plane = provider.plane(NEW).await;
        plane.team("care").await;
        let token = token(&plane).await;
        Self {
            provider,
            plane,
            token,
        }
    }

    fn request(&self, method: Method, path: &str) -> Call {
        Call::new(method, &format!("{BASE}{path}")).token(&self.token)
    }

    async fn get(&self, path: &str) -> Answer {
        self.plane
            .send(self.request(Method::GET, path).build())
            .await
    }

    async fn send(&self, method: Method, path: &str, body: &Value) -> Answer {
        let call = self.request(method, path);
        let call = call.header("content-type", "application/scim+json; charset=utf-8");
        self.plane.send(call.body(body.to_string())).await
    }

    async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body).await
    }

    async fn patch(&self, path: &str, operations: Value) -> Answer {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": operations,
        });
        self.send(Method::PATCH, path, &body).await
    }

    /// Adds Ada, as Okta does; answers her id.
    async fn ada(&self) -> String {
        let made = self.post("/Users", &okta_user("ada")).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }

    async fn group(&self, name: &str, members: Value) -> String {
        let body = json!({ "displayName": name, "members": members });
        let made = self.post("/Groups", &body).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        made.json()["id"].as_str().unwrap().to_owned()
    }
}

async fn token(plane: &Plane) -> String {
    let form = DirectoryTokenForm {
        provider: "acme".into(),
        days: "30".into(),
    };
    let made = directories::make_token(&plane.cp, &plane.admin().await, &form).await;
    made.unwrap().text
}

/// What Okta posts for somebody who is assigned.
fn okta_user(name: &str) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "userName": format!("{name}@example.com"),
        "name": { "givenName": name, "familyName": "Engineer" },
        "emails": [{ "primary": true, "value": format!("{name}@example.com"), "type": "work" }],
        "displayName": format!("{name} Engineer"),
        "locale": "en-US",
        "externalId": name,
        "groups": [],
        "password": "1mz050nq",
        "active": true,
    })
}

fn is_scim_error(answer: &Answer, status: u16, word: Option<&str>) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert!(
        answer
            .header("content-type")
            .starts_with("application/scim+json"),
        "{}",
        answer.text()
    );
    let body = answer.json();
    assert_eq!(
        body["schemas"],
        json!(["urn:ietf:params:scim:api:messages:2.0:Error"])
    );
    assert_eq!(body["status"], json!(status.to_string()));
    assert_eq!(body.get("scimType").and_then(Value::as_str), word, "{body}");
    assert!(!body["detail"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn okta_provisions_pushes_groups_and_deactivates() {
    let directory = Directory::new().await;
    // It asks whether somebody is there first.
    let asked = directory
        .get("/Users?filter=userName%20eq%20%22ada%40example.com%22&startIndex=1&count=100")
        .await;
    assert_eq!(asked.json()["totalResults"], json!(0));
    let made = directory.post("/Users", &okta_user("ada")).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let ada = made.json();
    let id = ada["id"].as_str().unwrap();
    assert_eq!(
        made.header("location"),
        ada["meta"]["location"].as_str().unwrap()
    );
    assert_eq!(
        made.header("etag"),
        ada["meta"]["version"].as_str().unwrap()
    );
    assert!(!made.text().contains("1mz050nq"), "passwords are dropped");
    let again = directory.post("/Users", &okta_user("ada")).await;
    is_scim_error(&again, 409, Some("uniqueness"));
    let found = directory
        .get("/Users?filter=userName%20eq%20%22ADA%40example.com%22")
        .await;
    assert_eq!(found.json()["Resources"][0]["id"], ada["id"]);
    // A profile push is a PUT of the whole person, with what it read besides.
    let mut whole = ada.clone();
    whole["displayName"] = json!("Ada, Countess");
    let put = directory
        .send(Method::PUT, &format!("/Users/{id}"), &whole)
        .await;
    assert_eq!(put.status, StatusCode::OK, "{}", put.text());
    assert_eq!(put.json()["displayName"], json!("Ada, Countess"));
    assert_ne!(put.header("etag"), made.header("etag"));

    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Care", "members": [],
    });
    let group = directory.post("/Groups", &group).await.json();
    let place = format!("/Groups/{}", group["id"].as_str().unwrap());
    let member = json!([{ "op": "add", "path": "members", "value": [{ "value": id, "display": "ada@example.com" }] }]);
    let added = directory.patch(&place, member).await;
    assert_eq!(added.status, StatusCode::NO_CONTENT, "{}", added.text());
    let cookie = session(&sign_in(&directory.provider, &directory.plane, |_| {}).await);
    assert!(is_somebody(&directory.plane, &cookie).await);
    let renamed =
        json!([{ "op": "replace", "value": { "id": group["id"], "displayName": "Admins" } }]);
    assert_eq!(
        directory.patch(&place, renamed).await.status,
        StatusCode::NO_CONTENT
    );
    let page = Call::get("/settings").cookie(&cookie);
    let page = directory
        .plane
        .send(page.header("accept", "text/html").build())
        .await
        .text();
    assert!(page.contains("Add a person"), "an administrator by now");
    let whole = directory.get(&place).await.json();
    assert_eq!(whole["members"][0]["value"], json!(id));

    let off = json!([{ "op": "replace", "value": { "active": false } }]);
    let off = directory.patch(&format!("/Users/{id}"), off).await;
    assert_eq!(off.json()["active"], json!(false), "{}", off.text());
    assert!(!is_somebody(&directory.plane, &cookie).await);
    let answer = sign_in(&directory.provider, &directory.plane, |_| {}).await;
    refused(&answer, "deactivated", "whoever left stays outside");
}

#[tokio::test]
async fn entra_provisions_with_its_own_spellings() {
    let directory = Directory::new().await;
    // Its test of the connection asks for somebody who is not there.
    let asked = directory
        .get("/Users?filter=userName+eq+%22non-existent%22")
        .await;
    assert_eq!(asked.json()["Resources"], json!([]));
    let body = json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "externalId": "0a21f0f2", "userName": "Test_User@example.com", "active": true,
        "emails": [{ "primary": true, "type": "work", "value": "Test_User@example.com" }],
        "meta": { "resourceType": "User" },
        "name": { "formatted": "givenName familyName", "familyName": "familyName", "givenName": "givenName" },
        "roles": [],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "x" },
    });
    let made = directory.post("/Users", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let place = format!("/Users/{id}");
    let changed = directory
        .patch(
            &place,
            json!([
                { "op": "Replace", "path": "emails[type eq \"work\"].value", "value": "updated@example.com" },
                { "op": "Replace", "path": "name.familyName", "value": "updatedFamilyName" },
                { "op": "Add", "path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "value": "y" },
                { "op": "Add", "path": "phoneNumbers[type eq \"work\"].value", "value": "1" },
            ]),
        )
        .await;
    assert_eq!(changed.status, StatusCode::OK, "{}", changed.text());
    assert_eq!(
        changed.json()["emails"][0]["value"],
        json!("updated@example.com")
    );
    assert_eq!(
        changed.json()["name"]["familyName"],
        json!("updatedFamilyName")
    );

    let body = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "externalId": "8aa1a0c0", "displayName": "displayName", "meta": { "resourceType": "Group" },
    });
    let group = directory.post("/Groups", &body).await.json();
    let place = format!("/Groups/{}", group["id"].as_str().unwrap());
    let asked = directory
        .get("/Groups?excludedAttributes=members&filter=displayName+eq+%22displayName%22")
        .await
        .json();
    assert_eq!(asked["Resources"][0]["id"], group["id"]);
    assert!(asked["Resources"][0].get("members").is_none());
    for operation in [
        json!({ "op": "Add", "path": "members", "value": [{ "$ref": null, "value": id }] }),
        json!({ "op": "Remove", "path": "members", "value": [{ "$ref": null, "value": id }] }),
        json!({ "op": "Add", "path": "members", "value": [{ "value": id }] }),
        json!({ "op": "Remove", "path": format!("members[value eq \"{id}\"]") }),
    ] {
        let adds = operation["op"] == "Add";
        let done = directory.patch(&place, json!([operation])).await;
        assert_eq!(done.status, StatusCode::NO_CONTENT, "{}", done.text());
        let is_in = directory
            .get(&format!(
                "/Groups?filter=id+eq+%22{}%22+and+members+eq+%22{id}%22",
                group["id"].as_str().unwrap()
            ))
            .await
            .json();
        assert_eq!(is_in["totalResults"], json!(i32::from(adds)), "{operation}");
    }
    let off = json!([{ "op": "Replace", "path": "active", "value": "False" }]);
    let off = directory.patch(&format!("/Users/{id}"), off).await;
    assert_eq!(off.json()["active"], json!(false), "{}", off.text());
    let gone = directory
        .send(Method::DELETE, &format!("/Users/{id}"), &Value::Null)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    is_scim_error(&directory.get(&format!("/Users/{id}")).await, 404, None);
}

#[tokio::test]
async fn open_streams_and_tokens_end_with_their_person() {
    let directory = Directory::new().await;
    let id = directory.ada().await;
    directory.group("Admins", json!([{ "value": id }])).await;
    let cookie = session(&sign_in(&directory.provider, &directory.plane, |_| {}).await);
    let stream = Call::get("/events").cookie(&cookie).build();
    let stream = directory.plane.open(stream).await;
    assert_eq!(stream.status(), StatusCode::OK);
    let mut body = stream.into_body();
    let off = json!([{ "op": "replace", "path": "active", "value": false }]);
    let off = directory.patch(&format!("/Users/{id}"), off).await;
    assert_eq!(off.status, StatusCode::OK, "{}", off.text());
    let ended = async { while body.frame().await.is_some_and(|frame| frame.is_ok()) {} };
    tokio::time::timeout(std::time::Duration::from_secs(5), ended)
        .await
        .expect("the stream outlived its person");
}

#[tokio::test]
async fn a_stranger_learns_nothing_and_no_other_credential_opens_the_door() {
    let directory = Directory::new().await;
    let id = directory.ada().await;
    let cookie = directory.plane.sign_in(ADMIN).await;
    let own = directory.plane.token(ADMIN, "read write").await;
    let unknown = format!("clr_{}", "0".repeat(64));
    let place = format!("{BASE}/Users/{id}");
    let calls = |path: &str| -> Vec<Request<Body>> {
        vec![
            Call::get(path).build(),
            Call::get(path).cookie(&cookie).build(),
            Call::get(path).token(&own).build(),
            Call::get(path).token(&unknown).build(),
            Call::get(path).token("").build(),
            Call::get(path).token(&"x".repeat(10_000)).build(),
            Call::get(path).token(&directory.token).token(&own).build(),
        ]
    };
    let mut told = Vec::new();
    for path in [
        place.as_str(),
        "/scim/v2/acme/Users",
        "/scim/v2/acme/Schemas",
        "/scim/v2/acme/ServiceProviderConfig",
        "/scim/v2/no-such/Users",
    ] {
        for call in calls(path) {
            let answer = directory.plane.send(call).await;
            is_scim_error(&answer, 401, None);
            told.push(answer.text());
        }
    }
    told.dedup();
    assert_eq!(told.len(), 1, "the same words for all: {told:?}");
    let elsewhere = Call::get("/scim/v2/no-such/Users").token(&directory.token);
    is_scim_error(&directory.plane.send(elsewhere.build()).await, 401, None);
    // Its own token opens nothing else.
    for path in [
        "/api/v1/agents",
        "/api/v1/notifications",
        "/api/v1/audit",
        "/log/v1/tile/entries/000",
    ] {
        let answer = directory
            .plane
            .send(Call::get(path).token(&directory.token).build());
        assert_eq!(answer.await.status, StatusCode::UNAUTHORIZED, "{path}");
    }
}

#[tokio::test]
async fn hostile_bodies_and_filters_are_refused() {
    let directory = Directory::new().await;
    let id = directory.ada().await;
    let deep = format!("{}{}", "[".repeat(5_000), "]".repeat(5_000));
    for (text, status) in [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("null", 400),
        (deep.as_str(), 400),
        ("{\"userName\":\"\\ud800\"}", 400),
        ("{\"userName\":7}", 400),
    ] {
        let call = directory.request(Method::POST, "/Users");
        let call = call.header("content-type", "application/scim+json");
        let answer = directory.plane.send(call.body(text.to_owned())).await;
        assert_eq!(answer.status.as_u16(), status, "{text}: {}", answer.text());
    }
    let large = json!({ "userName": "x".repeat(300_000) });
    let answer = directory.post("/Users", &large).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    let call = directory.request(Method::POST, "/Users");
    let call = call.header("content-type", "text/plain").body("{}");
    is_scim_error(&directory.plane.send(call).await, 415, None);
    for filter in [
        "userName%20co%20%22ada%22",
        "password%20pr",
        "userName%20eq%20%22a%22%20or%20userName%20eq%20%22ada%40example.com%22",
        "%28%28%28",
    ] {
        let answer = directory.get(&format!("/Users?filter={filter}")).await;
        is_scim_error(&answer, 400, Some("invalidFilter"));
    }
    for one in [
        "/ResourceTypes/Group",
        "/Schemas/urn:ietf:params:scim:schemas:core:2.0:User",
    ] {
        let found = directory.get(one).await;
        assert_eq!(found.status, StatusCode::OK, "{one}");
        assert!(found.json()["id"].is_string(), "{one}");
    }
    for place in [
        "/Users/x",
        "/Users/../Groups",
        "/Groups/x",
        "/Schemas/x",
        "/ResourceTypes/x",
    ] {
        assert_eq!(
            directory.get(place).await.status,
            StatusCode::NOT_FOUND,
            "{place}"
        );
    }
    let answer = directory.post("/Bulk", &json!({})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let none = directory.get("/Users?count=0").await.json();
    assert_eq!(
        (&none["totalResults"], &none["Resources"]),
        (&json!(1), &json!([]))
    );
    let beyond = directory.get("/Users?startIndex=1000").await.json();
    assert_eq!(beyond["Resources"], json!([]));
    let some = directory
        .get(&format!("/Users/{id}?attributes=userName"))
        .await
        .json();
    assert_eq!(some.as_object().unwrap().len(), 3, "{some}");
}

#[tokio::test]
async fn versions_keep_two_writers_apart() {
    let directory = Directory::new().await;
    let id = directory.ada().await;
    let place = format!("/Users/{id}");
    let version = directory.get(&place).await.header("etag").to_owned();
    let same = directory.request(Method::GET, &place);
    let same = same.header("if-none-match", &version).build();
    assert_eq!(
        directory.plane.send(same).await.status,
        StatusCode::NOT_MODIFIED
    );
    let write = |version: &str, name: &str| {
        let body =
            json!({ "Operations": [{ "op": "replace", "path": "displayName", "value": name }] });
        directory
            .request(Method::PATCH, &place)
            .header("if-match", version)
            .json(&body)
    };
    let first = directory.plane.send(write(&version, "First")).await;
    assert_eq!(first.status, StatusCode::OK, "{}", first.text());
    let second = directory.plane.send(write(&version, "Second")).await;
    is_scim_error(&second, 412, None);
    let nonsense = directory.plane.send(write("nonsense", "Third")).await;
    is_scim_error(&nonsense, 412, None);
    let any = directory.plane.send(write("*", "Fourth")).await;
    assert_eq!(any.json()["displayName"], json!("Fourth"));
}

#[tokio::test]
async fn what_is_offered_is_said() {
    let directory = Directory::new().await;
    let config = directory.get("/ServiceProviderConfig").await.json();
    assert_eq!(config["bulk"]["supported"], json!(false));
    assert_eq!(config["patch"]["supported"], json!(true));
    assert_eq!(config["etag"]["supported"], json!(true));
    let types = directory.get("/ResourceTypes").await.json();
    assert_eq!(types["totalResults"], json!(2));
    let schemas = directory.get("/Schemas").await.json();
    let user = &schemas["Resources"][0];
    let names: Vec<&str> = user["attributes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attribute| attribute["name"].as_str().unwrap())
        .collect();
    assert!(names.contains(&"userName") && names.contains(&"active"));
}

#[tokio::test]
async fn the_pages_show_the_directory_to_administrators_alone() {
    let directory = Directory::new().await;
    let id = directory.ada().await;
    directory.group("Care", json!([{ "value": id }])).await;
    directory.plane.add("viewer@example.com", "viewer").await;
    let viewer = directory.plane.sign_in("viewer@example.com").await;
    let admin = directory.plane.sign_in(ADMIN).await;
    let page = |path: &'static str, cookie: String| {
        let plane = &directory.plane;
        async move {
            let call = Call::get(path).cookie(&cookie);
            plane
                .send(call.header("accept", "text/html").build())
                .await
                .text()
        }
    };
    let state = page("/settings/directory", admin.clone()).await;
    for text in [
        "Connected",
        "/scim/v2/acme",
        "1 active of 1",
        "Developer in care",
    ] {
        assert!(state.contains(text), "{text}: {state}");
    }
    assert!(!state.contains(&directory.token));
    let people = page("/settings/directory/acme/people", admin.clone()).await;
    assert!(people.contains("ada@example.com") && people.contains("Developer in care"));
    let groups = page("/settings/directory/acme/groups", admin.clone()).await;
    assert!(groups.contains("Care") && groups.contains("Developer in care"));
    for path in [
        "/settings/directory",
        "/settings/directory/acme/people",
        "/settings/directory/acme/groups",
    ] {
        assert!(
            !page(path, viewer.clone()).await.contains("ada@example.com"),
            "{path}"
        );
    }
    let form = "form%5Bprovider%5D=acme&form%5Bdays%5D=30";
    let made = Call::post("/rpc/directories/make-token")
        .own()
        .cookie(&admin);
    let made = made.header("accept", "text/html").form(form);
    let shown = directory.plane.send(made).await.text();
    assert!(
        shown.contains("clr_") && shown.contains("shown once"),
        "{shown}"
    );
}

#[tokio::test]
async fn with_entra_people_are_known_by_its_object_id() {
    let provider = Provider::start().await;
    let plane = provider
        .plane("new_people = true\ndirectory_claim = \"oid\"")
        .await;
    let token = token(&plane).await;
    let directory = Directory {
        provider,
        plane,
        token,
    };
    let mut ada = okta_user("ada");
    ada["externalId"] = json!("object-1");
    let made = directory.post("/Users", &ada).await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    // Neither the address nor a subject that happens to be the same makes anybody her.
    directory.provider.tells(json!({ "sub": "object-1" }));
    let other = sign_in(&directory.provider, &directory.plane, |claims| {
        claims["sub"] = json!("object-1");
    });
    refused(&other.await, "address_taken", "no object id");
    directory
        .provider
        .tells(json!({ "sub": "of-this-application-alone" }));
    let right = sign_in(&directory.provider, &directory.plane, |claims| {
        claims["sub"] = json!("of-this-application-alone");
        claims["oid"] = json!("object-1");
        claims["email"] = json!("another@example.com");
    });
    let cookie = session(&right.await);
    assert!(is_somebody(&directory.plane, &cookie).await);
}
