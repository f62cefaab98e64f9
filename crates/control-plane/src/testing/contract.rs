//! What every identity provider and every runtime must do, told once: the tests run it against the fakes, and against each
//! adapter with the real thing behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use audit_log::{AddCheckpoint, Checkpoint, CheckpointKey, Cosignature, Hash, WitnessVerifierKey};
use domain::canonical::digest;
use domain::environment::Environment;
use domain::registry::Meaning;
use domain::runtime::RuntimeHealth;

use crate::ports::PortErrorKind;
use crate::ports::embedder::Embedder;
use crate::ports::identity_provider::{IdentityOrder, IdentityProvider};
use crate::ports::runtime::{Runtime, RuntimeOrder};
use crate::ports::witnesses::{WitnessAnswer, Witnesses};

/// Looks at a starting agent before a test gives up.
const LOOKS: u32 = 600;

/// Texts have vectors of one length, the same text the same; `near` to the first is the second of the texts, and the third is not.
pub async fn embedder(port: &dyn Embedder, [one, near, far]: [&str; 3]) {
    let model = port.model().expect("a model");
    assert!(!model.name.is_empty());
    let texts = [one, near, far, "", "\u{1F9FE} \u{202e}%00 字"].map(str::to_owned);
    let vectors = port.embed(texts.to_vec()).await.expect("vectors");
    assert_eq!(vectors.len(), texts.len());
    assert!(vectors.iter().all(|v| v.len() == vectors[0].len()));
    let alone = port.embed(vec![near.to_owned()]).await.expect("a vector");
    assert_eq!(alone[0], vectors[1], "whatever stands beside it");
    let [one, near, far] = [0, 1, 2].map(|at| Meaning::of(&vectors[at]));
    assert!(one.cosine(&near) >= model.near);
    assert!(one.cosine(&far) < model.near);
    let none = port.embed(Vec::new()).await.expect("no vectors");
    assert!(none.is_empty());
}

/// A principal is provided, suspended, resumed, restored, given another key and revoked; each of it twice does no harm.
pub async fn identity_provider(provider: &dyn IdentityProvider) {
    let order = IdentityOrder {
        client_id: "contract-bot-1".to_owned(),
        display_name: "Contract bot".to_owned(),
        environment: Environment::Production,
        scopes: vec!["crm:read".to_owned()],
    };
    let id = order.client_id.as_str();
    for missing in [
        provider.suspend(id).await.err(),
        provider.resume(id).await.err(),
        provider.describe(id).await.err(),
        provider.restore(&order).await.err(),
        provider.rotate(id, "rotation-1").await.err(),
    ] {
        let kind = missing.expect("there is no principal yet").kind;
        assert_eq!(kind, PortErrorKind::NotFound);
    }
    let first = provider.provision(&order).await.expect("a principal");
    for suspended in [true, false] {
        for _ in 0..2 {
            let done = if suspended {
                provider.suspend(id).await
            } else {
                provider.resume(id).await
            };
            done.expect("it answers");
        }
        let found = provider.describe(id).await.expect("it is there");
        assert_eq!(found.suspended, suspended);
        // One that keeps scopes itself keeps those that were ordered.
        assert!(found.scopes.is_none_or(|scopes| scopes == order.scopes));
    }
    provider.restore(&order).await.expect("it is there");
    let again = provider.provision(&order).await.expect("the same");
    assert_eq!(again, first, "its key is the one it had");
    for rotation in ["rotation-1", "rotation-2"] {
        let key = provider.rotate(id, rotation).await.expect("another key");
        assert_ne!(key, first.public_jwk, "the key before counts no more");
        let again = provider.rotate(id, rotation).await.expect("the same");
        assert_eq!(again, key, "one rotation has one key");
        let kept = provider.provision(&order).await.expect("the same");
        assert_eq!(kept.public_jwk, key);
        assert_eq!(kept.private_key_reference, first.private_key_reference);
    }
    assert_eq!(provider.list().await.expect("a list"), [id]);
    provider.suspend(id).await.expect("it answers");
    for _ in 0..2 {
        provider.revoke(id).await.expect("gone is no error");
    }
    assert!(provider.list().await.expect("a list").is_empty());
    // A principal that is made anew is not suspended.
    provider.provision(&order).await.expect("a principal");
    assert!(!provider.describe(id).await.expect("it is there").suspended);
    provider.revoke(id).await.expect("it goes");
}

