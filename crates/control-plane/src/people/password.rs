//! Passwords of the embedded sign-in: argon2id with the library's defaults (OWASP's first choice), off the async threads.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

use crate::error::Error;
use crate::ids;

/// A hash nobody knows the password of, so that an unknown address costs the same work as a wrong password.
static NOBODY: LazyLock<Option<String>> =
    LazyLock::new(|| hash_now("nobody has this password").ok());

/// The PHC string of a password.
pub(crate) async fn hash(password: String) -> Result<String, Error> {
    tokio::task::spawn_blocking(move || hash_now(&password))
        .await
        .map_err(|e| Error::internal("password::hash", e))?
}

fn hash_now(password: &str) -> Result<String, Error> {
    let bytes =
        ids::random::<16>().map_err(|e| Error::internal("password::hash", e.to_string()))?;
    let salt = SaltString::encode_b64(&bytes)
        .map_err(|e| Error::internal("password::hash", e.to_string()))?;
    let hash = Argon2::default().hash_password(password.as_bytes(), &salt);
    hash.map(|h| h.to_string())
        .map_err(|e| Error::internal("password::hash", e.to_string()))
}

/// Is this the password of the hash? With no hash the same work is done, and the answer is no.
pub(crate) async fn verify(password: String, hash: Option<String>) -> Result<bool, Error> {
    // A bound on the work of one attempt.
    if password.len() > 4 * domain::form::person::PASSWORD_MAX {
        return Ok(false);
    }
    let check = move || {
        // Whoever signs in through a provider has no password: the same work as for nobody.
        let hash = hash.filter(|text| PasswordHash::new(text).is_ok());
        let known = hash.is_some();
        let Some(text) = hash.or_else(|| NOBODY.clone()) else {
            return false;
        };
        let Ok(parsed) = PasswordHash::new(&text) else {
            return false;
        };
        Argon2::default()
            .verify_password(password.as_bytes(), &parsed)
            .is_ok()
            && known
    };
    tokio::task::spawn_blocking(check)
        .await
        .map_err(|e| Error::internal("password::verify", e))
}
