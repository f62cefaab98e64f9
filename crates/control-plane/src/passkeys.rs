//! Passkeys: what is asked of a browser, and what its answer comes to. One is asked for after a right password, before there
//! is a session, and inside a session to prove that it is still the same person. Each question is kept here, is bound to
//! the browser or the session that it was put in, and is answered once.

use domain::passkey::PasskeyProblem;
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

use crate::ControlPlane;
use crate::error::Error;

mod begin;
mod door;
mod finish;
mod read;
mod relying_party;
mod remove;

pub use begin::{Begin, begin, may_add};
pub use door::{Door, sign_in};
pub use finish::{Answered, Finished, finish};
pub(crate) use read::offered;
pub use read::{list, question};
pub use remove::{remove, remove_at_host, reset};

/// Why a passkey came to nothing: its own part or ours.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{}", .0.as_str())]
    Passkey(PasskeyProblem),
    #[error(transparent)]
    Ours(#[from] Error),
}

impl From<PasskeyProblem> for Failure {
    fn from(problem: PasskeyProblem) -> Self {
        Self::Passkey(problem)
    }
}

impl Failure {
    /// A closed word for an address.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Passkey(problem) => problem.as_str(),
            Self::Ours(error) => error.to_api().code(),
        }
    }
}

/// What was begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// What the browser must show with its answer.
    pub browser: SecretString,
}

/// Can browsers make passkeys for this address? They want a host name, and a way that nobody can listen on.
#[must_use]
pub fn usable_at(base_url: &str) -> bool {
    relying_party::RelyingParty::at(base_url).is_some()
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Forgets what nobody answered in time.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    let actor = domain::actor::Actor::System {
        worker: "sweep".to_owned(),
    };
    let ctx = crate::ctx::OpCtx::new(actor, "sweep", cp.clock());
    let now = ctx.now().timestamp();
    cp.transact(
        "passkeys::sweep",
        &ctx,
        |tx: crate::transact::Tx| async move { crate::store::passkeys::sweep(&tx, now).await },
    )
    .await
}
