//! The built-in identity provider. Owns `<data folder>/identities`, one private Ed25519 key for each principal, which only
//! the agent's runtime reads; refuses client ids that are not plain file names.
//!
//! Which scopes a principal has, and whether it may still get tokens, is not kept here: the token endpoint asks the
//! control plane each time.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use control_plane::ports::PortError;
use control_plane::ports::identity_provider::{
    IdentityOrder, IdentityProvider, PrincipalDescription, ProvidedIdentity,
};
use ed25519_dalek::SigningKey;
use serde::{Deserialize, Serialize};

use super::files;
use super::problem::{blocking, disk, not_found, rejected, unavailable};

const ENDING: &str = "jwk";
/// What the file of a rotation's key ends with, after the rotation.
const ROTATION: &str = "rotation";
/// Ending of the mark beside the key of a principal that is suspended.
const SUSPENDED: &str = "suspended";
const MAX_ID: usize = 200;

/// The adapter.
#[derive(Debug)]
pub(super) struct BuiltInProvider {
    dir: PathBuf,
}

/// An Ed25519 key as RFC 8037 writes it.
#[derive(Serialize, Deserialize)]
struct PrivateJwk {
    kty: String,
    crv: String,
    alg: String,
    kid: String,
    /// The private half.
    d: String,
    x: String,
}

#[derive(Serialize)]
struct PublicJwk<'a> {
    kty: &'a str,
    crv: &'a str,
    alg: &'a str,
    r#use: &'a str,
    kid: &'a str,
    x: &'a str,
}

impl BuiltInProvider {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    fn key_path(&self, client_id: &str) -> Result<PathBuf, PortError> {
        if is_client_id(client_id) {
            Ok(self.dir.join(client_id).with_extension(ENDING))
        } else {
            Err(rejected(
                "A client id has lower-case letters, digits and hyphens, at most 200.",
            ))
        }
    }
}

#[async_trait]
impl IdentityProvider for BuiltInProvider {
    async fn provision(&self, order: &IdentityOrder) -> Result<ProvidedIdentity, PortError> {
        let (path, client_id) = (self.key_path(&order.client_id)?, order.client_id.clone());
        blocking(move || {
            let key = kept_or_new(&path, &client_id)?;
            let public_jwk = key.public()?;
            let private_key_reference = path.display().to_string();
            Ok(ProvidedIdentity {
                client_id,
                public_jwk,
                private_key_reference,
            })
        })
        .await
    }

    async fn suspend(&self, client_id: &str) -> Result<(), PortError> {
        let path = self.key_path(client_id)?;
        blocking(move || {
            there(&path)?;
            let mark = path.with_extension(SUSPENDED);
            files::create(&mark, b"")
                .map(drop)
                .map_err(|error| disk("written", &mark, error))
        })
        .await
    }

    async fn resume(&self, client_id: &str) -> Result<(), PortError> {
        let path = self.key_path(client_id)?;
        blocking(move || {
            there(&path)?;
            let mark = path.with_extension(SUSPENDED);
            files::remove(&mark)
                .map(drop)
                .map_err(|error| disk("removed", &mark, error))
        })
        .await
    }

    async fn describe(&self, client_id: &str) -> Result<PrincipalDescription, PortError> {
        let path = self.key_path(client_id)?;
        blocking(move || {
            there(&path)?;
            let mark = path.with_extension(SUSPENDED);
            let marked = files::read(&mark).map_err(|error| disk("read", &mark, error))?;
            Ok(PrincipalDescription {
                scopes: None,
                suspended: marked.is_some(),
            })
        })
        .await
    }

    async fn restore(&self, order: &IdentityOrder) -> Result<(), PortError> {
        // Scopes are kept by the control plane; there is only the principal itself to look for.
        let path = self.key_path(&order.client_id)?;
        blocking(move || there(&path)).await
    }

    async fn rotate(&self, client_id: &str, rotation: &str) -> Result<String, PortError> {
        let (path, client_id) = (self.key_path(client_id)?, client_id.to_owned());
        if !is_client_id(rotation) {
            return Err(rejected(
                "A rotation has lower-case letters, digits and hyphens.",
            ));
        }
        let next = path.with_extension(rotation_ending(rotation));
        blocking(move || {
            there(&path)?;
            // Whoever asks for the same rotation at the same time gets the same key.
            let key = kept_or_new(&next, &client_id)?;
            files::overwrite(&path, &key.text()?).map_err(|error| disk("written", &path, error))?;
            forget_rotations(&path, Some(&next)).map_err(|error| disk("removed", &next, error))?;
            key.public()
        })
        .await
    }

