#![no_main]
//! JavaScript and TypeScript.

use libfuzzer_sys::fuzz_target;
use scanning::{Options, static_analysis};

fuzz_target!(|text: &str| {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.js", "a.ts", "a.tsx"] {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let _report = static_analysis(folder.path(), Options::default());
});
