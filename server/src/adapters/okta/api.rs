//! Calls of Okta's management API. Owns their bounds: the one organisation, the guarded client, answers of so many bytes, so
//! many pages, and what a rate limit or a fault may cost before the worker is told to come back later.

use std::sync::Arc;
use std::time::Duration;

use chrono::DateTime;
use control_plane::ports::PortError;
use control_plane::ports::clock::Clock;
use domain::text::cut;
use reqwest::header::{DATE, HeaderMap, LINK};
use reqwest::{Method, StatusCode};
use secrecy::ExposeSecret as _;
use serde_json::Value;
use url::Url;

use super::access::Access;
use crate::adapters::guarded::{Blocked, Reach, client};
use crate::adapters::problem::{not_found, protocol, rejected, unavailable};

const ANSWER_MAX: usize = 4 * 1_024 * 1_024;
/// Most pages of one list: 20,000 apps.
const PAGES: usize = 100;
/// Tries of one call.
const TRIES: u32 = 4;
/// Longest wait for a rate limit; what takes longer is the worker's to try again.
const PATIENCE: Duration = Duration::from_secs(10);

/// The API of one organisation.
pub(super) struct Api {
    org: String,
    access: Access,
    reach: Reach,
    clock: Arc<dyn Clock>,
}

/// One call.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// After the organisation's address, beginning with a slash.
    pub(super) path: String,
    pub(super) body: Option<&'a Value>,
    /// For messages: "the identity's app".
    pub(super) what: &'a str,
    /// Does it come to the same when it is done twice? Else it is sent once, and the next look finds out.
    pub(super) again: bool,
}

/// What came back.
struct Answer {
    value: Value,
    next: Option<String>,
}

/// What to do about an answer.
enum Then {
    Done(Answer),
    Wait(Duration),
    Renew,
    Again(PortError),
    Fail(PortError),
}

impl Api {
    pub(super) fn new(org: String, access: Access, reach: Reach, clock: Arc<dyn Clock>) -> Self {
        Self {
            org,
            access,
            reach,
            clock,
        }
    }

    /// Reads one thing.
    pub(super) async fn get(&self, path: String, what: &str) -> Result<Value, PortError> {
        let call = Call {
            method: Method::GET,
            path,
            body: None,
            what,
            again: true,
        };
        self.call(&call).await
    }

    /// Reads a list, page by page.
    pub(super) async fn all(&self, path: String, what: &str) -> Result<Vec<Value>, PortError> {
        let mut found = Vec::new();
        let mut next = Some(path);
        for _ in 0..PAGES {
            let Some(path) = next else {
                return Ok(found);
            };
            let call = Call {
                method: Method::GET,
                path,
                body: None,
                what,
                again: true,
            };
            let answer = self.answer(&call).await?;
            let Value::Array(page) = answer.value else {
                return Err(protocol(format!("Okta answered no list of {what}.")));
            };
            found.extend(page);
            next = answer.next;
        }
        Err(protocol(format!("Okta's list of {what} does not end.")))
    }

    /// Changes something.
    pub(super) async fn call(&self, call: &Call<'_>) -> Result<Value, PortError> {
        self.answer(call).await.map(|answer| answer.value)
    }

    async fn answer(&self, call: &Call<'_>) -> Result<Answer, PortError> {
        let mut renewed = false;
        let mut last = unavailable("Okta asks for fewer requests: it is tried again.");
        for attempt in 1..=TRIES {
            match self.attempt(call).await? {
                Then::Done(answer) => return Ok(answer),
                Then::Fail(error) => return Err(error),
                Then::Renew if renewed => {
                    return Err(rejected(format!(
                        "Okta refused Clearance's token for {}: check the scopes of its app, as docs/okta.md tells.",
                        call.what
                    )));
                }
                Then::Renew => {
                    renewed = true;
                    self.access.forget().await;
                }
                Then::Wait(wait) if wait <= PATIENCE => tokio::time::sleep(wait).await,
                Then::Wait(wait) => {
                    return Err(unavailable(format!(
                        "Okta's rate limit is used up for {} seconds: it is tried again.",
                        wait.as_secs()
                    )));
                }
                Then::Again(error) if call.again => {
                    last = error;
                    tokio::time::sleep(Duration::from_millis(u64::from(attempt * attempt) * 50))
                        .await;
                }
                Then::Again(error) => return Err(error),
            }
        }
        Err(last)
    }

    async fn attempt(&self, call: &Call<'_>) -> Result<Then, PortError> {
        let url = Url::parse(&format!("{}{}", self.org, call.path))
            .map_err(|_| rejected("The address of the Okta organisation is not usable."))?;
        let client = client(&url, &self.reach).await.map_err(blocked)?;
        let token = self.access.token(&client).await?;
        let mut request = client
            .request(call.method.clone(), url)
            .header("accept", "application/json")
            .bearer_auth(token.expose_secret());
        if let Some(body) = call.body {
            request = request.json(body);
        }
        match request.send().await {
            Ok(answer) => self.judge(call, answer).await,
            Err(error) => Ok(Then::Again(
                unavailable("Okta could not be reached: it is tried again.")
                    .because(error.without_url()),
            )),
        }
    }

