#![no_main]
//! SARIF documents, and rules for secrets.

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _any = scanning::sarif::read(bytes);
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok(rules) = scanning::SecretRules::parse(text)
    {
        let _any = rules.scan("a", text);
    }
});
