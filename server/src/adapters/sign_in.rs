//! Sign-in providers over OpenID Connect, and [`github`]: discovery, the question, the code's trade, and what was signed. Owns the caches
//! of what providers say about themselves; believes nothing that [`token`] did not check.

mod ci;
mod fetch;
mod github;
mod keys;
mod metadata;
mod token;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use control_plane::ports::secrets::Secrets;
use control_plane::ports::sign_in::{
    Answer, Logout, Person, Proven, Question, SignIn, SignInError,
};
use domain::sign_in::{Provider, ProviderProblem};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

pub(super) use self::ci::Issuers;
use self::fetch::Fetch;
use self::github::GitHub;
use self::keys::Keys;
use self::metadata::{Metadata, Remembered};
use crate::config::{ProviderKind, ProviderSettings, SignInSettings};

/// Every configured provider.
pub(super) struct Providers {
    settings: SignInSettings,
    secrets: Arc<dyn Secrets>,
    known: BTreeMap<String, Mutex<Known>>,
}

/// What is remembered of a provider.
#[derive(Default)]
struct Known {
    metadata: Remembered,
    keys: Keys,
}

/// What the token endpoint answers; the rest is not looked at.
#[derive(Deserialize)]
struct Traded {
    id_token: SecretString,
    access_token: Option<SecretString>,
}

fn unavailable(why: impl Into<String>) -> SignInError {
    SignInError::new(ProviderProblem::Unavailable, why)
}

fn untrusted(why: impl Into<String>) -> SignInError {
    SignInError::new(ProviderProblem::Untrusted, why)
}

impl std::fmt::Debug for Providers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Providers").finish_non_exhaustive()
    }
}

impl Providers {
    pub(super) fn new(settings: &SignInSettings, secrets: Arc<dyn Secrets>) -> Self {
        let ids = settings.providers.iter().map(|one| one.provider.id.clone());
        Self {
            settings: settings.clone(),
            secrets,
            known: ids.map(|id| (id, Mutex::default())).collect(),
        }
    }

    fn of(&self, id: &str) -> Result<(&ProviderSettings, Fetch, &Mutex<Known>), SignInError> {
        let mut all = self.settings.providers.iter();
        let settings = all.find(|one| one.provider.id == id);
        let (settings, known) = settings
            .zip(self.known.get(id))
            .ok_or_else(|| unavailable("no such provider is configured"))?;
        let fetch = Fetch::new(
            &settings.provider.issuer,
            self.settings.private_hosts.clone(),
        );
        Ok((settings, fetch, known))
    }

    /// The provider as a GitHub, if it is one.
    fn github(&self, id: &str) -> Result<Option<GitHub<'_>>, SignInError> {
        let (settings, fetch, _) = self.of(id)?;
        Ok(match &settings.kind {
            ProviderKind::OpenId => None,
            ProviderKind::GitHub(own) => Some(GitHub {
                settings,
                own,
                fetch,
            }),
        })
    }

    /// The claims of a token, with the keys as they are known, and once more with fresh ones where its key is not.
    async fn claims(
        &self,
        id: &str,
        text: &str,
        now: DateTime<Utc>,
    ) -> Result<(Metadata, Value), SignInError> {
        let (settings, fetch, known) = self.of(id)?;
        let mut known = known.lock().await;
        let Known { metadata, keys } = &mut *known;
        let metadata = metadata.get(&fetch, &settings.provider.issuer).await?;
        let wanted = token::header(text)?;
        let key = keys.find(&fetch, &metadata.jwks_uri, &wanted).await?;
        let issuer = &settings.provider.issuer;
        let claims = token::verify(text, &key, &wanted, issuer, &settings.client_id, now)?;
        Ok((metadata, claims))
    }

    async fn trade(
        &self,
        settings: &ProviderSettings,
        fetch: &Fetch,
        metadata: &Metadata,
        answer: &Answer,
    ) -> Result<Traded, SignInError> {
        let mut form = vec![
            ("grant_type", "authorization_code".to_owned()),
            ("code", answer.code.expose_secret().to_owned()),
            ("redirect_uri", answer.redirect_uri.clone()),
            ("code_verifier", answer.verifier.expose_secret().to_owned()),
        ];
        let secret = match &settings.client_secret {
            None => None,
            Some(reference) => Some(self.secrets.read(reference).await.map_err(|error| {
                unavailable(format!("the client's secret cannot be read: {error}"))
            })?),
        };
        let mut basic = None;
        match secret {
            Some(secret) if metadata.takes_basic() => {
                basic = Some((settings.client_id.clone(), secret));
            }
            Some(secret) => {
                form.push(("client_id", settings.client_id.clone()));
                form.push(("client_secret", secret.expose_secret().to_owned()));
            }
            None => form.push(("client_id", settings.client_id.clone())),
        }
        let body = fetch.post(&metadata.token_endpoint, &form, basic).await?;
        serde_json::from_slice(&body)
            .map_err(|_| untrusted("the token endpoint answered no id_token"))
    }

    /// What is not in the token is asked of the provider, which must speak of the same person.
    async fn complete(
        fetch: &Fetch,
        metadata: &Metadata,
        claims: &mut Value,
        access_token: Option<&SecretString>,
    ) -> Result<(), SignInError> {
        let (Some(endpoint), Some(token)) = (&metadata.userinfo_endpoint, access_token) else {
            return Ok(());
        };
        let body = fetch.get(endpoint, Some(token)).await?;
        let more: Value = serde_json::from_slice(&body)
            .map_err(|_| untrusted("the userinfo endpoint answered no JSON"))?;
        if more.get("sub") != claims.get("sub") {
            return Err(untrusted("the userinfo endpoint speaks of somebody else"));
        }
        if let (Some(claims), Some(more)) = (claims.as_object_mut(), more.as_object()) {
            for (name, value) in more {
                // What was signed wins.
                claims.entry(name).or_insert_with(|| value.clone());
            }
        }
        Ok(())
    }
}

