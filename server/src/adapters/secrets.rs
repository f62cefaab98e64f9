//! Secrets by reference. Owns `<data folder>/secrets`, one private file for each kept secret, and reads variables of this
//! process; refuses names that are not plain, and never says a value.

use std::path::PathBuf;

use async_trait::async_trait;
use control_plane::ports::PortError;
use control_plane::ports::secrets::Secrets;
use secrecy::{ExposeSecret as _, SecretString};

use super::environment::variable;
use super::files;
use super::problem::{blocking, disk, not_found, rejected};

const MAX_NAME: usize = 100;

/// The adapter.
#[derive(Debug)]
pub(super) struct LocalSecrets {
    dir: PathBuf,
}

/// A reference, read.
#[derive(Debug, PartialEq, Eq)]
enum Reference<'a> {
    Variable(&'a str),
    File(&'a str),
}

impl LocalSecrets {
    pub(super) fn new(dir: PathBuf) -> Self {
        Self { dir }
    }
}

#[async_trait]
impl Secrets for LocalSecrets {
    async fn read(&self, reference: &str) -> Result<SecretString, PortError> {
        match parse(reference)? {
            Reference::Variable(name) => {
                let value = variable(name).filter(|value| !value.is_empty());
                let value = value.ok_or_else(|| not_found(format!("The secret env:{name} is not set: start Clearance with the variable {name}.")))?;
                let value = value
                    .into_string()
                    .map_err(|_| rejected(format!("The secret env:{name} is not UTF-8 text.")))?;
                Ok(SecretString::from(value))
            }
            Reference::File(name) => {
                let (path, name) = (self.dir.join(name), name.to_owned());
                blocking(move || {
                    let content = files::read(&path).map_err(|error| disk("read", &path, error))?;
                    let content = content.ok_or_else(|| {
                        not_found(format!("There is no secret file:{name}: store it again."))
                    })?;
                    let text = String::from_utf8(content).map_err(|_| {
                        rejected(format!("The secret file:{name} is not UTF-8 text."))
                    })?;
                    // Written by hand, a file ends with a newline that is not part of the secret.
                    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
                })
                .await
            }
        }
    }

    async fn keep(&self, name: &str, value: &SecretString) -> Result<String, PortError> {
        if !is_file_name(name) {
            return Err(rejected(
                "A secret's name has lower-case letters, digits and hyphens, at most 100.",
            ));
        }
        let (path, value) = (self.dir.join(name), value.clone());
        blocking(move || {
            files::replace(&path, value.expose_secret().as_bytes())
                .map_err(|error| disk("written", &path, error))
        })
        .await?;
        Ok(format!("file:{name}"))
    }

    async fn forget(&self, reference: &str) -> Result<(), PortError> {
        let Reference::File(name) = parse(reference)? else {
            return Ok(());
        };
        let path = self.dir.join(name);
        blocking(move || match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(disk("removed", &path, error))
            }
            Ok(()) | Err(_) => Ok(()),
        })
        .await
    }
}

fn parse(reference: &str) -> Result<Reference<'_>, PortError> {
    match reference.split_once(':') {
        Some(("env", name)) if is_variable(name) => Ok(Reference::Variable(name)),
        Some(("file", name)) if is_file_name(name) => Ok(Reference::File(name)),
        _ => Err(rejected(
            "A secret's reference is env:NAME or file:name: correct it where it is used.",
        )),
    }
}

/// Whether an agent may name the secret in its manifest: those of the control plane itself are not for agents, whoever
/// writes the manifest.
pub(super) fn is_for_agents(reference: &str, own: &[String]) -> bool {
    let ours = match parse(reference) {
        Ok(Reference::Variable(name)) => name.starts_with("CLEARANCE_"),
        Ok(Reference::File(name)) => {
            name.starts_with("connection-") || name.starts_with("channel-")
        }
        Err(_) => true,
    };
    !ours && !own.iter().any(|one| one == reference)
}

fn is_variable(name: &str) -> bool {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    plain && name.len() <= MAX_NAME && name.bytes().next().is_some_and(|b| b.is_ascii_uppercase())
}

fn is_file_name(name: &str) -> bool {
    let plain = name
        .bytes()
        .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    plain
        && name.len() <= MAX_NAME
        && name
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_plain() {
        assert_eq!(
            parse("env:CRM_TOKEN").unwrap(),
            Reference::Variable("CRM_TOKEN")
        );
        assert_eq!(
            parse("file:connection-github").unwrap(),
            Reference::File("connection-github")
        );
        for text in [
            "",
            "env:",
            "env:path",
            "env:A B",
            "env:1A",
            "file:../keys/checkpoint.pem",
            "file:/etc/passwd",
            "file:.new-x",
            "vault:x",
            "CRM_TOKEN",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn agents_cannot_name_the_control_planes_own_secrets() {
        let own = ["env:GITHUB_TOKEN".to_owned()];
        assert!(is_for_agents("env:CRM_TOKEN", &own));
        for text in [
            "env:GITHUB_TOKEN",
            "env:CLEARANCE_DATABASE_URL",
            "file:connection-github",
            "file:channel-0198",
            "env:CLEARANCE_CHANNEL_OPS_SECRET",
            "file:../x",
        ] {
            assert!(!is_for_agents(text, &own), "{text}");
        }
    }

    #[tokio::test]
    async fn a_kept_secret_is_private_and_found_again() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let secrets = LocalSecrets::new(folder.path().join("secrets"));
        for value in ["first", "second"] {
            let reference = secrets
                .keep("connection-github", &SecretString::from(value))
                .await
                .unwrap();
            assert_eq!(
                secrets.read(&reference).await.unwrap().expose_secret(),
                value
            );
        }
        let mode = |path: &str| {
            std::fs::metadata(folder.path().join(path))
                .unwrap()
                .permissions()
                .mode()
                & 0o777
        };
        assert_eq!(
            (mode("secrets"), mode("secrets/connection-github")),
            (0o700, 0o600)
        );
        assert!(
            secrets
                .keep("../x", &SecretString::from("x"))
                .await
                .is_err()
        );
        for _ in 0..2 {
            secrets.forget("file:connection-github").await.unwrap();
        }
        assert!(secrets.read("file:connection-github").await.is_err());
        secrets.forget("env:HOME").await.unwrap();
        let missing = secrets.read("file:missing").await.unwrap_err();
        assert_eq!(missing.kind, control_plane::ports::PortErrorKind::NotFound);
    }
}
