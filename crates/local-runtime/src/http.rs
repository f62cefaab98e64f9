//! Talking to an agent: AgentCore's `HTTP` contract, `GET /ping` and `POST /invocations`. Owns the two requests and
//! the reading of their answers; refuses any address but loopback, redirects, and answers without a bound in size
//! and time.

use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::agent_log::printable;
use crate::error::{ExchangeError, InvokeError, PingError};
use crate::random;
use crate::runtime::LocalRuntime;
use crate::state::{RuntimeState, RuntimeStatus};

const SESSION_HEADER: &str = "x-amzn-bedrock-agentcore-runtime-session-id";
const PING_WITHIN: Duration = Duration::from_secs(2);
const MAX_PING: usize = 64 * 1024;

/// The answer of an agent that is well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ping {
    /// Ready for work.
    Healthy,
    /// Well, and at work in the background.
    HealthyBusy,
}

/// The answer to one invocation, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The `HTTP` status; only 200 means that the agent did its work.
    pub status: u16,
    /// The media type the agent gave, if any (`application/json`, `text/event-stream`).
    pub content_type: Option<String>,
    /// The body, as it came. It is the agent's: hostile.
    pub body: String,
    /// From the request to the last byte, in milliseconds.
    pub latency_ms: u64,
}

impl LocalRuntime {
    /// Asks the agent whether it is well, for at most two seconds.
    ///
    /// # Errors
    /// Anything but 200 with the contract's `JSON`, each in its own way.
    pub async fn ping(&self, name: &str) -> Result<Ping, PingError> {
        #[derive(Deserialize)]
        struct Answer {
            status: Ping,
        }
        let port = match self.active_port(name).await {
            Ok(port) => port,
            Err(None) => {
                return Err(PingError::NotFound {
                    name: name.to_owned(),
                });
            }
            Err(Some(state)) => return Err(PingError::NotRunning { state }),
        };
        let request = request(Method::GET, "/ping", port, Bytes::new());
        let answer = exchange(port, request, PING_WITHIN, MAX_PING).await?;
        if answer.status != StatusCode::OK {
            return Err(PingError::WrongStatus {
                status: answer.status.as_u16(),
            });
        }
        let parsed = serde_json::from_slice::<Answer>(&answer.body).map(|answer| answer.status);
        parsed.map_err(|_| PingError::Garbage {
            excerpt: printable(&String::from_utf8_lossy(&answer.body), 200),
        })
    }

    /// Gives the agent one piece of work in a session of its own and waits for the whole answer: at most `within`,
    /// at most `max_bytes`.
    ///
    /// # Errors
    /// When there is no complete answer. An answer with a bad status is not an error here.
    pub async fn invoke(
        &self,
        name: &str,
        payload: &serde_json::Value,
        within: Duration,
        max_bytes: usize,
    ) -> Result<Invocation, InvokeError> {
        let id = random::id().map_err(|error| ExchangeError::Protocol {
            detail: error.to_string(),
        })?;
        self.invoke_in_session(name, &format!("clearance-{id}"), payload, within, max_bytes)
            .await
    }

    /// The same in a given session: 33 to 256 visible ASCII characters.
    ///
    /// # Errors
    /// As [`Self::invoke`], and [`InvokeError::SessionId`].
    pub async fn invoke_in_session(
        &self,
        name: &str,
        session: &str,
        payload: &serde_json::Value,
        within: Duration,
        max_bytes: usize,
    ) -> Result<Invocation, InvokeError> {
        let visible = session.bytes().all(|byte| byte.is_ascii_graphic());
        let session = HeaderValue::from_str(session).map_err(|_| InvokeError::SessionId)?;
        if !visible || !(33..=256).contains(&session.len()) {
            return Err(InvokeError::SessionId);
        }
        let port = match self.active_port(name).await {
            Ok(port) => port,
            Err(None) => {
                return Err(InvokeError::NotFound {
                    name: name.to_owned(),
                });
            }
            Err(Some(state)) => return Err(InvokeError::NotRunning { state }),
        };
        let mut request = request(
            Method::POST,
            "/invocations",
            port,
            Bytes::from(payload.to_string()),
        );
        request.headers_mut().insert(SESSION_HEADER, session);
        let began = Instant::now();
        let answer = exchange(port, request, within, max_bytes).await?;
        let latency_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
        let body = String::from_utf8(answer.body.into()).map_err(|_| InvokeError::NotText)?;
        Ok(Invocation {
            status: answer.status.as_u16(),
            content_type: answer.content_type,
            body,
            latency_ms,
        })
    }

    /// The port of a runtime that ought to answer. `Err(None)`: there is none of this name.
    async fn active_port(&self, name: &str) -> Result<u16, Option<RuntimeState>> {
        match self.status(name).await {
            Ok(Some(RuntimeStatus {
                state,
                port: Some(port),
                ..
            })) if state.is_active() => Ok(port),
            Ok(Some(status)) => Err(Some(status.state)),
            Ok(None) => Err(None),
            Err(_) => Err(Some(RuntimeState::Lost)),
        }
    }
}

struct Answer {
    status: StatusCode,
    content_type: Option<String>,
    body: Bytes,
}

fn request(method: Method, path: &'static str, port: u16, body: Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = hyper::Uri::from_static(path);
    let headers = request.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(
        ACCEPT,
        HeaderValue::from_static("application/json, text/event-stream"),
    );
    if let Ok(host) = HeaderValue::from_str(&format!("127.0.0.1:{port}")) {
        headers.insert(HOST, host);
    }
    request
}

async fn exchange(
    port: u16,
    request: Request<Full<Bytes>>,
    within: Duration,
    max_bytes: usize,
) -> Result<Answer, ExchangeError> {
    let timed_out = |_| ExchangeError::TimedOut { after: within };
    timeout(within, exchange_unbounded(port, request, max_bytes))
        .await
        .map_err(timed_out)?
}

async fn exchange_unbounded(
    port: u16,
    request: Request<Full<Bytes>>,
    max_bytes: usize,
) -> Result<Answer, ExchangeError> {
    let protocol = |error: hyper::Error| ExchangeError::Protocol {
        detail: crate::supervise::chain(&error),
    };
    let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))
        .await
        .map_err(|source| ExchangeError::Unreachable { port, source })?;
    let (mut sender, connection) = http1::Builder::new()
        .max_buf_size(64 * 1024)
        .handshake(TokioIo::new(stream))
        .await
        .map_err(protocol)?;
    // Dropped, and with it the connection, however this function ends.
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let (parts, body) = sender
        .send_request(request)
        .await
        .map_err(protocol)?
        .into_parts();
    let collected = Limited::new(body, max_bytes)
        .collect()
        .await
        .map_err(|error| {
            if error.is::<LengthLimitError>() {
                ExchangeError::TooLarge { limit: max_bytes }
            } else {
                ExchangeError::Protocol {
                    detail: crate::supervise::chain(error.as_ref()),
                }
            }
        })?;
    let content_type = parts
        .headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    Ok(Answer {
        status: parts.status,
        content_type,
        body: collected.to_bytes(),
    })
}
