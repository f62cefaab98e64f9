#![no_main]
//! Python: parsed, its values followed, judged.

use libfuzzer_sys::fuzz_target;
use scanning::{Options, static_analysis};

fuzz_target!(|text: &str| {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.py"), text).unwrap();
    let _report = static_analysis(folder.path(), Options::default());
});
