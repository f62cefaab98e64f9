//! What WebAuthn calls the relying party: this installation, by its address. What the library says is turned into our words
//! here, and nowhere else.

use domain::id::UserId;
use domain::passkey::{ANSWER_MAX, CEREMONY_SECONDS, PasskeyProblem};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::time::Duration;
use webauthn_rs::prelude::{
    AuthenticationResult, Passkey, PasskeyAuthentication, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Webauthn, WebauthnBuilder, WebauthnError,
};

use crate::ControlPlane;
use crate::error::Error;
use crate::store::entity::{passkey, user};

/// The installation as browsers know it.
pub(super) struct RelyingParty(Webauthn);

/// A question: what the browser gets, and what the answer is checked against.
pub(super) struct Asked {
    pub(super) options: String,
    pub(super) state: String,
}

impl RelyingParty {
    /// Of this installation; none where its address cannot have passkeys.
    pub(super) fn of(cp: &ControlPlane) -> Option<Self> {
        Self::at(&cp.settings().base_url)
    }

    pub(super) fn at(base_url: &str) -> Option<Self> {
        let origin = Url::parse(base_url).ok()?;
        // An address of numbers has no domain, and browsers refuse it.
        let host = origin.domain()?;
        let here = host == "localhost" || host.ends_with(".localhost");
        if origin.scheme() != "https" && !here {
            return None;
        }
        let seconds = u64::try_from(CEREMONY_SECONDS).ok()?;
        let built = WebauthnBuilder::new(host, &origin).and_then(|builder| {
            builder
                .rp_name("Clearance")
                .timeout(Duration::from_secs(seconds))
                .build()
        });
        built.ok().map(Self)
    }

    /// Asks for a new passkey on an authenticator that has none of the person's yet.
    pub(super) fn ask_for_new(
        &self,
        person: &user::Model,
        held: &[passkey::Model],
    ) -> Result<Asked, Error> {
        let known = read(held)?
            .iter()
            .map(|key| key.cred_id().clone())
            .collect();
        let asked = self.0.start_passkey_registration(
            person.id.0,
            &person.email,
            &person.name,
            Some(known),
        );
        let (options, state) = asked.map_err(|e| Error::internal("passkeys::ask_for_new", e))?;
        asked_of(&options, &state)
    }

    /// Asks for one of these.
    pub(super) fn ask_for(&self, held: &[passkey::Model]) -> Result<Asked, Error> {
        let asked = self.0.start_passkey_authentication(&read(held)?);
        let (options, state) = asked.map_err(|e| Error::internal("passkeys::ask_for", e))?;
        asked_of(&options, &state)
    }

    /// Checks the answer to [`Self::ask_for_new`].
    pub(super) fn made(&self, state: &str, answer: &str) -> Result<Passkey, PasskeyProblem> {
        let state: PasskeyRegistration = kept(state)?;
        let answer: RegisterPublicKeyCredential = said(answer)?;
        let made = self.0.finish_passkey_registration(&answer, &state);
        made.map_err(|error| problem(&error))
    }

    /// Checks the answer to [`Self::ask_for`].
    pub(super) fn used(
        &self,
        state: &str,
        answer: &str,
        user: UserId,
    ) -> Result<AuthenticationResult, PasskeyProblem> {
        let state: PasskeyAuthentication = kept(state)?;
        let answer: PublicKeyCredential = said(answer)?;
        let stranger = answer
            .get_user_unique_id()
            .is_some_and(|handle| handle != user.0.as_bytes());
        if stranger {
            return Err(PasskeyProblem::Refused);
        }
        let used = self.0.finish_passkey_authentication(&answer, &state);
        used.map_err(|error| problem(&error))
    }
}

/// The library's records.
fn read(held: &[passkey::Model]) -> Result<Vec<Passkey>, Error> {
    let keys = held.iter().map(|row| serde_json::from_str(&row.data));
    keys.collect::<Result<_, _>>()
        .map_err(|e| Error::internal("passkeys::read", e))
}

fn asked_of(options: &impl Serialize, state: &impl Serialize) -> Result<Asked, Error> {
    let failed = |e: serde_json::Error| Error::internal("passkeys::asked_of", e);
    let options = serde_json::to_value(options).map_err(failed)?;
    let inner = options.get("publicKey").cloned().unwrap_or(Value::Null);
    Ok(Asked {
        options: inner.to_string(),
        state: serde_json::to_string(state).map_err(failed)?,
    })
}

fn kept<T: DeserializeOwned>(state: &str) -> Result<T, PasskeyProblem> {
    serde_json::from_str(state).map_err(|error| {
        tracing::error!(%error, "what a passkey's answer is checked against cannot be read");
        PasskeyProblem::Expired
    })
}

fn said<T: DeserializeOwned>(answer: &str) -> Result<T, PasskeyProblem> {
    let bounded = Some(answer).filter(|text| text.len() <= ANSWER_MAX);
    bounded
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or(PasskeyProblem::Refused)
}

fn problem(error: &WebauthnError) -> PasskeyProblem {
    tracing::warn!(%error, "the answer of a passkey does not hold");
    if matches!(error, WebauthnError::CredentialPossibleCompromise) {
        PasskeyProblem::Counter
    } else {
        PasskeyProblem::Refused
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_want_a_host_name_and_a_private_way() {
        for good in [
            "https://clearance.example.com",
            "https://clearance.example.com:8443",
            "http://localhost:3000",
        ] {
            assert!(RelyingParty::at(good).is_some(), "{good}");
        }
        for bad in [
            "http://clearance.example.com",
            "http://127.0.0.1:3000",
            "https://192.0.2.7",
            "https://[2001:db8::1]",
            "no address",
        ] {
            assert!(RelyingParty::at(bad).is_none(), "{bad}");
        }
    }
}
