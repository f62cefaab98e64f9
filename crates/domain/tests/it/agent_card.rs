//! A2A cards: what is read of them in both forms, what is wrong with one, what a signature covers, and what differs for an approver.

use std::collections::BTreeMap;

use domain::agent::ConfigSection;
use domain::agent_card::{AgentCard, CARD_MAX_BYTES, signed_bytes, with_signature};
use domain::config_bundle::ConfigBundle;
use domain::view::diff::ChangeKind;
use proptest::prelude::*;
use serde_json::{Value, json};

const FILE: &str = "agent-card.json";

fn card() -> Value {
    json!({
        "name": "Refunds", "description": "Answers.", "version": "1",
        "provider": { "organization": "Care", "url": "https://care.example" },
        "supportedInterfaces": [
            { "url": "https://a.example/x", "protocolBinding": "JSONRPC", "protocolVersion": "1.0" },
        ],
        "capabilities": { "streaming": true, "extensions": [{ "uri": "urn:x", "required": true }] },
        "securitySchemes": { "key": { "apiKeySecurityScheme": { "location": "header", "name": "X-Key" } } },
        "defaultInputModes": ["text/plain"], "defaultOutputModes": ["text/plain"],
        "skills": [{ "id": "s", "name": "Explain", "description": "Explains.", "tags": ["a", "b"] }],
        "somethingNew": { "of": "later" },
    })
}

fn read(card: &Value) -> AgentCard {
    AgentCard::parse(&card.to_string(), FILE).unwrap()
}

fn wrong(card: &Value) -> String {
    let problems = AgentCard::parse(&card.to_string(), FILE).unwrap_err();
    assert!(problems.iter().all(|one| one.file == FILE));
    let said: Vec<String> = problems.into_iter().map(|one| one.message).collect();
    said.join(" ")
}

fn with(path: &str, value: Value) -> Value {
    let mut card = card();
    *card.pointer_mut(path).unwrap() = value;
    card
}

#[test]
fn a_card_says_what_it_can_do_where_it_is_and_how_callers_prove_themselves() {
    let said = read(&card());
    assert_eq!(said.capabilities, ["streaming"]);
    assert_eq!(said.extensions, ["urn:x (required)"]);
    assert_eq!(said.security["key"], "API key in header X-Key");
    assert_eq!(said.provider.as_deref(), Some("Care https://care.example"));
    assert_eq!(said.interfaces[0].binding, "JSONRPC");
    assert_eq!(said.skills[0].tags, ["a", "b"]);
}

#[test]
fn cards_before_1_0_are_read_and_no_address_stands_twice() {
    let old = json!({
        "name": "Old", "description": "Answers.", "version": "1", "protocolVersion": "0.3.0",
        "url": "https://a.example/x", "preferredTransport": "JSONRPC",
        "additionalInterfaces": [
            { "url": "https://a.example/x", "transport": "JSONRPC" },
            { "url": "a.example:443", "transport": "GRPC" },
        ],
        "securitySchemes": {
            "one": { "type": "http", "scheme": "bearer" },
            "two": { "type": "oauth2", "flows": { "clientCredentials": {} } },
            "three": { "type": "mutualTLS" },
            "four": {},
        },
    });
    let said = read(&old);
    let urls: Vec<&str> = said.interfaces.iter().map(|one| one.url.as_str()).collect();
    assert_eq!(urls, ["https://a.example/x", "a.example:443"]);
    assert!(said.interfaces.iter().all(|one| one.protocol == "0.3.0"));
    let words: Vec<&str> = said.security.values().map(String::as_str).collect();
    let told = [
        "no kind is named",
        "HTTP bearer",
        "mutual TLS",
        "OAuth 2.0 clientCredentials",
    ];
    assert_eq!(words, told);
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let missing = AgentCard::parse("{\n  \"name\": \"x\"\n}", FILE).unwrap_err();
    assert!(missing[0].message.contains("missing field `description`"));
    assert_eq!(missing[0].line, 3);
    for (card, said) in [
        (with("/name", json!(" ")), "`name` is empty"),
        (with("/supportedInterfaces", json!([])), "names no address"),
        (
            with("/supportedInterfaces/0/url", json!("javascript:alert(1)")),
            "`javascript:alert(1)` is no web address",
        ),
        (with("/skills", json!("all")), "no A2A agent card"),
        (json!([1]), "no A2A agent card"),
    ] {
        let found = wrong(&card);
        assert!(found.contains(said), "{found}");
    }
    let twice = with("/skills", json!([card()["skills"][0], card()["skills"][0]]));
    assert!(wrong(&twice).contains("two skills with the id `s`"));
    let skill = |n: usize| json!({ "id": n.to_string(), "name": "x", "description": "x" });
    let many = with("/skills", (0..101).map(skill).collect());
    assert!(wrong(&many).contains("more than 100 skills"));
    let large = with("/description", json!("x".repeat(CARD_MAX_BYTES)));
    assert!(wrong(&large).contains("larger than 100 KiB"));
    let deep = format!("{}1{}", "[".repeat(5_000), "]".repeat(5_000));
    assert!(AgentCard::parse(&deep, FILE).is_err());
}

