//! Cosignatures: the one form, who counts towards a quorum, and what does not.

use audit_log::{
    Checkpoint, CheckpointError, Cosignature, Hash, InclusionProof, KeyError, ProofError,
    VerifierKey, WitnessError, WitnessKey, WitnessPolicy, WitnessPolicyError, WitnessVerifierKey,
    attach, leaf_hash, open, verify_proof_with,
};
use proptest::prelude::*;

use crate::support::{Log, key, trusted, witness};

const TIME: u64 = 1_679_315_147;
/// Made from the specification by another implementation of Ed25519, over the checkpoint that is its example.
const VKEY: &str = "witness.example.com/w1+4bdc7eaa+BP0XJDhaoMdbZPt4zWAvodmR/ev3axPFjtcC6sg16fYY";
const LINE: &str = "— witness.example.com/w1 S9x+qgAAAABkGFDLSEwbtADY9t5XeSzDTVuiqYN5nZfoc9NQOUgkPYm4wwjIUL68Nczz1tpzCjnpmnRXttgqVVwOg3WfE7AXqa+DAg==\n";

fn example() -> Checkpoint {
    Checkpoint {
        origin: "example.com/behind-the-sofa".into(),
        size: 20_852_163,
        root: Hash::from_base64("CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=").unwrap(),
    }
}

fn policy(witnesses: u64, quorum: usize) -> WitnessPolicy {
    let keys = (0..witnesses).map(|n| witness(n).verifier_key()).collect();
    WitnessPolicy::new(keys, quorum).unwrap()
}

fn line(checkpoint: &Checkpoint, n: u64) -> String {
    witness(n).cosign(checkpoint, TIME).unwrap()
}

#[test]
fn the_form_is_the_one_of_the_specification() {
    let key = WitnessKey::from_seed("witness.example.com/w1", &[9; 32]).unwrap();
    assert_eq!(key.verifier_key().to_string(), VKEY);
    assert_eq!(VKEY.parse(), Ok(key.verifier_key()));
    assert_eq!(key.cosign(&example(), TIME).unwrap(), LINE);
    let said = Cosignature::from_answer(&example(), LINE, &key.verifier_key()).unwrap();
    assert_eq!(
        (said.time, said.witness.as_str(), said.line.as_str()),
        (TIME, "witness.example.com/w1", LINE)
    );
    assert_eq!(said.key_id, "witness.example.com/w1+4bdc7eaa");
    let kept = WitnessKey::from_pkcs8_pem("w", &key.to_pkcs8_pem().unwrap()).unwrap();
    assert_eq!(kept.verifier_key().name(), "w");
}

#[test]
fn a_log_key_is_no_witness_and_a_witness_no_log() {
    let log = trusted().to_string();
    assert_eq!(
        log.parse::<WitnessVerifierKey>(),
        Err(KeyError::VerifierKey)
    );
    assert_eq!(VKEY.parse::<VerifierKey>(), Err(KeyError::VerifierKey));
    // The same pair of keys under the log's name: a cosignature is not the log's signature, nor the other way round.
    let twin = WitnessKey::from_seed(key().name(), &[7; 32]).unwrap();
    let checkpoint = Log::new(5).checkpoint;
    let text = checkpoint.sign(&key()).unwrap();
    let (body, signature) = text.split_once("\n\n").unwrap();
    let cosigned = format!("{body}\n\n{}", twin.cosign(&checkpoint, TIME).unwrap());
    assert_eq!(
        open(&cosigned, &[trusted()]),
        Err(CheckpointError::UnknownKey)
    );
    let none = Cosignature::from_answer(&checkpoint, signature, &twin.verifier_key());
    assert_eq!(
        none,
        Err(WitnessError::TooFew {
            found: 0,
            quorum: 1
        })
    );
}

#[test]
fn a_quorum_counts_each_witness_once() {
    let checkpoint = Log::new(20).checkpoint;
    let note = checkpoint.sign(&key()).unwrap();
    let with = |who: &[u64]| {
        let lines: Vec<String> = who.iter().map(|n| line(&checkpoint, *n)).collect();
        attach(&note, lines.iter().map(String::as_str))
    };
    let two_of_three = policy(3, 2);
    let enough = two_of_three.check(&with(&[2, 0])).unwrap();
    let names: Vec<&str> = enough.iter().map(|one| one.witness.as_str()).collect();
    assert_eq!(names, ["witness.example/w2", "witness.example/w0"]);
    for (who, found) in [(&[][..], 0), (&[1], 1), (&[1, 1, 1], 1), (&[1, 7, 8], 1)] {
        let refused = two_of_three.check(&with(who));
        assert_eq!(
            refused,
            Err(WitnessError::TooFew { found, quorum: 2 }),
            "{who:?}"
        );
        assert_eq!(two_of_three.found(&with(who)).unwrap().len(), found);
    }
    // Cosignatures change nothing for those who do not ask for them.
    assert_eq!(open(&with(&[0, 1, 2]), &[trusted()]), Ok(checkpoint));
}

