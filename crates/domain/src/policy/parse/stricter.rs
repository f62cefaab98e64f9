//! Overrides of a document: read strictly, and refused where they are looser than what everybody has.

use std::str::FromStr as _;

use serde::Deserialize;
use serde_saphyr::Spanned;

use super::extras::{RawCondition, RawWaivers, conditions, waivers};
use super::{
    EVIDENCE_HOURS_MAX, Problems, QUORUM_MAX, RawFreeze, SOAK_MINUTES_MAX, TOO_OLD_BY_THEN,
    freezes, place, runs_in_non_prod,
};
use crate::agent::Risk;
use crate::gate::Gate;
use crate::name::check_slug;
use crate::policy::approval::RawApproval;
use crate::policy::{Override, Policy, Stricter, WaiverRules};

/// Most overrides.
const OVERRIDES_MAX: usize = 50;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawOverride {
    #[serde(default)]
    team: Option<Spanned<String>>,
    #[serde(default)]
    risk: Option<Spanned<String>>,
    #[serde(default)]
    promote_when_proven: Option<Spanned<bool>>,
    #[serde(default)]
    thresholds: Thresholds,
    #[serde(default)]
    non_prod: NonProd,
    #[serde(default)]
    production: Production,
    #[serde(default)]
    waivers: Option<RawWaivers>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Thresholds {
    responsible_ai: Option<Spanned<u32>>,
    hallucination: Option<Spanned<u32>>,
    relevance: Option<Spanned<u32>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct NonProd {
    gates: Option<Spanned<Vec<Spanned<String>>>>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Production {
    gates: Option<Spanned<Vec<Spanned<String>>>>,
    quorum: Option<Spanned<u32>>,
    approval_hours: Option<Spanned<u32>>,
    soak_minutes: Option<Spanned<u32>>,
    wait_for_witness: Option<Spanned<bool>>,
    evidence_hours: Option<Spanned<u32>>,
    freeze: Vec<RawFreeze>,
    conditions: Vec<RawCondition>,
    approval: RawApproval,
}

/// The overrides of a document whose own rules are `base`.
pub(super) fn overrides(
    raw: &[Spanned<RawOverride>],
    base: &Policy,
    problems: &mut Problems<'_>,
) -> Vec<Override> {
    if let Some(first) = raw.get(OVERRIDES_MAX) {
        problems.add(
            first,
            format!("A policy has at most {OVERRIDES_MAX} overrides."),
        );
    }
    let mut all: Vec<Override> = Vec::new();
    for one in raw {
        let found = Override {
            team: one.value.team.as_ref().map(|at| team(at, problems)),
            risk: one.value.risk.as_ref().and_then(|at| risk(at, problems)),
            rules: rules(&one.value, base, problems),
            place: place(one),
        };
        if one.value.team.is_none() && one.value.risk.is_none() {
            problems.add(one, "Say for whom: a team, a risk, or both.");
        }
        let same = |o: &Override| (&o.team, o.risk) == (&found.team, found.risk);
        if all.iter().any(same) {
            problems.add(
                one,
                "There is an override of the same team and risk already.",
            );
        }
        all.push(found);
    }
    all.sort_by(|a, b| (&a.team, a.risk).cmp(&(&b.team, b.risk)));
    together(&all, base, problems);
    all
}

fn team(at: &Spanned<String>, problems: &mut Problems<'_>) -> String {
    if check_slug(&at.value).is_err() {
        problems.add(at, "Write the short name of a team.");
    }
    at.value.clone()
}

fn risk(at: &Spanned<String>, problems: &mut Problems<'_>) -> Option<Risk> {
    let risk = Risk::from_str(&at.value).ok();
    if risk.is_none() {
        problems.add(at, "Write one of low, medium, high.");
    }
    risk
}

fn rules(raw: &RawOverride, base: &Policy, problems: &mut Problems<'_>) -> Stricter {
    let percent = &base.thresholds;
    let t = &raw.thresholds;
    let proven = raw.promote_when_proven.as_ref();
    Stricter {
        promote_when_proven: proven.map(|at| problems.no_more(at, base.promote_when_proven)),
        responsible_ai: problems.higher(t.responsible_ai.as_ref(), percent.responsible_ai, 100),
        hallucination: problems.higher(t.hallucination.as_ref(), percent.hallucination, 100),
        relevance: problems.higher(t.relevance.as_ref(), percent.relevance, 100),
        non_prod_gates: problems.more_gates(raw.non_prod.gates.as_ref(), &base.non_prod.gates),
        waivers: raw
            .waivers
            .as_ref()
            .map(|w| problems.narrower(w, &base.waiver_rules())),
        ..production(&raw.production, base, problems)
    }
    .known(raw, base, problems)
}

/// The part about production alone.
fn production(p: &Production, base: &Policy, problems: &mut Problems<'_>) -> Stricter {
    let rules = &base.production;
    let hours = rules.approval_hours;
    let answer = problems.lower(p.approval_hours.as_ref(), Some(hours), hours);
    Stricter {
        production_gates: problems.more_gates(p.gates.as_ref(), &rules.gates),
        quorum: problems.higher(p.quorum.as_ref(), rules.quorum, QUORUM_MAX),
        approval_hours: answer,
        soak_minutes: problems.higher(
            p.soak_minutes.as_ref(),
            rules.soak_minutes,
            SOAK_MINUTES_MAX,
        ),
        wait_for_witness: p
            .wait_for_witness
            .as_ref()
            .is_some_and(|at| problems.no_less(at, rules.wait_for_witness)),
        evidence_hours: problems.lower(
            p.evidence_hours.as_ref(),
            rules.evidence_hours,
            EVIDENCE_HOURS_MAX,
        ),
        freeze: freezes(&p.freeze, problems),
        conditions: further(&p.conditions, base, problems),
        approval: p
            .approval
            .stricter(&rules.approval, answer.unwrap_or(hours), problems),
        ..Stricter::default()
    }
}

impl Stricter {
    /// Gates of production that would run nowhere are refused.
    fn known(self, raw: &RawOverride, base: &Policy, problems: &mut Problems<'_>) -> Self {
        if let Some(gates) = &raw.production.gates {
            let mut non_prod = base.non_prod.gates.clone();
            non_prod.extend(self.non_prod_gates.iter().flatten());
            runs_in_non_prod(gates, &non_prod, problems);
        }
        self
    }
}

/// Compares what an override says with what everybody has.
impl Problems<'_> {
    fn higher(&mut self, at: Option<&Spanned<u32>>, base: u32, most: u32) -> Option<u32> {
        let at = at?;
        if at.value < base {
            self.looser(at, base);
        } else if at.value > most {
            let message = format!("Write a whole number from {base} to {most}.");
            self.add(at, message);
        }
        Some(at.value)
    }

    /// `base` is what everybody has, if anything.
    pub(in crate::policy) fn lower(
        &mut self,
        at: Option<&Spanned<u32>>,
        base: Option<u32>,
        most: u32,
    ) -> Option<u32> {
        let at = at?;
        match base {
            Some(base) if at.value > base => self.looser(at, base),
            Some(_) | None => {
                self.range(at, 1, base.map_or(most, |base| base.min(most)));
            }
        }
        Some(at.value)
    }

    pub(in crate::policy) fn looser<T>(&mut self, at: &Spanned<T>, base: u32) {
        let message = format!("This is looser than the {base} that everybody has.");
        self.add(at, message);
    }

    fn no_more(&mut self, at: &Spanned<bool>, base: bool) -> bool {
        if at.value && !base {
            let message = "This is looser: everybody's promotions are asked for by a person.";
            self.add(at, message);
        }
        at.value
    }

    fn no_less(&mut self, at: &Spanned<bool>, base: bool) -> bool {
        if !at.value && base {
            self.add(
                at,
                "This is looser: everybody's deployments wait for witnesses.",
            );
        }
        at.value
    }

    fn more_gates(
        &mut self,
        at: Option<&Spanned<Vec<Spanned<String>>>>,
        base: &[Gate],
    ) -> Option<Vec<Gate>> {
        let at = at?;
        let gates = self.some_gates(at);
        for gate in base.iter().filter(|gate| !gates.contains(gate)) {
            let message = format!("This is looser: everybody has the gate {gate}.");
            self.add(at, message);
        }
        Some(gates)
    }

    fn narrower(&mut self, raw: &RawWaivers, base: &WaiverRules) -> WaiverRules {
        let rules = waivers(raw, self);
        self.lower(Some(&raw.days), Some(base.days), base.days);
        for role in rules.roles.iter().filter(|r| !base.roles.contains(r)) {
            let message = format!("This is looser: elsewhere the role {role} may not waive.");
            self.add(&raw.roles, message);
        }
        for gate in rules.gates.iter().filter(|g| !base.gates.contains(g)) {
            let message = format!("This is looser: elsewhere {gate} may not be waived.");
            self.add(&raw.gates, message);
        }
        rules
    }
}

/// Conditions are added to everybody's, so their names must differ.
fn further(
    raw: &[RawCondition],
    base: &Policy,
    problems: &mut Problems<'_>,
) -> Vec<crate::policy::GateCondition> {
    let all = conditions(raw, problems);
    for one in &all {
        let taken = base
            .production
            .conditions
            .iter()
            .any(|c| c.name == one.name);
        let named = raw.iter().find(|r| r.is(&one.name));
        if let Some(named) = named.filter(|_| taken) {
            problems.add(named.name(), "Everybody has a condition of this name.");
        }
    }
    all
}

/// What several overrides ask together must be possible: evidence that is old before the soak is over never counts.
fn together(all: &[Override], base: &Policy, problems: &mut Problems<'_>) {
    for one in all {
        for risk in Risk::ALL
            .iter()
            .filter(|r| one.risk.is_none_or(|o| o == **r))
        {
            let mut policy = base.clone();
            let team = one.team.as_deref().unwrap_or_default();
            for other in all.iter().filter(|o| o.applies(team, *risk)) {
                policy.tighten(&other.rules);
            }
            let rules = &policy.production;
            let late = |hours: u32| hours.saturating_mul(60) <= rules.soak_minutes;
            if rules.evidence_hours.is_some_and(late) {
                let (line, column) = one.place;
                problems.at(line, column, TOO_OLD_BY_THEN);
                break;
            }
        }
    }
}
