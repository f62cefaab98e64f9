//! The tree against the textbook, the reference vectors and itself.

use std::collections::BTreeMap;

use audit_log::{
    Frontier, Hash, LogError, MAX_LEAF_BYTES, MAX_TREE_SIZE, checked_leaf_hash, indexes_for_append,
    indexes_for_consistency, indexes_for_inclusion, indexes_for_root, leaf_hash, prove_consistency,
    prove_inclusion, root, stored_hash_count, stored_hashes, verify_consistency, verify_inclusion,
};
use proptest::prelude::*;

use crate::support::textbook_root;

const LARGEST: u64 = 130;

fn hashes(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

/// Appends by reading nothing but what `indexes_for_append` names.
fn store(leaf_hashes: &[Hash]) -> BTreeMap<u64, Hash> {
    let mut stored = BTreeMap::new();
    for (n, hash) in (0..).zip(leaf_hashes) {
        let read = only(&stored, &indexes_for_append(n));
        let new = stored_hashes(n, *hash, &read).unwrap();
        stored.extend((stored_hash_count(n)..).zip(new));
    }
    stored
}

fn only(stored: &BTreeMap<u64, Hash>, indexes: &[u64]) -> BTreeMap<u64, Hash> {
    indexes
        .iter()
        .map(|index| (*index, stored[index]))
        .collect()
}

fn prefix(hashes: &[Hash], size: u64) -> Hash {
    textbook_root(&hashes[..usize::try_from(size).unwrap()])
}

/// The eight leaves and roots that Certificate Transparency implementations share.
#[test]
fn reference_vectors_hold() {
    let leaves = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut tree = Frontier::new();
    assert_eq!(tree.root(), Hash::EMPTY_TREE);
    assert_eq!(
        Hash::EMPTY_TREE.to_hex(),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    );
    for (leaf, expected) in leaves.iter().zip(roots) {
        tree.push(leaf_hash(&hex::decode(leaf).unwrap())).unwrap();
        assert_eq!(tree.root().to_hex(), expected);
    }
}

#[test]
fn every_way_to_a_root_agrees_with_the_textbook() {
    let hashes = hashes(LARGEST);
    let stored = store(&hashes);
    let mut tree = Frontier::new();
    for size in 0..=LARGEST {
        let expected = prefix(&hashes, size);
        let read = only(&stored, &indexes_for_root(size));
        assert_eq!(root(size, &read).unwrap(), expected, "size {size}");
        assert_eq!(tree.root(), expected, "size {size}");
        assert_eq!(Frontier::load(size, &read).unwrap(), tree, "size {size}");
        if let Some(hash) = hashes.get(usize::try_from(size).unwrap()) {
            let appended = tree.push(*hash).unwrap();
            let expected: Vec<(u64, Hash)> = stored
                .range(stored_hash_count(size)..stored_hash_count(size + 1))
                .map(|(n, h)| (*n, *h))
                .collect();
            assert_eq!(appended, expected, "size {size}");
        }
    }
}

#[test]
fn inclusion_is_provable_for_every_entry_and_no_other() {
    let hashes = hashes(LARGEST);
    let stored = store(&hashes);
    for size in 1..=LARGEST {
        let head = prefix(&hashes, size);
        for (index, hash) in (0..size).zip(&hashes) {
            let read = only(&stored, &indexes_for_inclusion(size, index));
            let proof = prove_inclusion(size, index, &read).unwrap();
            verify_inclusion(&proof, size, head, index, *hash).unwrap();
            let neighbour = (index + 1) % size;
            if neighbour != index {
                let wrong = verify_inclusion(&proof, size, head, neighbour, *hash);
                assert_eq!(
                    wrong,
                    Err(LogError::InvalidProof),
                    "size {size}, index {index}"
                );
            }
            assert!(verify_inclusion(&proof, size, head, index, Hash::EMPTY_TREE).is_err());
        }
    }
}

#[test]
fn consistency_is_provable_between_all_sizes() {
    let hashes = hashes(LARGEST);
    let stored = store(&hashes);
    let roots: Vec<Hash> = (0..=LARGEST).map(|size| prefix(&hashes, size)).collect();
    for (new, new_root) in (0..).zip(&roots) {
        for (old, old_root) in (0..=new).zip(&roots) {
            let read = only(&stored, &indexes_for_consistency(old, new));
            let proof = prove_consistency(old, new, &read).unwrap();
            verify_consistency(&proof, old, *old_root, new, *new_root).unwrap();
            let forked = verify_consistency(&proof, old, leaf_hash(b"fork"), new, *new_root);
            assert_eq!(forked, Err(LogError::InvalidProof), "{old} to {new}");
        }
    }
}

#[test]
fn impossible_questions_have_typed_answers() {
    let none = BTreeMap::new();
    let beyond = MAX_TREE_SIZE + 1;
    let hash = Hash::EMPTY_TREE;
    assert_eq!(
        root(beyond, &none),
        Err(LogError::SizeTooLarge { size: beyond })
    );
    assert_eq!(
        root(u64::MAX, &none),
        Err(LogError::SizeTooLarge { size: u64::MAX })
    );
    assert_eq!(
        stored_hashes(u64::MAX, hash, &none),
        Err(LogError::SizeTooLarge { size: u64::MAX })
    );
    assert_eq!(
        prove_inclusion(3, 3, &none),
        Err(LogError::NotInTree { index: 3, size: 3 })
    );
    assert_eq!(
        prove_consistency(3, 2, &none),
        Err(LogError::SizesReversed { old: 3, new: 2 })
    );
    assert!(matches!(
        prove_inclusion(8, 3, &none),
        Err(LogError::MissingHash { .. })
    ));
    assert!(matches!(
        stored_hashes(1, hash, &none),
        Err(LogError::MissingHash { index: 0 })
    ));
    for indexes in [
        indexes_for_append(u64::MAX),
        indexes_for_root(u64::MAX),
        indexes_for_inclusion(u64::MAX, 1),
        indexes_for_inclusion(4, u64::MAX),
        indexes_for_consistency(1, u64::MAX),
        indexes_for_consistency(9, 8),
    ] {
        assert_eq!(indexes, Vec::<u64>::new());
    }
    let endless = vec![hash; 10_000];
    assert_eq!(
        verify_inclusion(&endless, 5, hash, 1, hash),
        Err(LogError::InvalidProof)
    );
    assert_eq!(
        verify_consistency(&endless, 2, hash, 5, hash),
        Err(LogError::InvalidProof)
    );
    assert_eq!(
        verify_consistency(&[], 0, leaf_hash(b"x"), 5, hash),
        Err(LogError::InvalidProof)
    );
    assert!(root(MAX_TREE_SIZE, &none).is_err());
    assert_eq!(indexes_for_root(MAX_TREE_SIZE).len(), 1);
}

#[test]
fn the_largest_leaf_fits_and_one_byte_more_does_not() {
    assert!(checked_leaf_hash(&vec![0; MAX_LEAF_BYTES]).is_ok());
    let bytes = MAX_LEAF_BYTES + 1;
    assert_eq!(
        checked_leaf_hash(&vec![0; bytes]),
        Err(LogError::LeafTooLarge { bytes })
    );
}

#[test]
fn a_hash_has_one_spelling() {
    let hash = leaf_hash(b"one");
    assert_eq!(Hash::from_hex(&hash.to_hex()), Ok(hash));
    assert_eq!(Hash::from_base64(&hash.to_base64()), Ok(hash));
    assert!(Hash::from_hex(&hash.to_hex().to_uppercase()).is_err());
    assert!(Hash::from_hex("00").is_err());
    assert!(Hash::from_base64("AAAA").is_err());
    assert_eq!(
        serde_json::from_str::<Hash>(&serde_json::to_string(&hash).unwrap()).unwrap(),
        hash
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any change to a proof, an index, a size or a root is noticed.
    #[test]
    fn altered_proofs_do_not_hold(size in 2_u64..700, pick in any::<u64>(), bit in any::<usize>()) {
        let hashes = hashes(size);
        let stored = store(&hashes);
        let head = root(size, &stored).unwrap();
        let index = pick % size;
        let leaf = hashes[usize::try_from(index).unwrap()];
        let mut proof = prove_inclusion(size, index, &stored).unwrap();
        verify_inclusion(&proof, size, head, index, leaf).unwrap();
        let place = bit % proof.len();
        proof[place].0[bit % 32] ^= 1 << (bit % 8);
        prop_assert!(verify_inclusion(&proof, size, head, index, leaf).is_err());
        proof.pop();
        prop_assert!(verify_inclusion(&proof, size, head, index, leaf).is_err());
    }
}