/// A runtime is started, described, stopped, revived and removed; each of it twice does no harm.
pub async fn runtime(runtime: &dyn Runtime, order: RuntimeOrder) {
    let name = order.name.clone();
    for missing in [
        runtime.stop(&name).await.err(),
        runtime.describe(&name).await.err(),
    ] {
        let kind = missing.expect("there is no runtime yet").kind;
        assert_eq!(kind, PortErrorKind::NotFound);
    }
    let started = runtime.start(order.clone()).await.expect("a runtime");
    healthy(runtime, &name).await;
    let found = runtime.describe(&name).await.expect("it is there");
    assert!(
        found
            .image_digest
            .is_none_or(|image| image == order.image_digest)
    );
    assert!(
        found
            .endpoint
            .is_none_or(|endpoint| endpoint == started.endpoint)
    );
    let settings: BTreeMap<String, String> = order
        .environment
        .iter()
        .map(|(key, value)| (key.clone(), digest(value.as_bytes())))
        .collect();
    assert!(
        found
            .settings
            .is_none_or(|settings_found| settings_found == settings)
    );
    for _ in 0..2 {
        runtime.stop(&name).await.expect("it stops");
    }
    let health = runtime.health(&name).await.expect("it is there");
    assert_eq!(health, RuntimeHealth::Stopped);
    assert_eq!(runtime.list().await.expect("a list"), [name.as_str()]);
    runtime.revive(&name).await.expect("it comes back");
    healthy(runtime, &name).await;
    for _ in 0..2 {
        runtime.remove(&name).await.expect("gone is no error");
    }
    assert!(runtime.list().await.expect("a list").is_empty());
}

async fn healthy(runtime: &dyn Runtime, name: &str) {
    for _ in 0..LOOKS {
        if runtime.health(name).await.expect("it is there") == RuntimeHealth::Healthy {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{name} does not become healthy");
}

/// A fresh witness that follows the log of `log` signs what grows, tells the size that it has seen to whoever names another,
/// signs no second history, and refuses who has not the log's key.
pub async fn witnesses(port: &dyn Witnesses, witness: &WitnessVerifierKey, log: &CheckpointKey) {
    let (honest, forked) = (Tree::new(30, 30), Tree::new(30, 6));
    let ask = async |tree: &Tree, key: &CheckpointKey, old: u64, size: u64| {
        let asked = tree.asked(key, old, size).to_body();
        port.add_checkpoint(&witness.id(), asked).await
    };
    let signed = |answer: Result<WitnessAnswer, _>, size: u64| match answer {
        Ok(WitnessAnswer::Signed(lines)) => {
            let checkpoint = honest.checkpoint(log, size);
            Cosignature::from_answer(&checkpoint, &lines, witness).expect("its own signature")
        }
        other => panic!("not signed: {other:?}"),
    };
    let seen = |size| Ok(WitnessAnswer::Seen(size));
    assert_eq!(plain(ask(&honest, log, 3, 9).await), seen(0));
    signed(ask(&honest, log, 0, 9).await, 9);
    signed(ask(&honest, log, 9, 9).await, 9);
    assert_eq!(plain(ask(&honest, log, 0, 20).await), seen(9));
    assert_eq!(plain(ask(&honest, log, 5, 7).await), seen(9));
    assert_eq!(plain(ask(&forked, log, 9, 9).await), seen(9));
    let grown = plain(ask(&forked, log, 9, 20).await);
    assert_eq!(grown, Ok(WitnessAnswer::NotGrown));
    let thief = CheckpointKey::from_seed(log.name(), &[201; 32]).expect("a key");
    let stranger = CheckpointKey::from_seed("another.test/log", &[202; 32]).expect("a key");
    for key in [&thief, &stranger] {
        let refused = plain(ask(&honest, key, 9, 20).await);
        assert_eq!(refused, Err(PortErrorKind::Rejected));
    }
    let unknown = port.add_checkpoint("nobody+00000000", String::new()).await;
    assert_eq!(plain(unknown), Err(PortErrorKind::Rejected));
    // None of it changed what is remembered.
    signed(ask(&honest, log, 9, 20).await, 20);
}

fn plain(
    answer: Result<WitnessAnswer, crate::ports::PortError>,
) -> Result<WitnessAnswer, PortErrorKind> {
    answer.map_err(|error| error.kind)
}

/// A log in memory whose entries from `fork` on are those of another history.
struct Tree(BTreeMap<u64, Hash>);

impl Tree {
    fn new(size: u64, fork: u64) -> Self {
        let mut stored = BTreeMap::new();
        for index in 0..size {
            let text = format!("{} {index}", index < fork);
            let leaf = audit_log::leaf_hash(text.as_bytes());
            let new = audit_log::stored_hashes(index, leaf, &stored).expect("hashes");
            stored.extend((audit_log::stored_hash_count(index)..).zip(new));
        }
        Self(stored)
    }

    fn checkpoint(&self, key: &CheckpointKey, size: u64) -> Checkpoint {
        Checkpoint {
            origin: key.name().to_owned(),
            size,
            root: audit_log::root(size, &self.0).expect("a root"),
        }
    }

    fn asked(&self, key: &CheckpointKey, old: u64, size: u64) -> AddCheckpoint {
        AddCheckpoint {
            old,
            proof: audit_log::prove_consistency(old, size, &self.0).expect("a proof"),
            note: self.checkpoint(key, size).sign(key).expect("a note"),
        }
    }
}
