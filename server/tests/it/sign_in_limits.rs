//! Failed sign-ins are limited per network, whatever the accounts: twenty in fifteen minutes.

use axum::http::StatusCode;
use chrono::Duration;
use control_plane::testing::TestPlane;

use crate::support::{ADMIN, Call, PASSWORD, Plane};

const ATTACKER: &str = "192.0.2.7";
const OTHER: &str = "198.51.100.1";
const OPEN: &str = "/";
const STOPPED: &str = "/sign-in?error=too_many&next=%2F";
const WRONG: &str = "/sign-in?error=wrong_credentials&next=%2F";

/// Where a sign-in leads, from an address that may say that it speaks for another one.
async fn attempt(plane: &Plane, from: &str, email: &str, password: &str, speaks: &str) -> String {
    let form = format!("email={email}&password={}", password.replace(' ', "+"));
    let call = Call::post("/sign-in").own().from(from);
    let call = match speaks {
        "" => call,
        address => call.header("x-forwarded-for", address),
    };
    let answer = plane.send(call.form(&form)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    assert_eq!(answer.cookie().is_some(), answer.header("location") == OPEN);
    answer.header("location").to_owned()
}

async fn right(plane: &Plane, from: &str, speaks: &str) -> String {
    attempt(plane, from, ADMIN, PASSWORD, speaks).await
}

/// Fails twenty times, over as many accounts; `speaks` makes the forwarded address of each.
async fn fail_twenty_times(plane: &Plane, from: &str, speaks: impl Fn(u8) -> String) {
    for n in 0..20 {
        let email = format!("somebody{n}@example.com");
        let to = attempt(plane, from, &email, "wrong", &speaks(n)).await;
        assert_eq!(to, WRONG, "attempt {n}");
    }
}

fn nobody(_: u8) -> String {
    String::new()
}

#[tokio::test]
async fn twenty_failures_stop_an_address_and_no_other() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    fail_twenty_times(&plane, ATTACKER, nobody).await;
    assert_eq!(right(&plane, ATTACKER, "").await, STOPPED);
    assert_eq!(right(&plane, OTHER, "").await, OPEN);
    // Being stopped is not counted again, so the limit ends by itself.
    test.clock.advance(Duration::minutes(15));
    assert_eq!(right(&plane, ATTACKER, "").await, OPEN);
    test.finish().await;
}

#[tokio::test]
async fn addresses_of_one_network_are_one() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    for n in 0..20 {
        let from = format!("2001:db8:1:2::{n:x}");
        let email = format!("somebody{n}@example.com");
        assert_eq!(attempt(&plane, &from, &email, "wrong", "").await, WRONG);
    }
    assert_eq!(right(&plane, "2001:db8:1:2:ffff::1", "").await, STOPPED);
    assert_eq!(right(&plane, "2001:db8:1:3::1", "").await, OPEN);
    test.finish().await;
}

#[tokio::test]
async fn the_limit_holds_over_every_server_of_the_database() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    fail_twenty_times(&plane, ATTACKER, nobody).await;
    let restarted = Plane::beside(&test, &[]);
    assert_eq!(right(&restarted, ATTACKER, "").await, STOPPED);
    test.finish().await;
}

#[tokio::test]
async fn sign_ins_that_go_well_are_not_counted() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    for _ in 0..25 {
        assert_eq!(right(&plane, ATTACKER, "").await, OPEN);
    }
    let kept = test.column("SELECT network FROM sign_in_failures").await;
    assert!(kept.is_empty(), "{kept:?}");
    test.finish().await;
}

#[tokio::test]
async fn what_an_address_says_of_itself_changes_nothing() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    fail_twenty_times(&plane, ATTACKER, |n| format!("203.0.113.{n}")).await;
    assert_eq!(right(&plane, ATTACKER, "203.0.113.200").await, STOPPED);
    // Nor can it stop somebody else.
    assert_eq!(right(&plane, "203.0.113.1", "").await, OPEN);
    test.finish().await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_the_client_counts_and_not_what_it_invents() {
    let test = TestPlane::new().await;
    Plane::over(&test).await;
    let plane = Plane::beside(&test, &[("CLEARANCE_TRUSTED_PROXIES", "10.0.0.0/8")]);
    let proxy = "10.0.0.1";
    fail_twenty_times(&plane, proxy, |n| format!("203.0.113.{n}, {ATTACKER}")).await;
    let forged = format!("203.0.113.200, {ATTACKER}");
    assert_eq!(right(&plane, proxy, &forged).await, STOPPED);
    assert_eq!(right(&plane, proxy, OTHER).await, OPEN);
    assert_eq!(right(&plane, proxy, "").await, OPEN);
    test.finish().await;
}

#[tokio::test]
async fn failures_that_count_no_more_are_forgotten() {
    let test = TestPlane::new().await;
    let plane = Plane::over(&test).await;
    attempt(&plane, ATTACKER, "somebody@example.com", "wrong", "").await;
    let query = "SELECT network FROM sign_in_failures";
    test.activate("sweep").await.unwrap();
    assert_eq!(test.column(query).await, [ATTACKER]);
    test.clock.advance(Duration::minutes(15));
    test.activate("sweep").await.unwrap();
    assert!(test.column(query).await.is_empty());
    test.finish().await;
}
