//! Signing in through providers of OpenID Connect. One is begun in [`begin`], comes back in [`finish`], and is bound to the
//! browser that began it; what the provider signed is believed after the port checked it. An account is known by its issuer
//! and subject, never by an address. The roles that groups give are renewed at each sign-in.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::actor::Actor;
use domain::sign_in::{Provider, ProviderProblem};
use domain::view::sign_in::ProviderRow;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};

use crate::ControlPlane;
use crate::ctx::OpCtx;
use crate::error::Error;
use crate::ids;
use crate::ports::sign_in::SignInError;
use crate::store;
use crate::transact::Tx;

mod begin;
mod finish;
mod logout;
pub(crate) mod roles;
mod whose;

pub use begin::{Begin, Begun, begin};
pub use finish::{Callback, Finished, finish};
pub use logout::{Parting, farewell, logout, parting};

/// Why a sign-in came to nothing: the provider's part or ours.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    #[error("{}", .0.as_str())]
    Provider(ProviderProblem),
    #[error(transparent)]
    Ours(#[from] Error),
}

impl Failure {
    /// A closed word for an address.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Provider(problem) => problem.as_str(),
            Self::Ours(error) => error.to_api().code(),
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        tracing::warn!(problem = error.problem.as_str(), why = %error.why, "a sign-in provider's word does not count");
        Self::Provider(error.problem)
    }
}

/// The account at a provider that a session came through.
#[derive(Debug, Clone)]
pub struct Through {
    pub provider: String,
    pub issuer: String,
    pub subject: String,
    /// The provider's own name of its session.
    pub session: Option<String>,
    /// What the provider signed: its session is ended by it.
    pub id_token: SecretString,
}

impl Through {
    pub(crate) fn id_token(&self) -> String {
        self.id_token.expose_secret().to_owned()
    }
}

/// The providers that one can sign in through.
#[must_use]
pub fn list(cp: &ControlPlane) -> Vec<ProviderRow> {
    let providers = cp.ports().sign_in.providers().into_iter();
    providers
        .map(|provider| ProviderRow {
            id: provider.id,
            label: provider.label,
            asks_anew: provider.asks_anew,
        })
        .collect()
}

/// The provider that a session came through, if it is still configured.
#[must_use]
pub fn of_session(cp: &ControlPlane, ctx: &OpCtx) -> Option<ProviderRow> {
    let id = ctx.session()?.provider.as_ref()?;
    list(cp).into_iter().find(|provider| provider.id == *id)
}

/// Does signing in through this provider say nothing about when the person proved themselves? Such a session confirms
/// nothing by itself.
#[must_use]
pub fn proves_no_time(cp: &ControlPlane, id: &str) -> bool {
    let known = cp.ports().sign_in.providers().into_iter();
    known
        .filter(|provider| provider.id == id)
        .any(|provider| !provider.asks_anew)
}

/// What a provider is called; its short name where it is not configured any more.
pub(crate) fn label(cp: &ControlPlane, id: &str) -> String {
    let known = list(cp).into_iter().find(|provider| provider.id == id);
    known.map_or_else(|| id.to_owned(), |provider| provider.label)
}

pub(crate) fn provider(cp: &ControlPlane, id: &str) -> Result<Provider, Error> {
    let mut known = cp.ports().sign_in.providers().into_iter();
    known
        .find(|provider| provider.id == id)
        .ok_or(Error::NotFound { kind: "provider" })
}

/// Who acts where a provider's word changes something by itself.
fn actor(provider: &Provider) -> Actor {
    Actor::System {
        worker: format!("sign-in provider {}", provider.id),
    }
}

/// Where a provider sends people back to: one address for each, so that the answer of one cannot pass for another's.
fn redirect_uri(cp: &ControlPlane, provider: &str) -> String {
    format!(
        "{}/sign-in/with/{provider}/callback",
        cp.settings().base_url
    )
}

/// 256 random bits as text.
pub(crate) fn random() -> Result<String, Error> {
    let bytes =
        ids::random::<32>().map_err(|e| Error::internal("providers::random", e.to_string()))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn hash(text: &str) -> String {
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Forgets sign-ins that were not finished, and notices whose time is over.
///
/// # Errors
/// When the database does not take it.
pub(crate) async fn sweep(cp: &ControlPlane) -> Result<(), Error> {
    let actor = Actor::System {
        worker: "sweep".to_owned(),
    };
    let ctx = OpCtx::new(actor, "sweep", cp.clock());
    let now = ctx.now().timestamp();
    cp.transact("providers::sweep", &ctx, |tx: Tx| async move {
        let tx = &tx;
        store::providers::sweep(tx, now).await
    })
    .await
}
