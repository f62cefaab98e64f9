//! One event's evidence.

use std::collections::BTreeMap;

use audit_log::{
    Checkpoint, Frontier, InclusionProof, ProofError, checked_leaf_hash, indexes_for_inclusion,
    prove_inclusion, verify_proof,
};
use proptest::prelude::*;

use crate::support::{ORIGIN, key, leaves, other_key, trusted};

fn proof(size: u64, index: u64) -> (String, Vec<u8>) {
    let leaves = leaves(size);
    let (mut tree, mut stored) = (Frontier::new(), BTreeMap::new());
    for leaf in &leaves {
        stored.extend(tree.push(checked_leaf_hash(leaf).unwrap()).unwrap());
    }
    let checkpoint = Checkpoint {
        origin: ORIGIN.into(),
        size,
        root: tree.root(),
    };
    stored.retain(|n, _| indexes_for_inclusion(size, index).contains(n));
    let proof = InclusionProof {
        index,
        hashes: prove_inclusion(size, index, &stored).unwrap(),
        checkpoint_note: checkpoint.sign(&key()).unwrap(),
    };
    (
        proof.to_text(),
        leaves[usize::try_from(index).unwrap()].clone(),
    )
}

#[test]
fn a_proof_convinces_somebody_with_the_key_and_the_leaf() {
    for (size, index) in [(1, 0), (2, 1), (5, 4), (300, 17)] {
        let (text, leaf) = proof(size, index);
        let proven = verify_proof(&text, &leaf, &trusted()).unwrap();
        assert_eq!((proven.index, proven.checkpoint.size), (index, size));
        assert_eq!(InclusionProof::parse(&text).unwrap().to_text(), text);
    }
}

#[test]
fn an_extra_line_is_allowed_and_ignored() {
    let (text, leaf) = proof(5, 3);
    let with_extra = text.replacen("index", "extra AAAA\nindex", 1);
    assert!(verify_proof(&with_extra, &leaf, &trusted()).is_ok());
}

#[test]
fn false_proofs_convince_nobody() {
    let (text, leaf) = proof(9, 3);
    let refused = |text: &str| verify_proof(text, &leaf, &trusted()).unwrap_err();
    assert!(matches!(
        verify_proof(&text, b"another leaf", &trusted()),
        Err(ProofError::NotIncluded { index: 3, .. })
    ));
    assert!(matches!(
        verify_proof(&text, &vec![0; 70_000], &trusted()),
        Err(ProofError::NotIncluded { .. })
    ));
    let stranger = other_key().verifier_key();
    assert!(matches!(
        verify_proof(&text, &leaf, &stranger),
        Err(ProofError::Checkpoint(_))
    ));
    assert!(matches!(
        refused(&text.replacen("index 3", "index 4", 1)),
        ProofError::NotIncluded { .. }
    ));
    assert!(matches!(
        refused(&text.replacen("index 3", "index 9", 1)),
        ProofError::NotIncluded { .. }
    ));
    for wrong in [
        String::new(),
        text.replacen("index 3", "index 03", 1),
        text.replacen("index 3", "index +3", 1),
        text.replacen("@v1", "@v2", 1),
        text.replace('\n', "\r\n"),
        text.replacen("index 3\n", "", 1),
        text.replacen("index 3\n", "index 3\n!!!!\n", 1),
        text.replacen(
            "index 3\n",
            &format!(
                "index 3\n{}",
                format!("{}\n", "A".repeat(43) + "=").repeat(64)
            ),
            1,
        ),
    ] {
        assert_eq!(refused(&wrong), ProofError::Malformed, "{wrong}");
    }
}

proptest! {
    #[test]
    fn any_flipped_bit_is_noticed(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let (text, leaf) = proof(9, 3);
        let mut bytes = text.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(verify_proof(&text, &leaf, &trusted()).is_err());
        }
    }
}
