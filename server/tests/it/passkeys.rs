//! Passkeys over HTTP: a right password alone opens no session, and what is asked is bound to the browser that was asked.

use axum::http::{StatusCode, header};
use chrono::Duration;
use control_plane::testing::{Authenticator, TestPlane};

use crate::support::{ADMIN, Answer, Call, PASSWORD, Plane};

const COOKIE: &str = "__Host-clearance-passkey=";
const SESSION: &str = "__Host-clearance=";

async fn plane(test: &TestPlane) -> Plane {
    let plane = Plane::beside(test, &[("CLEARANCE_BASE_URL", "https://clearance.test")]);
    plane.set_up().await;
    plane
}

/// The cookie of this name that an answer sets; none where it sets none, or takes it back.
fn set(answer: &Answer, name: &str) -> Option<String> {
    let all = answer.headers.get_all(header::SET_COOKIE).iter();
    let mut ours = all.filter_map(|value| value.to_str().ok()?.split(';').next());
    let found = ours.find(|pair| pair.starts_with(name))?;
    (found.len() > name.len()).then(|| found.to_owned())
}

async fn password(plane: &Plane) -> Answer {
    let word = PASSWORD.replace(' ', "+");
    let form = format!("email={ADMIN}&password={word}&next=%2Fagents");
    plane.send(Call::post("/sign-in").own().form(&form)).await
}

async fn answer(plane: &Plane, cookies: &str, answer: &str) -> Answer {
    let answer: String = url::form_urlencoded::byte_serialize(answer.as_bytes()).collect();
    let call = Call::post("/passkey").own().cookie(cookies);
    plane.send(call.form(&format!("answer={answer}"))).await
}

/// An administrator with a passkey; answers their session's cookie.
async fn enrolled(plane: &Plane, key: &Authenticator) -> String {
    let session = set(&password(plane).await, SESSION).expect("a session");
    let begun = plane
        .send(
            Call::get("/passkey/begin?for=enrol&name=Blue+key")
                .own()
                .cookie(&session)
                .build(),
        )
        .await;
    assert_eq!(begun.header("location"), "/passkey");
    let cookie = set(&begun, COOKIE).expect("a cookie");
    let made = key.make(&asked(plane, &format!("{session}; {cookie}")).await);
    let added = answer(plane, &format!("{session}; {cookie}"), &made).await;
    assert_eq!(
        added.header("location"),
        "/settings/passkeys?notice=passkey_added"
    );
    session
}

/// The question, as the page tells it to the browser.
async fn asked(plane: &Plane, cookies: &str) -> String {
    let page = Call::get("/passkey").cookie(cookies).build();
    page_options(&plane.send(page).await.text())
}

