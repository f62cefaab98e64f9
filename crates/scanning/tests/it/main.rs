//! What the scans find, and what they leave alone.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "tests"
)]

mod advisory;
mod agents;
mod configuration;
mod engines;
mod flows;
mod hidden_text;
mod hostile;
mod image;
mod inventory;
mod oci;
mod python;
mod sarif;
mod scripts;
mod secrets;
mod standing;
mod tree;
mod version;
mod worst;

use std::fs;
use std::path::Path;

use domain::gate::Report;
use scanning::{Options, static_analysis};
use tempfile::TempDir;

/// A source tree of these files.
fn tree(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// The report on a source tree.
fn analyse(files: &[(&str, &[u8])]) -> Report {
    analyse_at(tree(files).path())
}

fn analyse_at(path: &Path) -> Report {
    static_analysis(path, Options::default())
}

/// The rules that a file of this name and content breaks.
fn rules(name: &str, content: &str) -> Vec<String> {
    let mut rules: Vec<String> = analyse(&[(name, content.as_bytes())])
        .findings
        .into_iter()
        .map(|one| one.rule)
        .collect();
    rules.dedup();
    rules
}
