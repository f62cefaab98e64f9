//! A model of language in a folder: a small one that the test writes, in the form of `Model2Vec`.

use std::path::Path;

use control_plane::ports::Ports;
use control_plane::testing::contract;
use serde_json::json;
use server::adapters::ports;
use server::config::{Config, Overrides};

/// Words with their vectors.
const WORDS: &[(&str, [f32; 3])] = &[
    ("[UNK]", [0.0, 0.0, 0.0]),
    ("invoices", [1.0, 0.1, 0.0]),
    ("bills", [0.9, 0.2, 0.0]),
    ("matches", [0.1, 1.0, 0.0]),
    ("pairs", [0.2, 0.9, 0.0]),
    ("plans", [0.0, -0.1, 1.0]),
    ("shifts", [0.0, 0.0, 1.0]),
];

/// Writes such a folder.
fn model(folder: &Path) {
    std::fs::create_dir_all(folder).unwrap();
    let vocab: serde_json::Map<_, _> = (0..)
        .zip(WORDS)
        .map(|(at, (word, _)): (i64, _)| ((*word).to_owned(), json!(at)))
        .collect();
    let tokenizer = json!({
        "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": vocab},
    });
    // safetensors: the length of a JSON header, the header, the numbers.
    let numbers: Vec<u8> = WORDS
        .iter()
        .flat_map(|(_, vector)| vector.iter().flat_map(|x| x.to_le_bytes()))
        .collect();
    let tensor =
        json!({"dtype": "F32", "shape": [WORDS.len(), 3], "data_offsets": [0, numbers.len()]});
    let header = json!({ "embeddings": tensor }).to_string();
    let length = u64::try_from(header.len()).unwrap().to_le_bytes();
    let weights = [&length[..], header.as_bytes(), &numbers].concat();
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    std::fs::write(folder.join("config.json"), r#"{"normalize": true}"#).unwrap();
    std::fs::write(folder.join("model.safetensors"), weights).unwrap();
}

fn with(dir: &Path, section: &str) -> anyhow::Result<Ports> {
    let file = dir.join("clearance.toml");
    let data = dir.join("data");
    let text = format!("data_dir = '{}'\n[registry]\n{section}", data.display());
    std::fs::write(&file, text)?;
    let overrides = Overrides {
        file: Some(file),
        ..Overrides::default()
    };
    ports(&Config::from_parts(&overrides, Vec::new())?)
}

#[tokio::test]
async fn a_folder_keeps_the_contract() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("small");
    model(&folder);
    let section = format!("model = '{}'\n", folder.display());
    let port = with(dir.path(), &section).unwrap().embedder;
    let texts = ["Matches invoices", "Pairs bills", "Plans shifts"];
    contract::embedder(port.as_ref(), texts).await;
    let first = port.model().unwrap();
    assert!(first.name.starts_with("small "), "{}", first.name);
    assert_eq!(first.near, 600);
    // Another one under the same name is another one.
    std::fs::write(folder.join("config.json"), r#"{"normalize": false}"#).unwrap();
    let port = with(dir.path(), &format!("{section}near = 0.75\n")).unwrap();
    let second = port.embedder.model().unwrap();
    assert_ne!(first.name, second.name);
    assert_eq!(second.near, 750);
}

#[tokio::test]
async fn without_a_folder_there_is_no_model() {
    let dir = tempfile::tempdir().unwrap();
    let port = with(dir.path(), "").unwrap().embedder;
    assert_eq!(port.model(), None);
    assert!(port.embed(vec!["a".to_owned()]).await.is_err());
}

#[test]
fn a_folder_that_holds_no_model_stops_the_start_with_the_reason() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("broken");
    let section = format!("model = '{}'\n", folder.display());
    let why = |section: &str| match with(dir.path(), section) {
        Ok(_) => panic!("it was taken"),
        Err(error) => format!("{error:#}"),
    };
    assert!(why(&section).contains("config.json cannot be read"));
    for (name, content) in [
        ("tokenizer.json", "{}"),
        ("model.safetensors", "not tensors"),
        ("config.json", "["),
    ] {
        model(&folder);
        std::fs::write(folder.join(name), content).unwrap();
        let why = why(&section);
        assert!(why.contains("registry.model"), "{name}: {why}");
        assert!(why.contains("no Model2Vec model"), "{name}: {why}");
    }
    for section in ["near = 0.7", "model = 'x'\nnear = 1.5", "modle = 'x'"] {
        assert!(why(section).contains("near") || why(section).contains("modle"));
    }
}
