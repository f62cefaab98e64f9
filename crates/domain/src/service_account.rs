//! Service accounts: programs of a team, such as its CI, that prove themselves by a token of the CI in place of a secret.
//! The pure rules: which token a trust rule lets in, and what a rule may be.

use std::collections::BTreeMap;

use crate::actor::{Grant, TokenScope};
use crate::id::TeamId;
use crate::state::words;

/// Longest life of a token that is given for a CI's.
pub const TOKEN_SECONDS: i64 = 900;
/// Most accounts.
pub const ACCOUNTS_MAX: u64 = 200;
/// Most trust rules of one account.
pub const RULES_MAX: u64 = 20;
/// Most claims that one rule binds.
pub const CLAIMS_MAX: usize = 12;
/// Longest name of a claim, bytes.
pub const CLAIM_MAX: usize = 64;
/// Longest value that is bound, bytes.
pub const VALUE_MAX: usize = 500;
/// Longest issuer, bytes.
pub const ISSUER_MAX: usize = 300;

/// The issuer of GitHub Actions.
pub const GITHUB: &str = "https://token.actions.githubusercontent.com";
/// What the issuers of Azure DevOps begin with; the organisation's id follows.
pub const AZURE: &str = "https://vstoken.dev.azure.com/";
/// The one audience that Azure DevOps gives.
pub const AZURE_AUDIENCE: &str = "api://AzureADTokenExchange";

/// The claims that name one repository or one connection for good. A rule binds one of them.
const ANCHORS: [&str; 2] = ["repository_id", "sub"];
/// Which event of the git host began the run.
const EVENT: &str = "event_name";
/// The events that somebody without rights in the repository can cause.
const FROM_OUTSIDE: [&str; 2] = ["pull_request", "pull_request_target"];

words! {
    /// What is risky about a trust rule that may be meant so.
    TrustWarning as "trust warning" {
        /// Every branch and tag, so whoever may push anything.
        AnyRef = "any_ref",
        /// Pull requests, so whoever may open one.
        PullRequests = "pull_requests",
        /// A name: whoever gets it after its owner is let in.
        NameOnly = "name_only",
    }
}

impl TrustWarning {
    /// What people read beside the rule.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Self::AnyRef => {
                "Does not bind ref: every branch and tag is let in, so whoever may push anything there."
            }
            Self::PullRequests => {
                "Lets any pull request in: whoever may open one can run as this account."
            }
            Self::NameOnly => {
                "Binds a name and no repository_id: a repository that takes the name later is let in."
            }
        }
    }
}

/// Exactly these values of these claims.
pub type Bound = BTreeMap<String, String>;

/// Does a rule name what it trusts for good?
#[must_use]
pub fn is_anchored(bound: &Bound) -> bool {
    ANCHORS.iter().any(|name| bound.contains_key(*name))
}

/// What is risky about a rule.
#[must_use]
pub fn warnings(issuer: &str, bound: &Bound) -> Vec<TrustWarning> {
    let mut found = Vec::new();
    // Azure DevOps says no branch: who may use the connection is said there.
    if !issuer.starts_with(AZURE) && !bound.contains_key("ref") {
        found.push(TrustWarning::AnyRef);
    }
    let event = bound.get(EVENT).map(String::as_str);
    if event.is_some_and(|event| FROM_OUTSIDE.contains(&event)) {
        found.push(TrustWarning::PullRequests);
    }
    if issuer.starts_with(GITHUB) && !bound.contains_key("repository_id") {
        found.push(TrustWarning::NameOnly);
    }
    found
}

/// Does a rule let a token with these claims in? Each bound claim must be there with exactly its value; and what somebody
/// outside the repository began is let in only by a rule that says so.
#[must_use]
pub fn lets_in(bound: &Bound, claims: &BTreeMap<String, String>) -> bool {
    let outside = |event: &String| FROM_OUTSIDE.contains(&event.as_str());
    let from_outside =
        claims.get(EVENT).is_some_and(outside) || claims.get("ref").is_some_and(|at| is_pull(at));
    let meant = !from_outside || bound.get(EVENT).is_some_and(outside);
    is_anchored(bound)
        && meant
        && bound
            .iter()
            .all(|(name, value)| claims.get(name) == Some(value))
}

fn is_pull(reference: &str) -> bool {
    reference.starts_with("refs/pull/")
}

/// Is this an issuer that is known without being configured: GitHub Actions, or an organisation of Azure DevOps?
#[must_use]
pub fn is_well_known(issuer: &str) -> bool {
    if issuer == GITHUB {
        return true;
    }
    let part = |text: &str, extra: &[u8]| {
        !text.is_empty()
            && text.len() <= 64
            && text
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || extra.contains(&b))
    };
    if let Some(enterprise) = issuer
        .strip_prefix(GITHUB)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        return part(enterprise, b"-");
    }
    issuer
        .strip_prefix(AZURE)
        .is_some_and(|organisation| organisation.len() == 36 && part(organisation, b"-"))
}

/// What of its owner's standing roles an account has: those that hold in its team, there alone. Its owner may have lost them.
#[must_use]
pub fn reach(owner: &[Grant], team: TeamId) -> Vec<Grant> {
    let holds = |grant: &&Grant| grant.team.is_none_or(|at| at == team);
    let mut all: Vec<Grant> = Vec::new();
    for grant in owner.iter().filter(holds) {
        let here = Grant {
            role: grant.role,
            team: Some(team),
        };
        if !all.contains(&here) {
            all.push(here);
        }
    }
    all
}

/// The scopes of a token: those of the account, or fewer of them. `None` where others are asked for.
#[must_use]
pub fn narrowed(account: &[TokenScope], asked: &str) -> Option<Vec<TokenScope>> {
    let mut scopes = Vec::new();
    for word in asked.split_whitespace() {
        let scope = word.parse().ok().filter(|scope| account.contains(scope))?;
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Some(if scopes.is_empty() {
        account.to_vec()
    } else {
        scopes
    })
}
