#![no_main]
//! Rules for secrets in the TOML of gitleaks, applied to the text that follows them.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|pair: (&str, &str)| {
    if let Ok(rules) = scanning::SecretRules::parse(pair.0) {
        let _any = rules.scan("a", pair.1);
    }
});
