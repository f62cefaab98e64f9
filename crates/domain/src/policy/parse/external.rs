//! Reads the block about results from outside.

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::Problems;
use crate::gate::Gate;
use crate::name::check_slug;
use crate::policy::external::{SIGNERS_MAX, Signer, WAIT_MINUTES_MAX};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSigner {
    signer: Spanned<String>,
    key: Spanned<String>,
    gates: Spanned<Vec<Spanned<String>>>,
    wait_minutes: Spanned<u32>,
}

/// Signers in order of their names, so that the order in which they are written means nothing.
pub(super) fn signers(raw: &[RawSigner], problems: &mut Problems<'_>) -> Vec<Signer> {
    if let Some(first) = raw.get(SIGNERS_MAX) {
        let message = format!("A policy has at most {SIGNERS_MAX} signers.");
        problems.add(&first.signer, message);
    }
    let mut all: Vec<Signer> = Vec::new();
    for one in raw {
        if check_slug(&one.signer.value).is_err() {
            let message = "Write a name of lower-case letters, digits and hyphens.";
            problems.add(&one.signer, message);
        } else if all.iter().any(|known| known.signer == one.signer.value) {
            problems.add(&one.signer, "This signer stands here twice.");
        }
        if !is_key(&one.key.value) {
            let message = "Write an Ed25519 public key of the form name+hash+base64.";
            problems.add(&one.key, message);
        }
        let gates = problems.some_gates(&one.gates);
        if one.gates.value.is_empty() || gates.contains(&Gate::Health) {
            let message = "Write some gates; health is of the running agent and judged here.";
            problems.add(&one.gates, message);
        }
        all.push(Signer {
            signer: one.signer.value.clone(),
            key: one.key.value.trim().to_owned(),
            gates,
            wait_minutes: problems.range(&one.wait_minutes, 1, WAIT_MINUTES_MAX),
        });
    }
    all.sort_by(|a, b| a.signer.cmp(&b.signer));
    all
}

/// The form of a key: a name, eight hex digits, 33 bytes of base64. Whether it is a point of the curve is asked where the
/// policy is proposed.
fn is_key(text: &str) -> bool {
    let parts: Vec<&str> = text.trim().splitn(3, '+').collect();
    let [name, hash, encoded] = parts.as_slice() else {
        return false;
    };
    let base64 = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/');
    !name.is_empty()
        && name.len() <= 255
        && name.chars().all(|c| !c.is_whitespace() && !c.is_control())
        && hash.len() == 8
        && hash.bytes().all(|b| b.is_ascii_hexdigit())
        && encoded.len() == 44
        && encoded.bytes().all(base64)
}
