//! Agents that do not keep to the contract.

use std::time::Duration;

use local_runtime::{ExchangeError, InvokeError, Ping, PingError, RuntimeState};
use serde_json::json;

use crate::bench::{Bench, SOON};

/// Starts an agent in this mode and pings it once it listens.
async fn ping_of(mode: &str) -> Result<Ping, PingError> {
    let bench = Bench::new();
    bench
        .runtime
        .start(&bench.spec("agent", mode))
        .await
        .unwrap();
    bench.until_state("agent", RuntimeState::Running).await;
    loop {
        let answer = bench.runtime.ping("agent").await;
        // On a machine under load an agent may be late; only the one that is meant to be slow is taken at its word.
        let late = matches!(
            answer,
            Err(PingError::Exchange(ExchangeError::TimedOut { .. }))
        );
        if !late || mode == "slow" {
            return answer;
        }
    }
}

#[tokio::test]
async fn a_busy_agent_is_healthy() {
    assert_eq!(ping_of("busy").await.unwrap(), Ping::HealthyBusy);
}

#[tokio::test]
async fn garbage_is_named_and_made_printable() {
    let error = ping_of("garbage").await.unwrap_err();
    let PingError::Garbage { excerpt } = error else {
        panic!("{error:?}")
    };
    assert_eq!(excerpt, "\\u{1b}[31m<html>fine</html>");
}

#[tokio::test]
async fn a_wrong_status_is_not_healthy_whatever_the_body_says() {
    assert!(matches!(
        ping_of("wrong-status").await,
        Err(PingError::WrongStatus { status: 500 })
    ));
}

#[tokio::test]
async fn redirects_are_not_followed() {
    assert!(matches!(
        ping_of("redirect").await,
        Err(PingError::WrongStatus { status: 302 })
    ));
}

#[tokio::test]
async fn something_else_than_http_is_named() {
    let answer = ping_of("not-http").await;
    assert!(
        matches!(
            answer,
            Err(PingError::Exchange(ExchangeError::Protocol { .. }))
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn a_slow_agent_costs_the_time_limit_and_no_more() {
    let answer = ping_of("slow").await;
    assert!(
        matches!(
            answer,
            Err(PingError::Exchange(ExchangeError::TimedOut { .. }))
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let answer = ping_of("endless").await;
    assert!(
        matches!(
            answer,
            Err(PingError::Exchange(ExchangeError::TooLarge { .. }))
        ),
        "{answer:?}"
    );
}

#[tokio::test]
async fn invocations_are_bounded_in_time_and_size() {
    let bench = Bench::new();
    bench.healthy(&bench.spec("agent", "healthy")).await;
    let short = Duration::from_millis(50);
    let slow = bench
        .runtime
        .invoke("agent", &json!({"sleep": 600}), short, 1000)
        .await;
    assert!(
        matches!(
            slow,
            Err(InvokeError::Exchange(ExchangeError::TimedOut { .. }))
        ),
        "{slow:?}"
    );
    let large = bench
        .runtime
        .invoke("agent", &json!({"answer_bytes": 100_000}), SOON, 1000)
        .await;
    assert!(
        matches!(
            large,
            Err(InvokeError::Exchange(ExchangeError::TooLarge {
                limit: 1000
            }))
        ),
        "{large:?}"
    );
    let session = "s".repeat(33);
    let known = bench
        .runtime
        .invoke_in_session("agent", &session, &json!({}), SOON, 100_000)
        .await
        .unwrap();
    assert!(known.body.contains(&session));
    assert_eq!(known.content_type.as_deref(), Some("application/json"));
    for bad in [
        "short",
        &"s".repeat(257),
        &format!("{}\r\nx: y", "s".repeat(40)),
    ] {
        let refused = bench
            .runtime
            .invoke_in_session("agent", bad, &json!({}), SOON, 1000)
            .await;
        assert!(
            matches!(refused, Err(InvokeError::SessionId)),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn a_stopped_or_unknown_agent_is_not_asked() {
    let bench = Bench::new();
    assert!(matches!(
        bench.runtime.ping("nobody").await,
        Err(PingError::NotFound { .. })
    ));
    bench.healthy(&bench.spec("agent", "healthy")).await;
    bench.runtime.stop("agent").await.unwrap();
    let stopped = RuntimeState::Stopped;
    assert!(
        matches!(bench.runtime.ping("agent").await, Err(PingError::NotRunning { state }) if state == stopped)
    );
    let refused = bench.runtime.invoke("agent", &json!({}), SOON, 1000).await;
    assert!(matches!(refused, Err(InvokeError::NotRunning { state }) if state == stopped));
}
