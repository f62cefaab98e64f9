//! GitHub, by OAuth 2.0. It signs nothing about people, so who somebody is gets asked of its API, with the token that the code
//! was traded for; the token is dropped afterwards. Only organisations that the operator named count: anybody can have
//! an account and an organisation there. Both addresses come from the configuration, never from an answer.

use control_plane::ports::secrets::Secrets;
use control_plane::ports::sign_in::{Answer, Proven, Question, SignInError};
use domain::sign_in::{GROUPS_MAX, ProviderProblem};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::fetch::Fetch;
use super::{unavailable, untrusted};
use crate::config::{GitHubSettings, ProviderSettings};

/// Rows of a page of the API.
const PAGE: usize = 100;
const SUBJECT_MIN: u64 = 1;

/// One GitHub, in one sign-in.
pub(super) struct GitHub<'a> {
    pub(super) settings: &'a ProviderSettings,
    pub(super) own: &'a GitHubSettings,
    pub(super) fetch: Fetch,
}

/// It answers 200 when it refuses, too.
#[derive(Deserialize)]
#[serde(untagged)]
enum Traded {
    Token {
        access_token: SecretString,
        token_type: String,
    },
    Refused {
        error: String,
    },
}

#[derive(Deserialize)]
struct Account {
    id: u64,
    login: String,
    name: Option<String>,
}

#[derive(Deserialize)]
struct Address {
    email: String,
    primary: bool,
    verified: bool,
}

#[derive(Deserialize)]
struct Organisation {
    login: String,
}

#[derive(Deserialize)]
struct Team {
    slug: String,
    organization: Organisation,
}

impl GitHub<'_> {
    /// The address at which GitHub puts the question. It has no way to ask for a fresh proof.
    pub(super) fn address(&self, question: &Question) -> Result<String, SignInError> {
        if question.fresh {
            let why = "GitHub cannot ask somebody anew";
            return Err(SignInError::new(ProviderProblem::NotFresh, why));
        }
        let mut url = Url::parse(&self.at("/login/oauth/authorize"))
            .map_err(|_| untrusted("the issuer is no address"))?;
        url.query_pairs_mut()
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("redirect_uri", &question.redirect_uri)
            .append_pair("scope", &self.settings.scopes)
            .append_pair("state", &question.state)
            .append_pair("code_challenge", &question.challenge)
            .append_pair("code_challenge_method", "S256")
            .append_pair("allow_signup", "false");
        Ok(url.into())
    }

    /// Trades the code, and asks who it is.
    pub(super) async fn redeem(
        &self,
        secrets: &dyn Secrets,
        answer: &Answer,
    ) -> Result<Proven, SignInError> {
        // GitHub need not say who answers. Where it does, it must be this one.
        let own = [
            self.settings.provider.issuer.clone(),
            self.at("/login/oauth"),
        ];
        if answer
            .issuer
            .as_ref()
            .is_some_and(|said| !own.contains(said))
        {
            return Err(untrusted("the answer is of another issuer"));
        }
        let token = self.trade(secrets, answer).await?;
        let account: Account = self.ask(&token, "/user").await?;
        if account.id < SUBJECT_MIN {
            return Err(untrusted("GitHub named nobody"));
        }
        let groups = self.groups(&token).await?;
        let addresses: Vec<Address> = self.pages(&token, "/user/emails").await?;
        let email = addresses
            .into_iter()
            .find(|one| one.primary && one.verified);
        Ok(Proven {
            issuer: self.settings.provider.issuer.clone(),
            // The number is theirs for good; the login can be given to somebody else.
            subject: account.id.to_string(),
            directory_id: Some(account.id.to_string()),
            email: email.map(|one| one.email.to_lowercase()),
            name: account.name.or(Some(account.login)),
            groups,
            session: None,
            proven_at: None,
            id_token: SecretString::default(),
        })
    }

    async fn trade(
        &self,
        secrets: &dyn Secrets,
        answer: &Answer,
    ) -> Result<SecretString, SignInError> {
        let reference = self.settings.client_secret.as_ref();
        let reference = reference.ok_or_else(|| unavailable("the client has no secret"))?;
        let secret = secrets
            .read(reference)
            .await
            .map_err(|error| unavailable(format!("the client's secret cannot be read: {error}")))?;
        let form = [
            ("client_id", self.settings.client_id.clone()),
            ("client_secret", secret.expose_secret().to_owned()),
            ("code", answer.code.expose_secret().to_owned()),
            ("redirect_uri", answer.redirect_uri.clone()),
            ("code_verifier", answer.verifier.expose_secret().to_owned()),
        ];
        let address = self.at("/login/oauth/access_token");
        let body = self.fetch.post(&address, &form, None).await?;
        match serde_json::from_slice(&body) {
            Ok(Traded::Token {
                access_token,
                token_type,
            }) if token_type.eq_ignore_ascii_case("bearer") => Ok(access_token),
            Ok(Traded::Token { .. }) => Err(untrusted("the token is of no kind that is known")),
            Ok(Traded::Refused { error }) => {
                let error = domain::text::cut(&error, 100).escape_debug().to_string();
                Err(untrusted(format!("the code was not traded: {error}")))
            }
            Err(_) => Err(untrusted("the token endpoint answered no token")),
        }
    }

    /// Organisations as `acme` and teams as `acme/platform`, of those that the operator named.
    async fn groups(&self, token: &SecretString) -> Result<Vec<String>, SignInError> {
        let organisations: Vec<Organisation> = self.pages(token, "/user/orgs").await?;
        let mut groups: Vec<String> = organisations
            .into_iter()
            .map(|one| one.login.to_lowercase())
            .filter(|login| self.own.organisations.contains(login))
            .collect();
        if groups.is_empty() {
            let why = "none of the person's organisations is one of those that are let in";
            return Err(SignInError::new(ProviderProblem::OutsideOrganisation, why));
        }
        let teams: Vec<Team> = self.pages(token, "/user/teams").await?;
        for team in teams {
            let organisation = team.organization.login.to_lowercase();
            if groups.contains(&organisation) {
                groups.push(format!("{organisation}/{}", team.slug.to_lowercase()));
            }
        }
        Ok(groups)
    }

    /// Every row of a list. One that is longer than we look at is not cut: roles must not depend on where.
    async fn pages<T: DeserializeOwned>(
        &self,
        token: &SecretString,
        path: &str,
    ) -> Result<Vec<T>, SignInError> {
        let mut rows = Vec::new();
        for page in 1..=GROUPS_MAX / PAGE {
            let path = format!("{path}?per_page={PAGE}&page={page}");
            let more: Vec<T> = self.ask(token, &path).await?;
            let last = more.len() < PAGE;
            rows.extend(more);
            if last {
                return Ok(rows);
            }
        }
        let why = "GitHub lists more than is looked at";
        Err(SignInError::new(ProviderProblem::GroupsNotTold, why))
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        token: &SecretString,
        path: &str,
    ) -> Result<T, SignInError> {
        let address = format!("{}{path}", self.own.api);
        let body = self.fetch.get(&address, Some(token)).await?;
        serde_json::from_slice(&body)
            .map_err(|_| untrusted("GitHub's API answered what is not documented"))
    }

    fn at(&self, path: &str) -> String {
        format!("{}{path}", self.settings.provider.issuer)
    }
}
