#![no_main]
//! The documents that people write: an agent's manifest and a policy.

use domain::agent::AgentManifest;
use domain::policy::Policy;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _agent = AgentManifest::parse(text);
    let _policy = Policy::parse(1, text);
});