#[async_trait]
impl SignIn for Providers {
    fn providers(&self) -> Vec<Provider> {
        let all = self.settings.providers.iter();
        all.map(|one| one.provider.clone()).collect()
    }

    async fn address(&self, provider: &str, question: &Question) -> Result<String, SignInError> {
        if let Some(github) = self.github(provider)? {
            return github.address(question);
        }
        let (settings, fetch, known) = self.of(provider)?;
        let issuer = &settings.provider.issuer;
        let metadata = known.lock().await.metadata.get(&fetch, issuer).await?;
        let mut url = Url::parse(&metadata.authorization_endpoint)
            .map_err(|_| untrusted("the authorization endpoint is no address"))?;
        {
            let mut query = url.query_pairs_mut();
            query
                .append_pair("response_type", "code")
                .append_pair("client_id", &settings.client_id)
                .append_pair("redirect_uri", &question.redirect_uri)
                .append_pair("scope", &settings.scopes)
                .append_pair("state", &question.state)
                .append_pair("nonce", &question.nonce)
                .append_pair("code_challenge", &question.challenge)
                .append_pair("code_challenge_method", "S256");
            if question.fresh {
                query
                    .append_pair("prompt", "login")
                    .append_pair("max_age", "0");
            }
        }
        Ok(url.into())
    }

    async fn redeem(&self, provider: &str, answer: &Answer) -> Result<Proven, SignInError> {
        if let Some(github) = self.github(provider)? {
            return github.redeem(&*self.secrets, answer).await;
        }
        let (settings, fetch, known) = self.of(provider)?;
        let issuer = &settings.provider.issuer;
        let metadata = known.lock().await.metadata.get(&fetch, issuer).await?;
        // Before the code goes anywhere: one provider's code must not be sent to another (RFC 9207).
        match &answer.issuer {
            Some(said) if said != issuer => {
                return Err(untrusted("the answer is of another issuer"));
            }
            None if metadata.says_issuer => {
                return Err(untrusted("the answer does not say its issuer"));
            }
            Some(_) | None => {}
        }
        let traded = self.trade(settings, &fetch, &metadata, answer).await?;
        let text = traded.id_token.expose_secret();
        let (_, mut claims) = self.claims(provider, text, answer.now).await?;
        token::check_nonce(&claims, &answer.nonce)?;
        Self::complete(&fetch, &metadata, &mut claims, traded.access_token.as_ref()).await?;
        token::proven(
            &claims,
            issuer,
            &settings.groups_claim,
            settings.directory_claim.as_str(),
            traded.id_token,
        )
    }

    async fn logout(
        &self,
        provider: &str,
        token: &str,
        now: DateTime<Utc>,
    ) -> Result<Logout, SignInError> {
        if self.github(provider)?.is_some() {
            return Err(untrusted("GitHub gives no notice of a sign-out"));
        }
        let (_, claims) = self.claims(provider, token, now).await?;
        token::notice(&claims, now)
    }

    async fn person(&self, token: &str, now: DateTime<Utc>) -> Result<Person, SignInError> {
        let issuer = token::claimed_issuer(token);
        let issuer = issuer.ok_or_else(|| untrusted("the token cannot be read"))?;
        let mut all = self.settings.providers.iter();
        let known = all.find(|one| one.provider.issuer == issuer && !one.applications.is_empty());
        let id = known.map(|one| one.provider.id.as_str());
        let id =
            id.ok_or_else(|| untrusted("no provider whose tokens agents may show signed it"))?;
        let (settings, fetch, known) = self.of(id)?;
        let wanted = token::header(token)?;
        let mut known = known.lock().await;
        let Known { metadata, keys } = &mut *known;
        let metadata = metadata.get(&fetch, &issuer).await?;
        let key = keys.find(&fetch, &metadata.jwks_uri, &wanted).await?;
        let applications = &settings.applications;
        let claims = token::verify_for(token, &key, &wanted, &issuer, applications, now)?;
        token::person(&claims, id, &issuer, settings.directory_claim.as_str())
    }

    async fn farewell(
        &self,
        provider: &str,
        id_token: &str,
        back_to: &str,
    ) -> Result<Option<String>, SignInError> {
        if self.github(provider)?.is_some() {
            return Ok(None);
        }
        let (settings, fetch, known) = self.of(provider)?;
        let issuer = &settings.provider.issuer;
        let metadata = known.lock().await.metadata.get(&fetch, issuer).await?;
        let Some(endpoint) = metadata.end_session_endpoint else {
            return Ok(None);
        };
        let mut url = Url::parse(&endpoint)
            .map_err(|_| untrusted("the end-session endpoint is no address"))?;
        url.query_pairs_mut()
            .append_pair("id_token_hint", id_token)
            .append_pair("client_id", &settings.client_id)
            .append_pair("post_logout_redirect_uri", back_to);
        Ok(Some(url.into()))
    }
}
