//! An authenticator in memory, with a key on P-256: it answers what the server asks as a browser would pass it on, and lies
//! where a test has it lie.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const WITH_CREDENTIAL: u8 = 0x40;

/// One credential. Public fields are what a test changes before the next answer.
#[derive(Debug, Clone)]
pub struct Authenticator {
    key: SigningKey,
    id: Vec<u8>,
    /// Where the browser believes to be.
    pub origin: String,
    /// For whom the authenticator signs.
    pub rp_id: String,
    /// What it says to have signed before; each use counts one.
    pub counter: u32,
    /// The person whom it says to know.
    pub user: Option<Vec<u8>>,
    /// Did it verify its person, by PIN or finger?
    pub verified: bool,
}

impl Authenticator {
    /// One with a key of its own, for the plane of tests.
    #[must_use]
    pub fn new(seed: u8) -> Self {
        Self {
            key: SigningKey::from_slice(&[seed; 32]).expect("a key"),
            id: vec![seed; 24],
            origin: "https://clearance.test".to_owned(),
            rp_id: "clearance.test".to_owned(),
            counter: 0,
            user: None,
            verified: true,
        }
    }

    /// At another address than the plane's.
    #[must_use]
    pub fn at(self, origin: &str, rp_id: &str) -> Self {
        Self {
            origin: origin.to_owned(),
            rp_id: rp_id.to_owned(),
            ..self
        }
    }

    /// Answers a question for a new credential.
    #[must_use]
    pub fn make(&self, options: &str) -> String {
        let point = self.key.verifying_key().to_sec1_point(false);
        let point = point.as_bytes();
        let mut data = self.data(WITH_CREDENTIAL);
        data.extend([0; 16]);
        data.extend(u16::try_from(self.id.len()).expect("short").to_be_bytes());
        data.extend(&self.id);
        // {1: EC2, 3: ES256, -1: P-256, -2: x, -3: y}
        data.extend([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20]);
        data.extend(&point[1..33]);
        data.extend([0x22, 0x58, 0x20]);
        data.extend(&point[33..65]);
        let mut object = vec![0xa3, 0x63];
        object.extend(b"fmt\x64none\x67attStmt\xa0\x68authData\x58");
        object.push(u8::try_from(data.len()).expect("short"));
        object.extend(&data);
        let response = json!({
            "attestationObject": text(&object),
            "clientDataJSON": text(self.client("webauthn.create", options).as_bytes()),
            "transports": ["internal"],
        });
        self.credential(&response)
    }

    /// Answers a question for this credential.
    #[must_use]
    pub fn sign(&mut self, options: &str) -> String {
        self.counter += 1;
        let client = self.client("webauthn.get", options);
        let data = self.data(0);
        let mut signed = data.clone();
        signed.extend(Sha256::digest(client.as_bytes()));
        let signature: Signature = self.key.sign(&signed);
        let response = json!({
            "authenticatorData": text(&data),
            "clientDataJSON": text(client.as_bytes()),
            "signature": text(signature.to_der().as_bytes()),
            "userHandle": self.user.as_ref().map(|user| text(user)),
        });
        self.credential(&response)
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let verified = if self.verified { VERIFIED } else { 0 };
        let mut data = Sha256::digest(self.rp_id.as_bytes()).to_vec();
        data.push(PRESENT | verified | more);
        data.extend(self.counter.to_be_bytes());
        data
    }

    fn client(&self, kind: &str, options: &str) -> String {
        let options: Value = serde_json::from_str(options).expect("options");
        json!({
            "type": kind,
            "challenge": options["challenge"],
            "origin": self.origin,
            "crossOrigin": false,
        })
        .to_string()
    }

    fn credential(&self, response: &Value) -> String {
        json!({
            "id": text(&self.id),
            "rawId": text(&self.id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": response,
        })
        .to_string()
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
