//! Signed tree heads: the one acceptable form, and all the others.

use audit_log::{
    Checkpoint, CheckpointError, CheckpointKey, Hash, KeyError, VerifierKey, leaf_hash, open,
};
use proptest::prelude::*;

use crate::support::{ORIGIN, key, other_key, trusted};

fn checkpoint(size: u64) -> Checkpoint {
    let root = if size == 0 {
        Hash::EMPTY_TREE
    } else {
        leaf_hash(&size.to_be_bytes())
    };
    Checkpoint {
        origin: ORIGIN.into(),
        size,
        root,
    }
}

/// A note over any text, signed by the right key: what a buggy or hostile signer could publish.
fn signed(text: &str) -> String {
    let mut note = signed_note::Note::new(text.as_bytes(), &[]).unwrap();
    note.add_sigs(&[&key()]).unwrap();
    String::from_utf8(note.to_bytes()).unwrap()
}

#[test]
fn a_signed_checkpoint_opens() {
    for size in [0, 1, 256, 1 << 48] {
        let note = checkpoint(size).sign(&key()).unwrap();
        assert_eq!(open(&note, &[trusted()]), Ok(checkpoint(size)));
        assert_eq!(
            open(&note, &[other_key().verifier_key(), trusted(), trusted()]),
            Ok(checkpoint(size))
        );
    }
}

/// Fixed bytes: a change of the format or the signature would orphan every checkpoint in the world.
#[test]
fn the_form_is_pinned() {
    let note = checkpoint(0).sign(&key()).unwrap();
    let expected = "clearance.example/log\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n— clearance.example/log ";
    assert!(note.starts_with(expected), "{note}");
    assert!(note.ends_with('\n'));
    let text = trusted().to_string();
    assert!(text.starts_with("clearance.example/log+"), "{text}");
    assert_eq!(text.parse::<VerifierKey>(), Ok(trusted()));
}

#[test]
fn other_spellings_are_refused_even_if_signed() {
    let root = checkpoint(5).root.to_base64();
    for text in [
        format!("{ORIGIN}\n05\n{root}\n"),
        format!("{ORIGIN}\n+5\n{root}\n"),
        format!("{ORIGIN}\n-5\n{root}\n"),
        format!("{ORIGIN}\n 5\n{root}\n"),
        format!("{ORIGIN}\n5\n{root}\nextension\n"),
        format!("{ORIGIN}\n5\n{root}\n\n"),
        format!("{ORIGIN}\n5\n{}\n", root.trim_end_matches('=')),
        format!("{ORIGIN}\n5\nAAAA\n"),
        format!("{ORIGIN}\n5\n"),
        format!("{ORIGIN}\n0\n{root}\n"),
        format!("{ORIGIN}\n{}\n{root}\n", u64::MAX),
        format!("{ORIGIN}\n99999999999999999999\n{root}\n"),
        format!("\n5\n{root}\n"),
    ] {
        assert_eq!(
            open(&signed(&text), &[trusted()]),
            Err(CheckpointError::MalformedText),
            "{text}"
        );
    }
    let foreign = signed(&format!("other.example/log\n5\n{root}\n"));
    let origin = "other.example/log".to_owned();
    assert_eq!(
        open(&foreign, &[trusted()]),
        Err(CheckpointError::ForeignOrigin { origin })
    );
}

#[test]
fn altered_notes_are_refused() {
    let note = checkpoint(5).sign(&key()).unwrap();
    let refused = |note: &str| open(note, &[trusted()]).unwrap_err();
    assert_eq!(
        refused(&note.replace('\n', "\r\n")),
        CheckpointError::MalformedNote
    );
    assert_eq!(refused(note.trim_end()), CheckpointError::MalformedNote);
    assert_eq!(
        refused(&format!("{note}\n")),
        CheckpointError::MalformedNote
    );
    assert_eq!(refused(""), CheckpointError::MalformedNote);
    let bad = CheckpointError::BadSignature { key: ORIGIN.into() };
    assert_eq!(refused(&note.replacen("\n5\n", "\n6\n", 1)), bad);
    assert_eq!(
        refused(&checkpoint(5).sign(&other_key()).unwrap()),
        CheckpointError::UnknownKey
    );
    assert_eq!(open(&note, &[]), Err(CheckpointError::UnknownKey));
}