#[test]
fn what_was_said_of_another_checkpoint_is_an_alarm() {
    let note = Log::new(20).checkpoint.sign(&key()).unwrap();
    let other = line(&Log::new(21).checkpoint, 0);
    let honest = line(&Log::new(20).checkpoint, 1);
    let mixed = attach(&note, [other.as_str(), honest.as_str()]);
    let witness = "witness.example/w0".to_owned();
    let bad = WitnessError::BadSignature { witness };
    assert_eq!(policy(2, 1).check(&mixed), Err(bad.clone()));
    assert_eq!(policy(2, 1).found(&mixed), Err(bad));
}

#[test]
fn there_is_no_policy_that_cannot_be_met_or_counts_somebody_twice() {
    let keys = |n: u64| -> Vec<_> { (0..n).map(|n| witness(n).verifier_key()).collect() };
    assert_eq!(
        WitnessPolicy::new(Vec::new(), 1),
        Err(WitnessPolicyError::Count)
    );
    for quorum in [0, 3] {
        let witnesses = 2;
        assert_eq!(
            WitnessPolicy::new(keys(2), quorum),
            Err(WitnessPolicyError::Quorum { quorum, witnesses })
        );
    }
    let renamed = WitnessKey::from_seed("another.example", &[100; 32]).unwrap();
    let namesake = WitnessKey::from_seed("witness.example/w0", &[9; 32]).unwrap();
    for twin in [renamed, namesake] {
        let keys = vec![witness(0).verifier_key(), twin.verifier_key()];
        assert!(matches!(
            WitnessPolicy::new(keys, 1),
            Err(WitnessPolicyError::Twice { .. })
        ));
    }
}

#[test]
fn an_answer_is_read_for_the_checkpoint_that_was_asked_about_alone() {
    let checkpoint = Log::new(20).checkpoint;
    let key = witness(0).verifier_key();
    let read = |answer: &str| Cosignature::from_answer(&checkpoint, answer, &key);
    let mine = line(&checkpoint, 0);
    let (stranger, other) = (line(&checkpoint, 1), line(&Log::new(9).checkpoint, 0));
    assert_eq!(
        read(&format!("{stranger}{mine}")).unwrap().witness,
        key.name()
    );
    assert_eq!(
        read(&stranger),
        Err(WitnessError::TooFew {
            found: 0,
            quorum: 1
        })
    );
    assert!(matches!(
        read(&other),
        Err(WitnessError::BadSignature { .. })
    ));
    // A line of text in front would make it a cosignature of another note.
    let extended = Checkpoint {
        origin: checkpoint.origin.clone(),
        ..Log::new(3).checkpoint
    };
    let smuggled = format!("extension\n\n{}", line(&extended, 0));
    for bad in [
        "",
        "\n",
        "not a signature\n",
        mine.trim_end(),
        &smuggled,
        &format!("\n{mine}"),
        &"x".repeat(70_000),
    ] {
        assert_eq!(read(bad), Err(WitnessError::Malformed), "{bad:.60}");
    }
}

#[test]
fn a_proof_holds_under_witnesses_only_if_they_saw_its_checkpoint() {
    let leaf = b"a leaf".to_vec();
    let checkpoint = Checkpoint {
        size: 1,
        root: leaf_hash(&leaf),
        ..Log::new(1).checkpoint
    };
    let prove = |lines: &[String]| {
        let note = checkpoint.sign(&key()).unwrap();
        let proof = InclusionProof {
            index: 0,
            hashes: Vec::new(),
            checkpoint_note: attach(&note, lines.iter().map(String::as_str)),
        };
        verify_proof_with(&proof.to_text(), &leaf, &trusted(), Some(&policy(2, 1)))
    };
    let proven = prove(&[line(&checkpoint, 1)]).unwrap();
    assert_eq!(proven.witnesses.len(), 1);
    assert!(matches!(
        prove(&[]),
        Err(ProofError::Checkpoint(CheckpointError::Unwitnessed {
            found: 0,
            quorum: 1
        }))
    ));
    assert!(matches!(
        prove(&[line(&Log::new(2).checkpoint, 0)]),
        Err(ProofError::Checkpoint(CheckpointError::BadSignature { .. }))
    ));
}

proptest! {
    /// No bit of a cosignature can be changed without it being noticed or belonging to nobody.
    #[test]
    fn a_changed_cosignature_counts_for_nobody(place in 0_usize..76, bit in 0_u8..8) {
        use base64::Engine as _;
        use base64::engine::general_purpose::STANDARD;
        let checkpoint = Log::new(4).checkpoint;
        let line = line(&checkpoint, 0);
        let (head, encoded) = line.trim_end().rsplit_once(' ').unwrap();
        let mut bytes = STANDARD.decode(encoded).unwrap();
        bytes[place] ^= 1 << bit;
        let forged = format!("{head} {}\n", STANDARD.encode(bytes));
        let note = attach(&checkpoint.sign(&key()).unwrap(), [forged.as_str()]);
        prop_assert!(policy(1, 1).check(&note).is_err());
    }
}
