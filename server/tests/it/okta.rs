//! The Okta adapter against an organisation that behaves, and that holds every call against Okta's own description of its API.

mod ai_agents;
mod document;
mod face;
mod organisation;

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::ports::identity_provider::{IdentityOrder, IdentityProvider};
use control_plane::ports::{PortErrorKind, Ports};
use control_plane::testing::contract;
use domain::environment::Environment;
use secrecy::SecretString;
use serde_json::{Value, json};
use server::adapters::ports;
use server::config::{Config, Overrides};
use tempfile::TempDir;

use face::{CLIENT, KEY_ID, Okta, new_key};

/// Production's identities are from Okta, non-prod's are built in.
struct Bench {
    okta: Okta,
    ports: Ports,
    folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        Self::with(&[]).await
    }

    async fn with(more: &[(&str, &str)]) -> Self {
        let (pem, point) = new_key();
        let okta = Okta::start(point).await;
        let folder = tempfile::tempdir().unwrap();
        let ports = ports(&configured(&okta.url, &folder, more)).unwrap();
        let pem = SecretString::from(pem);
        let reference = ports.secrets.keep("okta-key", &pem).await.unwrap();
        assert_eq!(reference, "file:okta-key");
        Self {
            okta,
            ports,
            folder,
        }
    }

    fn provider(&self) -> Arc<dyn IdentityProvider> {
        Arc::clone(&self.ports.identity_provider)
    }
}

fn configured(url: &str, folder: &TempDir, more: &[(&str, &str)]) -> Config {
    let overrides = Overrides {
        data_dir: Some(folder.path().to_owned()),
        ..Overrides::default()
    };
    let variables = [
        ("PRODUCTION", "okta"),
        ("OKTA__ORG_URL", url),
        ("OKTA__CLIENT_ID", CLIENT),
        ("OKTA__PRIVATE_KEY", "file:okta-key"),
        ("OKTA__KEY_ID", KEY_ID),
    ];
    let variables = variables.iter().chain(more);
    let variables = variables
        .map(|(name, value)| (format!("CLEARANCE_IDENTITIES__{name}"), (*value).to_owned()));
    Config::from_parts(&overrides, variables.collect()).unwrap()
}

fn order(client_id: &str, scopes: &[&str]) -> IdentityOrder {
    IdentityOrder {
        client_id: client_id.to_owned(),
        display_name: "Bot v1.0.0 #1".to_owned(),
        environment: Environment::Production,
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    }
}

/// Asks Okta for a token as the agent would.
async fn token(okta: &Okta, client_id: &str, key_file: &str, scope: &str) -> u16 {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
    let jwk: Value = serde_json::from_slice(&std::fs::read(key_file).unwrap()).unwrap();
    let bytes = |name: &str| URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
    let point = [vec![4], bytes("x"), bytes("y")].concat();
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        &bytes("d"),
        &point,
    )
    .unwrap();
    let audience = format!("{}/oauth2/default/v1/token", okta.url);
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = encoded(json!({ "alg": jwk["alg"], "kid": jwk["kid"] }));
    // Far in the future, because the test does not look at the clock.
    let claims = encoded(
        json!({ "iss": client_id, "sub": client_id, "aud": audience, "exp": 4_000_000_000_u32, "jti": "one" }),
    );
    let message = format!("{header}.{claims}");
    let signature = pair.sign(&SystemRandom::new(), message.as_bytes()).unwrap();
    let assertion = format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()));
    let form = [
        ("grant_type", "client_credentials"),
        ("scope", scope),
        (
            "client_assertion_type",
            "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        ),
        ("client_assertion", assertion.as_str()),
    ];
    let answer = reqwest::Client::new()
        .post(audience)
        .form(&form)
        .send()
        .await;
    answer.unwrap().status().as_u16()
}

#[tokio::test]
async fn the_okta_adapter_keeps_the_contract_and_oktas_own_description() {
    let bench = Bench::new().await;
    contract::identity_provider(bench.provider().as_ref()).await;
    bench.okta.is_content();
    assert_eq!(
        bench.okta.kept().organisation.policies(),
        0,
        "a policy stayed"
    );
}

#[tokio::test]
async fn the_contract_holds_with_limits_faults_and_slow_activation() {
    let bench = Bench::new().await;
    {
        let mut kept = bench.okta.kept();
        let moods = &mut kept.organisation.moods;
        (moods.slow, moods.limited, moods.reset_in, moods.down) = (3, 2, 1, 0);
        kept.organisation.add_foreign("Payroll", "payroll-app");
        kept.organisation
            .add_foreign("clearance contract-bot-1", "not-ours-at-all");
        kept.organisation
            .add_foreign("clearance contract-bot-12", "contract-bot-13");
    }
    contract::identity_provider(bench.provider().as_ref()).await;
    bench.okta.is_content();
    assert_eq!(
        bench.okta.kept().organisation.labels().len(),
        3,
        "a foreign app is gone"
    );
}

