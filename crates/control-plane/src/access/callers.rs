//! Who asks: the tokens of the programs that ask, kept for a moment, so that an answer costs no statement.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

use domain::actor::Actor;
use sha2::{Digest as _, Sha256};

use super::memory::FRESH;
use crate::ControlPlane;
use crate::error::Error;
use crate::tokens;

/// Most tokens that are kept. A fleet has a few dozen programs that agents call.
const MOST: usize = 1_024;

/// Tokens that were good a moment ago, by their hash. What was refused is looked up again each time.
#[derive(Debug, Default)]
pub(super) struct Callers(Mutex<HashMap<[u8; 32], (Instant, Actor)>>);

/// Who a token is. One that was revoked, or whose maker lost a role, is known as what it was for two seconds at the most.
///
/// # Errors
/// When the database does not answer.
pub async fn caller(cp: &ControlPlane, text: &str) -> Result<Option<Actor>, Error> {
    let key: [u8; 32] = Sha256::digest(text.as_bytes()).into();
    let callers = &cp.access().callers;
    if let Some(actor) = callers.recent(&key) {
        return Ok(Some(actor));
    }
    let began = Instant::now();
    let found = tokens::actor(cp, text).await?;
    if let Some(actor) = &found {
        callers.keep(key, began, actor);
    }
    Ok(found)
}

impl Callers {
    fn recent(&self, key: &[u8; 32]) -> Option<Actor> {
        let kept = self.0.lock().ok()?;
        let (at, actor) = kept.get(key)?;
        (at.elapsed() < FRESH).then(|| actor.clone())
    }

    fn keep(&self, key: [u8; 32], at: Instant, actor: &Actor) {
        if let Ok(mut kept) = self.0.lock() {
            if kept.len() >= MOST {
                kept.retain(|_, (at, _)| at.elapsed() < FRESH);
            }
            if kept.len() < MOST {
                kept.insert(key, (at, actor.clone()));
            }
        }
    }
}
