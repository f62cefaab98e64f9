//! Senders of messages: one contract for the fake and each adapter, and what each puts on the wire.

mod receivers;
mod wire;

use std::sync::Arc;

use control_plane::fakes::{Fakes, Fault};
use control_plane::ports::notifier::{Destination, Letter, Notifier};
use control_plane::ports::secrets::Secrets;
use control_plane::ports::{PortErrorKind, Ports};
use domain::notification::ChannelKind;
use domain::notification::message::{Line, Message, MessageTone};
use secrecy::SecretString;
use server::adapters::{AdaptersConfig, ports};
use tempfile::TempDir;

use self::receivers::{Answer, HttpReceiver, MailServer};

/// Speaks every channel's own language, breaks lines, hides and reorders.
const HOSTILE: &str = "a\r\nBcc: all@example.com\r\n\r\nbody <!channel> <@U1> <https://e.example|x> &amp; *b* _i_ `c` [x](https://e.example) <script>alert(1)</script> \"'><img src=x onerror=1> \u{202e}txt.exe\u{200b} @everyone ﷽";

const KEY: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// A letter whose every word is hostile, with the longest lists.
fn letter(to: Destination) -> Letter {
    let lines = || {
        (0..40)
            .map(|_| Line::attention(HOSTILE.repeat(5)))
            .collect()
    };
    let mut message = Message::new(
        MessageTone::Wait,
        &HOSTILE.repeat(3),
        &HOSTILE.repeat(9),
        (
            "Review and decide",
            "https://clearance.test/approvals/4".to_owned(),
        ),
    )
    .fact("Agent", "refund-assistant")
    .fact("Asked by", HOSTILE)
    .section("Scopes", lines())
    .section("Configuration", lines())
    .section("Gates", lines())
    .note("If nobody decides, version 1.0.0 stays live.");
    message.digest = Some(format!("sha256:{}", "9f".repeat(32)));
    Letter {
        key: "01980000-0000-7000-8000-000000000001".to_owned(),
        to,
        action: "approval_opened".to_owned(),
        at: "2026-03-02T09:00:00Z".parse().unwrap(),
        sending_at: "2026-03-02T09:00:05Z".parse().unwrap(),
        event: Some(41),
        agent: Some("refund-assistant".to_owned()),
        deployment: Some(4),
        message,
        choose_at: "https://clearance.test/settings#notifications".to_owned(),
    }
}

fn person() -> Destination {
    Destination::Person {
        name: HOSTILE.to_owned(),
        email: "approver@example.com".to_owned(),
    }
}

/// The adapters over a fresh folder, which may call receivers on loopback.
struct Bench {
    _folder: TempDir,
    ports: Ports,
}

impl Bench {
    fn new(change: impl FnOnce(&mut AdaptersConfig)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = AdaptersConfig::new(folder.path().join("data"));
        change(&mut config);
        Self {
            ports: ports(config).unwrap(),
            _folder: folder,
        }
    }

    fn near(mail: Option<u16>) -> Self {
        let mut variables = vec![("CLEARANCE_CHANNEL_HOSTS".to_owned(), "127.0.0.1".to_owned())];
        if let Some(port) = mail {
            for (name, value) in [
                ("HOST", "127.0.0.1".to_owned()),
                ("PORT", port.to_string()),
                ("SECURITY", "none".to_owned()),
                ("FROM", "Clearance <clearance@example.com>".to_owned()),
            ] {
                variables.push((format!("CLEARANCE_MAIL__{name}"), value));
            }
        }
        let overrides = server::config::Overrides::default();
        let read = server::config::Config::from_parts(&overrides, variables).unwrap();
        Self::new(|config| {
            config.mail = read.mail;
            config.channel_hosts = read.channel_hosts;
        })
    }

    async fn channel(&self, kind: ChannelKind, address: &str) -> Destination {
        let keep = async |name: &str, value: &str| {
            let kept = self
                .ports
                .secrets
                .keep(name, &SecretString::from(value))
                .await;
            kept.unwrap()
        };
        Destination::Channel {
            kind,
            address: keep("channel-test", address).await,
            key: Some(keep("channel-test-key", KEY).await),
        }
    }
}

/// What every sender keeps: success means that it arrived; "later" and "no" are told apart; no error holds the address.
async fn contract(notifier: &dyn Notifier, to: Destination, world: &impl World) {
    let sent = letter(to);
    notifier.send(&sent).await.unwrap();
    assert_eq!(world.arrived(), 1);
    for (answer, kind) in [
        (Answer::Later, PortErrorKind::Unavailable),
        (Answer::Refuse, PortErrorKind::Rejected),
    ] {
        world.next(answer);
        let error = notifier.send(&sent).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(!format!("{error:?}").contains("canary"), "{error:?}");
    }
    notifier.send(&sent).await.unwrap();
}

