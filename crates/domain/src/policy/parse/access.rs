//! The section `access`: when agents may do what, what they may not do, and how they hold their tokens.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use chrono_tz::Tz;
use serde::Deserialize;
use serde_saphyr::Spanned;

use super::Problems;
use super::extras::inside;
use crate::environment::Environment;
use crate::name::{is_scope, is_scope_part};
use crate::policy::access::{
    AccessRules, AccessWindow, ContextKind, DAY, Restrictions, WEEKDAYS, read_restrictions,
};

/// Most windows.
const WINDOWS_MAX: usize = 50;
/// Longest name of a resource, bytes.
const RESOURCE_MAX: usize = 100;
/// Most members of a context.
const CONTEXT_MAX: usize = 20;
/// Longest name of one, bytes.
const CONTEXT_NAME_MAX: usize = 48;
/// What every context has by itself.
const OWN: [&str; 2] = ["now", "environment"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawAccess {
    #[serde(default)]
    windows: Vec<RawWindow>,
    restrictions: Option<RawRestrictions>,
    #[serde(default)]
    bound_tokens: Vec<Spanned<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawRestrictions {
    #[serde(default)]
    context: BTreeMap<String, Spanned<String>>,
    cedar: Spanned<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawWindow {
    reason: Spanned<String>,
    resource: Option<Spanned<String>>,
    scope: Option<Spanned<String>>,
    environment: Option<Spanned<String>>,
    #[serde(default)]
    days: Vec<Spanned<String>>,
    from: Spanned<String>,
    until: Spanned<String>,
    zone: Spanned<String>,
}

pub(super) fn access(raw: &RawAccess, problems: &mut Problems<'_>) -> AccessRules {
    if let Some(first) = raw.windows.get(WINDOWS_MAX) {
        let message = format!("A policy has at most {WINDOWS_MAX} windows of access.");
        problems.add(&first.reason, message);
    }
    let windows = raw
        .windows
        .iter()
        .map(|one| window(one, problems))
        .collect();
    let restrictions = raw.restrictions.as_ref();
    AccessRules {
        windows,
        restrictions: restrictions.map(|raw| restricted(raw, problems)),
        bound_tokens: bound_tokens(&raw.bound_tokens, problems),
    }
}

fn restricted(raw: &RawRestrictions, problems: &mut Problems<'_>) -> Restrictions {
    if let Some(at) = raw.context.values().nth(CONTEXT_MAX) {
        problems.add(at, format!("A context has at most {CONTEXT_MAX} members."));
    }
    let mut context = Vec::new();
    for (name, at) in &raw.context {
        if !is_member(name) {
            problems.add(
                at,
                "Name it by lower-case letters, digits and underscores; `now` and `environment` are there by themselves.",
            );
        } else if let Ok(kind) = ContextKind::from_str(&at.value) {
            context.push((name.clone(), kind));
        } else {
            problems.add(at, "Write Long, String, Bool or Set<String>.");
        }
    }
    let cedar = raw.cedar.value.clone();
    let reasons = match read_restrictions(&cedar, &context) {
        Ok(read) => read.reasons(),
        Err(found) => {
            for one in found {
                let (line, column) = inside(&raw.cedar, (one.line, 1), problems.text);
                problems.at(line, column, one.message);
            }
            Vec::new()
        }
    };
    Restrictions {
        context,
        cedar,
        reasons,
    }
}

fn is_member(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    name.len() <= CONTEXT_NAME_MAX
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(plain)
        && !OWN.contains(&name)
}

fn bound_tokens(raw: &[Spanned<String>], problems: &mut Problems<'_>) -> Vec<Environment> {
    let mut all = Vec::new();
    for word in raw {
        match Environment::from_str(&word.value) {
            Ok(at) if all.contains(&at) => problems.add(word, "This word stands here twice."),
            Ok(at) => all.push(at),
            Err(_) => problems.add(word, "Write non_prod or production."),
        }
    }
    all.sort_unstable();
    all
}

fn window(raw: &RawWindow, problems: &mut Problems<'_>) -> AccessWindow {
    let resource = raw.resource.as_ref().map(|at| {
        if !is_scope_part(&at.value) || at.value.len() > RESOURCE_MAX {
            problems.add(at, "Write what scopes begin with, such as payments.");
        }
        at.value.clone()
    });
    let scope = raw.scope.as_ref().map(|at| {
        if !is_scope(&at.value) {
            problems.add(at, "Write a scope, such as payments:transfer.");
        }
        at.value.clone()
    });
    if let (Some(_), Some(at)) = (&resource, &raw.scope) {
        problems.add(
            at,
            "Write the resource or the scope: a scope names its resource.",
        );
    }
    let environment = raw.environment.as_ref().and_then(|at| {
        let found = Environment::from_str(&at.value).ok();
        if found.is_none() {
            problems.add(at, "Write non_prod or production.");
        }
        found
    });
    let (from, until) = (minutes(&raw.from, problems), minutes(&raw.until, problems));
    if from == DAY {
        problems.add(&raw.from, "A window begins at 23:59 at the latest.");
    } else if from == until {
        problems.add(
            &raw.until,
            "It must not end when it begins. Write 00:00 and 24:00 for a whole day.",
        );
    }
    if Tz::from_str(&raw.zone.value).is_err() {
        problems.add(
            &raw.zone,
            "Write an IANA time zone, such as Europe/Berlin or UTC.",
        );
    }
    AccessWindow {
        reason: problems.line(&raw.reason, 200),
        resource,
        scope,
        environment,
        days: days(&raw.days, problems),
        from,
        until,
        zone: raw.zone.value.clone(),
    }
}

fn days(raw: &[Spanned<String>], problems: &mut Problems<'_>) -> Vec<u32> {
    let mut days = Vec::new();
    for word in raw {
        let place = WEEKDAYS.iter().position(|day| *day == word.value);
        match place.and_then(|place| u32::try_from(place).ok()) {
            Some(day) if days.contains(&day) => problems.add(word, "This day stands here twice."),
            Some(day) => days.push(day),
            None => problems.add(word, "Write a day such as monday."),
        }
    }
    days.sort_unstable();
    days
}

/// Minutes after midnight.
fn minutes(at: &Spanned<String>, problems: &mut Problems<'_>) -> u32 {
    let two = |text: &str, most: u32| {
        let plain = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        let number: Option<u32> = text.parse().ok();
        number.filter(|number| plain && *number <= most)
    };
    let read = at.value.split_once(':').and_then(|(hour, minute)| {
        let minutes = two(hour, 24)? * 60 + two(minute, 59)?;
        (minutes <= DAY).then_some(minutes)
    });
    read.unwrap_or_else(|| {
        problems.add(at, "Write a time of day in quotes, such as \"08:00\".");
        0
    })
}
