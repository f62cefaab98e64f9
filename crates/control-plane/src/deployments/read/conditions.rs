//! "Before this can go live": what a deployment on its way still needs, each in one sentence. Pure; decides nothing, the
//! workers and use cases do.

use domain::approval::{ApprovalState, Candidate, Parties, may_decide};
use domain::deployment::DeploymentKind;
use domain::environment::Environment;
use domain::gate::{Gate, Verdict};
use domain::policy::{ConditionVerdict, EnvironmentPolicy};
use domain::view::deployment::Condition;

use crate::deployments::promotion::condition;
use crate::store::entity::condition_result;

/// What the conditions are read from.
pub(super) struct Facts<'a> {
    pub(super) kind: DeploymentKind,
    pub(super) environment: Environment,
    pub(super) rules: &'a EnvironmentPolicy,
    pub(super) has_image: bool,
    pub(super) held: bool,
    /// What the clock holds it up with: a freeze, or its time in non-prod.
    pub(super) waits: Option<(&'a str, &'a str)>,
    /// Verdicts that count now.
    pub(super) results: &'a [(Gate, Verdict)],
    /// Why the result of a gate does not count any more, if it did.
    pub(super) why_not: &'a (dyn Fn(Gate) -> Option<String> + Sync),
    pub(super) approval: Option<Asked<'a>>,
    /// Number of the post-review, where one person let it through without the approval.
    pub(super) let_through: Option<i64>,
}

/// An approval that was asked for.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) number: i64,
    pub(super) state: ApprovalState,
    /// The groups of each approval that was given.
    pub(super) given: &'a [Vec<String>],
    pub(super) parties: &'a Parties,
    pub(super) candidates: &'a [Candidate],
}

/// The conditions in the order in which they are met.
pub(super) fn conditions(facts: &Facts<'_>) -> Vec<Condition> {
    let mut all = vec![condition(
        facts.has_image,
        "The image is built".to_owned(),
        "Nobody has to act: it is being built.".to_owned(),
    )];
    if facts.held {
        all.push(condition(
            false,
            "An operator lifts the hold on this version".to_owned(),
            "An operator lifts it on the agent's page, once the reason for the rollback is gone."
                .to_owned(),
        ));
    }
    if let Some((text, remedy)) = facts.waits {
        all.push(condition(false, text.to_owned(), remedy.to_owned()));
    }
    let mut gates: Vec<Gate> = facts.rules.gates.clone();
    if !gates.contains(&Gate::Health) {
        gates.push(Gate::Health);
    }
    let (early, late): (Vec<Gate>, Vec<Gate>) = gates.into_iter().partition(|g| {
        !g.needs_agent() || (facts.environment == Environment::Production && *g != Gate::Health)
    });
    all.extend(early.into_iter().map(|g| gate(facts, g)));
    all.extend(approval(facts));
    all.extend(late.into_iter().map(|g| gate(facts, g)));
    all
}

/// Production needs a satisfied gate. In non-prod only *failed* stops a gate that judges the agent, so *inconclusive* is enough.
fn gate(facts: &Facts<'_>, gate: Gate) -> Condition {
    let verdict = facts
        .results
        .iter()
        .find(|(g, _)| *g == gate)
        .map(|(_, verdict)| *verdict);
    let satisfied = verdict.is_some_and(Verdict::satisfies);
    let remedy = match verdict {
        None => "Nobody has to act: it runs when its turn comes.",
        Some(Verdict::Failed) => "Repair what the report found, and push again.",
        Some(Verdict::Inconclusive | Verdict::Errored) => {
            "Push again once the report's reason is gone."
        }
        Some(Verdict::Passed | Verdict::Waived) => "",
    }
    .to_owned();
    if gate == Gate::Health {
        let text = "The agent answers its health check".to_owned();
        return condition(satisfied, text, remedy);
    }
    if facts.environment == Environment::NonProd && gate.needs_agent() {
        let met = satisfied || verdict == Some(Verdict::Inconclusive);
        return condition(met, format!("{} does not fail", gate.label()), remedy);
    }
    let why_not = (facts.why_not)(gate).filter(|_| !satisfied);
    let remedy = match &why_not {
        Some(_) => "Push again, or let somebody waive the finding anew.".to_owned(),
        None => remedy,
    };
    let because = why_not.map(|why| format!(": {why}")).unwrap_or_default();
    condition(
        satisfied,
        format!("{} passes{because}", gate.label()),
        remedy,
    )
}

/// What a condition over the manifest said.
pub(super) fn judged(row: &condition_result::Model) -> Condition {
    let said = match row.verdict {
        ConditionVerdict::Met | ConditionVerdict::Unmet => "",
        ConditionVerdict::Inconclusive => " (inconclusive, which blocks production)",
    };
    condition(
        row.verdict == ConditionVerdict::Met,
        format!("{}: {}{said}", row.name, row.message),
        "Change what the condition is about, and push again; the policy holds its text.".to_owned(),
    )
}

