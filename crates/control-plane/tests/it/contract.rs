//! The fakes keep the contracts that the adapters keep.

use std::collections::BTreeMap;

use control_plane::fakes::{FakeWitnesses, Fakes};
use control_plane::ports::embedder::Embedder as _;
use control_plane::ports::runtime::RuntimeOrder;
use control_plane::testing::contract;

#[tokio::test]
async fn the_fake_identity_provider_keeps_the_contract() {
    let fakes = Fakes::new();
    contract::identity_provider(fakes.identities.as_ref()).await;
}

#[tokio::test]
async fn the_fake_runtime_keeps_the_contract() {
    let fakes = Fakes::new();
    let order = RuntimeOrder {
        name: "bot-9".to_owned(),
        image_digest: format!("sha256:{}", "1".repeat(64)),
        entrypoint: "agent.py".to_owned(),
        environment: BTreeMap::from([("MODE".to_owned(), "test".to_owned())]),
        secrets: BTreeMap::new(),
        private_key_reference: String::new(),
        memory_mb: 64,
        start_timeout_seconds: 1,
    };
    contract::runtime(fakes.runtime.as_ref(), order).await;
}

#[tokio::test]
async fn the_fake_embedder_keeps_the_contract() {
    let fakes = Fakes::new();
    assert_eq!(fakes.embedder.model(), None);
    let groups: &[&[&str]] = &[&["invoice", "bill"], &["matches", "pairs"]];
    fakes.embedder.is("model 1", groups);
    let texts = [
        "Matches invoice",
        "Pairs bill",
        "Plans the shifts of nurses",
    ];
    contract::embedder(fakes.embedder.as_ref(), texts).await;
}

#[tokio::test]
async fn the_fake_witnesses_keep_the_contract() {
    let fakes = Fakes::new();
    let log = audit_log::CheckpointKey::from_seed("contract.test/log", &[3; 32]).unwrap();
    fakes.witnesses.follow(log.verifier_key());
    let witness = FakeWitnesses::key(0).verifier_key();
    contract::witnesses(fakes.witnesses.as_ref(), &witness, &log).await;
}
