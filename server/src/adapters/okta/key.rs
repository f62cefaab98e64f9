//! Agents' keys at Okta: ECDSA on P-256, because Okta takes no Ed25519. Owns `<data folder>/identities-okta`, one private key for
//! each principal, which only the agent's runtime reads.

use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsBigEndian as _, EcPrivateKeyBin};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::ports::PortError;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::adapters::files;
use crate::adapters::identity_provider::{forget_rotations, is_client_id, rotation_ending};
use crate::adapters::problem::{blocking, disk, rejected, unavailable};

/// One coordinate of a point of P-256.
const COORDINATE: usize = 32;

/// The folder.
#[derive(Debug)]
pub(super) struct Keys {
    dir: PathBuf,
}

/// A key as RFC 7518 writes it.
#[derive(Serialize, Deserialize)]
pub(super) struct PrivateJwk {
    kty: String,
    crv: String,
    alg: String,
    pub(super) kid: String,
    /// The private half.
    d: String,
    x: String,
    y: String,
}

impl Keys {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Where a principal's key is.
    pub(super) fn path(&self, client_id: &str) -> Result<PathBuf, PortError> {
        if is_client_id(client_id) {
            Ok(self.dir.join(client_id).with_extension("jwk"))
        } else {
            Err(rejected(
                "A client id has lower-case letters, digits and hyphens, at most 200.",
            ))
        }
    }

    /// The key of the principal. Two that ask at once get the same one: the first file stays.
    pub(super) async fn kept_or_new(&self, client_id: &str) -> Result<PrivateJwk, PortError> {
        let path = self.path(client_id)?;
        blocking(move || kept_or_new(&path)).await
    }

    /// Another key in the place of the principal's, the same one for the same rotation.
    pub(super) async fn rotate(
        &self,
        client_id: &str,
        rotation: &str,
    ) -> Result<PrivateJwk, PortError> {
        let path = self.path(client_id)?;
        if !is_client_id(rotation) {
            return Err(rejected(
                "A rotation has lower-case letters, digits and hyphens.",
            ));
        }
        let next = path.with_extension(rotation_ending(rotation));
        blocking(move || {
            let key = kept_or_new(&next)?;
            files::overwrite(&path, &key.text()?).map_err(|error| disk("written", &path, error))?;
            forget_rotations(&path, Some(&next)).map_err(|error| disk("removed", &next, error))?;
            Ok(key)
        })
        .await
    }

    /// Destroys the key. Gone already is no error.
    pub(super) async fn remove(&self, client_id: &str) -> Result<(), PortError> {
        let path = self.path(client_id)?;
        blocking(move || {
            forget_rotations(&path, None).map_err(|error| disk("removed", &path, error))?;
            files::remove(&path)
                .map(drop)
                .map_err(|error| disk("removed", &path, error))
        })
        .await
    }
}

fn kept_or_new(path: &Path) -> Result<PrivateJwk, PortError> {
    let there = files::read(path).map_err(|error| disk("read", path, error))?;
    if there.is_none() {
        let text = PrivateJwk::fresh()?.text()?;
        files::create(path, &text).map_err(|error| disk("written", path, error))?;
    }
    let content = files::read(path).map_err(|error| disk("read", path, error))?;
    let content =
        content.ok_or_else(|| unavailable("The identity is being revoked: it is tried again."))?;
    // The parser's message would quote the key.
    serde_json::from_slice(&content).map_err(|_| {
        rejected(format!(
            "The identity's key {} is damaged: revoke the identity and deploy again.",
            path.display()
        ))
    })
}

impl PrivateJwk {
    fn text(&self) -> Result<Vec<u8>, PortError> {
        serde_json::to_vec(self)
            .map_err(|error| unavailable("The identity's key could not be written.").because(error))
    }

    fn fresh() -> Result<Self, PortError> {
        let failed = |_| unavailable("The identity's key could not be made: it is tried again.");
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(failed)?;
        let private: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().map_err(failed)?;
        // An uncompressed point: one byte that says so, then both coordinates.
        let point = pair.public_key().as_ref().get(1..).unwrap_or_default();
        let (x, y) = point.split_at_checked(COORDINATE).ok_or_else(|| {
            unavailable("The identity's key could not be read: it is tried again.")
        })?;
        let name = &Sha256::digest(point)[..16];
        Ok(Self {
            kty: "EC".to_owned(),
            crv: "P-256".to_owned(),
            alg: "ES256".to_owned(),
            kid: URL_SAFE_NO_PAD.encode(name),
            d: URL_SAFE_NO_PAD.encode(private.as_ref()),
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        })
    }

    /// The public half, as Okta is told it.
    pub(super) fn public(&self) -> Value {
        json!({
            "kty": self.kty,
            "crv": self.crv,
            "alg": self.alg,
            "use": "sig",
            "kid": self.kid,
            "x": self.x,
            "y": self.y,
        })
    }
}