#[test]
fn what_would_reorder_a_page_is_written_out() {
    let said = read(&with("/skills/0/name", json!("safe\u{202e}elif")));
    assert_eq!(said.skills[0].name, "safe\u{fffd}elif");
}

#[test]
fn a_signature_covers_the_card_without_signatures_and_without_what_is_empty() {
    let mut empty = card();
    empty["documentationUrl"] = json!("");
    empty["skills"][0]["examples"] = json!([]);
    empty["capabilities"]["extensions"][0]["params"] = json!({ "deep": { "er": null } });
    let bytes = signed_bytes(&card().to_string()).unwrap();
    assert_eq!(signed_bytes(&empty.to_string()).unwrap(), bytes);
    let signed = with_signature(&card().to_string(), ("head", "one")).unwrap();
    let signed = with_signature(&signed.to_string(), ("head", "two")).unwrap();
    let all = signed["signatures"].as_array().unwrap();
    assert_eq!((all.len(), &all[1]["signature"]), (2, &json!("two")));
    assert_eq!(signed_bytes(&signed.to_string()).unwrap(), bytes);
    let other = with("/skills/0/description", json!("Deletes."));
    assert_ne!(signed_bytes(&other.to_string()).unwrap(), bytes);
    assert!(with_signature("[]", ("head", "one")).is_err());
}

fn bundle(card: Option<&Value>) -> ConfigBundle {
    let text = card.map(Value::to_string);
    ConfigBundle::new(&ConfigSection::default(), BTreeMap::new(), text)
}

#[test]
fn an_approver_sees_each_skill_address_and_proof_that_changes() {
    let mut new = card();
    let mut changed = new["skills"][0].clone();
    changed["description"] = json!("Deletes.");
    new["skills"] = json!([changed, { "id": "t", "name": "Pay", "description": "Pays." }]);
    new["securitySchemes"] = json!({});
    let changes = bundle(Some(&new)).changes_since(&bundle(Some(&card())));
    let told: Vec<_> = changes
        .iter()
        .map(|one| (one.part.as_str(), one.name.as_str(), one.kind))
        .collect();
    assert_eq!(
        told,
        [
            ("Card security", "key", ChangeKind::Removed),
            ("Card skill", "s", ChangeKind::Changed),
            ("Card skill", "t", ChangeKind::Added),
        ]
    );
    // A first card is all new, and its end is told too.
    let first = bundle(Some(&card())).changes_since(&bundle(None));
    assert!(first.iter().all(|one| one.kind == ChangeKind::Added));
    assert_eq!(first[0].part, "Card security");
    let last = bundle(None).changes_since(&bundle(Some(&card())));
    assert_eq!(last.len(), first.len());
    assert!(last.iter().all(|one| one.kind == ChangeKind::Removed));
}

#[test]
fn a_bundle_without_a_card_keeps_the_digest_that_it_had_before_there_were_cards() {
    let text = serde_json::to_string(&bundle(None)).unwrap();
    assert!(!text.contains("agent_card"), "{text}");
    assert_eq!(
        serde_json::from_str::<ConfigBundle>(&text).unwrap(),
        bundle(None)
    );
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{0,6}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    /// Whatever a field holds, reading ends in a card or in words; what is read is shown whole, and its signature holds.
    #[test]
    fn no_card_makes_trouble(name in "[a-zA-Z]{3,20}", value in any_json()) {
        let mut strange = card();
        strange[&name] = value.clone();
        strange["skills"] = json!([value]);
        let text = strange.to_string();
        if let Ok(read) = AgentCard::parse(&text, FILE) {
            prop_assert!(!read.name.is_empty());
        }
        let signed = with_signature(&text, ("a", "b"));
        if let Ok(signed) = signed {
            prop_assert_eq!(signed_bytes(&signed.to_string()).unwrap(), signed_bytes(&text).unwrap());
        }
    }
}
