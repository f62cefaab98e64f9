#![no_main]
//! Lock files of every kind.

use libfuzzer_sys::fuzz_target;
use scanning::inventory::lock_files;

fuzz_target!(|text: &str| {
    for name in ["requirements.txt", "uv.lock", "Pipfile.lock", "Cargo.lock", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "go.mod"] {
        let _any = lock_files::read(name, text);
    }
});
