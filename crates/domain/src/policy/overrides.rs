//! Overrides: stricter rules for some teams and risks, and the policy that holds for one of them.
//!
//! Several that match are put together by the strictest of each rule, so their order means nothing, and no override can
//! loosen anything even if the check of the document were missing.

use super::{ApprovalRules, EnvironmentPolicy, Freeze, GateCondition, Policy, WaiverRules};
use crate::agent::Risk;
use crate::approval::RequiredGroup;
use crate::gate::Gate;

/// Stricter rules for a team, a risk, or the agents of one team with one risk.
#[derive(Debug, Clone)]
pub struct Override {
    pub team: Option<String>,
    pub risk: Option<Risk>,
    pub rules: Stricter,
    /// Where it begins in the document: 1-based line and column.
    pub place: (u32, u32),
}

/// The place is of the writing, not of the rules.
impl PartialEq for Override {
    fn eq(&self, other: &Self) -> bool {
        (&self.team, self.risk, &self.rules) == (&other.team, other.risk, &other.rules)
    }
}

impl Eq for Override {}

/// What is stricter; none for what stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stricter {
    pub promote_when_proven: Option<bool>,
    pub responsible_ai: Option<u32>,
    pub hallucination: Option<u32>,
    pub relevance: Option<u32>,
    pub non_prod_gates: Option<Vec<Gate>>,
    pub production_gates: Option<Vec<Gate>>,
    pub quorum: Option<u32>,
    pub approval_hours: Option<u32>,
    pub soak_minutes: Option<u32>,
    /// Waits for witnesses here too.
    pub wait_for_witness: bool,
    pub evidence_hours: Option<u32>,
    /// Further windows.
    pub freeze: Vec<Freeze>,
    /// Further conditions.
    pub conditions: Vec<GateCondition>,
    pub approval: StricterApproval,
    pub waivers: Option<WaiverRules>,
}

/// What is stricter about how people are asked; none for what stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StricterApproval {
    /// Further groups, or more people of one that everybody's rule names; in order of the groups' slugs.
    pub required: Vec<RequiredGroup>,
    /// Whoever approves says why here too.
    pub reason: bool,
    pub unused_hours: Option<u32>,
    pub reminder_hours: Option<u32>,
    pub escalation_hours: Option<u32>,
    pub sign_in_minutes: Option<u32>,
}

impl Override {
    /// It holds for an agent of this team with this risk.
    #[must_use]
    pub fn applies(&self, team: &str, risk: Risk) -> bool {
        self.team.as_deref().is_none_or(|t| t == team) && self.risk.is_none_or(|r| r == risk)
    }
}

impl Policy {
    /// The policy that holds for the agents of a team with a risk.
    #[must_use]
    pub fn effective(&self, team: &str, risk: Risk) -> Self {
        let mut policy = Self {
            overrides: Vec::new(),
            ..self.clone()
        };
        for found in self.overrides.iter().filter(|o| o.applies(team, risk)) {
            policy.tighten(&found.rules);
        }
        policy
    }

    /// The policy that holds for whomever an override names, whatever else they are: of the others only those that hold
    /// for all of them.
    #[must_use]
    pub fn under(&self, one: &Override) -> Self {
        let mut policy = Self {
            overrides: Vec::new(),
            ..self.clone()
        };
        for found in &self.overrides {
            let team = found.team.is_none() || found.team == one.team;
            if team && (found.risk.is_none() || found.risk == one.risk) {
                policy.tighten(&found.rules);
            }
        }
        policy
    }

    /// Takes the stricter of each rule.
    pub(super) fn tighten(&mut self, rules: &Stricter) {
        self.promote_when_proven &= rules.promote_when_proven.unwrap_or(true);
        let thresholds = &mut self.thresholds;
        raise(&mut thresholds.responsible_ai, rules.responsible_ai);
        raise(&mut thresholds.hallucination, rules.hallucination);
        raise(&mut thresholds.relevance, rules.relevance);
        add_gates(&mut self.non_prod.gates, rules.non_prod_gates.as_deref());
        add_gates(
            &mut self.production.gates,
            rules.production_gates.as_deref(),
        );
        self.production.tighten(rules);
        if let Some(narrower) = &rules.waivers {
            let mut now = self.waiver_rules();
            now.roles.retain(|role| narrower.roles.contains(role));
            now.gates.retain(|gate| narrower.gates.contains(gate));
            now.days = now.days.min(narrower.days);
            self.waivers = Some(now);
        }
    }
}

impl EnvironmentPolicy {
    fn tighten(&mut self, rules: &Stricter) {
        raise(&mut self.quorum, rules.quorum);
        raise(&mut self.soak_minutes, rules.soak_minutes);
        self.wait_for_witness |= rules.wait_for_witness;
        let hours = rules.approval_hours.unwrap_or(self.approval_hours);
        self.approval_hours = self.approval_hours.min(hours);
        self.evidence_hours = sooner(self.evidence_hours, rules.evidence_hours);
        self.approval.tighten(&rules.approval);
        self.freeze.extend(rules.freeze.iter().cloned());
        self.freeze
            .sort_by(|a, b| (a.from, a.until, &a.reason).cmp(&(b.from, b.until, &b.reason)));
        self.conditions.extend(rules.conditions.iter().cloned());
        self.conditions.sort_by(|a, b| a.name.cmp(&b.name));
    }
}

impl ApprovalRules {
    fn tighten(&mut self, rules: &StricterApproval) {
        for asked in &rules.required {
            match self.required.iter_mut().find(|r| r.group == asked.group) {
                Some(known) => known.count = known.count.max(asked.count),
                None => self.required.push(asked.clone()),
            }
        }
        self.required.sort_by(|a, b| a.group.cmp(&b.group));
        self.reason |= rules.reason;
        let least = |now: u32, other: Option<u32>| now.min(other.unwrap_or(now));
        self.unused_hours = least(self.unused_hours, rules.unused_hours);
        self.sign_in_minutes = least(self.sign_in_minutes, rules.sign_in_minutes);
        self.reminder_hours = sooner(self.reminder_hours, rules.reminder_hours);
        self.escalation_hours = sooner(self.escalation_hours, rules.escalation_hours);
    }
}

/// The lower of two limits, of which none is no limit.
fn sooner(now: Option<u32>, other: Option<u32>) -> Option<u32> {
    match (now, other) {
        (Some(now), Some(other)) => Some(now.min(other)),
        (now, other) => now.or(other),
    }
}

fn raise(now: &mut u32, to: Option<u32>) {
    *now = (*now).max(to.unwrap_or(0));
}

fn add_gates(now: &mut Vec<Gate>, more: Option<&[Gate]>) {
    now.extend(more.unwrap_or_default());
    now.sort_unstable();
    now.dedup();
}
