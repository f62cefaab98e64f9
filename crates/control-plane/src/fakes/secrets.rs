//! Secrets in memory.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

use super::{Faults, lock};
use crate::ports::secrets::Secrets;
use crate::ports::{PortError, PortErrorKind};

/// A store of secrets.
#[derive(Debug)]
pub struct FakeSecrets {
    faults: Arc<Faults>,
    values: Mutex<BTreeMap<String, SecretString>>,
}

impl FakeSecrets {
    pub(super) fn new(faults: Arc<Faults>) -> Self {
        Self {
            faults,
            values: Mutex::default(),
        }
    }

    /// Puts a value behind a reference, such as `env:CRM_TOKEN`.
    pub fn set(&self, reference: &str, value: &str) {
        lock(&self.values).insert(reference.to_owned(), SecretString::from(value));
    }

    /// Every value, to look for where none may be.
    #[must_use]
    pub fn values(&self) -> Vec<String> {
        let values = lock(&self.values);
        values
            .values()
            .map(|value| value.expose_secret().to_owned())
            .collect()
    }
}

#[async_trait]
impl Secrets for FakeSecrets {
    async fn read(&self, reference: &str) -> Result<SecretString, PortError> {
        let read = || {
            let known = lock(&self.values).get(reference).cloned();
            known.ok_or_else(|| {
                PortError::new(PortErrorKind::NotFound, format!("{reference} is not set."))
            })
        };
        self.faults.run("secrets.read", reference, read).await
    }

    async fn keep(&self, name: &str, value: &SecretString) -> Result<String, PortError> {
        let reference = format!("file:{name}");
        let keep = || {
            lock(&self.values).insert(reference.clone(), value.clone());
            Ok(reference.clone())
        };
        self.faults.run("secrets.keep", name, keep).await
    }

    async fn forget(&self, reference: &str) -> Result<(), PortError> {
        let forget = || {
            if reference.starts_with("file:") {
                lock(&self.values).remove(reference);
            }
            Ok(())
        };
        self.faults.run("secrets.forget", reference, forget).await
    }
}
