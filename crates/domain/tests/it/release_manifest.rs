//! The release manifest: its digest is what people approve, so each field counts and nothing of the attempt does.

use domain::canonical;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use domain::manifest::{ManifestGate, ReleaseManifest};
use domain::runtime::RuntimeTarget;

fn sound() -> ReleaseManifest {
    let digest = |c: &str| format!("sha256:{}", c.repeat(64));
    ReleaseManifest {
        schema: 1,
        agent: "sales-qualifier".to_owned(),
        version: "2.3.0".to_owned(),
        commit: "a".repeat(40),
        agent_manifest_digest: digest("0"),
        config_digest: digest("1"),
        image_digest: digest("2"),
        scopes: vec!["crm:read".to_owned()],
        gates: vec![ManifestGate {
            gate: Gate::Relevance,
            verdict: Verdict::Passed,
            evidence_digest: digest("3"),
        }],
        policy_version: 1,
        environment: Environment::Production,
        runtime_target: RuntimeTarget::LocalProcess,
    }
}

fn digest(manifest: &ReleaseManifest) -> String {
    canonical::digest_of(manifest).unwrap()
}

#[test]
fn the_digest_of_a_manifest_does_not_change_from_release_to_release() {
    assert_eq!(
        canonical::to_json(&sound()).unwrap(),
        format!(
            r#"{{"agent":"sales-qualifier","agent_manifest_digest":"sha256:{}","commit":"{}","config_digest":"sha256:{}","environment":"production","gates":[{{"evidence_digest":"sha256:{}","gate":"relevance","verdict":"passed"}}],"image_digest":"sha256:{}","policy_version":1,"runtime_target":"local_process","schema":1,"scopes":["crm:read"],"version":"2.3.0"}}"#,
            "0".repeat(64),
            "a".repeat(40),
            "1".repeat(64),
            "3".repeat(64),
            "2".repeat(64)
        )
    );
}

#[test]
fn a_change_of_any_field_changes_the_digest_and_is_named() {
    type Change = fn(&mut ReleaseManifest);
    let changes: [(&str, Change); 10] = [
        ("agent", |m| m.agent.push('x')),
        ("version", |m| m.version.push('1')),
        ("commit", |m| m.commit.push('b')),
        ("agent manifest", |m| m.agent_manifest_digest.push('0')),
        ("config", |m| m.config_digest.push('0')),
        ("image", |m| m.image_digest.push('0')),
        ("scopes", |m| m.scopes.push("crm:write".to_owned())),
        ("gate results", |m| m.gates[0].verdict = Verdict::Waived),
        ("policy", |m| m.policy_version = 2),
        ("environment", |m| m.environment = Environment::NonProd),
    ];
    for (field, change) in changes {
        let mut other = sound();
        change(&mut other);
        assert_ne!(digest(&other), digest(&sound()), "{field}");
        assert_eq!(sound().differing_fields(&other), [field]);
    }
    assert!(sound().differing_fields(&sound()).is_empty());
}

#[test]
fn a_field_that_nobody_knows_is_refused() {
    let mut text = canonical::to_json(&sound()).unwrap();
    text.insert_str(1, "\"approved\":true,");
    assert!(serde_json::from_str::<ReleaseManifest>(&text).is_err());
}
