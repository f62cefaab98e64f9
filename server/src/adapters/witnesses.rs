//! Witnesses of the audit log, over HTTP (C2SP tlog-witness). Owns what each answer means; verifies no signature, because whoever
//! asks does.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use audit_log::SIZE_TYPE;
use control_plane::ports::PortError;
use control_plane::ports::witnesses::{WitnessAnswer, Witnesses};
use reqwest::header::CONTENT_TYPE;
use reqwest::{Response, StatusCode};
use url::Url;

use super::guarded::{Blocked, Reach, client, is_local};
use super::problem::{protocol, rejected, unavailable};
use crate::config::AuditLogSettings;

/// How long one call may take: several follow each other within the lease of a witness.
const WITHIN: Duration = Duration::from_secs(5);
/// Most bytes of an answer that are read.
const ANSWER_MAX: usize = 64 * 1024;

/// The adapter.
#[derive(Debug)]
pub(super) struct OverHttp {
    /// By the ids of their keys.
    urls: BTreeMap<String, Url>,
    reach: Reach,
}

impl OverHttp {
    pub(super) fn new(settings: &AuditLogSettings) -> Self {
        let urls = settings.witnesses.iter();
        Self {
            urls: urls.map(|one| (one.key.id(), one.url.clone())).collect(),
            reach: Reach {
                private: settings.private_hosts.clone(),
                local: false,
                within: WITHIN,
            },
        }
    }
}

#[async_trait]
impl Witnesses for OverHttp {
    async fn add_checkpoint(&self, key_id: &str, body: String) -> Result<WitnessAnswer, PortError> {
        let url = self.urls.get(key_id);
        let url = url.ok_or_else(|| rejected("This witness is not configured any more."))?;
        let reach = Reach {
            local: is_local(url.as_str()),
            ..self.reach.clone()
        };
        let client = client(url, &reach).await.map_err(blocked)?;
        let sent = client.post(url.clone()).body(body).send().await;
        let answer = sent.map_err(|error| {
            let why = if error.is_timeout() {
                "It did not answer in time."
            } else {
                "It could not be reached."
            };
            unavailable(why).because(error.without_url())
        })?;
        judge(answer).await
    }
}

async fn judge(answer: Response) -> Result<WitnessAnswer, PortError> {
    let status = answer.status();
    let kind = answer.headers().get(CONTENT_TYPE);
    let tells_size = kind.is_some_and(|kind| kind.as_bytes() == SIZE_TYPE.as_bytes());
    match status {
        StatusCode::OK => Ok(WitnessAnswer::Signed(text(answer).await?)),
        StatusCode::CONFLICT if tells_size => {
            let told = text(answer).await?;
            let size = told.strip_suffix('\n').unwrap_or(&told);
            let parsed: u64 = size
                .parse()
                .map_err(|_| protocol("It answered with a size that is none."))?;
            Ok(WitnessAnswer::Seen(parsed))
        }
        StatusCode::UNPROCESSABLE_ENTITY => Ok(WitnessAnswer::NotGrown),
        StatusCode::NOT_FOUND => Err(rejected(
            "It does not follow this log: its operator adds this log's public key, or the address is wrong.",
        )),
        StatusCode::FORBIDDEN => Err(rejected(
            "It knows another key of this log: its operator compares it with the one on the page Audit.",
        )),
        StatusCode::BAD_REQUEST => Err(protocol("It does not understand what it was asked.")),
        other => Err(unavailable(format!("It has trouble ({other})."))),
    }
}

/// A little text of the answer.
async fn text(mut answer: Response) -> Result<String, PortError> {
    let mut bytes = Vec::new();
    loop {
        match answer.chunk().await {
            Ok(Some(chunk)) if bytes.len() + chunk.len() <= ANSWER_MAX => {
                bytes.extend_from_slice(&chunk);
            }
            Ok(Some(_)) => return Err(protocol("Its answer is far too long.")),
            Ok(None) => break,
            Err(error) => {
                let why = "Its answer broke off.";
                return Err(unavailable(why).because(error.without_url()));
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| protocol("Its answer is no text."))
}

fn blocked(why: Blocked) -> PortError {
    match why {
        Blocked::NotPlain => rejected(
            "Its address must begin with https://, unless it is on this machine, and hold no user.",
        ),
        Blocked::NoAddress => unavailable("Its host has no address at this time."),
        Blocked::Private => rejected(
            "It is in a private network: list its host in `audit_log.private_hosts` if that is meant.",
        ),
        Blocked::NoClient => unavailable("The HTTPS client could not be made."),
    }
}
