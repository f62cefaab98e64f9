#![no_main]
//! Files of a source tree, by a name that the first byte chooses.

use libfuzzer_sys::fuzz_target;
use scanning::{Options, static_analysis};

const NAMES: &[&str] = &["a.py", "a.json", "a.yaml", "a.toml", "Dockerfile", "SKILL.md", "uv.lock", ".env"];

fuzz_target!(|bytes: &[u8]| {
    let Some((first, content)) = bytes.split_first() else { return };
    let folder = tempfile::tempdir().unwrap();
    let name = NAMES[usize::from(*first) % NAMES.len()];
    std::fs::write(folder.path().join(name), content).unwrap();
    let _report = static_analysis(folder.path(), Options::default());
});
