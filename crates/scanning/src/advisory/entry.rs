//! What one record says about one package, and whether a version falls under it.

use std::cmp::Ordering;

use domain::gate::Severity;

use super::Match;
use super::record::{Event, Range};
use crate::version::Scheme;

/// What one record says about one package.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) id: String,
    /// Every other name of the same flaw.
    pub(super) aliases: Vec<String>,
    pub(super) summary: String,
    pub(super) severity: Option<Severity>,
    /// `None` where we do not know the order of its versions: then only listed versions count.
    pub(super) scheme: Option<Scheme>,
    pub(super) ranges: Vec<Range>,
    pub(super) versions: Vec<String>,
}

impl Entry {
    pub(super) fn affects(&self, version: &str) -> bool {
        self.versions.iter().any(|one| self.same(one, version))
            || self.ranges.iter().any(|range| {
                self.order(range)
                    .is_some_and(|order| in_range(&range.events, order, version))
            })
    }

    fn same(&self, one: &str, two: &str) -> bool {
        self.scheme
            .map_or(one == two, |scheme| scheme.compare(one, two).is_eq())
    }

    /// A range of type `SEMVER` is in that order whatever the ecosystem's own is.
    fn order(&self, range: &Range) -> Option<Scheme> {
        if range.semver {
            Some(Scheme::Semver)
        } else {
            self.scheme
        }
    }

    pub(super) fn to_match(&self, version: &str) -> Match {
        let mut next: Option<&str> = None;
        for range in &self.ranges {
            let Some(scheme) = self.order(range) else {
                continue;
            };
            for event in &range.events {
                if let Event::Fixed(fixed) = event
                    && scheme.compare(fixed, version).is_gt()
                    && next.is_none_or(|next| scheme.compare(fixed, next).is_lt())
                {
                    next = Some(fixed);
                }
            }
        }
        Match {
            id: self.id.clone(),
            aliases: self.aliases.clone(),
            summary: self.summary.clone(),
            severity: self.severity.unwrap_or(Severity::High),
            fixed: next.map(str::to_owned),
        }
    }
}

impl Match {
    pub(super) fn same_flaw(&self, other: &Self) -> bool {
        let names = |one: &Self| -> Vec<String> {
            std::iter::once(&one.id)
                .chain(&one.aliases)
                .cloned()
                .collect()
        };
        let mine = names(self);
        names(other).iter().any(|name| mine.contains(name))
    }

    pub(super) fn merge(&mut self, other: Self) {
        for name in std::iter::once(other.id).chain(other.aliases) {
            if name != self.id && !self.aliases.contains(&name) {
                self.aliases.push(name);
            }
        }
        self.severity = self.severity.max(other.severity);
        self.fixed = self.fixed.take().or(other.fixed);
    }
}

/// The algorithm of the OSV schema: the last event at or before the version says whether it is affected. The events are not
/// sorted, because not every order of versions is one that sorting may rely on.
fn in_range(events: &[Event], scheme: Scheme, version: &str) -> bool {
    let mut limits = events.iter().filter_map(|event| match event {
        Event::Limit(limit) if limit != "*" => Some(limit),
        Event::Limit(_) | Event::Introduced(_) | Event::Fixed(_) | Event::LastAffected(_) => None,
    });
    let below = |limit: &String| scheme.compare(version, limit).is_lt();
    if let Some(first) = limits.next()
        && !below(first)
        && !limits.any(below)
    {
        return false;
    }
    // At one version the end comes before a new beginning.
    let mut last: Option<(Option<&str>, u8)> = None;
    for event in events {
        let (at, kind) = match event {
            Event::Introduced(at) if at == "0" => (None, 2),
            Event::Introduced(at) => (Some(at.as_str()), 2),
            Event::Fixed(at) => (Some(at.as_str()), 1),
            Event::LastAffected(at) => (Some(at.as_str()), 3),
            Event::Limit(_) => continue,
        };
        let reached = at.is_none_or(|at| {
            let order = scheme.compare(version, at);
            order.is_gt() || (order.is_eq() && kind != 3)
        });
        if reached && last.is_none_or(|last| later((at, kind), last, scheme)) {
            last = Some((at, kind));
        }
    }
    last.is_some_and(|(_, kind)| kind == 2)
}

/// True where `one` comes after `two`. No version is before every other.
fn later(one: (Option<&str>, u8), two: (Option<&str>, u8), scheme: Scheme) -> bool {
    let order = match (one.0, two.0) {
        (None, None) => Ordering::Equal,
        (None, Some(_)) => Ordering::Less,
        (Some(_), None) => Ordering::Greater,
        (Some(a), Some(b)) => scheme.compare(a, b),
    };
    order.then(one.1.cmp(&two.1)).is_gt()
}
