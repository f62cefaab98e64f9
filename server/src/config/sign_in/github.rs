//! GitHub as a sign-in provider: github.com, a subdomain of ghe.com, or an Enterprise Server by its address.

use domain::sign_in::Provider;
use url::Url;

use super::{DirectoryClaim, ProviderKind, ProviderSettings, RawProvider, check_issuer, wrong};
use crate::config::ConfigError;

const ISSUER: &str = "https://github.com";
/// The person, their addresses, and which organisations and teams they are in.
const SCOPES: &str = "read:user user:email read:org";
const ORGANISATIONS_MAX: usize = 50;
/// Longest name of an organisation there.
const NAME_MAX: usize = 39;

/// What is GitHub's own.
#[derive(Debug, Clone)]
pub struct GitHubSettings {
    /// Where its API is, without a trailing slash.
    pub api: String,
    /// Whose people may come in, lower case.
    pub organisations: Vec<String>,
}

pub(super) fn checked(raw: RawProvider) -> Result<ProviderSettings, ConfigError> {
    let id = raw.id;
    let issuer = raw.issuer.unwrap_or_else(|| ISSUER.to_owned());
    check_issuer(&id, &issuer)?;
    let issuer = issuer.trim_end_matches('/').to_owned();
    if raw.groups_claim.is_some() || raw.directory_claim.is_some() || !raw.applications.is_empty() {
        return Err(wrong(
            &id,
            "has `groups_claim`, `directory_claim` or `applications`, which GitHub has not: its groups are `organisation` and `organisation/team`",
        ));
    }
    if raw.client_secret.is_none() {
        return Err(wrong(&id, "lacks a `client_secret`, which GitHub demands"));
    }
    let organisations = organisations(&id, &raw.organisations)?;
    let mut rules = Vec::new();
    for rule in raw.roles {
        let mut rule = rule.checked(&id)?;
        // Names there are one, whatever their case.
        rule.group = rule.group.to_lowercase();
        let organisation = rule.group.split('/').next().unwrap_or_default();
        if !organisations.iter().any(|known| known == organisation) {
            return Err(wrong(
                &id,
                "has a rule for a group of none of its `organisations`; write `organisation` or `organisation/team`",
            ));
        }
        rules.push(rule);
    }
    Ok(ProviderSettings {
        kind: ProviderKind::GitHub(GitHubSettings {
            api: api(&issuer),
            organisations,
        }),
        provider: Provider {
            label: raw.label.trim().to_owned(),
            issuer,
            new_people: raw.new_people,
            asks_anew: false,
            rules,
            id,
        },
        client_id: raw.client_id,
        client_secret: raw.client_secret,
        scopes: raw.scopes.unwrap_or_else(|| SCOPES.to_owned()),
        groups_claim: "groups".to_owned(),
        directory_claim: DirectoryClaim::default(),
        applications: Vec::new(),
    })
}

/// Anybody can have an account at github.com, so whose people are meant must be said.
fn organisations(id: &str, names: &[String]) -> Result<Vec<String>, ConfigError> {
    if names.is_empty() || names.len() > ORGANISATIONS_MAX {
        return Err(wrong(
            id,
            "needs `organisations`, 1 to 50 of them: their people alone may come in",
        ));
    }
    let plain = |name: &String| {
        !name.is_empty()
            && name.len() <= NAME_MAX
            && name
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    if !names.iter().all(plain) {
        return Err(wrong(id, "has an organisation that is no name of one"));
    }
    Ok(names.iter().map(|name| name.to_lowercase()).collect())
}

/// Beside GitHub itself, and inside an Enterprise Server.
fn api(issuer: &str) -> String {
    let url = Url::parse(issuer).ok();
    let host = url.as_ref().and_then(Url::host_str).unwrap_or_default();
    if host == "github.com" || host.ends_with(".ghe.com") {
        format!("https://api.{host}")
    } else {
        format!("{issuer}/api/v3")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_github_has_its_own_api() {
        for (issuer, at) in [
            ("https://github.com", "https://api.github.com"),
            ("https://acme.ghe.com", "https://api.acme.ghe.com"),
            (
                "https://git.acme.example",
                "https://git.acme.example/api/v3",
            ),
            ("https://evil-github.com", "https://evil-github.com/api/v3"),
        ] {
            assert_eq!(api(issuer), at);
        }
    }

    #[test]
    fn organisations_are_named() {
        let of = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            organisations("github", &names)
        };
        assert_eq!(of(&["Acme", "acme_corp"]).unwrap(), ["acme", "acme_corp"]);
        for bad in [&[][..], &["*"], &[""], &["acme/platform"]] {
            assert!(of(bad).is_err(), "{bad:?}");
        }
    }
}
