//! Receivers on loopback: one that takes HTTP calls, one that speaks enough SMTP. They keep what arrived and answer as told.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::post;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::World;

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// Not now; nothing is kept.
    Later,
    /// No; nothing is kept.
    Refuse,
    Gone,
    Elsewhere,
    /// It is kept, and the answer says that there was trouble.
    Trouble,
}

/// One call that was kept.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

#[derive(Debug, Default)]
struct Seen {
    calls: usize,
    kept: Vec<Kept>,
    planned: VecDeque<Answer>,
}

/// A receiver of HTTP calls.
pub(super) struct HttpReceiver {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    _task: JoinSet<()>,
}

impl HttpReceiver {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let router = axum::Router::new()
            .route("/canary/{*rest}", post(take))
            .with_state(Arc::clone(&seen));
        let mut task = JoinSet::new();
        task.spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            port,
            seen,
            _task: task,
        }
    }

    pub(super) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/canary/T0/B0", self.port)
    }

    pub(super) fn calls(&self) -> usize {
        self.seen.lock().unwrap().calls
    }

    pub(super) fn kept(&self) -> Vec<Kept> {
        self.seen.lock().unwrap().kept.clone()
    }
}

impl World for HttpReceiver {
    fn arrived(&self) -> usize {
        let seen = self.seen.lock().unwrap();
        let keyed: BTreeMap<_, _> = seen
            .kept
            .iter()
            .map(|k| (k.headers.get("webhook-id").cloned(), ()))
            .map(|(key, ())| (key.map(|k| k.as_bytes().to_vec()), ()))
            .collect();
        keyed.len()
    }

    fn next(&self, answer: Answer) {
        self.seen.lock().unwrap().planned.push_back(answer);
    }
}

async fn take(State(seen): State<Arc<Mutex<Seen>>>, headers: HeaderMap, body: Bytes) -> Response {
    let mut seen = seen.lock().unwrap();
    seen.calls += 1;
    let kept = Kept {
        headers,
        body: body.to_vec(),
    };
    match seen.planned.pop_front() {
        None => {
            seen.kept.push(kept);
            "ok".into_response()
        }
        Some(Answer::Trouble) => {
            seen.kept.push(kept);
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
        Some(Answer::Later) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        Some(Answer::Refuse) => (StatusCode::BAD_REQUEST, "invalid_payload").into_response(),
        Some(Answer::Gone) => StatusCode::GONE.into_response(),
        Some(Answer::Elsewhere) => {
            let there = [(header::LOCATION, "/canary/elsewhere")];
            (StatusCode::TEMPORARY_REDIRECT, there).into_response()
        }
    }
}

/// A mail server that takes one message for each connection, without TLS.
pub(super) struct MailServer {
    port: u16,
    seen: Arc<Mutex<Seen>>,
    _task: JoinSet<()>,
}

impl MailServer {
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let seen = Arc::new(Mutex::new(Seen::default()));
        let shared = Arc::clone(&seen);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let _ = talk(stream, &shared).await;
            }
        });
        Self {
            port,
            seen,
            _task: task,
        }
    }

    pub(super) const fn port(&self) -> u16 {
        self.port
    }

    /// Messages as they came over the wire.
    pub(super) fn messages(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let text = |k: &Kept| String::from_utf8(k.body.clone()).unwrap();
        seen.kept.iter().map(text).collect()
    }
}

impl World for MailServer {
    fn arrived(&self) -> usize {
        self.seen.lock().unwrap().kept.len()
    }

    fn next(&self, answer: Answer) {
        self.seen.lock().unwrap().planned.push_back(answer);
    }
}

async fn talk(stream: TcpStream, seen: &Mutex<Seen>) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test\r\n").await?;
    let mut line = String::new();
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let word = line.get(..4).unwrap_or_default().to_ascii_uppercase();
        let answer: &[u8] = match word.as_str() {
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await?;
                let body = data(&mut stream).await?;
                let mut seen = seen.lock().unwrap();
                match seen.planned.pop_front() {
                    None => {
                        seen.kept.push(Kept {
                            headers: HeaderMap::new(),
                            body,
                        });
                        b"250 taken\r\n"
                    }
                    Some(Answer::Later | Answer::Trouble) => b"451 later canary\r\n",
                    Some(Answer::Refuse | Answer::Gone | Answer::Elsewhere) => {
                        b"554 no such mailbox canary\r\n"
                    }
                }
            }
            "QUIT" => {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(());
            }
            "EHLO" => b"250 mail.test\r\n",
            _ => b"250 ok\r\n",
        };
        stream.write_all(answer).await?;
    }
}

/// The lines up to the one with a single dot.
async fn data(stream: &mut BufReader<TcpStream>) -> std::io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        if stream.read_until(b'\n', &mut line).await? == 0 || line == b".\r\n" {
            return Ok(body);
        }
        body.extend_from_slice(line.strip_prefix(b".").unwrap_or(&line));
    }
}