fn approval(facts: &Facts<'_>) -> Option<Condition> {
    if facts.rules.quorum == 0 || facts.kind == DeploymentKind::Rollback {
        return None;
    }
    if let Some(number) = facts.let_through {
        let text = format!("Let through without approval, PR-{number}");
        return Some(condition(true, text, String::new()));
    }
    let rule = facts.rules.rule();
    let Some(asked) = &facts.approval else {
        let text = format!("{}, asked for after the checks", rule.lacking(&[]).words());
        let remedy = "Nobody has to act: people are asked when the checks have passed.";
        return Some(condition(false, text, remedy.to_owned()));
    };
    let met = matches!(
        asked.state,
        ApprovalState::Approved | ApprovalState::Consumed
    );
    let lacking = rule.lacking(asked.given);
    let beyond = rule.beyond(&lacking, asked.candidates, asked.parties);
    let approvals = if met {
        rule.lacking(&[]).words()
    } else {
        lacking.words()
    };
    let able: Vec<&str> = asked
        .candidates
        .iter()
        .filter(|c| may_decide(c, asked.parties).is_ok())
        .map(|c| c.name.as_str())
        .collect();
    let text = match (met, able.as_slice()) {
        (true, _) => approvals,
        (false, []) => format!("{approvals}, but nobody is left who may give it"),
        (false, [one]) => format!("{approvals}, only {one} can give it"),
        (false, [rest @ .., last]) if able.len() <= 4 => {
            format!("{approvals}, {} or {last} can give it", rest.join(", "))
        }
        (false, many) => format!("{approvals}, {} people can give it", many.len()),
    };
    let remedy = if beyond.is_met() {
        format!("One of them decides on /approvals/{}.", asked.number)
    } else {
        format!(
            "This rule cannot be met: {} too few. An administrator gives the approver role, or the group, to somebody who had no part in it.",
            beyond.words()
        )
    };
    Some(condition(met, text, remedy))
}

#[cfg(test)]
mod tests {
    use domain::id::UserId;
    use domain::policy::Policy;
    use uuid::Uuid;

    use super::*;

    fn facts<'a>(
        environment: Environment,
        rules: &'a Policy,
        results: &'a [(Gate, Verdict)],
    ) -> Facts<'a> {
        Facts {
            kind: if environment == Environment::Production {
                DeploymentKind::Promotion
            } else {
                DeploymentKind::Push
            },
            environment,
            rules: rules.of(environment),
            has_image: true,
            held: false,
            waits: None,
            results,
            why_not: &|_| None,
            approval: None,
            let_through: None,
        }
    }

    fn person(n: u128, name: &str) -> Candidate {
        let id = UserId(Uuid::from_u128(n));
        Candidate::approver(id, name, vec![format!("{n}@example.com")])
    }

    fn line(facts: &Facts<'_>, part: &str) -> Condition {
        conditions(facts)
            .into_iter()
            .find(|c| c.text.contains(part))
            .unwrap()
    }

    #[test]
    fn inconclusive_is_enough_for_non_prod_and_not_for_production() {
        let policy = Policy::standard().unwrap();
        let results = [
            (Gate::Hallucination, Verdict::Inconclusive),
            (Gate::StaticAnalysis, Verdict::Inconclusive),
        ];
        assert!(
            line(
                &facts(Environment::NonProd, &policy, &results),
                "Hallucination"
            )
            .met
        );
        assert!(
            !line(
                &facts(Environment::Production, &policy, &results),
                "Hallucination"
            )
            .met
        );
        assert!(
            !line(
                &facts(Environment::NonProd, &policy, &results),
                "Static analysis"
            )
            .met
        );
    }

    #[test]
    fn failed_and_errored_meet_nothing() {
        let policy = Policy::standard().unwrap();
        for verdict in [Verdict::Failed, Verdict::Errored] {
            let results = [(Gate::Relevance, verdict)];
            assert!(!line(&facts(Environment::NonProd, &policy, &results), "Relevance").met);
        }
    }

    #[test]
    fn health_is_the_last_condition_everywhere() {
        let policy = Policy::standard().unwrap();
        let production = conditions(&facts(Environment::Production, &policy, &[]));
        assert_eq!(
            production.last().unwrap().text,
            "The agent answers its health check"
        );
        assert_eq!(production.len(), 8);
    }

    #[test]
    fn the_approval_names_who_can_give_it() {
        let policy = Policy::standard().unwrap();
        let people = [
            person(1, "Dana Berg"),
            person(2, "Ravi Shah"),
            person(3, "Iris Vogel"),
        ];
        let mut parties = Parties {
            requester: Some(people[0].id),
            ..Parties::default()
        };
        let asked = |parties: &Parties| {
            let mut facts = facts(Environment::Production, &policy, &[]);
            facts.approval = Some(Asked {
                number: 4,
                state: ApprovalState::Open,
                given: &[],
                parties,
                candidates: &people,
            });
            line(&facts, "approval")
        };
        assert_eq!(
            asked(&parties).text,
            "1 approval, Ravi Shah or Iris Vogel can give it"
        );
        parties.author_email = "2@example.com".to_owned();
        assert_eq!(
            asked(&parties).text,
            "1 approval, only Iris Vogel can give it"
        );
        parties.committer_email = "3@example.com".to_owned();
        assert_eq!(
            asked(&parties).text,
            "1 approval, but nobody is left who may give it"
        );
        assert!(!asked(&parties).met);
    }

    #[test]
    fn what_the_clock_holds_up_is_an_open_condition() {
        let policy = Policy::standard().unwrap();
        let mut facts = facts(Environment::Production, &policy, &[]);
        facts.waits = Some(("Frozen until 2027-01-04 06:00 UTC: Books", "Wait."));
        assert!(!line(&facts, "Frozen until 2027-01-04").met);
    }

    #[test]
    fn nobody_is_asked_for_non_prod_and_rollbacks() {
        let policy = Policy::standard().unwrap();
        let mut rollback = facts(Environment::Production, &policy, &[]);
        rollback.kind = DeploymentKind::Rollback;
        for facts in [facts(Environment::NonProd, &policy, &[]), rollback] {
            assert!(
                !conditions(&facts)
                    .iter()
                    .any(|c| c.text.contains("approval"))
            );
        }
    }
}
