//! The protocol over HTTP: every answer of C2SP tlog-witness, and what a kill or a restored memory does to it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use audit_log::{AddCheckpoint, CheckpointKey, Cosignature, WitnessVerifierKey};
use reqwest::StatusCode;
use tempfile::TempDir;
use tokio::task::JoinSet;
use witness::{Answer, Config, Folder, FolderError, WitnessFault, router};

use crate::support::{Log, NAME, NOW, ORIGIN, key};

struct Running {
    folder: TempDir,
    url: String,
    key: WitnessVerifierKey,
    _served: JoinSet<()>,
}

impl Running {
    async fn start() -> Self {
        let folder = TempDir::new().unwrap();
        let config = config();
        let key = Folder::new(folder.path()).init(&config).unwrap();
        let (url, served) = serve(folder.path()).await;
        Self {
            folder,
            url,
            key: key.verifier_key(),
            _served: served,
        }
    }

    async fn ask(&self, asked: &AddCheckpoint) -> (StatusCode, String, String) {
        post(&self.url, asked.to_body()).await
    }

    fn memory(&self) -> PathBuf {
        self.folder.path().join("seen-heads")
    }
}

fn config() -> Config {
    Config {
        addr: "127.0.0.1:0".parse().unwrap(),
        name: NAME.into(),
        logs: vec![key().verifier_key().to_string()],
    }
}

async fn serve(folder: &Path) -> (String, JoinSet<()>) {
    let folder = Folder::new(folder);
    let witness = Arc::new(folder.open(&folder.config().unwrap()).unwrap());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/add-checkpoint", listener.local_addr().unwrap());
    let mut served = JoinSet::new();
    served.spawn(async move {
        axum::serve(listener, router(witness, || NOW))
            .await
            .unwrap()
    });
    (url, served)
}

/// Status, media type and body of the answer.
async fn post(url: &str, body: impl Into<reqwest::Body>) -> (StatusCode, String, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).body(body).send().await.unwrap();
    let kind = answer.headers().get("content-type");
    let kind = kind.map_or_else(String::new, |kind| kind.to_str().unwrap().to_owned());
    (answer.status(), kind, answer.text().await.unwrap())
}

fn conflict(size: u64) -> (StatusCode, String, String) {
    let kind = "text/x.tlog.size".to_owned();
    (StatusCode::CONFLICT, kind, format!("{size}\n"))
}

#[tokio::test]
async fn a_log_that_grows_is_signed_step_by_step() {
    let (running, log) = (Running::start().await, Log::new(20, 99));
    for (old, size) in [(0, 5), (5, 5), (5, 6), (6, 20), (20, 20)] {
        let (status, _, line) = running.ask(&log.asked(old, size)).await;
        assert_eq!(status, StatusCode::OK, "{old} to {size}: {line}");
        let said = Cosignature::from_answer(&log.checkpoint(size), &line, &running.key).unwrap();
        assert_eq!(said.time, NOW);
    }
}

