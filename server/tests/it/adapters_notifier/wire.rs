//! What is on the wire: within the limits of each channel, with every word of others harmless.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::notification::ChannelKind;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::receivers::{HttpReceiver, Kept, MailServer};
use super::{Bench, KEY, letter, person};

async fn sent(kind: ChannelKind) -> Kept {
    let receiver = HttpReceiver::start().await;
    let bench = Bench::near(None);
    let to = bench.channel(kind, &receiver.address()).await;
    bench.ports.notifier.send(&letter(to)).await.unwrap();
    receiver.kept().remove(0)
}

fn json(kept: &Kept) -> Value {
    serde_json::from_slice(&kept.body).unwrap()
}

fn length(text: &Value) -> usize {
    text.as_str().unwrap().chars().count()
}

/// No character that hides, reorders or breaks a line, but for the breaks that we put between lines.
fn is_clean(text: &str) -> bool {
    !text
        .chars()
        .any(|c| c != '\n' && (c.is_control() || domain::text::is_hidden(c)))
}

/// Every text in a document.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(all) => all.iter().for_each(|v| texts(v, found)),
        Value::Object(all) => all.values().for_each(|v| texts(v, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Slack's documented limits, and that its markup is never read in words of others.
fn check_slack(body: &Value) {
    let fallback = body["text"].as_str().unwrap();
    assert!(
        !fallback.contains('<') && !fallback.contains('>'),
        "{fallback}"
    );
    let blocks = body["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50);
    let check_text = |text: &Value, max: usize| {
        assert!(length(&text["text"]) <= max && length(&text["text"]) > 0);
        match text["type"].as_str().unwrap() {
            "plain_text" => assert_eq!(text["emoji"], false),
            "mrkdwn" => assert_eq!(
                text["text"],
                "<https://clearance.test/approvals/4|Review and decide>"
            ),
            other => panic!("{other}"),
        }
    };
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "header" => check_text(&block["text"], 150),
            "section" => {
                if !block["text"].is_null() {
                    check_text(&block["text"], 3_000);
                }
                let fields = block["fields"].as_array().cloned().unwrap_or_default();
                assert!(fields.len() <= 10);
                fields.iter().for_each(|field| check_text(field, 2_000));
            }
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!(elements.len() <= 10);
                elements.iter().for_each(|e| check_text(e, 3_000));
            }
            other => panic!("a block that can act or fetch: {other}"),
        }
    }
}

#[tokio::test]
async fn slack_gets_blocks_within_its_limits_without_mentions_or_buttons() {
    let body = json(&sent(ChannelKind::Slack).await);
    check_slack(&body);
    let mut all = Vec::new();
    texts(&body, &mut all);
    assert!(all.iter().all(|text| is_clean(text)));
    assert!(
        all.iter().any(|text| text.contains(&"9f".repeat(32))),
        "the full digest"
    );
    assert_eq!(body["unfurl_links"], false);
}

#[tokio::test]
async fn teams_gets_a_card_within_its_limit_without_markup() {
    let kept = sent(ChannelKind::Teams).await;
    assert!(kept.body.len() <= 28 * 1024);
    let body = json(&kept);
    let card = &body["attachments"][0]["content"];
    assert_eq!(card["type"], "AdaptiveCard");
    for block in card["body"].as_array().unwrap() {
        // Text blocks and fact sets read Markdown; runs do not.
        assert_eq!(block["type"], "RichTextBlock");
        for run in block["inlines"].as_array().unwrap() {
            assert_eq!(run["type"], "TextRun");
            assert!(run["selectAction"].is_null());
            assert!(is_clean(run["text"].as_str().unwrap()));
        }
    }
    let actions = card["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 1);
    assert_eq!(actions[0]["type"], "Action.OpenUrl");
    assert_eq!(actions[0]["url"], "https://clearance.test/approvals/4");
}

/// HMAC as RFC 2104 writes it, from the hash alone.
fn hmac(key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|b| b ^ with);
    let inner = Sha256::new()
        .chain_update(pad(0x36))
        .chain_update(message)
        .finalize();
    Sha256::new()
        .chain_update(pad(0x5c))
        .chain_update(inner)
        .finalize()
        .to_vec()
}

#[tokio::test]
async fn a_webhook_is_signed_over_id_time_and_body() {
    let kept = sent(ChannelKind::Webhook).await;
    let header = |name: &str| kept.headers[name].to_str().unwrap().to_owned();
    let (id, at) = (header("webhook-id"), header("webhook-timestamp"));
    assert_eq!(id, "01980000-0000-7000-8000-000000000001");
    assert_eq!(at, "1772442005");
    let key = STANDARD
        .decode(KEY.strip_prefix("whsec_").unwrap())
        .unwrap();
    let signed = [id.as_bytes(), b".", at.as_bytes(), b".", &kept.body].concat();
    let expected = format!("v1,{}", STANDARD.encode(hmac(&key, &signed)));
    assert_eq!(header("webhook-signature"), expected);
    assert!(!header("webhook-signature").contains(KEY));
    let body = json(&kept);
    assert_eq!(body["type"], "approval_opened");
    assert_eq!(body["timestamp"], "2026-03-02T09:00:00.000000Z");
    assert_eq!(body["data"]["event"], 41);
    assert_eq!(body["data"]["link"], "https://clearance.test/approvals/4");
    let mut all = Vec::new();
    texts(&body, &mut all);
    assert!(all.iter().all(|text| is_clean(text)));
}

/// Undoes quoted-printable and base64 as far as the tests need it: joins lines and decodes bytes.
fn decoded(raw: &str) -> String {
    let joined = raw.replace("=\r\n", "");
    let mut bytes = Vec::new();
    let mut rest = joined.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escaped = (*first == b'=')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn a_mail_has_both_bodies_and_no_header_of_others() {
    let server = MailServer::start().await;
    let bench = Bench::near(Some(server.port()));
    bench.ports.notifier.send(&letter(person())).await.unwrap();
    let raw = server.messages().remove(0);
    let (head, rest) = raw.split_once("\r\n\r\n").unwrap();
    let names: Vec<&str> = head
        .lines()
        .filter(|line| !line.starts_with([' ', '\t']))
        .map(|line| line.split(':').next().unwrap())
        .collect();
    for name in &names {
        let known = [
            "From",
            "To",
            "Subject",
            "Message-ID",
            "Auto-Submitted",
            "MIME-Version",
            "Date",
            "Content-Type",
        ];
        assert!(known.contains(name), "a header of others: {name}\n{head}");
    }
    assert!(head.contains("<01980000-0000-7000-8000-000000000001@example.com>"));
    let body = decoded(rest);
    assert!(body.contains("text/plain") && body.contains("text/html"));
    assert_eq!(
        body.matches("https://clearance.test/approvals/4").count(),
        2
    );
    assert!(body.matches(&format!("sha256:{}", "9f".repeat(32))).count() >= 2);
    let html = body.split_once("<!doctype html>").unwrap().1;
    for active in [
        "<script",
        "<img",
        "<link",
        "onerror=\"",
        "src=\"http",
        "url(http",
        "javascript:",
    ] {
        assert!(!html.contains(active), "{active}");
    }
    assert!(html.contains("&lt;script&gt;") && html.contains("color-scheme"));
    assert!(!body.contains('\u{202e}') && !body.contains('\u{200b}'));
}