#[tokio::test]
async fn an_agent_gets_a_token_by_its_key_until_it_is_suspended_or_revoked() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    let id = "sales-qualifier-7";
    let given = provider
        .provision(&order(id, &["crm:read", "orders:read"]))
        .await
        .unwrap();
    let file = given.private_key_reference.as_str();
    let mode =
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let public: Value = serde_json::from_str(&given.public_jwk).unwrap();
    assert_eq!(
        (public["alg"].as_str(), public.get("d")),
        (Some("ES256"), None)
    );
    let url = provider.token_url(Environment::Production);
    assert_eq!(
        url,
        Some(format!("{}/oauth2/default/v1/token", bench.okta.url))
    );
    let ask = async |scope: &str| token(&bench.okta, id, file, scope).await;
    assert_eq!(ask("crm:read orders:read").await, 200);
    assert_eq!(ask("crm:write").await, 401, "it was not approved");
    provider.suspend(id).await.unwrap();
    assert_eq!(ask("crm:read").await, 401);
    provider.resume(id).await.unwrap();
    assert_eq!(ask("crm:read").await, 200);
    let copy = bench.folder.path().join("copy.jwk");
    std::fs::copy(file, &copy).unwrap();
    provider.revoke(id).await.unwrap();
    assert!(!std::path::Path::new(file).exists());
    assert_eq!(
        token(&bench.okta, id, copy.to_str().unwrap(), "crm:read").await,
        401
    );
    bench.okta.is_content();
}

/// Every identity is an agent of Okta's registry too.
const REGISTRY: [(&str, &str); 1] = [("OKTA__AI_AGENTS", "true")];

#[tokio::test]
async fn with_the_registry_of_ai_agents_the_contract_holds_and_nothing_is_left() {
    let bench = Bench::with(&REGISTRY).await;
    bench.okta.kept().organisation.ai_agents.slow = 2;
    contract::identity_provider(bench.provider().as_ref()).await;
    bench.okta.is_content();
    assert_eq!(bench.okta.kept().organisation.ai_agents.all(), []);
}

#[tokio::test]
async fn an_ai_agent_follows_its_app_and_is_made_once() {
    let bench = Bench::with(&REGISTRY).await;
    let provider = bench.provider();
    let wanted = order("sales-qualifier-7", &["crm:read"]);
    let agents = || bench.okta.kept().organisation.ai_agents.all();
    let one = |state: &str| vec![("clearance sales-qualifier-7".to_owned(), state.to_owned())];
    bench.okta.kept().organisation.moods.lost = Some("createAiAgent");
    let error = provider.provision(&wanted).await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Unavailable);
    provider.provision(&wanted).await.unwrap();
    provider.provision(&wanted).await.unwrap();
    assert_eq!(
        (agents(), bench.okta.count("createAiAgent")),
        (one("ACTIVE"), 1)
    );
    provider.suspend("sales-qualifier-7").await.unwrap();
    assert_eq!(agents(), one("INACTIVE"));
    provider.resume("sales-qualifier-7").await.unwrap();
    assert_eq!(agents(), one("ACTIVE"));
    // Its app is gone, and the answer to the rest was lost: it is still found, and removed with the next try.
    bench.okta.kept().organisation.moods.lost = Some("deleteAiAgent");
    provider.revoke("sales-qualifier-7").await.unwrap();
    assert_eq!(agents(), []);
    assert!(provider.list().await.unwrap().is_empty());
    bench.okta.is_content();
}

#[tokio::test]
async fn without_the_choice_no_ai_agent_is_asked_for() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    provider
        .provision(&order("sales-qualifier-7", &["crm:read"]))
        .await
        .unwrap();
    provider.revoke("sales-qualifier-7").await.unwrap();
    assert_eq!(bench.okta.count("listAiAgents"), 0);
    bench.okta.is_content();
}

