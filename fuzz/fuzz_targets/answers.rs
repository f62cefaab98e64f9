#![no_main]
//! What an agent answered: personal data in it, and how it is hidden and shown.

use evaluation::{live, personal_data};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let found = personal_data::find(text);
    let _shown = personal_data::redact(text, &found);
    let _kept = live::redacted(text);
    if let Some((prompt, answer)) = text.split_once('\n') {
        let _leaked = personal_data::leaked(prompt, answer);
    }
});