/// The other side of a sender.
trait World {
    /// How many different messages are there.
    fn arrived(&self) -> usize;
    /// How the next message is answered.
    fn next(&self, answer: Answer);
}

struct FakeWorld(Fakes);

impl World for FakeWorld {
    fn arrived(&self) -> usize {
        self.0.notifier.arrived().len()
    }

    fn next(&self, answer: Answer) {
        let kind = match answer {
            Answer::Later => PortErrorKind::Unavailable,
            Answer::Refuse => PortErrorKind::Rejected,
            Answer::Gone | Answer::Elsewhere | Answer::Trouble => PortErrorKind::NotFound,
        };
        self.0.faults.next("notifier.send", 1, Fault::Refused(kind));
    }
}

#[tokio::test]
async fn the_fake_keeps_the_contract() {
    let fakes = Fakes::new();
    fakes.notifier.with_mail();
    let kept = fakes
        .secrets
        .keep("channel-x", &SecretString::from("https://x"))
        .await;
    let to = Destination::Channel {
        kind: ChannelKind::Webhook,
        address: kept.unwrap(),
        key: None,
    };
    let world = FakeWorld(fakes);
    let notifier: Arc<dyn Notifier> = world.0.notifier.clone();
    contract(notifier.as_ref(), to, &world).await;
    assert_eq!(world.arrived(), 1, "a repeated key is one message");
}

#[tokio::test]
async fn every_channel_keeps_the_contract() {
    for kind in ChannelKind::ADDED {
        let receiver = HttpReceiver::start().await;
        let bench = Bench::near(None);
        let to = bench.channel(*kind, &receiver.address()).await;
        contract(bench.ports.notifier.as_ref(), to, &receiver).await;
    }
}

#[tokio::test]
async fn mail_keeps_the_contract() {
    let server = MailServer::start().await;
    let bench = Bench::near(Some(server.port()));
    assert!(bench.ports.notifier.mails());
    contract(bench.ports.notifier.as_ref(), person(), &server).await;
}

#[tokio::test]
async fn a_receiver_that_is_gone_or_moved_is_not_asked_again() {
    let receiver = HttpReceiver::start().await;
    let bench = Bench::near(None);
    let to = bench
        .channel(ChannelKind::Webhook, &receiver.address())
        .await;
    for (answer, kind) in [
        (Answer::Gone, PortErrorKind::NotFound),
        (Answer::Elsewhere, PortErrorKind::Rejected),
    ] {
        receiver.next(answer);
        let error = bench
            .ports
            .notifier
            .send(&letter(to.clone()))
            .await
            .unwrap_err();
        assert_eq!(error.kind, kind);
        assert!(!error.retryable());
    }
    assert_eq!(receiver.calls(), 2, "a redirect is not followed");
}

#[tokio::test]
async fn a_receiver_that_took_it_and_answers_with_trouble_knows_it_by_its_key() {
    let receiver = HttpReceiver::start().await;
    let bench = Bench::near(None);
    let to = bench
        .channel(ChannelKind::Webhook, &receiver.address())
        .await;
    receiver.next(Answer::Trouble);
    let sent = letter(to);
    let error = bench.ports.notifier.send(&sent).await.unwrap_err();
    assert!(error.retryable());
    bench.ports.notifier.send(&sent).await.unwrap();
    assert_eq!((receiver.calls(), receiver.arrived()), (2, 1));
}

#[tokio::test]
async fn receivers_on_this_machine_need_the_operators_word() {
    let receiver = HttpReceiver::start().await;
    let bench = Bench::new(|_| {});
    let to = bench.channel(ChannelKind::Slack, &receiver.address()).await;
    let refused = bench.ports.notifier.send(&letter(to)).await.unwrap_err();
    assert_eq!(refused.kind, PortErrorKind::Rejected);
    let address = SecretString::from(receiver.address());
    let checked = bench
        .ports
        .notifier
        .check(ChannelKind::Slack, &address)
        .await;
    assert!(checked.is_err());
    assert_eq!(receiver.calls(), 0);
    let unsent = bench
        .ports
        .notifier
        .send(&letter(person()))
        .await
        .unwrap_err();
    assert!(!bench.ports.notifier.mails());
    assert!(unsent.message.contains("mail.host"), "{unsent}");
}

#[tokio::test]
async fn a_server_that_is_down_is_tried_later() {
    let port = MailServer::start().await.port();
    let bench = Bench::near(Some(port));
    // The receiver went away with its runtime; nothing listens there now.
    let down = bench
        .channel(ChannelKind::Teams, "http://127.0.0.1:1/canary")
        .await;
    let error = bench.ports.notifier.send(&letter(down)).await.unwrap_err();
    assert!(error.retryable());
    assert!(!format!("{error:?}").contains("canary"), "{error:?}");
}