#[tokio::test]
async fn an_answer_that_was_lost_makes_no_second_app() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    let wanted = order("sales-qualifier-7", &["crm:read", "okta.users.read"]);
    for lost in [
        "createApplication",
        "grantConsentToScope",
        "createAuthorizationServerPolicy",
        "createAuthorizationServerPolicyRule",
    ] {
        bench.okta.kept().organisation.moods.lost = Some(lost);
        let error = provider.provision(&wanted).await.unwrap_err();
        assert_eq!(error.kind, PortErrorKind::Unavailable, "{lost}: {error}");
    }
    let first = provider.provision(&wanted).await.unwrap();
    assert_eq!(provider.provision(&wanted).await.unwrap(), first);
    let found = provider.describe("sales-qualifier-7").await.unwrap();
    assert_eq!(found.scopes.unwrap(), ["crm:read", "okta.users.read"]);
    for once in [
        "createApplication",
        "createAuthorizationServerPolicy",
        "createAuthorizationServerPolicyRule",
        "grantConsentToScope",
    ] {
        assert_eq!(bench.okta.count(once), 1, "{once}");
    }
    // A deletion whose answer was lost is done again, and is over.
    bench.okta.kept().organisation.moods.lost = Some("deleteApplication");
    provider.revoke("sales-qualifier-7").await.unwrap();
    assert!(provider.list().await.unwrap().is_empty());
    bench.okta.is_content();
}

#[tokio::test]
async fn leftovers_are_found_on_every_page_whether_they_are_active_or_not() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    let mut ids: Vec<String> = (1..=7)
        .map(|number| format!("sales-qualifier-{number}"))
        .collect();
    for id in &ids {
        provider.provision(&order(id, &["crm:read"])).await.unwrap();
    }
    provider.suspend(&ids[3]).await.unwrap();
    let non_prod = IdentityOrder {
        environment: Environment::NonProd,
        ..order("built-in-bot-1", &["crm:read"])
    };
    provider.provision(&non_prod).await.unwrap();
    ids.insert(0, "built-in-bot-1".to_owned());
    assert_eq!(provider.list().await.unwrap(), ids);
    assert!(
        bench
            .folder
            .path()
            .join("identities/built-in-bot-1.jwk")
            .exists()
    );
    assert_eq!(provider.token_url(Environment::NonProd), None);
    assert!(
        provider
            .describe("built-in-bot-1")
            .await
            .unwrap()
            .scopes
            .is_none()
    );
    bench.okta.is_content();
}

#[tokio::test]
async fn scopes_that_somebody_changed_are_seen_and_put_back() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    let wanted = order("sales-qualifier-7", &["crm:read", "okta.users.read"]);
    provider.provision(&wanted).await.unwrap();
    bench
        .okta
        .kept()
        .organisation
        .widen("sales-qualifier-7", &["crm:read", "crm:write"]);
    let found = provider.describe("sales-qualifier-7").await.unwrap();
    assert_eq!(
        found.scopes.unwrap(),
        ["crm:read", "crm:write", "okta.users.read"]
    );
    provider.restore(&wanted).await.unwrap();
    let found = provider.describe("sales-qualifier-7").await.unwrap();
    assert_eq!(found.scopes.unwrap(), ["crm:read", "okta.users.read"]);
    provider
        .restore(&order("sales-qualifier-7", &["crm:write"]))
        .await
        .unwrap();
    let found = provider.describe("sales-qualifier-7").await.unwrap();
    assert_eq!(found.scopes.unwrap(), ["crm:write"]);
    let unknown = provider
        .restore(&order("sales-qualifier-7", &["no:such"]))
        .await
        .unwrap_err();
    assert_eq!(unknown.kind, PortErrorKind::Rejected);
    assert!(unknown.message.contains("do not exist"), "{unknown}");
    bench.okta.is_content();
}

#[tokio::test]
async fn a_key_that_was_lost_is_replaced_and_the_old_one_is_gone() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    let wanted = order("sales-qualifier-7", &["crm:read"]);
    let first = provider.provision(&wanted).await.unwrap();
    let before = bench.okta.kept().organisation.keys("sales-qualifier-7");
    std::fs::remove_file(&first.private_key_reference).unwrap();
    let second = provider.provision(&wanted).await.unwrap();
    let after = bench.okta.kept().organisation.keys("sales-qualifier-7");
    assert_ne!(first.public_jwk, second.public_jwk);
    assert_eq!((before.len(), after.len()), (1, 1));
    assert_ne!(before, after);
    assert_eq!(
        token(
            &bench.okta,
            "sales-qualifier-7",
            &second.private_key_reference,
            "crm:read"
        )
        .await,
        200
    );
    bench.okta.is_content();
}

