//! Witnesses over HTTP: the adapter against the real witness, against servers that misbehave, and the whole way from a log that
//! grows to an export that verifies under a quorum.

use std::path::Path;
use std::sync::Arc;

use audit_log::{CheckpointKey, WitnessPolicy, WitnessVerifierKey, verify_export_with};
use audit_log::{Tampering, VerifyError, VerifyOptions};
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse as _;
use axum::routing::post;
use control_plane::ports::PortErrorKind;
use control_plane::ports::witnesses::{WitnessAnswer, Witnesses};
use control_plane::testing::contract;
use server::adapters::ports;
use server::config::{Config, Overrides};
use server::keys::Keys;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::support::{ADMIN, Call, Plane};

const NAME: &str = "witness.example/compliance";

/// A real witness that follows one log.
struct Witness {
    key: WitnessVerifierKey,
    url: String,
    _folder: TempDir,
    _served: JoinSet<()>,
}

impl Witness {
    async fn of(log: &CheckpointKey) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let folder = witness::Folder::new(dir.path());
        let config = witness::Config {
            addr: "127.0.0.1:0".parse().unwrap(),
            name: NAME.to_owned(),
            logs: vec![log.verifier_key().to_string()],
        };
        let key = folder.init(&config).unwrap().verifier_key();
        let witness = Arc::new(folder.open(&config).unwrap());
        let (url, served) = serve(witness::router(witness, || 1_790_000_000)).await;
        Self {
            key,
            url,
            _folder: dir,
            _served: served,
        }
    }
}

async fn serve(router: Router) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut served = JoinSet::new();
    served.spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, served)
}

/// A configuration with one witness, in a file of `dir`.
fn configured(dir: &Path, key: &WitnessVerifierKey, url: &str) -> std::path::PathBuf {
    let file = dir.join("clearance.toml");
    let text = format!(
        "data_dir = '{}'\n[[audit_log.witnesses]]\nname = '{}'\nurl = '{url}'\nvkey = '{key}'\n",
        dir.join("data").display(),
        key.name(),
    );
    std::fs::write(&file, text).unwrap();
    file
}

fn load(file: std::path::PathBuf) -> Config {
    let overrides = Overrides {
        file: Some(file),
        ..Overrides::default()
    };
    Config::from_parts(&overrides, Vec::new()).unwrap()
}

fn adapter(dir: &TempDir, key: &WitnessVerifierKey, url: &str) -> Arc<dyn Witnesses> {
    let config = load(configured(dir.path(), key, url));
    ports(&config).unwrap().witnesses
}

fn log_key() -> CheckpointKey {
    CheckpointKey::from_seed("contract.test/log", &[3; 32]).unwrap()
}

fn stub_key() -> WitnessVerifierKey {
    let key = audit_log::WitnessKey::from_seed(NAME, &[4; 32]).unwrap();
    key.verifier_key()
}

#[tokio::test]
async fn the_real_witness_keeps_the_contract_over_http() {
    let log = log_key();
    let witness = Witness::of(&log).await;
    let dir = tempfile::tempdir().unwrap();
    let port = adapter(&dir, &witness.key, &witness.url);
    contract::witnesses(port.as_ref(), &witness.key, &log).await;
}