#[tokio::test]
async fn the_size_that_was_seen_is_told_to_whoever_names_another() {
    let (running, log) = (Running::start().await, Log::new(20, 99));
    assert_eq!(running.ask(&log.asked(3, 5)).await, conflict(0));
    assert_eq!(running.ask(&log.asked(0, 8)).await.0, StatusCode::OK);
    for (old, size) in [(0, 20), (7, 20), (9, 20), (0, 5), (5, 5)] {
        let answer = running.ask(&log.asked(old, size)).await;
        assert_eq!(answer, conflict(8), "{old} to {size}");
    }
    // Anew, with the proof from the size that was told.
    assert_eq!(running.ask(&log.asked(8, 20)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_second_history_is_never_signed() {
    let running = Running::start().await;
    let (log, fork) = (Log::new(20, 99), Log::new(30, 7));
    assert_eq!(running.ask(&log.asked(0, 10)).await.0, StatusCode::OK);
    // The same size with another root; a longer one with its own proof, with the honest one, and with none.
    assert_eq!(running.ask(&fork.asked(10, 10)).await, conflict(10));
    let mut longer = fork.asked(10, 20);
    assert_eq!(
        running.ask(&longer).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    longer.proof = log.asked(10, 20).proof;
    assert_eq!(
        running.ask(&longer).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    longer.proof.clear();
    assert_eq!(
        running.ask(&longer).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(running.ask(&fork.asked(0, 30)).await, conflict(10));
    // A proof where there must be none.
    let mut same = log.asked(10, 10);
    same.proof = log.asked(10, 20).proof;
    assert_eq!(running.ask(&same).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    // None of it changed what is remembered.
    assert_eq!(running.ask(&log.asked(10, 20)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn strangers_and_nonsense_are_refused() {
    let (running, log) = (Running::start().await, Log::new(20, 99));
    let thief = CheckpointKey::from_seed(ORIGIN, &[8; 32]).unwrap();
    let mut asked = log.asked(0, 20);
    asked.note = log.checkpoint(20).sign(&thief).unwrap();
    assert_eq!(running.ask(&asked).await.0, StatusCode::FORBIDDEN);
    // The log's name and key id over a signature that is not its own.
    let honest = log.asked(0, 20);
    let mut forged = honest.clone();
    forged.note = forged.note.replacen("\n20\n", "\n19\n", 1);
    assert_eq!(running.ask(&forged).await.0, StatusCode::FORBIDDEN);
    let mut other = honest.clone();
    other.note = other.note.replace(ORIGIN, "another.example/log");
    assert_eq!(running.ask(&other).await.0, StatusCode::NOT_FOUND);
    let mut backwards = log.asked(0, 5);
    backwards.old = 6;
    assert_eq!(running.ask(&backwards).await.0, StatusCode::BAD_REQUEST);
    let mut long = honest.clone();
    long.proof = vec![log.checkpoint(1).root; 64];
    assert_eq!(running.ask(&long).await.0, StatusCode::BAD_REQUEST);
    for nonsense in ["", "old 0\n", "old 00\n\nx", "\u{2014} x y\n"] {
        assert_eq!(
            post(&running.url, nonsense).await.0,
            StatusCode::BAD_REQUEST
        );
    }
    let huge = "x".repeat(1_000_000);
    assert_eq!(
        post(&running.url, huge).await.0,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    assert_eq!(std::fs::read(running.memory()).unwrap(), b"");
    assert_eq!(running.ask(&honest).await.0, StatusCode::OK);
}

/// The head is on the disk, and the answer never came: the log asks again, is told the size, and gets its signature.
#[tokio::test]
async fn killed_between_writing_and_answering_it_signs_the_same_tree_again_and_no_other() {
    let (running, log) = (Running::start().await, Log::new(20, 99));
    assert_eq!(running.ask(&log.asked(0, 12)).await.0, StatusCode::OK);
    let (url, _served) = serve(running.folder.path()).await;
    assert_eq!(post(&url, log.asked(0, 12).to_body()).await, conflict(12));
    let (status, _, line) = post(&url, log.asked(12, 12).to_body()).await;
    assert_eq!(status, StatusCode::OK);
    assert!(Cosignature::from_answer(&log.checkpoint(12), &line, &running.key).is_ok());
    let fork = Log::new(12, 3);
    assert_eq!(post(&url, fork.asked(12, 12).to_body()).await, conflict(12));
}

#[tokio::test]
async fn of_many_requests_at_once_each_history_is_signed_at_most_once() {
    let running = Running::start().await;
    let mut asked = JoinSet::new();
    for fork in 0..10 {
        let (url, body) = (running.url.clone(), Log::new(10, fork).asked(0, 10));
        asked.spawn(async move { post(&url, body.to_body()).await.0 });
    }
    let answers = asked.join_all().await;
    let signed = answers.iter().filter(|status| **status == StatusCode::OK);
    assert_eq!(signed.count(), 1, "{answers:?}");
}

/// A memory out of a backup: the witness goes on from there with the honest log, and tells everybody how far it remembers; it
/// signs nothing smaller than that.
#[tokio::test]
async fn a_restored_memory_shows_and_signs_nothing_backwards() {
    let (running, log) = (Running::start().await, Log::new(30, 99));
    assert_eq!(running.ask(&log.asked(0, 10)).await.0, StatusCode::OK);
    let backup = std::fs::read(running.memory()).unwrap();
    assert_eq!(running.ask(&log.asked(10, 20)).await.0, StatusCode::OK);
    std::fs::write(running.memory(), backup).unwrap();
    // The log says where the witness was, and hears that it was not.
    assert_eq!(running.ask(&log.asked(20, 30)).await, conflict(10));
    assert_eq!(running.ask(&log.asked(0, 5)).await, conflict(10));
    assert_eq!(running.ask(&log.asked(10, 30)).await.0, StatusCode::OK);
}

#[tokio::test]
async fn without_its_memory_or_with_a_damaged_one_it_signs_nothing() {
    let (running, log) = (Running::start().await, Log::new(20, 99));
    assert_eq!(running.ask(&log.asked(0, 10)).await.0, StatusCode::OK);
    std::fs::write(running.memory(), "clearance.example/log ten\n").unwrap();
    assert_eq!(
        running.ask(&log.asked(10, 20)).await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    std::fs::remove_file(running.memory()).unwrap();
    assert_eq!(
        running.ask(&log.asked(0, 20)).await.0,
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let folder = Folder::new(running.folder.path());
    let opened = folder.open(&config());
    assert!(matches!(opened, Err(FolderError::Forgotten { .. })));
}

#[test]
fn a_fault_of_the_memory_is_told_from_an_answer() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("never-there");
    let own = audit_log::WitnessKey::from_seed(NAME, &[1; 32]).unwrap();
    let witness = witness::Witness::new(own, vec![key().verifier_key()], path);
    let body = Log::new(5, 99).asked(0, 5).to_body();
    let fault = witness.add_checkpoint(body.as_bytes(), NOW);
    assert!(matches!(fault, Err(WitnessFault::Forgotten { .. })));
    let answer = witness.add_checkpoint(b"nonsense", NOW).unwrap();
    assert_eq!(answer, Answer::Malformed);
}
