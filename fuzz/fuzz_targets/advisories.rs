#![no_main]
//! OSV records: any that loads is asked about some versions.

use libfuzzer_sys::fuzz_target;
use scanning::AdvisorySet;

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.json"), bytes).unwrap();
    if let Ok(set) = AdvisorySet::load_dir(folder.path()) {
        for ecosystem in ["PyPI", "npm", "Debian:12", "Alpine:v3.20", "Maven"] {
            for version in ["1", "1.0.0-rc.1", "1:2.3-4", ""] {
                let _any = set.matches_in(ecosystem, "a", version);
            }
        }
    }
});
