//! What every identity provider and every runtime must do, told once: the tests run it against the fakes, and against each
//! adapter with the real thing behind it.

use std::collections::BTreeMap;
use std::time::Duration;

use domain::canonical::digest;
use domain::environment::Environment;
use domain::runtime::RuntimeHealth;

use crate::ports::PortErrorKind;
use crate::ports::identity_provider::{IdentityOrder, IdentityProvider};
use crate::ports::runtime::{Runtime, RuntimeOrder};

/// Looks at a starting agent before a test gives up.
const LOOKS: u32 = 600;

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