    async fn judge(
        &self,
        call: &Call<'_>,
        mut answer: reqwest::Response,
    ) -> Result<Then, PortError> {
        let status = answer.status();
        let headers = answer.headers().clone();
        let what = call.what;
        match status {
            StatusCode::TOO_MANY_REQUESTS => return Ok(Then::Wait(self.wait(&headers))),
            StatusCode::UNAUTHORIZED => return Ok(Then::Renew),
            _ if status.is_server_error() => {
                return Ok(Then::Again(unavailable(format!(
                    "Okta has trouble ({status}): it is tried again."
                ))));
            }
            _ => {}
        }
        let body = bounded(&mut answer, ANSWER_MAX).await?;
        if status.is_success() {
            let value = if body.is_empty() {
                Ok(Value::Null)
            } else {
                serde_json::from_slice(&body)
            };
            return Ok(match value {
                Ok(value) => Then::Done(Answer {
                    value,
                    next: self.next(&headers)?,
                }),
                Err(_) => Then::Fail(protocol(format!("Okta did not answer {what} in JSON."))),
            });
        }
        let said = said(&body);
        Ok(Then::Fail(match status {
            StatusCode::NOT_FOUND => not_found(format!("Okta has no such thing: {what}.")),
            StatusCode::FORBIDDEN => rejected(format!(
                "Okta does not let Clearance change {what}{said}: check the scopes and the administrator role of its app, as docs/okta.md tells."
            )),
            _ if status.is_client_error() => {
                rejected(format!("Okta did not accept {what} ({status}){said}."))
            }
            _ => protocol(format!("Okta answered {status} to {what}.")),
        }))
    }

    /// How long until calls are taken again. The moment is Okta's, so it is compared with Okta's own clock where it says what
    /// that shows.
    fn wait(&self, headers: &HeaderMap) -> Duration {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let reset: Option<i64> = text("x-rate-limit-reset").and_then(|text| text.parse().ok());
        let theirs = text(DATE.as_str())
            .and_then(|text| DateTime::parse_from_rfc2822(text).ok())
            .map(|at| at.timestamp());
        let now = theirs.unwrap_or_else(|| self.clock.now().timestamp());
        let seconds = reset.map_or(1, |reset| reset.saturating_sub(now).clamp(1, 3_600));
        Duration::from_secs(u64::try_from(seconds).unwrap_or(1))
    }

    /// The path of the next page. One that leads to another server is not followed.
    fn next(&self, headers: &HeaderMap) -> Result<Option<String>, PortError> {
        for value in headers.get_all(LINK) {
            for link in value.to_str().unwrap_or_default().split(',') {
                let Some((address, relation)) = link.split_once(';') else {
                    continue;
                };
                if relation.trim() != "rel=\"next\"" {
                    continue;
                }
                let address = address.trim().trim_start_matches('<').trim_end_matches('>');
                let path = address.strip_prefix(&self.org);
                let path = path.filter(|path| path.starts_with('/'));
                return path.map(|path| Some(path.to_owned())).ok_or_else(|| {
                    protocol("Okta names a next page at another address; it is not followed.")
                });
            }
        }
        Ok(None)
    }
}

/// What Okta says about a refusal, cut short: its words end up in a deployment's log.
fn said(body: &[u8]) -> String {
    let value: Value = serde_json::from_slice(body).unwrap_or_default();
    let summary = value.get("errorSummary").and_then(Value::as_str);
    summary.map_or_else(String::new, |text| format!(": {}", cut(text, 200)))
}

fn blocked(why: Blocked) -> PortError {
    match why {
        Blocked::NotPlain => {
            rejected("The address of the Okta organisation must begin with https://.")
        }
        Blocked::NoAddress => {
            unavailable("The Okta organisation's host has no address: it is tried again.")
        }
        Blocked::Private => {
            rejected("The Okta organisation's host is in a private network, where Okta is not.")
        }
        Blocked::NoClient => unavailable("The HTTPS client could not be made."),
    }
}

/// The body, if it is not too long.
pub(super) async fn bounded(
    answer: &mut reqwest::Response,
    max: usize,
) -> Result<Vec<u8>, PortError> {
    let mut body = Vec::new();
    let late = |error: reqwest::Error| {
        unavailable("Okta's answer broke off: it is tried again.").because(error.without_url())
    };
    while let Some(chunk) = answer.chunk().await.map_err(late)? {
        if body.len() + chunk.len() > max {
            return Err(protocol(format!("Okta answered more than {max} bytes.")));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