    async fn revoke(&self, client_id: &str) -> Result<(), PortError> {
        let path = self.key_path(client_id)?;
        blocking(move || {
            forget_rotations(&path, None).map_err(|error| disk("removed", &path, error))?;
            let mark = path.with_extension(SUSPENDED);
            files::remove(&mark).map_err(|error| disk("removed", &mark, error))?;
            if let Err(error) = files::remove(&path) {
                return Err(disk("removed", &path, error));
            }
            Ok(())
        })
        .await
    }

    async fn list(&self) -> Result<Vec<String>, PortError> {
        let dir = self.dir.clone();
        blocking(move || list(&dir).map_err(|error| disk("read", &dir, error))).await
    }
}

/// `NotFound` for a principal that is not there.
fn there(path: &Path) -> Result<(), PortError> {
    match files::read(path).map_err(|error| disk("read", path, error))? {
        Some(_) => Ok(()),
        None => Err(not_found(
            "There is no such identity: it was revoked. Deploy again.",
        )),
    }
}

fn list(dir: &Path) -> io::Result<Vec<String>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut ids = Vec::new();
    for entry in entries {
        let name = entry?.file_name();
        let id = name
            .to_str()
            .and_then(|name| name.strip_suffix(&format!(".{ENDING}")));
        ids.extend(id.filter(|id| is_client_id(id)).map(str::to_owned));
    }
    ids.sort_unstable();
    Ok(ids)
}

/// The key of the principal. Two that ask at once get the same one: the first file stays.
fn kept_or_new(path: &Path, client_id: &str) -> Result<PrivateJwk, PortError> {
    if let Some(key) = kept(path)? {
        return Ok(key);
    }
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| {
        unavailable("The operating system gave no random numbers.")
            .because(io::Error::other(error.to_string()))
    })?;
    let key = SigningKey::from_bytes(&seed);
    let new = PrivateJwk {
        kty: "OKP".to_owned(),
        crv: "Ed25519".to_owned(),
        alg: "EdDSA".to_owned(),
        kid: client_id.to_owned(),
        d: URL_SAFE_NO_PAD.encode(key.as_bytes()),
        x: URL_SAFE_NO_PAD.encode(key.verifying_key().as_bytes()),
    };
    let ours = files::create(path, &new.text()?).map_err(|error| disk("written", path, error))?;
    if ours {
        return Ok(new);
    }
    kept(path)?.ok_or_else(|| unavailable("The identity is being revoked: it is tried again."))
}

fn kept(path: &Path) -> Result<Option<PrivateJwk>, PortError> {
    let Some(content) = files::read(path).map_err(|error| disk("read", path, error))? else {
        return Ok(None);
    };
    // The parser's message would quote the key.
    let damaged = |_| {
        rejected(format!(
            "The identity's key {} is damaged: revoke the identity and deploy again.",
            path.display()
        ))
    };
    serde_json::from_slice(&content).map(Some).map_err(damaged)
}

/// What the file with a rotation's key ends with.
pub(super) fn rotation_ending(rotation: &str) -> String {
    format!("{rotation}.{ROTATION}")
}

/// Deletes the keys of rotations of a principal, but one.
pub(super) fn forget_rotations(path: &Path, but: Option<&Path>) -> io::Result<()> {
    let (Some(dir), Some(name)) = (path.parent(), path.file_stem()) else {
        return Ok(());
    };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let beginning = format!("{}.", name.to_string_lossy());
    for entry in entries {
        let file = entry?.path();
        let ours = file.file_name().is_some_and(|name| {
            let name = name.to_string_lossy();
            name.starts_with(&beginning) && name.ends_with(&format!(".{ROTATION}"))
        });
        if ours && Some(file.as_path()) != but {
            files::remove(&file)?;
        }
    }
    Ok(())
}

impl PrivateJwk {
    fn text(&self) -> Result<Vec<u8>, PortError> {
        serde_json::to_vec(self)
            .map_err(|error| unavailable("The identity's key could not be written.").because(error))
    }

    fn public(&self) -> Result<String, PortError> {
        let public = PublicJwk {
            kty: &self.kty,
            crv: &self.crv,
            alg: &self.alg,
            r#use: "sig",
            kid: &self.kid,
            x: &self.x,
        };
        serde_json::to_string(&public)
            .map_err(|error| unavailable("The identity's key could not be read.").because(error))
    }
}

/// May it be the name of a file?
pub(super) fn is_client_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= MAX_ID
        && id
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}