/// Rules of the signed-note format: unknown signatures are ignored, sixteen at least are accepted, a bad one by a known
/// key refuses the note, and an id alone identifies nobody.
#[test]
fn signatures_are_handled_as_the_format_says() {
    let note = checkpoint(5).sign(&key()).unwrap();
    let (text, own) = note.split_once("\n\n").unwrap();
    let stranger = checkpoint(5).sign(&other_key()).unwrap();
    let (_, unknown) = stranger.split_once("\n\n").unwrap();
    let many = format!("{text}\n\n{}{own}", unknown.repeat(16));
    assert_eq!(open(&many, &[trusted()]), Ok(checkpoint(5)));
    let flood = format!("{text}\n\n{}{own}", unknown.repeat(100));
    assert_eq!(
        open(&flood, &[trusted()]),
        Err(CheckpointError::MalformedNote)
    );
    let renamed = format!("{text}\n\n{}", own.replace(ORIGIN, "witness.example"));
    assert_eq!(
        open(&renamed, &[trusted()]),
        Err(CheckpointError::UnknownKey)
    );
    let (_, wrong) = checkpoint(6)
        .sign(&key())
        .unwrap()
        .split_once("\n\n")
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let with_wrong = format!("{text}\n\n{wrong}");
    assert_eq!(
        open(&with_wrong, &[trusted()]),
        Err(CheckpointError::BadSignature { key: ORIGIN.into() })
    );
}

#[test]
fn a_key_signs_for_its_own_log_only() {
    let mut foreign = checkpoint(5);
    foreign.origin = "other.example/log".into();
    assert_eq!(
        foreign.sign(&key()),
        Err(CheckpointError::KeyName { key: ORIGIN.into() })
    );
    foreign.origin = "two words".into();
    assert_eq!(foreign.sign(&key()), Err(CheckpointError::Origin));
}

#[test]
fn private_keys_survive_the_file_and_stay_out_of_debug() {
    let pem = key().to_pkcs8_pem().unwrap();
    assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    let read = CheckpointKey::from_pkcs8_pem(ORIGIN, &pem).unwrap();
    assert_eq!(read.verifier_key(), trusted());
    assert_eq!(read.name(), ORIGIN);
    assert_eq!(
        format!("{read:?}"),
        format!("CheckpointKey {{ name: \"{ORIGIN}\", .. }}")
    );
    assert_eq!(
        CheckpointKey::from_pkcs8_pem(ORIGIN, "nonsense").unwrap_err(),
        KeyError::Pem
    );
    let long = "x".repeat(256);
    for name in ["", "a b", "a+b", "a\nb", "a\u{7f}", long.as_str()] {
        assert_eq!(
            CheckpointKey::from_seed(name, &[1; 32]).unwrap_err(),
            KeyError::Name,
            "{name:?}"
        );
    }
}

/// The key of RFC 8410, section 10.3, as OpenSSL writes it.
#[test]
fn keys_made_by_other_tools_are_read() {
    let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
    let key = CheckpointKey::from_pkcs8_pem(ORIGIN, pem).unwrap();
    assert!(checkpoint(1).sign(&key).is_ok());
    assert_eq!(key.to_pkcs8_pem().unwrap(), pem);
}

#[test]
fn verifier_keys_have_one_spelling() {
    let text = trusted().to_string();
    let (name, rest) = text.split_once('+').unwrap();
    let (hash, encoded) = rest.split_once('+').unwrap();
    for wrong in [
        String::new(),
        name.to_owned(),
        format!("{name}+{encoded}"),
        format!("{name}+{}+{encoded}", hash.to_uppercase() + "0"),
        format!("{name}+00000000+{encoded}"),
        format!("other+{hash}+{encoded}"),
        format!("{text}="),
        format!("{text}\n"),
        format!("{name}+{hash}+Ag=="),
    ] {
        assert!(wrong.parse::<VerifierKey>().is_err(), "{wrong}");
    }
}

/// A key of small order accepts signatures that nobody made.
#[test]
fn weak_keys_are_refused() {
    let mut bytes = [0_u8; 33];
    bytes[0] = 1;
    bytes[1] = 1;
    let id = signed_note::key_id(ORIGIN, &bytes);
    let encoded = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    assert_eq!(
        format!("{ORIGIN}+{id:08x}+{encoded}").parse::<VerifierKey>(),
        Err(KeyError::Weak)
    );
}

proptest! {
    #[test]
    fn any_flipped_bit_refuses_the_note(place in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let note = checkpoint(12_345).sign(&key()).unwrap();
        let mut bytes = note.into_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        if let Ok(text) = String::from_utf8(bytes) {
            prop_assert!(open(&text, &[trusted()]).is_err());
        }
    }

    #[test]
    fn any_text_is_refused(text in any::<String>()) {
        prop_assert!(open(&text, &[trusted()]).is_err());
    }
}