#[tokio::test]
async fn limits_outages_and_refusals_are_told_apart() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    let mood = |limited, reset_in, down| {
        let mut kept = bench.okta.kept();
        let moods = &mut kept.organisation.moods;
        (moods.limited, moods.reset_in, moods.down) = (limited, reset_in, down);
    };
    mood(0, 0, 2);
    assert!(
        provider.list().await.unwrap().is_empty(),
        "a short fault is sat out"
    );
    mood(1, 900, 0);
    let begun = std::time::Instant::now();
    let limited = provider.list().await.unwrap_err();
    assert_eq!(limited.kind, PortErrorKind::Unavailable);
    assert!(limited.message.contains("900 seconds"), "{limited}");
    assert!(
        begun.elapsed().as_secs() < 5,
        "it waits for a quarter of an hour"
    );
    mood(0, 0, 50);
    assert_eq!(
        provider.list().await.unwrap_err().kind,
        PortErrorKind::Unavailable
    );
    mood(0, 0, 0);
    // A token that Okta forgot is asked for again, once.
    bench.okta.forget_tokens();
    assert!(provider.list().await.unwrap().is_empty());
    let short = provider.provision(&order("a-1", &[])).await.unwrap_err();
    assert_eq!(short.kind, PortErrorKind::Rejected);
    bench
        .ports
        .secrets
        .keep("okta-key", &SecretString::from(new_key().0))
        .await
        .unwrap();
    bench.okta.forget_tokens();
    let stranger = provider.list().await.unwrap_err();
    assert_eq!(stranger.kind, PortErrorKind::Rejected);
    bench
        .ports
        .secrets
        .keep("okta-key", &SecretString::from("key-canary-9d1"))
        .await
        .unwrap();
    let damaged = provider.list().await.unwrap_err();
    assert!(!format!("{damaged:?}").contains("canary"));
    bench.okta.is_content();
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_followed_and_a_private_address_is_not_called() {
    let bench = Bench::new().await;
    let provider = bench.provider();
    for number in 1..=3 {
        provider
            .provision(&order(&format!("sales-qualifier-{number}"), &[]))
            .await
            .unwrap();
    }
    for elsewhere in [
        "http://127.0.0.1:1",
        "https://evil.example",
        &format!("{}.evil.example", bench.okta.url),
    ] {
        bench.okta.kept().organisation.moods.leads_to = Some(elsewhere.to_owned());
        let error = provider.list().await.unwrap_err();
        assert_eq!(error.kind, PortErrorKind::Protocol, "{elsewhere}");
    }
    let folder = tempfile::tempdir().unwrap();
    let inside = ports(&configured("https://10.0.0.1", &folder, &[])).unwrap();
    let error = inside.identity_provider.list().await.unwrap_err();
    assert_eq!(error.kind, PortErrorKind::Rejected);
    assert!(error.message.contains("private network"), "{error}");
}

#[test]
fn a_configuration_that_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let base = [
        ("PRODUCTION", "okta"),
        ("OKTA__ORG_URL", "https://example.okta.com/"),
        ("OKTA__CLIENT_ID", "0oa1"),
        ("OKTA__PRIVATE_KEY", "env:OKTA_KEY"),
        ("OKTA__KEY_ID", "k1"),
    ];
    let load = |changed: Option<(&str, &str)>| {
        let overrides = Overrides {
            data_dir: Some(folder.path().to_owned()),
            ..Overrides::default()
        };
        let all = base
            .into_iter()
            .filter(|(name, _)| changed.is_none_or(|(other, _)| other != *name));
        let all = all.chain(changed.filter(|(_, value)| !value.is_empty()));
        let all =
            all.map(|(name, value)| (format!("CLEARANCE_IDENTITIES__{name}"), value.to_owned()));
        Config::from_parts(&overrides, all.collect()).map(|config| config.identities)
    };
    let good = load(None).unwrap();
    assert_eq!(good.okta.unwrap().org_url, "https://example.okta.com");
    for changed in [
        ("PRODUCTION", "auth0"),
        ("OKTA__ORG_URL", "http://example.okta.com"),
        ("OKTA__ORG_URL", "https://user@example.okta.com"),
        ("OKTA__ORG_URL", "https://example.okta.com/oauth2"),
        ("OKTA__ORG_URL", ""),
        ("OKTA__CLIENT_ID", "a b"),
        ("OKTA__PRIVATE_KEY", "-----BEGIN"),
        ("OKTA__KEY_ID", ""),
        ("OKTA__AUTHORIZATION_SERVER", "../x"),
        ("OKTA__LABEL", "<b>"),
        ("OKTA__NOPE", "x"),
    ] {
        let loaded = load(Some(changed));
        // A variable that is no setting is warned of, and ignored.
        assert_eq!(loaded.is_err(), changed.0 != "OKTA__NOPE", "{changed:?}");
    }
}