/// What a page hands to the authenticator.
pub(crate) fn page_options(page: &str) -> String {
    let (_, after) = page.split_once("data-props=\"").expect("an island");
    let (props, _) = after.split_once('"').unwrap();
    let props = props.replace("&quot;", "\"").replace("&amp;", "&");
    let props: serde_json::Value = serde_json::from_str(&props).unwrap();
    props["options"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_right_password_alone_gives_no_session() {
    let test = TestPlane::new().await;
    let plane = plane(&test).await;
    let mut key = Authenticator::new(7);
    enrolled(&plane, &key).await;
    let led = password(&plane).await;
    assert_eq!(
        (led.status, led.header("location")),
        (StatusCode::SEE_OTHER, "/passkey")
    );
    assert_eq!(set(&led, SESSION), None, "no session yet");
    let cookie = set(&led, COOKIE).unwrap();
    let attributes = led.header("set-cookie");
    for attribute in [
        "Max-Age=300",
        "HttpOnly",
        "SameSite=Lax",
        "Secure",
        "Path=/",
    ] {
        assert!(attributes.contains(attribute), "{attributes}");
    }
    let agents = plane
        .send(Call::get("/agents").cookie(&cookie).build())
        .await;
    assert!(
        agents.header("location").starts_with("/sign-in"),
        "opens nothing"
    );
    let signed = key.sign(&asked(&plane, &cookie).await);
    let stranger = answer(&plane, "", &signed).await;
    assert_eq!(
        stranger.header("location"),
        "/sign-in?error=passkey_expired&next=%2F"
    );
    let opened = answer(&plane, &cookie, &signed).await;
    assert_eq!(opened.header("location"), "/agents");
    let session = set(&opened, SESSION).expect("a session");
    let agents = plane
        .send(Call::get("/agents").cookie(&session).build())
        .await;
    assert_eq!(agents.status, StatusCode::OK);
    let again = answer(&plane, &cookie, &signed).await;
    assert_eq!(set(&again, SESSION), None, "once");
    test.finish().await;
}

#[tokio::test]
async fn only_our_own_pages_ask_and_answer() {
    let test = TestPlane::new().await;
    let plane = plane(&test).await;
    let session = enrolled(&plane, &Authenticator::new(7)).await;
    let begin =
        |next: &str| Call::get(&format!("/passkey/begin?for=confirm&next={next}")).cookie(&session);
    let foreign = begin("%2F").header("sec-fetch-site", "cross-site").build();
    let led = plane.send(foreign).await;
    assert_eq!(
        led.header("location"),
        "/settings/passkeys?problem=passkey_expired"
    );
    assert_eq!(set(&led, COOKIE), None);
    let call = Call::post("/passkey").header("sec-fetch-site", "cross-site");
    plane
        .send(call.cookie(&session).form("answer=%7B%7D"))
        .await
        .is_problem(403, "cross_site");
    let nobody = Call::get("/passkey/begin?for=enrol&name=x").own().build();
    let led = plane.send(nobody).await;
    assert_eq!(
        led.header("location"),
        "/settings/passkeys?problem=unauthenticated"
    );
    test.finish().await;
}

#[tokio::test]
async fn a_passkey_confirms_inside_a_session_and_leads_to_pages_of_this_site() {
    let test = TestPlane::new().await;
    let plane = plane(&test).await;
    let mut key = Authenticator::new(7);
    let session = enrolled(&plane, &key).await;
    test.clock.advance(Duration::minutes(20));
    let add = "form%5Bname%5D=Laptop&form%5Bpassword%5D=";
    let add = || {
        Call::post("/rpc/passkeys/add")
            .own()
            .cookie(&session)
            .form(add)
    };
    let refused = plane.send(add()).await;
    assert!(
        !refused.header("location").starts_with("/passkey"),
        "too old"
    );
    for (next, to) in [
        ("%2Fapprovals%2F7", "/approvals/7"),
        ("%2F%2Fevil.example", "/"),
    ] {
        let begin = Call::get(&format!("/passkey/begin?for=confirm&next={next}"));
        let begun = plane.send(begin.own().cookie(&session).build()).await;
        let cookies = format!("{session}; {}", set(&begun, COOKIE).unwrap());
        let signed = key.sign(&asked(&plane, &cookies).await);
        let confirmed = answer(&plane, &cookies, &signed).await;
        assert_eq!(confirmed.header("location"), to);
    }
    let passed = plane.send(add()).await;
    assert_eq!(
        passed.header("location"),
        "/passkey/begin?for=enrol&name=Laptop"
    );
    test.finish().await;
}

#[tokio::test]
async fn the_page_says_what_to_do_without_script_and_when_nothing_is_asked() {
    let test = TestPlane::new().await;
    let plane = plane(&test).await;
    enrolled(&plane, &Authenticator::new(7)).await;
    let cookie = set(&password(&plane).await, COOKIE).unwrap();
    let page = plane
        .send(Call::get("/passkey").cookie(&cookie).build())
        .await
        .text();
    assert!(page.contains("Switch script on for this address"), "{page}");
    let page = plane.get("/passkey").await.text();
    assert!(page.contains("Nothing is asked here") && page.contains("Begin anew"));
    test.finish().await;
}

#[tokio::test]
async fn demanding_passkeys_needs_an_address_that_can_have_them() {
    use server::config::{Config, Overrides};
    let of = |base_url: &str| {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("clearance.toml");
        let text = format!("base_url = \"{base_url}\"\n[sign_in]\nrequire_passkey = true\n");
        std::fs::write(&file, text).unwrap();
        let overrides = Overrides {
            file: Some(file),
            ..Overrides::default()
        };
        Config::from_parts(&overrides, Vec::new())
    };
    let refused = of("http://127.0.0.1:3000").unwrap_err().to_string();
    assert!(refused.contains("sign_in.require_passkey"), "{refused}");
    assert!(
        of("https://clearance.example.com")
            .unwrap()
            .sign_in
            .require_passkey
    );
}
