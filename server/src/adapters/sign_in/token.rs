//! What a provider signed: the ID token, and the notice of a sign-out. The signature and the header are the library's to
//! check, with one algorithm named beforehand; times go by the product's clock. A key comes from the provider's own address
//! and never from the token: `jku`, `jwk` and `x5u` are not looked at.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use control_plane::ports::sign_in::{Logout, Person, Proven, SignInError};
use domain::form::person::is_email;
use domain::sign_in::{GROUPS_MAX, ProviderProblem, SKEW_SECONDS, is_subject};
use domain::text::cut;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use secrecy::SecretString;
use serde_json::Value;

use super::untrusted;

/// Longest token that is looked at.
const MAX_BYTES: usize = 64 * 1_024;
/// How old a token may be when it arrives, seconds.
const AGE_MAX: i64 = 600;
/// The longest time that a token may have before it, seconds: a bound on what is kept of it.
const AHEAD_MAX: i64 = 86_400 * 2;
const NAME_MAX: usize = 300;
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// What a token's header asks for.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    pub(super) algorithm: Algorithm,
    pub(super) name: &'static str,
    pub(super) key: Option<String>,
}

/// Reads the header. Signatures by a shared secret, and none at all, are never asked for.
pub(super) fn header(text: &str) -> Result<Wanted, SignInError> {
    if text.len() > MAX_BYTES {
        return Err(untrusted("the token is too long"));
    }
    let header = decode_header(text).map_err(|_| untrusted("the token's header cannot be read"))?;
    let name = match header.alg {
        Algorithm::RS256 => "RS256",
        Algorithm::ES256 => "ES256",
        Algorithm::EdDSA => "EdDSA",
        // A shared secret proves nothing to a third, and the others are asked of no provider that we know.
        Algorithm::HS256
        | Algorithm::HS384
        | Algorithm::HS512
        | Algorithm::ES384
        | Algorithm::RS384
        | Algorithm::RS512
        | Algorithm::PS256
        | Algorithm::PS384
        | Algorithm::PS512 => {
            return Err(untrusted(
                "the token is signed by an algorithm that is not taken",
            ));
        }
    };
    Ok(Wanted {
        algorithm: header.alg,
        name,
        key: header.kid,
    })
}

/// The claims, if the holder of the key signed them as this issuer, for us and for now.
pub(super) fn verify(
    text: &str,
    key: &DecodingKey,
    wanted: &Wanted,
    issuer: &str,
    client_id: &str,
    now: DateTime<Utc>,
) -> Result<Value, SignInError> {
    let mut validation = Validation::new(wanted.algorithm);
    validation.set_audience(&[client_id]);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    // The times are checked below, by our own clock.
    validation.validate_exp = false;
    let claims: Value = decode(text, key, &validation)
        .map_err(|error| untrusted(format!("the token does not hold: {error}")))?
        .claims;
    check_times(&claims, now.timestamp())?;
    // A token for several is for us where it was issued to us.
    let several = claims["aud"].as_array().is_some_and(|all| all.len() > 1);
    match claims.get("azp").and_then(Value::as_str) {
        Some(party) if party == client_id => Ok(claims),
        None if !several => Ok(claims),
        Some(_) | None => Err(untrusted("the token was issued to somebody else")),
    }
}

/// It has begun, it has not ended, and it is fresh.
fn check_times(claims: &Value, now: i64) -> Result<(), SignInError> {
    let (expires, issued) = (number(claims, "exp"), number(claims, "iat"));
    let alive = expires.is_some_and(|at| at > now - SKEW_SECONDS && at <= now + AHEAD_MAX);
    let young = issued.is_some_and(|at| at <= now + SKEW_SECONDS && at >= now - AGE_MAX);
    let begun = number(claims, "nbf").is_none_or(|at| at <= now + SKEW_SECONDS);
    if alive && young && begun {
        Ok(())
    } else {
        Err(untrusted("the token is not for this time"))
    }
}

/// Which issuer a token says it is from, to find the provider. Believed only after a check of its signature.
pub(super) fn claimed_issuer(text: &str) -> Option<String> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let payload = URL_SAFE_NO_PAD.decode(text.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&payload).ok()?;
    claims.get("iss").and_then(Value::as_str).map(str::to_owned)
}

/// The claims of a person's token, if the provider signed it for one of these applications. Unlike the token of a sign-in it may
/// have been out for as long as it lives.
pub(super) fn verify_for(
    text: &str,
    key: &DecodingKey,
    wanted: &Wanted,
    issuer: &str,
    applications: &[String],
    now: DateTime<Utc>,
) -> Result<Value, SignInError> {
    let mut validation = Validation::new(wanted.algorithm);
    validation.set_audience(applications);
    validation.set_issuer(&[issuer]);
    validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
    // The times are checked below, by our own clock.
    validation.validate_exp = false;
    let claims: Value = decode(text, key, &validation)
        .map_err(|error| untrusted(format!("the token does not hold: {error}")))?
        .claims;
    let now = now.timestamp();
    let lives = number(&claims, "exp").is_some_and(|at| at > now && at <= now + AHEAD_MAX);
    let issued = number(&claims, "iat").is_some_and(|at| at <= now + SKEW_SECONDS);
    let begun = number(&claims, "nbf").is_none_or(|at| at <= now + SKEW_SECONDS);
    if !(lives && issued && begun) {
        return Err(untrusted("the token is not for this time"));
    }
    // For several audiences it says nothing of who may hand it on, unless it names one application.
    let several = claims["aud"].as_array().is_some_and(|all| all.len() > 1);
    let party = claims
        .get("azp")
        .map(|party| party.as_str().unwrap_or_default());
    let ours = match party {
        Some(party) => applications.iter().any(|known| known == party),
        None => !several,
    };
    // A notice of a sign-out is signed by the same key, and speaks for nobody.
    if !ours || claims.get("events").is_some() {
        return Err(untrusted(
            "the token was issued to somebody else, or for something else",
        ));
    }
    Ok(claims)
}

