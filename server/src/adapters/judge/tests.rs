//! One contract for the fake and the adapter, which speaks to an endpoint on the loopback network.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use axum::{Json, Router};
use control_plane::ports::PortErrorKind as Kind;
use evaluation::model_judge::{Exam, Labelled, Mode, read};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::chat::ChatApi;
use super::fake::{FakeJudge, Manner, says};
use super::*;

/// An OpenAI-compatible endpoint whose model has a manner.
#[derive(Clone)]
struct Endpoint {
    manner: Manner,
    status: StatusCode,
    asked: Arc<AtomicUsize>,
}

async fn answer(
    State(endpoint): State<Endpoint>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Response {
    endpoint.asked.fetch_add(1, Ordering::SeqCst);
    if headers.contains_key("authorization") || body["model"] != "judge-1" {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    if endpoint.status != StatusCode::OK {
        return (endpoint.status, "secret of the endpoint").into_response();
    }
    let content = |at: usize| body["messages"][at]["content"].as_str().unwrap_or_default();
    match endpoint.manner {
        Manner::Silent => std::future::pending().await,
        Manner::Broken => "{\"choices\": []}".into_response(),
        manner @ (Manner::Honest | Manner::Obedient | Manner::Garbage) => {
            let text = says(manner, content(0), content(1));
            Json(json!({ "choices": [{ "message": { "role": "assistant", "content": text } }] }))
                .into_response()
        }
    }
}

/// The time of a seat of the tests.
pub(in crate::adapters) const NOW: &str = "2026-11-01T00:00:00Z";

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> chrono::DateTime<chrono::Utc> {
        NOW.parse().unwrap()
    }
}

/// A judge in the process, with its calibration in a folder.
pub(in crate::adapters) fn fake_seat(folder: &Path, manner: Manner) -> Seat {
    let mut settings = settings("http://127.0.0.1:1/v1".to_owned());
    settings.calibration = folder.join("calibration.json");
    settings.within = Duration::from_secs(60);
    Seat {
        judge: Arc::new(FakeJudge(manner)),
        clock: Arc::new(Fixed),
        settings,
    }
}

fn settings(endpoint: String) -> JudgeSettings {
    JudgeSettings {
        endpoint,
        model: "judge-1".to_owned(),
        family: "northwind".to_owned(),
        key: None,
        calibration: PathBuf::from("calibration.json"),
        within: Duration::from_millis(300),
        max_questions: 500,
    }
}

async fn served(manner: Manner, status: StatusCode) -> (Arc<dyn Judge>, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let at = format!("http://{}/v1", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let router = Router::new()
        .route("/v1/chat/completions", post(answer))
        .with_state(Endpoint {
            manner,
            status,
            asked: Arc::clone(&asked),
        });
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    drop(tokio::spawn(
        async move { axum::serve(listener, router).await },
    ));
    let secrets = Arc::new(LocalSecrets::new(PathBuf::from("nowhere")));
    (
        Arc::new(ChatApi::new(&settings(at), secrets).unwrap()),
        asked,
    )
}

/// 60 items of each label.
fn exam() -> Exam {
    let line = |n: u32, good: bool| {
        let said = if good { "here" } else { "lost" };
        json!({ "kind": "claim", "document": [format!("Parcel {n} is here.")], "claim": format!("Parcel {n} is {said}."), "good": good })
            .to_string()
    };
    let lines: Vec<String> = (0..60)
        .flat_map(|n| [line(n, true), line(n, false)])
        .collect();
    Exam::new(Labelled::parse(&lines.join("\n")).unwrap())
}

/// Both kinds of judge, of one manner.
async fn both(manner: Manner) -> [Arc<dyn Judge>; 2] {
    [
        Arc::new(FakeJudge(manner)),
        served(manner, StatusCode::OK).await.0,
    ]
}

async fn calibrated(judge: &Arc<dyn Judge>) -> Result<(), Unfit> {
    let exam = exam();
    let round = ask_within(judge, exam.questions().to_vec(), Duration::from_secs(60)).await;
    let at = "2026-11-01T00:00:00Z".parse().unwrap();
    let found = exam.grade(&round.answers, ("judge-1", "northwind"), at);
    found.check(Mode::Claim, "judge-1", at).map(|_| ())
}

#[tokio::test]
async fn honest_judges_calibrate_and_others_do_not() {
    for judge in both(Manner::Honest).await {
        assert_eq!(calibrated(&judge).await, Ok(()));
    }
    for judge in both(Manner::Obedient).await {
        assert!(matches!(calibrated(&judge).await, Err(Unfit::Obeys { .. })));
    }
    for judge in both(Manner::Garbage).await {
        assert!(matches!(
            calibrated(&judge).await,
            Err(Unfit::Disagrees { .. })
        ));
    }
}

#[tokio::test]
async fn answers_come_as_they_are_and_trouble_is_named() {
    let question = exam().questions()[0].clone();
    for judge in both(Manner::Honest).await {
        let said = judge.ask(&question.prompt).await.unwrap();
        assert!(read(Mode::Claim, &said).unwrap().holds, "{said}");
    }
    for judge in both(Manner::Silent).await {
        let error = judge.ask(&question.prompt).await.unwrap_err();
        assert_eq!(error.kind, Kind::Unavailable);
    }
    for judge in both(Manner::Broken).await {
        let error = judge.ask(&question.prompt).await.unwrap_err();
        assert_eq!(error.kind, Kind::Protocol);
    }
    for (status, kind) in [
        (429, Kind::Unavailable),
        (503, Kind::Unavailable),
        (401, Kind::Rejected),
        (404, Kind::Rejected),
        (307, Kind::Rejected),
    ] {
        let status = StatusCode::from_u16(status).unwrap();
        let (judge, _) = served(Manner::Honest, status).await;
        let error = judge.ask(&question.prompt).await.unwrap_err();
        assert_eq!(error.kind, kind, "{status}");
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn asking_ends_with_its_time_and_its_number() {
    let (judge, asked) = served(Manner::Honest, StatusCode::OK).await;
    let mut settings = settings("http://127.0.0.1:1/v1".to_owned());
    settings.max_questions = 7;
    settings.within = Duration::from_secs(60);
    let seat = Seat {
        judge,
        clock: Arc::new(SystemClock),
        settings,
    };
    let round = seat.ask(exam().questions().to_vec()).await;
    assert_eq!((round.answers.len(), asked.load(Ordering::SeqCst)), (7, 7));
    // A question alone may take as long as the gate; together they may not take longer.
    let (silent, _) = served(Manner::Silent, StatusCode::OK).await;
    let began = std::time::Instant::now();
    let round = ask_within(
        &silent,
        exam().questions().to_vec(),
        Duration::from_millis(200),
    )
    .await;
    assert!(round.answers.is_empty() && round.trouble.is_some());
    assert!(began.elapsed() < Duration::from_secs(20));
}