#[tokio::test]
async fn answers_that_are_none_are_trouble_and_not_believed() {
    use PortErrorKind::{Protocol, Rejected, Unavailable};
    let size = "text/x.tlog.size";
    let cases: [(StatusCode, &str, &str, Result<WitnessAnswer, PortErrorKind>); 10] = [
        (
            StatusCode::CONFLICT,
            size,
            "12\n",
            Ok(WitnessAnswer::Seen(12)),
        ),
        (StatusCode::CONFLICT, "text/plain", "12\n", Err(Unavailable)),
        (StatusCode::CONFLICT, size, "twelve\n", Err(Protocol)),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            "text/plain",
            "",
            Ok(WitnessAnswer::NotGrown),
        ),
        (StatusCode::NOT_FOUND, "text/plain", "", Err(Rejected)),
        (StatusCode::FORBIDDEN, "text/plain", "", Err(Rejected)),
        (StatusCode::BAD_REQUEST, "text/plain", "", Err(Protocol)),
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "text/plain",
            "",
            Err(Unavailable),
        ),
        (StatusCode::FOUND, "text/plain", "", Err(Unavailable)),
        (StatusCode::NO_CONTENT, "text/plain", "", Err(Unavailable)),
    ];
    for (status, kind, body, expected) in cases {
        let answer = move || async move { (status, [(header::CONTENT_TYPE, kind)], body) };
        let router = Router::new().route("/add-checkpoint", post(answer));
        let (url, _served) = serve(router).await;
        let dir = tempfile::tempdir().unwrap();
        let key = stub_key();
        let port = adapter(&dir, &key, &url);
        let found = port.add_checkpoint(&key.id(), String::new()).await;
        assert_eq!(
            found.map_err(|error| error.kind),
            expected,
            "{status} {body}"
        );
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_and_nobody_there_is_unavailable() {
    let endless = || async { "x".repeat(1 << 20).into_response() };
    let (url, served) = serve(Router::new().route("/add-checkpoint", post(endless))).await;
    let dir = tempfile::tempdir().unwrap();
    let key = stub_key();
    let port = adapter(&dir, &key, &url);
    let kind = async || {
        let asked = port.add_checkpoint(&key.id(), String::new()).await;
        asked.unwrap_err().kind
    };
    assert_eq!(kind().await, PortErrorKind::Protocol);
    drop(served);
    assert_eq!(kind().await, PortErrorKind::Unavailable);
}

#[tokio::test]
async fn addresses_that_lead_inside_are_not_called() {
    for url in [
        "https://10.0.0.1",
        "https://169.254.169.254/latest",
        "https://[fd00::1]",
        "http://140.82.112.3",
    ] {
        let dir = tempfile::tempdir().unwrap();
        let key = stub_key();
        let port = adapter(&dir, &key, url);
        let refused = port.add_checkpoint(&key.id(), String::new()).await;
        assert_eq!(refused.unwrap_err().kind, PortErrorKind::Rejected, "{url}");
    }
}

/// A server, its witness, and somebody who verifies an export with nothing but two keys.
#[tokio::test]
async fn an_export_carries_what_the_witness_saw_and_a_rewrite_under_the_stolen_key_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let overrides = Overrides {
        data_dir: Some(dir.path().join("data")),
        ..Overrides::default()
    };
    let keys = Keys::load_or_create(&Config::from_parts(&overrides, Vec::new()).unwrap()).unwrap();
    let witness = Witness::of(&keys.checkpoint).await;
    let file = configured(dir.path(), &witness.key, &witness.url);
    let plane = Plane::configured(file, dir).await;
    plane.set_up().await;
    let cookie = plane.sign_in(ADMIN).await;
    let answer = plane
        .send(Call::get("/api/v1/audit/export").cookie(&cookie).build())
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let export = tempfile::tempdir().unwrap();
    tar::Archive::new(answer.body.as_slice())
        .unpack(export.path())
        .unwrap();
    let key = keys.checkpoint.verifier_key();
    let policy = WitnessPolicy::new(vec![witness.key.clone()], 1).unwrap();
    let options = VerifyOptions {
        trusted: Some(&key),
        witnesses: Some(&policy),
        ..VerifyOptions::default()
    };
    let report = verify_export_with(export.path(), &options).unwrap();
    assert_eq!(report.witnesses.len(), 1);
    // What is served to monitors has it too.
    let served = plane.get("/log/v1/checkpoint").await.text();
    assert_eq!(policy.check(&served).unwrap().len(), 1);
    // The checkpoint signed anew with the log's own key, and without the witness.
    let checkpoint = audit_log::open(&served, std::slice::from_ref(&key)).unwrap();
    let again = checkpoint.sign(&keys.checkpoint).unwrap();
    std::fs::write(export.path().join("checkpoint"), again).unwrap();
    assert!(
        verify_export_with(
            export.path(),
            &VerifyOptions {
                witnesses: None,
                ..options
            }
        )
        .is_ok()
    );
    let found = verify_export_with(export.path(), &options);
    assert!(matches!(
        found,
        Err(VerifyError::Tampered {
            index: None,
            what: Tampering::Checkpoint(_)
        })
    ));
}