/// For whom a checked token speaks.
pub(super) fn person(
    claims: &Value,
    provider: &str,
    issuer: &str,
    directory_claim: &str,
) -> Result<Person, SignInError> {
    let subject = text(claims, "sub").filter(|subject| is_subject(subject));
    let ends = number(claims, "exp").and_then(|at| DateTime::from_timestamp(at, 0));
    let (Some(subject), Some(expires_at)) = (subject, ends) else {
        return Err(untrusted("the subject is missing or cannot be kept"));
    };
    Ok(Person {
        provider: provider.to_owned(),
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        directory_id: directory_id(claims, directory_claim),
        expires_at,
    })
}

/// What the provider's directory calls the person.
fn directory_id(claims: &Value, claim: &str) -> Option<String> {
    let id = text(claims, claim).filter(|id| is_subject(id));
    id.map(str::to_owned)
}

/// The token answers our question and no other.
pub(super) fn check_nonce(claims: &Value, nonce: &str) -> Result<(), SignInError> {
    if text(claims, "nonce") == Some(nonce) {
        Ok(())
    } else {
        Err(untrusted("the token answers another question"))
    }
}

/// Who it is.
pub(super) fn proven(
    claims: &Value,
    issuer: &str,
    groups_claim: &str,
    directory_claim: &str,
    id_token: SecretString,
) -> Result<Proven, SignInError> {
    let subject = text(claims, "sub").filter(|subject| is_subject(subject));
    let subject = subject.ok_or_else(|| untrusted("the subject is missing or cannot be kept"))?;
    Ok(Proven {
        issuer: issuer.to_owned(),
        subject: subject.to_owned(),
        directory_id: directory_id(claims, directory_claim),
        email: email(claims),
        name: text(claims, "name").map(|name| cut(name, NAME_MAX)),
        groups: groups(claims, groups_claim)?,
        session: text(claims, "sid").map(|name| cut(name, NAME_MAX)),
        proven_at: number(claims, "auth_time").and_then(|at| DateTime::from_timestamp(at, 0)),
        id_token,
    })
}

/// An address that the provider vouches for, in so many words.
fn email(claims: &Value) -> Option<String> {
    let verified = claims.get("email_verified") == Some(&Value::Bool(true));
    let email = text(claims, "email")?.to_lowercase();
    (verified && is_email(&email)).then_some(email)
}

/// The groups. Where the provider says only that there are too many to tell, nobody is signed in with fewer.
fn groups(claims: &Value, claim: &str) -> Result<Vec<String>, SignInError> {
    let elsewhere = claims
        .get("_claim_names")
        .and_then(|names| names.get(claim));
    let not_told = |why| SignInError::new(ProviderProblem::GroupsNotTold, why);
    if elsewhere.is_some() {
        return Err(not_told("the groups are elsewhere (overage)"));
    }
    let all = match claims.get(claim) {
        None | Some(Value::Null) => return Ok(Vec::new()),
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(all)) => {
            let words = all.iter().filter_map(Value::as_str);
            words.map(str::to_owned).collect()
        }
        Some(Value::Bool(_) | Value::Number(_) | Value::Object(_)) => {
            return Err(untrusted("the groups are no list"));
        }
    };
    if all.len() > GROUPS_MAX {
        return Err(not_told("there are too many groups"));
    }
    Ok(all)
}

/// What a notice of a sign-out says. A token that signs somebody in is none, and the other way round.
pub(super) fn notice(claims: &Value, now: DateTime<Utc>) -> Result<Logout, SignInError> {
    let event = claims.get("events").and_then(|events| events.get(EVENT));
    if !event.is_some_and(Value::is_object) || claims.get("nonce").is_some() {
        return Err(untrusted("this is no notice of a sign-out"));
    }
    let named = |claim| text(claims, claim).filter(|name| name.len() <= NAME_MAX);
    let (subject, session) = (named("sub"), named("sid"));
    let id = named("jti").filter(|id| !id.is_empty());
    let (Some(id), Some(issuer), true) = (id, named("iss"), subject.or(session).is_some()) else {
        return Err(untrusted("the notice names nobody, or has no name itself"));
    };
    let ends_at = number(claims, "exp").and_then(|at| DateTime::from_timestamp(at, 0));
    Ok(Logout {
        issuer: issuer.to_owned(),
        subject: subject.map(str::to_owned),
        session: session.map(str::to_owned),
        id: id.to_owned(),
        ends_at: ends_at.unwrap_or(now),
    })
}

fn text<'c>(claims: &'c Value, name: &str) -> Option<&'c str> {
    claims.get(name).and_then(Value::as_str)
}

fn number(claims: &Value, name: &str) -> Option<i64> {
    claims.get(name).and_then(Value::as_i64)
}
